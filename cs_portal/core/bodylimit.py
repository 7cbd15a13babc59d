"""No request may bring more than it could need: counted before Django writes a body to a temporary file."""

from __future__ import annotations

import re

from cs_portal.core.stream.asgi import App, Message, Receive, Scope, Send

MAX_BODY_BYTES = 2 * 1024 * 1024
#: Paths that take files, and how much; what a member uploads there is bounded by the service as well.
UPLOADS = (
    (re.compile(r"/console/[-\w]+/commerce/imports/"), 21 * 1024 * 1024),
    # A shopper's photo of up to 8 MB (conversations.pictures); a little more, so that its view says what is too large.
    (re.compile(r"/chat/api/photos"), 9 * 1024 * 1024),
)
#: Bytes of a refused body that are still read: a browser in the middle of sending sees a cut line, not the answer.
DRAINED_BYTES = 64 * 1024 * 1024


class BodyLimit:
    """An ASGI wrapper that answers 413 to bodies above ``limit`` bytes, announced or not."""

    def __init__(self, inner: App, limit: int = MAX_BODY_BYTES) -> None:
        self._inner = inner
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        limit = self._limit_of(scope.get("path", ""))
        announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if not announced.isdigit() or int(announced) > limit:
            await _drain(receive)
            await _refuse(scope, send, limit)
            return
        count, answered = 0, False

        async def counted() -> Message:
            nonlocal count
            message = await receive()
            count += len(message.get("body", b""))
            # Django ends a request whose client is gone; the refusal is sent below.
            return message if count <= limit else {"type": "http.disconnect"}

        async def noted(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        await self._inner(scope, counted, noted)
        if count > limit and not answered:
            await _drain(receive)
            await _refuse(scope, send, limit)

    def _limit_of(self, path: str) -> int:
        return next((size for pattern, size in UPLOADS if pattern.fullmatch(path)), self._limit)


async def _drain(receive: Receive) -> None:
    left = DRAINED_BYTES
    while left > 0:
        message = await receive()
        if message["type"] != "http.request" or not message.get("more_body", False):
            return
        left -= len(message.get("body", b""))


async def _refuse(scope: Scope, send: Send, limit: int) -> None:
    """In both languages: whose they are is not known before the request is read."""
    size = limit // (1024 * 1024)
    if scope.get("path", "").startswith("/chat/api/"):
        kind, body = b"application/json", b'{"error": {"code": "too_large"}}'
    else:
        kind = b"text/plain; charset=utf-8"
        body = (
            f"This is too large: at most {size} MB can be sent at once. Go back and choose something smaller.\n"
            f"内容太大：一次最多可发送 {size} MB。请返回并选择较小的文件。"
        ).encode()
    headers = [(b"content-type", kind), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})

"""The ASGI protocol as far as the stream speaks it: types, plain answers, lifespan."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Header = tuple[bytes, bytes]

PRIVATE: tuple[Header, ...] = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))


async def answer(send: Send, status: int, headers: Iterable[Header] = ()) -> None:
    """A whole response in plain text that says no more than its status."""
    body = HTTPStatus(status).phrase.encode()
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", b"text/plain; charset=utf-8"),
                (b"content-length", str(len(body)).encode()),
                *PRIVATE,
                *headers,
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})


async def until_disconnect(receive: Receive) -> None:
    """Return when the client has gone; a request body is read and ignored."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _nothing() -> None:
    return None


async def answer_lifespan(
    receive: Receive,
    send: Send,
    *,
    startup: Callable[[], Awaitable[None]] = _nothing,
    shutdown: Callable[[], Awaitable[None]] = _nothing,
) -> None:
    """Speak the server's lifespan protocol, on which Django's own callable raises."""
    while True:
        kind = (await receive())["type"]
        if kind == "lifespan.startup":
            await startup()
            await send({"type": "lifespan.startup.complete"})
        elif kind == "lifespan.shutdown":
            await shutdown()
            await send({"type": "lifespan.shutdown.complete"})
            return


def with_lifespan(inner: App) -> App:
    """``inner`` (Django) in a server that speaks lifespan."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await answer_lifespan(receive, send)
        else:
            await inner(scope, receive, send)

    return application

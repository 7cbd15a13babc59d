"""Bodies above the limit never reach the application whole."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cs_portal.conversations.pictures import MAX_BYTES
from cs_portal.core.bodylimit import BodyLimit

LIMIT = 100


def _post(chunks: list[bytes], headers: list[tuple[bytes, bytes]], path: str = "/") -> tuple[int, int]:
    """(status, bytes that the application read) of a POST in ``chunks``."""
    read, sent = [], []
    waiting = [
        {"type": "http.request", "body": chunk, "more_body": number < len(chunks) - 1}
        for number, chunk in enumerate(chunks)
    ]

    async def application(scope: Any, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            read.append(len(message["body"]))
            if not message["more_body"]:
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> Any:
        return waiting.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(BodyLimit(application, LIMIT)({"type": "http", "headers": headers, "path": path}, receive, send))
    assert not waiting or sent[0]["status"] == 200, "what is refused is read to its end, so that the answer is seen"
    return sent[0]["status"], sum(read)


@pytest.mark.parametrize(
    ("chunks", "headers", "expected"),
    [
        ([b"x" * 100], [(b"content-length", b"100")], (200, 100)),
        ([b"x" * 60, b"x" * 40], [], (200, 100)),
        ([b"x" * 101], [(b"content-length", b"101")], (413, 0)),
        ([b"x" * 60, b"x" * 41, b"x"], [], (413, 60)),
        ([b"x" * 60, b"x" * 41], [(b"content-length", b"101")], (413, 0)),
        ([b""], [(b"content-length", b"many")], (413, 0)),
    ],
)
def test_what_is_too_large_is_refused(
    chunks: list[bytes], headers: list[tuple[bytes, bytes]], expected: tuple[int, int]
) -> None:
    assert _post(chunks, headers) == expected


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/console/mugs/commerce/imports/", 200),
        ("/console/mugs/commerce/imports/../../review/", 413),
        ("/console/mugs/commerce/", 413),
        ("/x/console/mugs/commerce/imports/", 413),
        ("/chat/api/photos", 200),
        ("/chat/api/photo", 413),
    ],
)
def test_files_may_be_larger_where_files_are_taken(path: str, status: int) -> None:
    assert _post([b"x" * 3_000], [(b"content-length", b"3000")], path)[0] == status


def test_files_have_a_limit_too() -> None:
    announced = [(b"content-length", str(22 * 1024 * 1024).encode())]
    assert _post([b"x"], announced, "/console/mugs/commerce/imports/") == (413, 0)


def test_a_photo_as_large_as_the_chat_takes_reaches_its_view() -> None:
    announced = [(b"content-length", str(MAX_BYTES + 1).encode())]
    assert _post([b"x"], announced, "/chat/api/photos") == (200, 1)

"""One stream's response: writes what is queued until the client goes, reads too slowly or has to go."""

from __future__ import annotations

import asyncio
import contextlib

from cs_portal.core.stream.asgi import PRIVATE, Receive, Send, until_disconnect
from cs_portal.core.stream.listener import Listener

EVENT_STREAM = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"x-accel-buffering", b"no"),
    *PRIVATE,
)


async def serve(listener: Listener, opening: bytes, receive: Receive, send: Send) -> None:
    """Return when the stream has ended, with all its tasks."""
    writer = asyncio.create_task(_write(listener, opening, send))
    watcher = asyncio.create_task(until_disconnect(receive))
    try:
        await asyncio.wait({writer, watcher, listener.dropped}, return_when=asyncio.FIRST_COMPLETED)
        if listener.dropped.done() and not writer.done():
            _abort(send)
            # The server learns of the abort in a moment, and then misses no end of the response.
            await asyncio.wait({watcher}, timeout=1)
    finally:
        writer.cancel()
        watcher.cancel()
        await asyncio.gather(writer, watcher, return_exceptions=True)


async def _write(listener: Listener, opening: bytes, send: Send) -> None:
    # A server may raise OSError for a client that has gone; the watcher sees it go, too.
    with contextlib.suppress(OSError):
        await send({"type": "http.response.start", "status": 200, "headers": list(EVENT_STREAM)})
        await send({"type": "http.response.body", "body": opening, "more_body": True})
        while chunk := await listener.take():
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def _abort(send: Send) -> None:
    """Cut the connection of a client that reads nothing.

    ASGI knows no such message, and a proper close would wait for ever for that client to read what is buffered.
    uvicorn's ``send`` is a method of an object that has the transport; with another server the close is a proper one.
    """
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is not None:
        transport.abort()

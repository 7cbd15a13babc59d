"""One open stream and its bounded queue."""

from __future__ import annotations

import asyncio
from collections import deque

from cs_portal.core.stream.audience import Audience, StreamRequest

QUEUE_FRAMES = 100
#: Seconds for which a client that reads nothing may hold up the end of its stream.
FAREWELL_SECONDS = 1.0


class Listener:
    """Belongs to the event loop's thread. Frames are shared between listeners, so a full queue costs pointers."""

    __slots__ = ("_closing", "_frames", "_waiter", "audience", "checked_at", "dropped", "request", "seen", "sent_at")

    def __init__(self, request: StreamRequest, audience: Audience, *, now: float) -> None:
        self.request = request
        self.audience = audience
        self.checked_at = now
        self.sent_at = now
        self.seen = 0
        """Events up to this id are known to the client already; only late ones below it are news."""
        self.dropped = asyncio.get_running_loop().create_future()
        """Done when the client must go at once, without a proper end."""
        self._frames: deque[bytes] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._closing = False

    @property
    def idle(self) -> bool:
        """Everything was handed to the server."""
        return not self._frames

    def put(self, frame: bytes) -> None:
        """Queue a frame, or drop a client that reads too slowly; it comes back with its last id."""
        if self._closing:
            return
        if len(self._frames) >= QUEUE_FRAMES:
            self.drop()
            return
        self._frames.append(frame)
        self._wake()

    def close(self) -> None:
        """End the stream properly, after what is queued."""
        if not self._closing:
            self._closing = True
            self._wake()
            asyncio.get_running_loop().call_later(FAREWELL_SECONDS, self.drop)

    def drop(self) -> None:
        """End the stream without waiting for the client."""
        self._frames.clear()
        self._closing = True
        self._wake()
        if not self.dropped.done():
            self.dropped.set_result(None)

    async def take(self) -> bytes:
        """The queued frames, joined; empty when the stream is at its end."""
        if not self._frames and not self._closing:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        taken = b"".join(self._frames)
        self._frames.clear()
        return taken

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

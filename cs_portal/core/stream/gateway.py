"""The ASGI callable in front of Django: streams here, everything else there."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from django.conf import settings
from django.db import Error as DatabaseFailure
from django.http.request import split_domain_port, validate_host
from django.utils import timezone

from cs_portal.core.stream import frames, table
from cs_portal.core.stream.asgi import App, Receive, Scope, Send, answer, answer_lifespan
from cs_portal.core.stream.audience import Audience, Authorise, Refused, StreamRequest
from cs_portal.core.stream.hints import follow_hints
from cs_portal.core.stream.hub import Hub
from cs_portal.core.stream.keeper import Keeper, Timing
from cs_portal.core.stream.listener import Listener
from cs_portal.core.stream.serving import serve
from cs_portal.core.stream.tailer import Companion, Position, Tailer
from cs_portal.core.stream.termination import on_termination
from cs_portal.core.upkeep import refresh_statistics

logger = logging.getLogger(__name__)
T = TypeVar("T")

PREFIX = "/stream/"
#: Of one user or chat session; the tabs of a console share one stream.
STREAMS_PER_HOLDER = 20
#: Threads, and so connections, for the questions of streams that open and for the rechecks.
DATABASE_THREADS = 2
PRUNE_SECONDS = 3600.0
RETRY_AFTER = (b"retry-after", b"1")


class StreamGateway:
    """``audiences`` maps a prefix below ``/stream/`` to who decides about it. One instance serves one event loop.

    ``warm_up`` runs in a thread when the server starts: what would make the first request wait.
    """

    def __init__(
        self,
        inner: App,
        audiences: Mapping[str, Authorise],
        *,
        timing: Timing | None = None,
        clock: Callable[[], float] = time.monotonic,
        warm_up: Callable[[], None] | None = None,
    ) -> None:
        self._inner = inner
        self._warm_up = warm_up
        self._audiences = audiences
        self._clock = clock
        self._threads = ThreadPoolExecutor(DATABASE_THREADS, "stream-db")
        self._stopping = False
        self._prune_at = clock()
        self._undo_signals: Callable[[], None] = lambda: None
        self.hub = Hub()
        self.tailer = Tailer(
            self.hub, poll_seconds=settings.EVENT_POLL_SECONDS, companions=self._companions(), clock=clock
        )
        self._keeper = Keeper(
            self.hub,
            authorise=self._authorise,
            position=lambda: self.tailer.position.delivered,
            executor=self._threads,
            timing=timing or Timing(),
            clock=clock,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await answer_lifespan(receive, send, startup=self._start, shutdown=self.stop)
        elif scope["type"] == "http" and scope["path"].startswith(PREFIX):
            await self._answer(scope, receive, send)
        else:
            await self._inner(scope, receive, send)

    def end_streams(self) -> None:
        """End every stream and take no new one; clients come back to the next process."""
        self._stopping = True
        self.hub.close()

    async def _start(self) -> None:
        self._undo_signals = on_termination(self.end_streams)
        if self._warm_up is not None:
            threading.Thread(target=self._warm_up, name="warm-up", daemon=True).start()

    async def stop(self) -> None:
        """End streams, tasks and threads."""
        self._undo_signals()
        self.end_streams()
        await self.tailer.stop()
        self._threads.shutdown(wait=False)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        prefix = next((prefix for prefix in self._audiences if scope["path"].startswith(prefix)), None)
        if prefix is None:
            await answer(send, 404)
            return
        request = StreamRequest(scope, prefix, scope["path"].removeprefix(prefix).removesuffix("/"))
        if scope["method"] != "GET":
            await answer(send, 405, [(b"allow", b"GET")])
        elif not request.accepts_events:
            await answer(send, 406)
        elif not validate_host(split_domain_port(request.header("host"))[0], settings.ALLOWED_HOSTS):
            await answer(send, 400)
        elif self._stopping:
            await answer(send, 503, [RETRY_AFTER])
        else:
            await self._open(request, receive, send)

    async def _open(self, request: StreamRequest, receive: Receive, send: Send) -> None:
        try:
            audience = await self._in_thread(partial(self._authorise, request))
            if self.hub.streams_of(audience.holder) >= STREAMS_PER_HOLDER:
                await answer(send, 429, [RETRY_AFTER])
                return
            listener = Listener(request, audience, now=self._clock())
            position = await self.tailer.add(listener)
        except Refused as refusal:
            await answer(send, refusal.status)
        except DatabaseFailure as error:
            await self._unavailable(send, error)
        else:
            await self._serve(listener, position, receive, send)

    async def _serve(self, listener: Listener, position: Position, receive: Receive, send: Send) -> None:
        try:
            opening = await self._opening(listener, position)
        except DatabaseFailure as error:
            await self._unavailable(send, error)
        else:
            await serve(listener, opening, receive, send)
        finally:
            self.hub.remove(listener)

    async def _opening(self, listener: Listener, position: Position) -> bytes:
        """The first bytes: what the client missed up to the position from which it hears events live."""
        after = listener.request.last_event_id
        if after is None:
            return frames.opening(position.delivered)
        # Another process may have told this client of events that this one has yet to read. Set before anything is
        # awaited, since events are dispatched meanwhile.
        listener.seen = max(after, position.delivered)
        missed = await self._missed(listener.audience, after, position) if after >= 0 else None
        if missed is not None:
            return frames.opening(None) + b"".join(map(frames.event_frame, missed))
        # After an id that never was, nothing has been queued yet: this stream starts anew, now.
        start = position.delivered if after <= position.delivered else self.tailer.position.delivered
        listener.seen = start
        return frames.opening(None) + frames.resync(start)

    async def _missed(self, audience: Audience, after: int, position: Position) -> list[frames.EventRow] | None:
        through, without = position
        return await self._in_thread(lambda: table.replay(audience, after=after, through=through, without=without))

    async def _unavailable(self, send: Send, error: Exception) -> None:
        logger.warning("No stream without the database: %s", type(error).__name__)
        await answer(send, 503, [RETRY_AFTER])

    def _authorise(self, request: StreamRequest) -> Audience:
        return self._audiences[request.prefix](request)

    def _companions(self) -> list[Companion]:
        companions: list[Companion] = [lambda: self._keeper.run(), self._prune_hourly]
        if settings.REDIS_URL:
            companions.append(lambda: follow_hints(settings.REDIS_URL, self.tailer.hint))
        return companions

    async def _prune_hourly(self) -> None:
        while True:
            await asyncio.sleep(max(self._prune_at - self._clock(), 0))
            self._prune_at = self._clock() + PRUNE_SECONDS
            try:
                await self._in_thread(lambda: table.prune(now=timezone.now()))
                await self._in_thread(refresh_statistics)
            except DatabaseFailure as error:
                logger.warning("Old events were not pruned: %s", type(error).__name__)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, table.and_disconnect, work)

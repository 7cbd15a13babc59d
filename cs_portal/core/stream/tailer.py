"""Reads the event table for all streams of this process: one task, one query a poll, one thread, one connection."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar

from django.db import Error as DatabaseFailure
from django.db import connections

from cs_portal.core.stream import table
from cs_portal.core.stream.frames import EventRow
from cs_portal.core.stream.hub import Hub
from cs_portal.core.stream.listener import Listener
from cs_portal.core.stream.sequence import Sequencer

logger = logging.getLogger(__name__)
T = TypeVar("T")
Companion = Callable[[], Coroutine[Any, Any, None]]

#: Hints come with every event; polls made for them keep this distance.
SHORTEST_POLL_SECONDS = 0.02
LONGEST_RETRY_SECONDS = 5.0


class Position(NamedTuple):
    """What has been given out: every event up to ``delivered`` that is not ``missing``."""

    delivered: int
    missing: frozenset[int]


class Tailer:
    """Runs from the first listener to the last; ``companions`` are tasks that run as long.

    A database that does not answer is asked again; nothing is lost, since the position stays where it was.
    """

    def __init__(
        self,
        hub: Hub,
        *,
        poll_seconds: float,
        companions: Sequence[Companion] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._hub = hub
        self._poll_seconds = poll_seconds
        self._companions = companions
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, "stream-tailer")
        self._expected = 0
        self._run: asyncio.Task[None] | None = None
        self._runs: set[asyncio.Task[None]] = set()
        self._started: asyncio.Future[Sequencer] | None = None
        self._hint = asyncio.Event()

    @property
    def running(self) -> bool:
        return self._run is not None

    def hint(self) -> None:
        """The table has probably grown: poll now."""
        self._hint.set()

    async def add(self, listener: Listener) -> Position:
        """Let ``listener`` hear every event after the returned position. Raises ``django.db.Error``."""
        self._expected += 1
        try:
            if self._run is None or self._started is None:
                self._started = asyncio.get_running_loop().create_future()
                self._run = asyncio.create_task(self._while_needed(self._started), name="stream-tailer")
                self._runs.add(self._run)
                self._run.add_done_callback(self._runs.discard)
            sequencer = await asyncio.shield(self._started)
        finally:
            self._expected -= 1
        # No await between here and the return: the position is the one at which the listener joins.
        position = Position(sequencer.delivered, sequencer.missing)
        listener.seen = position.delivered
        self._hub.add(listener)
        return position

    @property
    def position(self) -> Position:
        """Where the tailer is; at the beginning of time before it has read anything."""
        started = self._started
        if started is None or not started.done() or started.exception() is not None:
            return Position(0, frozenset())
        return Position(started.result().delivered, started.result().missing)

    async def stop(self) -> None:
        """End every task and the thread; listeners are the caller's to close."""
        for run in self._runs:
            run.cancel()
        await asyncio.gather(*self._runs, return_exceptions=True)
        # A query that hangs must not hold up the stop.
        await asyncio.wait({asyncio.ensure_future(self._query(connections.close_all))}, timeout=1)
        self._thread.shutdown(wait=False)

    async def _while_needed(self, started: asyncio.Future[Sequencer]) -> None:
        try:
            newest, missing = await self._query(table.start)
            started.set_result(Sequencer(newest=newest, missing=missing, now=self._clock()))
            await self._follow(started.result())
        except Exception as error:
            if started.done():
                logger.exception("The stream's tailer failed; its streams are closed.")
                self._hub.close()
            else:
                started.set_exception(error)
        finally:
            if not started.done():
                started.set_exception(DatabaseFailure("The server stops."))
            self._forget_run()
        await self._query(connections.close_all)

    async def _follow(self, sequencer: Sequencer) -> None:
        """Poll while anybody listens. A companion that fails ends it all: a stream unchecked must not stay open."""
        async with asyncio.TaskGroup() as group:
            companions = [group.create_task(companion()) for companion in self._companions]
            while self._hub or self._expected:
                await self._poll(sequencer)
            # From here on a new listener starts a new run, on the same thread.
            self._forget_run()
            for task in companions:
                task.cancel()

    def _forget_run(self) -> None:
        if self._run is asyncio.current_task():
            self._run = None

    async def _poll(self, sequencer: Sequencer) -> None:
        await self._pause(self._poll_seconds)
        try:
            rows = await self._read(sequencer)
        except DatabaseFailure as error:
            logger.warning("The event table cannot be read: %s", type(error).__name__)
            await self._query(connections.close_all)
            await self._pause(min(10 * self._poll_seconds, LONGEST_RETRY_SECONDS))
            return
        self._hub.dispatch(sequencer.take(rows, now=self._clock()))
        if len(rows) == table.POLL_ROWS or sequencer.more:
            self._hint.set()

    async def _read(self, sequencer: Sequencer) -> list[EventRow]:
        seen, missing = sequencer.seen, sequencer.missing
        return await self._query(lambda: table.rows_after(seen, missing=missing))

    async def _pause(self, seconds: float) -> None:
        await asyncio.sleep(SHORTEST_POLL_SECONDS)
        try:
            async with asyncio.timeout(max(seconds - SHORTEST_POLL_SECONDS, 0)):
                await self._hint.wait()
        except TimeoutError:
            return
        self._hint.clear()

    async def _query(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

"""What every open stream needs from time to time: a heartbeat, and the question whether it may stay open."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from django.db import Error as DatabaseFailure

from cs_portal.core.stream.audience import Audience, Refused, StreamRequest
from cs_portal.core.stream.frames import heartbeat
from cs_portal.core.stream.hub import Hub
from cs_portal.core.stream.listener import Listener
from cs_portal.core.stream.table import and_disconnect

logger = logging.getLogger(__name__)
#: So many streams are asked about in one go, so that a new stream's own question waits only shortly.
BATCH = 50


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. A stream whose right cannot be checked for ``trust`` (no database) is closed."""

    heartbeat: float = 15.0
    recheck: float = 15.0
    trust: float = 25.0
    tick: float = 1.0


class Keeper:
    def __init__(
        self,
        hub: Hub,
        *,
        authorise: Callable[[StreamRequest], Audience],
        position: Callable[[], int],
        executor: Executor,
        timing: Timing,
        clock: Callable[[], float],
    ) -> None:
        self._hub = hub
        self._authorise = authorise
        self._position = position
        self._executor = executor
        self._timing = timing
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(self._timing.tick)
            self.beat()
            await self.recheck()

    def beat(self) -> None:
        now = self._clock()
        for listener in self._hub:
            if now - listener.sent_at >= self._timing.heartbeat and listener.idle:
                listener.put(heartbeat(max(self._position(), listener.seen)))
                listener.sent_at = now

    async def recheck(self) -> None:
        """Close what logout, loss of role or expiry has ended."""
        now = self._clock()
        due = [listener for listener in self._hub if now - listener.checked_at >= self._timing.recheck]
        for first in range(0, len(due), BATCH):
            batch = due[first : first + BATCH]
            for listener, holds in zip(batch, await self._ask(batch), strict=True):
                if holds:
                    listener.checked_at = now
                elif holds is False or now - listener.checked_at >= self._timing.trust:
                    listener.close()

    async def _ask(self, batch: Sequence[Listener]) -> list[bool | None]:
        return await asyncio.get_running_loop().run_in_executor(
            self._executor, and_disconnect, lambda: [self._holds(listener) for listener in batch]
        )

    def _holds(self, listener: Listener) -> bool | None:
        """``None`` when the database does not answer."""
        try:
            return self._authorise(listener.request) == listener.audience
        except Refused:
            return False
        except DatabaseFailure as error:
            logger.warning("A stream's right cannot be checked: %s", type(error).__name__)
            return None

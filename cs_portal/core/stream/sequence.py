"""Each event once and in order of id, although PostgreSQL's transactions may commit out of id order.

Ids are given at insertion, so row 7 may be visible before row 6, and 6 may never come when its transaction was rolled
back. A row is held until every lower id was seen or has been missing for :data:`HOLD_SECONDS`. An id that was given up
is still looked for; should it come, it is given out as late.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from cs_portal.core.stream.frames import EventRow

#: Transactions that publish are short; one that stays open for longer lets the others overtake.
HOLD_SECONDS = 1.0
LATE_SECONDS = 60.0
#: So many missing ids are looked for, the newest.
MOST_MISSING = 500
#: So many of the held rows come out at once: a burst must not fill the queue of a client that reads well.
MOST_RELEASED = 50


class Delivery(NamedTuple):
    row: EventRow
    late: bool


class Sequencer:
    """Pure bookkeeping: polls go in, deliveries come out. Times are seconds of a monotonic clock."""

    def __init__(self, *, newest: int, missing: Iterable[int], now: float) -> None:
        self.delivered = newest
        """Every row up to this id was given out, or is in ``missing``."""
        self.seen = newest
        self.more = False
        """More rows are due than the last :meth:`take` returned."""
        self._held: dict[int, EventRow] = {}
        # What was missing before we looked holds nothing up.
        self._missing = dict.fromkeys(missing, now - HOLD_SECONDS)

    @property
    def missing(self) -> frozenset[int]:
        """Ids below :attr:`seen` that may still appear."""
        return frozenset(self._missing)

    def take(self, rows: Iterable[EventRow], *, now: float) -> list[Delivery]:
        """Note what a poll returned (ordered by id; repeats are harmless) and return what is due."""
        due = []
        for row in rows:
            if row.id > self.seen:
                # The table was empty: where its ids begin is unknown, and no reason to wait.
                since = now if self.seen else now - HOLD_SECONDS
                self._missing.update(dict.fromkeys(range(max(self.seen + 1, row.id - MOST_MISSING), row.id), since))
                self._held[row.id] = row
                self.seen = row.id
            elif self._missing.pop(row.id, None) is not None:
                if row.id < self.delivered:
                    due.append(Delivery(row, late=True))
                else:
                    self._held[row.id] = row
        due += self._released(now)
        self._forget(now)
        return due

    def _released(self, now: float) -> list[Delivery]:
        barrier = min((pk for pk, since in self._missing.items() if now - since < HOLD_SECONDS), default=math.inf)
        ready = sorted(pk for pk in self._held if pk < barrier)
        self.more = len(ready) > MOST_RELEASED
        if ready := ready[:MOST_RELEASED]:
            self.delivered = ready[-1]
        return [Delivery(self._held.pop(pk), late=False) for pk in ready]

    def _forget(self, now: float) -> None:
        kept = sorted(pk for pk, since in self._missing.items() if now - since < LATE_SECONDS)[-MOST_MISSING:]
        self._missing = {pk: self._missing[pk] for pk in kept}

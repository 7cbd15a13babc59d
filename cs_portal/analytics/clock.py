"""Instants as seconds, by the database itself, and open minutes between them, quickly.

Fetching a hundred thousand datetimes and walking a schedule for each takes many seconds; arrays of numbers and a sorted
list of openings take a tenth of one (``bench/analytics.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import FloatField, Func
from numpy.typing import NDArray

from cs_portal.merchants.hours import Schedule

#: One number a row; NaN where the database has null.
Seconds = NDArray[np.float64]


class Epoch(Func):
    """Seconds since 1970, UTC, of a datetime column; null stays null."""

    output_field = FloatField()
    template = "EXTRACT(EPOCH FROM %(expressions)s)::float8"

    def get_db_converters(self, connection: Any) -> list[Any]:
        """None: both databases give a float, and a converter would be called for each row."""
        return []

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        # 2440587.5 is the Julian day of 1970; a double holds a millisecond there.
        return super().as_sql(
            compiler, connection, template="(julianday(%(expressions)s) - 2440587.5) * 86400.0", **context
        )


class OpenTime:
    """Open minutes between instants (in seconds since 1970) within ``first`` and ``last``.

    Agrees with :meth:`Schedule.minutes_between`; a test holds them against each other.
    """

    def __init__(self, schedule: Schedule, first: datetime, last: datetime) -> None:
        opens, closes, before = [], [], []
        at, total = first.astimezone(UTC) - timedelta(days=1), 0.0
        while not schedule.never_opens and (begin := schedule.next_opening(at)) is not None and begin <= last:
            end = schedule.next_closing(begin)
            assert end is not None
            opens.append(begin.timestamp())
            closes.append(end.timestamp())
            before.append(total)
            total += (end - begin).total_seconds()
            at = end
        self._around_the_clock = schedule.never_opens
        self._opens, self._closes, self._before = np.array(opens), np.array(closes), np.array(before)

    def minutes(self, starts: Seconds, ends: Seconds) -> Seconds:
        """One by one; 0 where the end comes first."""
        if self._around_the_clock:
            return np.maximum((ends - starts) / 60, 0.0)
        passed: Seconds = np.where(ends <= starts, 0.0, (self._until(ends) - self._until(starts)) / 60)
        return passed

    def _until(self, at: Seconds) -> Seconds:
        if not len(self._opens):
            return np.zeros_like(at)
        number = np.searchsorted(self._opens, at, side="right") - 1
        inside = self._before[number] + np.minimum(at, self._closes[number]) - self._opens[number]
        until: Seconds = np.where(number < 0, 0.0, inside)
        return until


def open_minutes(hours: Mapping[int, OpenTime], storefronts: Seconds, starts: Seconds, ends: Seconds) -> Seconds:
    """Of many waits, each by the hours of its storefront (by row number)."""
    found = np.zeros_like(starts)
    for storefront, times in hours.items():
        own = storefronts == storefront
        found[own] = times.minutes(starts[own], ends[own])
    return found

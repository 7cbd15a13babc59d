"""Spans of whole days in the merchant's time zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PRESETS = (7, 30, 90)
DEFAULT = 30
LONGEST = 366
TODAY = "today"
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Period:
    """From the beginning of ``first`` to the end of ``last``, both days included, or to ``until`` of the last day.

    ``so_far`` is set for a day that is not over: the moment, to the minute, up to whose time of day it is compared with
    the same weekday a week before, not with a whole day.
    """

    first: date
    last: date
    zone: ZoneInfo
    until: datetime | None = None
    so_far: datetime | None = None

    @property
    def start(self) -> datetime:
        return datetime.combine(self.first, time(), tzinfo=self.zone)

    @property
    def end(self) -> datetime:
        """The first instant after the period."""
        return self.until or datetime.combine(self.last + timedelta(days=1), time(), tzinfo=self.zone)

    @property
    def length(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range(self.length)]

    def before(self) -> Period:
        """As many days, just before; of a day that is not over the same hours a week before."""
        if self.so_far is not None:
            day = self.first - WEEK
            return Period(day, day, self.zone, until=self.so_far.astimezone(self.zone) - WEEK)
        return Period(self.first - timedelta(days=self.length), self.first - timedelta(days=1), self.zone)


def last_days(length: int, *, now: datetime, zone: ZoneInfo) -> Period:
    """The last ``length`` days, today included."""
    today = now.astimezone(zone).date()
    return Period(today - timedelta(days=length - 1), today, zone)


def today(*, now: datetime, zone: ZoneInfo) -> Period:
    """The day until now."""
    local = now.astimezone(zone)
    return Period(local.date(), local.date(), zone, so_far=local.replace(second=0, microsecond=0))


def asked(query: Mapping[str, str], *, now: datetime, zone: ZoneInfo) -> tuple[Period, str]:
    """The period that a query string asks for, and its name: a preset's number of days, ``today`` or ``custom``.

    Dates win over a preset, unless the reader just chose the preset: ``was`` names the period of the page that they
    chose it on. Of one date alone the other follows. Days in the future, a beginning after the end, spans above
    :data:`LONGEST` and what is no date fall back: a shared link must not break.
    """
    current = today(now=now, zone=zone)
    wanted = query.get("period", "")
    preset = wanted if wanted in {TODAY, *(str(each) for each in PRESETS)} else ""
    first, last = _day(query.get("from")), _day(query.get("to"))
    if not preset or query.get("was", wanted) == wanted:
        first = first or (last and last - timedelta(days=DEFAULT - 1))
        last = min(last or current.last, current.last)
        if first and first <= last:
            return Period(max(first, last - timedelta(days=LONGEST - 1)), last, zone), "custom"
    if preset == TODAY:
        return current, TODAY
    length = int(preset or DEFAULT)
    return last_days(length, now=now, zone=zone), str(length)


def _day(text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if day.year >= 2000 else None

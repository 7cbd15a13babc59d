"""Business hours: when a merchant is open, and minutes that count only then.

A :class:`Schedule` is a plain value. Spans are of local time; counting goes by instants, so that a night on which the
clocks change has the minutes that really pass. A local time that the clocks skip means the instant of the change, one
that comes twice means its first time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cs_portal.core.errors import Invalid
from cs_portal.core.tenancy import current_merchant
from cs_portal.merchants.models import Holiday, Storefront

#: ``[from, to)`` in minutes after local midnight; ``to`` may be 1440.
Span = tuple[int, int]
#: The spans of Monday to Sunday, in order.
Week = tuple[tuple[Span, ...], ...]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_NAMES = {
    "mon": gettext_lazy("Monday"),
    "tue": gettext_lazy("Tuesday"),
    "wed": gettext_lazy("Wednesday"),
    "thu": gettext_lazy("Thursday"),
    "fri": gettext_lazy("Friday"),
    "sat": gettext_lazy("Saturday"),
    "sun": gettext_lazy("Sunday"),
}
MAX_SPANS_A_DAY = 6
#: Counting goes no further than this: nobody waits for it, and hours of one minute a week must not loop for ages.
HORIZON = timedelta(days=1830)
_MIDNIGHT = 24 * 60


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a storefront is open. Without any span it is never open, and minutes count around the clock."""

    week: Week
    zone: ZoneInfo
    holidays: frozenset[date] = frozenset()

    @property
    def never_opens(self) -> bool:
        return not any(self.week)

    def is_open(self, at: datetime) -> bool:
        opens, _closes = next(self._open_from(at), (None, None))
        return opens is not None and opens <= at

    def next_opening(self, at: datetime) -> datetime | None:
        """``at`` itself while open, else the start of the next span; None when there is none before the horizon."""
        opens, _closes = next(self._open_from(at), (None, None))
        return None if opens is None else max(opens, at.astimezone(UTC))

    def next_closing(self, at: datetime) -> datetime | None:
        """The end of the opening that ``at`` lies in, touching spans taken together; None while closed."""
        end: datetime | None = None
        for opens, closes in self._open_from(at):
            if opens > (end or at):
                break
            end = closes
        return end

    def add_minutes(self, at: datetime, minutes: float) -> datetime:
        """The instant by which ``minutes`` of open time have passed since ``at``, at most the horizon after ``at``."""
        at = at.astimezone(UTC)
        left = timedelta(minutes=minutes)
        if left <= timedelta(0):
            return at
        if self.never_opens:
            return at + min(left, HORIZON)
        for opens, closes in self._open_from(at):
            opens = max(opens, at)
            if left <= closes - opens:
                return opens + left
            left -= closes - opens
        return at + HORIZON

    def minutes_between(self, start: datetime, end: datetime) -> float:
        """Open minutes from ``start`` to ``end``; 0 when ``end`` comes first."""
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        if end <= start:
            return 0.0
        if self.never_opens:
            return (end - start) / timedelta(minutes=1)
        passed = timedelta(0)
        for opens, closes in self._open_from(start):
            if opens >= end:
                break
            passed += min(closes, end) - max(opens, start)
        return passed / timedelta(minutes=1)

    def _open_from(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The open intervals that end after ``at``, in order, as instants, until the horizon."""
        if self.never_opens:
            return
        # A day earlier: where clocks skip midnight, what began "yesterday" may still go on.
        day = at.astimezone(self.zone).date() - timedelta(days=1)
        last = day + HORIZON
        while day < last:
            if day not in self.holidays:
                for begin, end in self.week[day.weekday()]:
                    opens, closes = self._instant(day, begin), self._instant(day, end)
                    if closes > at and opens < closes:
                        yield opens, closes
            day += timedelta(days=1)

    def _instant(self, day: date, minute: int) -> datetime:
        if minute == _MIDNIGHT:
            day, minute = day + timedelta(days=1), 0
        wall = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=self.zone)
        instant = wall.astimezone(UTC)
        if instant.astimezone(self.zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
            return instant
        return self._change_before(instant, wall.replace(fold=1).astimezone(UTC))

    def _change_before(self, after: datetime, before: datetime) -> datetime:
        """The instant in ``(before, after]`` at which the clocks go forward."""
        offset = after.astimezone(self.zone).utcoffset()
        while after - before > timedelta(seconds=1):
            middle = before + (after - before) // 2
            if middle.astimezone(self.zone).utcoffset() == offset:
                after = middle
            else:
                before = middle
        return after.replace(microsecond=0)


def parse_hours(raw: object, *, field: str = "business_hours") -> Week:
    """``{"mon": [["09:00", "18:00"]]}`` as spans, in order of time.

    A day that is missing is closed; the end of a day is ``24:00``. Raises :class:`Invalid`, which names the day, for
    spans that overlap, that end before they begin (hours over midnight are two spans) or that are no times.
    """
    if not isinstance(raw, dict) or not set(raw) <= set(DAYS):
        raise Invalid(_("Hours are spans of time for each day of the week."), field=field)
    return tuple(_day(day, raw.get(day) or [], field) for day in DAYS)


def _day(day: str, raw: object, field: str) -> tuple[Span, ...]:
    def refusal(sentence: str) -> Invalid:
        name = DAY_NAMES[day]
        return Invalid(_("%(day)s: %(problem)s") % {"day": name, "problem": sentence}, field=field)

    if not isinstance(raw, list) or len(raw) > MAX_SPANS_A_DAY:
        raise refusal(_("at most %(limit)s spans of time.") % {"limit": MAX_SPANS_A_DAY})
    spans = []
    for pair in raw:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise refusal(_("each span needs a time it begins and a time it ends."))
        begin, end = (_minute(each) for each in pair)
        if begin is None or end is None:
            raise refusal(_("write times as 09:00, up to 24:00."))
        if begin >= end:
            raise refusal(_("a span must end after it begins. Split hours over midnight into two days."))
        spans.append((begin, end))
    spans.sort()
    if any(first[1] > second[0] for first, second in pairwise(spans)):
        raise refusal(_("spans of time overlap."))
    return tuple(spans)


def _minute(text: object) -> int | None:
    found = re.fullmatch(r"([01][0-9]|2[0-4]):([0-5][0-9])", text) if isinstance(text, str) else None
    minute = int(found[1]) * 60 + int(found[2]) if found else None
    return minute if minute is not None and minute <= _MIDNIGHT else None


def hours_json(week: Week) -> dict[str, list[list[str]]]:
    """``week`` as it is stored; closed days are left out. ``parse_hours(hours_json(week)) == week``."""
    return {
        day: [[f"{minute // 60:02}:{minute % 60:02}" for minute in span] for span in spans]
        for day, spans in zip(DAYS, week, strict=True)
        if spans
    }


def holiday_dates() -> frozenset[date]:
    """Of the active merchant."""
    return frozenset(Holiday.objects.values_list("date", flat=True))


def schedule_of(storefront: Storefront, *, holidays: frozenset[date] | None = None) -> Schedule:
    """The storefront's own hours, or those of the merchant. One query, none when ``holidays`` are given."""
    merchant = current_merchant()
    raw = merchant.business_hours if storefront.hours is None else storefront.hours
    return Schedule(
        week=parse_hours(raw),
        zone=ZoneInfo(merchant.timezone),
        holidays=holiday_dates() if holidays is None else holidays,
    )

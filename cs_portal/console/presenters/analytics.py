"""Figures and tables of the dashboard as the page shows them: worded, localised, with their n."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cs_portal.analytics.metrics import Change, Rate, Spread
from cs_portal.analytics.selectors.response import Duration

NOTHING = "–"
MINUTES_IN_HOUR, MINUTES_IN_DAY = 60, 1440


@dataclass(frozen=True, slots=True)
class Figure:
    """``note`` holds the n. ``change`` is worded; ``tone`` is good, bad or empty, ``arrow`` up, down or empty."""

    label: str
    value: str
    note: str = ""
    change: str = ""
    tone: str = ""
    arrow: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """``value`` is the number behind the text, for charts and sorting; ``url`` makes a link of it."""

    text: str
    value: float | None = None
    url: str = ""

    @property
    def is_number(self) -> bool:
        return self.value is not None


@dataclass(frozen=True, slots=True)
class Table:
    """``chart`` is how the chart behaviour draws it (``static/js/behaviours/chart.js``), empty for a table only.

    The first column names a row; columns of numbers are the series.
    """

    key: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    chart: str = ""
    note: str = ""
    empty: str = ""
    tones: Sequence[str] = ()
    more: Cell | None = None

    @property
    def has_table_beside(self) -> bool:
        """Short tables stand beside their chart; long ones fold up below it."""
        return self.chart in {"rows", "stackedrows"}

    @property
    def is_wide(self) -> bool:
        return self.chart not in {"bars", "heat"}


@dataclass(frozen=True, slots=True)
class Section:
    figures: Sequence[Figure]
    tables: Sequence[Table] = field(default_factory=tuple)


def name(text: str, url: str = "") -> Cell:
    return Cell(text, url=url)


def count(n: float) -> Cell:
    return Cell(number(n), float(n))


def share_cell(rate: Rate) -> Cell:
    """A share with its n beside it."""
    if rate.share is None:
        return Cell(NOTHING)
    return Cell(f"{percent(rate.share)} ({number(rate.part)}/{number(rate.n)})", round(rate.share * 100, 1))


def minutes_cell(spread: Spread) -> Cell:
    """Median and p90."""
    if spread.median is None or spread.high is None:
        return Cell(NOTHING)
    return Cell(f"{duration(spread.median)} / {duration(spread.high)}", round(spread.median, 1))


def number(value: float, *, places: int = 0) -> str:
    return str(number_format(value, decimal_pos=places, use_l10n=True, force_grouping=True))


def percent(share: float) -> str:
    """One place below ten percent, where it matters."""
    hundred = share * 100
    return f"{number(hundred, places=1 if 0 < hundred < 10 else 0)}%"


def duration(minutes: float) -> str:
    """In the unit that people would say it in."""
    if minutes < 1:
        return _("%(n)s s") % {"n": number(round(minutes * 60))}
    if minutes < MINUTES_IN_HOUR:
        return _("%(n)s min") % {"n": number(minutes, places=0 if minutes >= 10 else 1)}
    if minutes < MINUTES_IN_DAY:
        return _("%(n)s h") % {"n": number(minutes / MINUTES_IN_HOUR, places=1)}
    return _("%(n)s d") % {"n": number(minutes / MINUTES_IN_DAY, places=1)}


def of(rate: Rate) -> str:
    """ "14 of 230"."""
    return _("%(part)s of %(n)s") % {"part": number(rate.part), "n": number(rate.n)}


def rate_figure(label: str, rate: Rate, before: Rate, *, more_is: str = "") -> Figure:
    """A share, the change in percentage points. ``more_is`` says whether a rise is good or bad."""
    change = Change(rate.share, before.share)
    by = change.by
    return Figure(
        label=label,
        value=NOTHING if rate.share is None else percent(rate.share),
        note=of(rate),
        change="" if by is None else _("%(points)s points") % {"points": _signed(by * 100, places=1)},
        **_direction(by, more_is, least=0.0005),
    )


def count_figure(label: str, n: int, before: int, *, note: str = "", more_is: str = "") -> Figure:
    """A number, the change in percent."""
    change = Change(n, before)
    ratio = change.ratio
    return Figure(
        label=label,
        value=number(n),
        note=note,
        change="" if ratio is None else f"{_signed(ratio * 100)}%",
        **_direction(ratio, more_is, least=0.005),
    )


def duration_figures(label: str, now: Duration, before: Duration) -> Figure:
    """The median in business hours; the note has p90, the wall clock and n."""
    ratio = Change(now.open.median, before.open.median).ratio
    if now.open.median is None or now.open.high is None or now.wall.median is None or now.wall.high is None:
        return Figure(label, NOTHING, _("nothing to measure yet"))
    note = _("p90 %(high)s · wall clock %(wall)s, p90 %(wall_high)s · n %(n)s") % {
        "high": duration(now.open.high),
        "wall": duration(now.wall.median),
        "wall_high": duration(now.wall.high),
        "n": number(now.open.n),
    }
    changed = "" if ratio is None else f"{_signed(ratio * 100)}%"
    return Figure(label, duration(now.open.median), note, changed, **_direction(ratio, "bad", least=0.005))


def day_text(day: date) -> str:
    """Without the year: charts have little room."""
    return date_format(day, pgettext("format of a day in charts", "M j"))


def _signed(value: float, *, places: int = 0) -> str:
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    return f"{sign}{number(abs(value), places=places)}"


def _direction(by: float | None, more_is: str, *, least: float) -> dict[str, str]:
    if by is None or abs(by) < least:
        return {"tone": "", "arrow": ""}
    rises = by > 0
    other = {"good": "bad", "bad": "good"}
    return {"tone": more_is if rises else other.get(more_is, ""), "arrow": "up" if rises else "down"}

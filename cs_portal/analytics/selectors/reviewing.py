"""What operators decide on drafts, how fast, and how far they change the bot's words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import numpy as np
from django.db.models import F

from cs_portal.analytics.clock import Epoch, open_minutes
from cs_portal.analytics.filters import Filters, decisions_of_people, drafts, reviews
from cs_portal.analytics.metrics import Rate, Spread, spread
from cs_portal.analytics.selectors.response import Duration, duration, open_times
from cs_portal.analytics.selectors.volume import QUARTER
from cs_portal.drafting.models import Decision, DraftState

K = TypeVar("K", bound=Hashable)

DECIDED = (Decision.APPROVED, Decision.EDITED, Decision.REJECTED)


@dataclass(frozen=True, slots=True)
class Tally:
    """Decisions, and the minutes that they took since the draft was ready."""

    decisions: Counter[str]
    latency: Duration

    @property
    def reviewed(self) -> int:
        return self.decisions.total()

    @property
    def clean(self) -> Rate:
        """Sent unedited ÷ reviewed."""
        return Rate(self.decisions[Decision.APPROVED], self.reviewed)

    @property
    def edited(self) -> Rate:
        """Edited ÷ sent."""
        return Rate(self.decisions[Decision.EDITED], self.reviewed - self.decisions[Decision.REJECTED])

    @property
    def rejected(self) -> Rate:
        return Rate(self.decisions[Decision.REJECTED], self.reviewed)


@dataclass(frozen=True, slots=True)
class Reviewing:
    """``by_member`` is keyed by the row of the member (None for one who was removed), ``distance`` a share of 1."""

    all: Tally
    by_member: dict[int | None, Tally]
    by_intent: dict[str, Tally]
    by_day: dict[date, Counter[str]]
    reasons: dict[str, int]
    distance: Spread
    waiting: int
    oldest_waiting: datetime | None


def reviewing(filters: Filters, *, now: datetime) -> Reviewing:
    """Six queries. Texts are not read: how far an edit went is kept with its review."""
    waiting = drafts(filters).filter(state=DraftState.READY)
    oldest = waiting.order_by("created_at").values_list("created_at", flat=True).first()
    edits = reviews(filters).filter(decision=Decision.EDITED, candidate__isnull=False)
    rows = _Rows(filters, now)
    return Reviewing(
        all=rows.all(),
        by_member=rows.by(rows.members),
        by_intent=rows.by(rows.intents),
        by_day=rows.by_day(),
        reasons=rows.reasons(),
        distance=spread(far for far in edits.values_list("distance", flat=True) if far is not None),
        waiting=waiting.count(),
        oldest_waiting=oldest,
    )


class _Rows:
    """The decisions of a period, column by column: counters and arrays walk them much faster than a loop would."""

    def __init__(self, filters: Filters, now: datetime) -> None:
        self.period = filters.period
        decided = decisions_of_people(filters).filter(decision__in=DECIDED)
        times = Epoch(F("ready_at")), Epoch(F("created_at"))
        rows = list(decided.values_list("decision", "reason", "member", "intent", "storefront", *times))
        columns: list[tuple[Any, ...]] = list(zip(*rows, strict=True)) or [()] * 7
        decisions, reasons, members, intents, storefronts, ready, at = columns
        self.decisions: tuple[str, ...] = decisions
        self._reasons: tuple[str, ...] = reasons
        self.members: tuple[int | None, ...] = members
        self.intents: tuple[str, ...] = intents
        self._ready, self._at = np.array(ready, dtype=np.float64), np.array(at, dtype=np.float64)
        hours = open_times(filters, now)
        self._open = open_minutes(hours, np.array(storefronts, dtype=np.float64), self._ready, self._at)
        self._wall = (self._at - self._ready) / 60

    def all(self) -> Tally:
        return Tally(Counter(self.decisions), duration(self._open, self._wall))

    def by(self, keys: Sequence[K]) -> dict[K, Tally]:
        """One tally per key."""
        numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
        number_of = np.array([numbers[key] for key in keys], dtype=np.int64)
        decisions: dict[K, Counter[str]] = {key: Counter() for key in numbers}
        for (key, decision), n in Counter(zip(keys, self.decisions, strict=True)).items():
            decisions[key][decision] = n
        return {
            key: Tally(decisions[key], duration(self._open[number_of == number], self._wall[number_of == number]))
            for key, number in numbers.items()
        }

    def by_day(self) -> dict[date, Counter[str]]:
        days: dict[date, Counter[str]] = {day: Counter() for day in self.period.days}
        quarters = (self._at // QUARTER).astype(np.int64).tolist()
        for (quarter, decision), n in Counter(zip(quarters, self.decisions, strict=True)).items():
            day = datetime.fromtimestamp(quarter * QUARTER, tz=UTC).astimezone(self.period.zone).date()
            if day in days:
                days[day][decision] += n
        return days

    def reasons(self) -> dict[str, int]:
        """Of rejections."""
        pairs = Counter(zip(self.decisions, self._reasons, strict=True))
        rejected = Counter({reason: n for (decision, reason), n in pairs.items() if decision == Decision.REJECTED})
        return dict(rejected.most_common())

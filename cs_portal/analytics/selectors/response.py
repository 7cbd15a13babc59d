"""How long shoppers waited, how the promise was kept, and what became of conversations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db.models import Case, Count, F, Q, Sum, When
from numpy.typing import NDArray

from cs_portal.analytics.clock import Epoch, OpenTime, Seconds, open_minutes
from cs_portal.analytics.filters import Filters, conversations
from cs_portal.analytics.metrics import Rate, Spread, spread
from cs_portal.conversations.models import ConversationState
from cs_portal.merchants.hours import holiday_dates, schedule_of
from cs_portal.merchants.models import Storefront


@dataclass(frozen=True, slots=True)
class Duration:
    """The same waits in business hours and on the wall clock, in minutes."""

    open: Spread
    wall: Spread


@dataclass(frozen=True, slots=True)
class Response:
    first_by_bot: Duration
    first_by_person: Duration
    resolution: Duration
    first_in_time: Rate
    next_in_time: Rate


def response(filters: Filters, *, now: datetime) -> Response:
    """Four queries; the rows are numbers only."""
    storefronts, created, first, own, resolved = _facts(filters)
    hours = open_times(filters, now)

    def waits(ends: Seconds, counted: NDArray[np.bool_]) -> Duration:
        starts, ends = created[counted], ends[counted]
        return duration(open_minutes(hours, storefronts[counted], starts, ends), (ends - starts) / 60)

    promise = conversations(filters).aggregate(
        due=Count("pk", filter=_first_applies(now)),
        kept=Count("pk", filter=_first_applies(now) & Q(first_reply_at__lte=F("first_reply_due_at"))),
        following=Sum("next_replies", default=0),
        late=Sum("next_replies_late", default=0),
    )
    return Response(
        first_by_bot=waits(first, ~np.isnan(first) & (own != first)),
        first_by_person=waits(first, own == first),
        resolution=waits(resolved, ~np.isnan(resolved)),
        first_in_time=Rate(promise["kept"], promise["due"]),
        next_in_time=Rate(promise["following"] - promise["late"], promise["following"]),
    )


def duration(open_minutes: Seconds, wall_minutes: Seconds) -> Duration:
    return Duration(spread(np.sort(open_minutes).tolist()), spread(np.sort(wall_minutes).tolist()))


def _first_applies(now: datetime) -> Q:
    """Answered, or late by now; what still has time is neither kept nor broken."""
    return Q(first_reply_due_at__isnull=False) & (Q(first_reply_at__isnull=False) | Q(first_reply_due_at__lt=now))


def _facts(filters: Filters) -> Seconds:
    """By column: storefront, beginning, first reply, first reply by a person, resolution of what is resolved."""
    rows = conversations(filters).values_list(
        "storefront",
        Epoch(F("created_at")),
        Epoch(F("first_reply_at")),
        Epoch(F("first_person_reply_at")),
        Epoch(Case(When(state=ConversationState.RESOLVED, then=F("resolved_at")))),
    )
    return columns(rows, 5)


def columns(rows: Iterable[Sequence[float | None]], number: int) -> Seconds:
    return np.array(list(rows), dtype=np.float64).reshape(-1, number).T


def open_times(filters: Filters, now: datetime) -> dict[int, OpenTime]:
    """Per storefront, from the period's beginning until now. Two queries."""
    holidays = holiday_dates()
    last = max(now, filters.period.end)
    return {
        storefront.pk: OpenTime(schedule_of(storefront, holidays=holidays), filters.period.start, last)
        for storefront in Storefront.objects.all()
    }

"""How many conversations, and when."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db.models import Count, F, IntegerField
from django.db.models.functions import Cast, Floor

from cs_portal.analytics.clock import Epoch
from cs_portal.analytics.filters import Filters, conversations

#: Time zones differ by quarters of an hour, so these add up to local hours everywhere.
QUARTER = 900


@dataclass(frozen=True, slots=True)
class Volume:
    """``by_day`` has every day of the period, ``by_hour`` the hours (0 to 23) of the weekdays (0 is Monday)."""

    total: int
    by_day: dict[date, int]
    by_hour: dict[tuple[int, int], int]


def volume(filters: Filters) -> Volume:
    """One query, whose rows do not grow with the conversations."""
    quarter = Cast(Floor(Epoch(F("created_at")) / QUARTER), IntegerField())
    rows = conversations(filters).values_list(quarter).annotate(n=Count("pk")).order_by()
    by_day: Counter[date] = Counter(dict.fromkeys(filters.period.days, 0))
    by_hour: Counter[tuple[int, int]] = Counter()
    for number, count in rows:
        at = datetime.fromtimestamp(number * QUARTER, tz=UTC).astimezone(filters.period.zone)
        by_day[at.date()] += count
        by_hour[at.weekday(), at.hour] += count
    return Volume(sum(by_hour.values()), dict(by_day), dict(by_hour))

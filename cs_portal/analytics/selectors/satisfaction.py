"""What shoppers thought of it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from cs_portal.analytics.filters import Filters, conversations
from cs_portal.analytics.metrics import Rate

POSITIVE = 4
SCORES = (5, 4, 3, 2, 1)


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """``positive`` are 4 and 5 of 5 ÷ answers, ``answered`` answers ÷ asked."""

    positive: Rate
    answered: Rate
    by_score: dict[int, int]


def satisfaction(filters: Filters) -> Satisfaction:
    """One query."""
    given = {f"score_{score}": Count("pk", filter=Q(csat_score=score)) for score in SCORES}
    counted = conversations(filters).aggregate(asked=Count("pk", filter=Q(csat_asked_at__isnull=False)), **given)
    by_score = {score: counted[f"score_{score}"] for score in SCORES}
    answers = sum(by_score.values())
    positive = sum(n for score, n in by_score.items() if score >= POSITIVE)
    return Satisfaction(Rate(positive, answers), Rate(answers, max(counted["asked"], answers)), by_score)

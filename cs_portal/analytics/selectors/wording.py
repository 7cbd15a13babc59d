"""The wordings: who made the best ones, how long the language model took, what the guard refused."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, F

from cs_portal.analytics.filters import Filters, drafts
from cs_portal.analytics.metrics import NINETY_FIFTH, Spread, spread
from cs_portal.drafting.models import DraftCandidate

LANGUAGE_MODEL = "language_model"


@dataclass(frozen=True, slots=True)
class Wording:
    """``best`` counts first candidates by source and model; ``seconds`` are those of the model, median and p95."""

    best: dict[tuple[str, str], int]
    seconds: Spread
    blocked: dict[str, int]


def wording(filters: Filters) -> Wording:
    """Three queries."""
    made = DraftCandidate.objects.filter(draft__in=drafts(filters))
    first = made.filter(position=1, generation=F("draft__generation")).values_list("source", "model")
    seconds = made.filter(source=LANGUAGE_MODEL, seconds__gt=0).values_list("seconds", flat=True)
    blocked: Counter[str] = Counter()
    for violations in made.exclude(violations=[]).values_list("violations", flat=True).iterator(chunk_size=2000):
        blocked.update({str(violation.get("kind", "")) for violation in violations})
    return Wording(
        best={(source, model): n for source, model, n in first.annotate(n=Count("pk")).order_by("-n")},
        seconds=spread(seconds.iterator(chunk_size=5000), high=NINETY_FIFTH),
        blocked=dict(blocked.most_common()),
    )

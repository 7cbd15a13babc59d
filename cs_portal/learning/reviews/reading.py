"""Decisions of people on drafts, as what a draft promised and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cs_portal.drafting.models import Decision, Review

#: The newest decisions that are read; a shop changes.
MOST = 5_000


@dataclass(frozen=True, slots=True)
class Decided:
    """``unedited``: the wording was approved as it was. ``prior`` and ``confidence`` are the draft's at that moment,
    None for reviews of older versions; ``signals`` those of the wording decided on, empty where none are known."""

    unedited: bool
    prior: float | None
    confidence: float | None
    signals: Mapping[str, float | None]


def decided() -> list[Decided]:
    """Standing approvals, edits and rejections by members, the newest first. Autopilot's own are no judgement."""
    rows = Review.objects.filter(
        decision__in=[Decision.APPROVED, Decision.EDITED, Decision.REJECTED],
        undone_at=None,
        autopilot__isnull=True,
    )
    found = rows.order_by("-pk").values_list("decision", "prior", "confidence", "candidate__signals")[:MOST]
    return [
        Decided(decision == Decision.APPROVED, prior, confidence, signals or {})
        for decision, prior, confidence, signals in found
    ]

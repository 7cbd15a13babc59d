"""Drafts whose candidates can be ranked again, and what was learned from reviews: what the settings page shows."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef

from cs_portal.drafting.models import ConfidenceCalibration, Draft, DraftCandidate, LearnedWeights, WeightsState

#: Drafts that an example can be chosen from.
EXAMPLES = 10


def examples() -> list[Draft]:
    """The latest drafts with a choice of wordings whose signals are known. One query."""
    second = DraftCandidate.objects.filter(draft=OuterRef("pk"), generation=OuterRef("generation"), position=2)
    rows = Draft.objects.filter(Exists(second.exclude(signals={}))).select_related("message")
    return list(rows.order_by("-pk")[:EXAMPLES])


def chosen_example(drafts: list[Draft], wanted: UUID | None) -> tuple[Draft, list[DraftCandidate]] | None:
    """The wanted draft of these, or the latest, with its wordings. One query."""
    draft = next((each for each in drafts if each.public_id == wanted), drafts[0] if drafts else None)
    if draft is None:
        return None
    return draft, list(draft.candidates.filter(generation=draft.generation).order_by("position"))


def open_proposal() -> LearnedWeights | None:
    return LearnedWeights.objects.filter(state=WeightsState.OPEN).first()


def last_learned() -> LearnedWeights | None:
    """The newest attempt, whatever came of it."""
    return LearnedWeights.objects.first()


def correction() -> ConfidenceCalibration | None:
    return ConfidenceCalibration.objects.first()

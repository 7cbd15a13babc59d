"""Conversations that are erased take along what came of them: questions of gaps, edits and suggested phrasings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from cs_portal.knowledge.models import FaqEdit, FaqProposal, GapQuestion, PhrasingSuggestion, ProposalState
from cs_portal.knowledge.services.gap_counts import recount

#: Edits alike that make a proposal; with fewer left it has nothing to stand on.
ENOUGH = 3
_CHUNK = 500


def forget_conversations(conversations: Iterable[UUID], *, now: datetime) -> None:
    """Within the caller's transaction. What a member accepted into an FAQ is the shop's own words, and stays."""
    ids = list(conversations)
    for start in range(0, len(ids), _CHUNK):
        _forget(ids[start : start + _CHUNK], now)


def _forget(ids: Sequence[UUID], now: datetime) -> None:
    questions = GapQuestion.objects.filter(conversation__in=ids)
    gaps = set(questions.values_list("gap", flat=True))
    questions.delete()
    if gaps:
        recount(now=now, among=gaps)
    edits = FaqEdit.objects.filter(conversation__in=ids)
    proposals = {pk for pk in edits.values_list("proposal", flat=True) if pk is not None}
    edits.delete()
    for proposal in FaqProposal.objects.filter(pk__in=proposals, state=ProposalState.OPEN):
        left = FaqEdit.objects.filter(proposal=proposal)
        if left.values("conversation").distinct().count() < ENOUGH:
            left.update(proposal=None)
            proposal.delete()
        else:
            FaqProposal.objects.filter(pk=proposal.pk).update(times=left.count())
    PhrasingSuggestion.objects.filter(conversation__in=ids).delete()


def taught_by(conversations: Iterable[UUID]) -> dict[str, list[dict[str, Any]]]:
    """What is kept of these conversations here, for the shopper's own export."""
    ids = list(conversations)
    questions = GapQuestion.objects.filter(conversation__in=ids).order_by("asked_at", "id")
    edits = FaqEdit.objects.filter(conversation__in=ids).order_by("edited_at", "id")
    suggestions = PhrasingSuggestion.objects.filter(conversation__in=ids).order_by("asked_at", "id")
    return {
        "unanswered_questions": [{"text": row.text, "at": row.asked_at.isoformat()} for row in questions],
        "changed_sentences": [
            {"before": row.before, "after": row.after, "at": row.edited_at.isoformat()} for row in edits
        ],
        "suggested_phrasings": [{"text": row.text, "at": row.asked_at.isoformat()} for row in suggestions],
    }

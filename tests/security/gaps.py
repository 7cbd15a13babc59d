"""Rows of the gaps, proposals and suggestions for the walk."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from cs_portal.core.tenancy import scope
from cs_portal.knowledge.models import Faq, FaqProposal, PhrasingSuggestion
from cs_portal.knowledge.services.gap_runs import ask_for_draft
from cs_portal.merchants.models import Member, Merchant
from tests.knowledge.gap_rows import NOW, make_gap


def gap_ids(merchant: Merchant, faq: Faq, member: Member) -> dict[str, Any]:
    """An open gap with two questions, a run, a proposal and a suggestion of ``faq``."""
    gap = make_gap(merchant, "Can you engrave it?", "Can you engrave a mug?")
    with scope(merchant=merchant):
        run = ask_for_draft(gap_id=gap.public_id, by=member, now=NOW)
        proposal = FaqProposal.objects.create(
            faq=faq, locale="en", revision=1, before="A mug", after="A cup", times=3, created_at=NOW
        )
        suggestion = PhrasingSuggestion.objects.create(
            faq=faq,
            locale="en",
            text="Got a mug?",
            folded="got a mug",
            similarity=0.3,
            conversation=uuid4(),
            draft=uuid4(),
            asked_at=NOW,
        )
    return {
        "gap_id": gap.public_id,
        "looking_id": run.public_id,
        "proposal_id": proposal.public_id,
        "suggestion_id": suggestion.public_id,
    }

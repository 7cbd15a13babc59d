"""What the review queue shows. The number of queries does not grow with the queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from cs_portal.commerce.models import Order, Shopper
from cs_portal.commerce.selectors import orders_of
from cs_portal.conversations.models import Message
from cs_portal.conversations.selectors import messages_after
from cs_portal.core.errors import NotFound
from cs_portal.core.models import Queue
from cs_portal.core.workers import alive_queues, ready_queues
from cs_portal.drafting import engine
from cs_portal.drafting.models import Draft, DraftCandidate, DraftState, Review
from cs_portal.drafting.staleness import changes, fingerprint


def drafts_awaiting_review() -> QuerySet[Draft]:
    """Open drafts, the longest waiting first."""
    return (
        Draft.objects.filter(state=DraftState.READY)
        .select_related("conversation__shopper", "conversation__storefront", "message", "claimed_by__user", "order")
        .order_by("created_at", "id")
    )


@dataclass(frozen=True, slots=True)
class DraftDetail:
    """A draft and everything that an operator needs beside it."""

    draft: Draft
    candidates: list[DraftCandidate]
    messages: list[Message]
    shopper: Shopper
    orders: list[Order]
    verdict: dict[str, Any]
    reviews: list[Review]
    stale: list[str]
    fingerprint: str
    model_status: str


def draft_detail(*, draft_id: UUID, now: datetime) -> DraftDetail:
    """Raises :class:`NotFound`."""
    draft = (
        Draft.objects.select_related(
            "conversation__shopper",
            "conversation__storefront",
            "conversation__merchant",
            "message",
            "order",
            "ruleset",
            "claimed_by__user",
        )
        .filter(public_id=draft_id)
        .first()
    )
    if draft is None:
        raise NotFound
    shopper = draft.conversation.shopper
    return DraftDetail(
        draft=draft,
        candidates=list(draft.candidates.filter(generation=draft.generation)),
        messages=messages_after(conversation_id=draft.conversation_id),
        shopper=shopper,
        orders=list(orders_of(shopper=shopper)[:10]) if shopper.is_identified else [],
        verdict=draft.standing_verdict,
        reviews=list(Review.objects.filter(draft=draft).select_related("member__user").order_by("-id")),
        stale=changes(draft) if draft.state == DraftState.READY else [],
        fingerprint=fingerprint(draft),
        model_status=model_status(now=now),
    )


def model_status(*, now: datetime) -> str:
    """``ready``, ``warming_up``, ``stopped`` (no worker of the model queue lives) or ``off`` (no model installed)."""
    if not engine.has_language_model():
        return "off"
    if Queue.MODEL in ready_queues(now=now):
        return "ready"
    return "warming_up" if Queue.MODEL in alive_queues(now=now) else "stopped"

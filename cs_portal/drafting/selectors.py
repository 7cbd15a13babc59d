"""What the review queue shows. The number of queries does not grow with the queue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from cs_portal.commerce.models import Order, Shopper
from cs_portal.commerce.selectors import orders_of
from cs_portal.conversations.models import Author, Conversation, ConversationState, Message, Note
from cs_portal.conversations.selectors import messages_after
from cs_portal.core.errors import NotFound
from cs_portal.core.models import Queue
from cs_portal.core.workers import alive_queues, ready_queues
from cs_portal.drafting.carrying import Carried, carried_by
from cs_portal.drafting.model_choice import connected_models, has_model
from cs_portal.drafting.models import (
    Decision,
    Draft,
    DraftCandidate,
    DraftState,
    EvidenceRating,
    Mark,
    MessageTranslation,
    Review,
    Rewording,
    RewordingState,
)
from cs_portal.drafting.pairs import agreed_once, first_approval, needs_pair
from cs_portal.drafting.staleness import before_override, changes, fingerprint, moved_answers, verdict_now
from cs_portal.knowledge.models import Faq, FaqState
from cs_portal.merchants.models import Locale


def drafts_awaiting_review() -> QuerySet[Draft]:
    """Open drafts, the longest waiting first, each with ``agreed``: whether somebody approved it as the first of two.

    Those of snoozed conversations come back with them.
    """
    return (
        Draft.objects.filter(state=DraftState.READY)
        .exclude(conversation__state=ConversationState.SNOOZED)
        .annotate(agreed=agreed_once())
        .select_related("conversation__shopper", "conversation__storefront", "message", "claimed_by__user", "order")
        .order_by("created_at", "id")
    )


@dataclass(frozen=True, slots=True)
class DraftDetail:
    """A draft and everything that an operator needs beside it.

    ``moved_answers`` says by reference what became of answers that the draft rests on, ``rejection`` took its wordings
    and nothing has come in their place, ``verdict_now`` is what the rules decide where
    that is not the draft's verdict, and ``before_override`` tells that the wordings are older than an admin's override.
    ``first`` is the approval that waits for a second one, and ``needs_pair`` whether two people must agree.
    ``may_rewrite`` is whether a connected model can rewrite words that the composer did not write.
    """

    draft: Draft
    candidates: list[DraftCandidate]
    messages: list[Message]
    notes: list[Note]
    shopper: Shopper
    orders: list[Order]
    verdict: dict[str, Any]
    reviews: list[Review]
    rejection: Review | None
    stale: list[str]
    moved_answers: dict[str, str]
    verdict_now: dict[str, Any] | None
    before_override: bool
    fingerprint: str
    model_status: str
    rewordings: list[Rewording]
    may_rewrite: bool
    ratings: list[EvidenceRating]
    carried: Carried
    first: Review | None
    needs_pair: bool


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
    waiting = draft.state == DraftState.READY
    candidates = list(draft.candidates.filter(generation=draft.generation))
    reviews = list(Review.objects.filter(draft=draft).select_related("member__user", "candidate").order_by("-id"))
    decided_by_now = verdict_now(draft, now=now) if waiting else None
    stale = changes(draft, now=now) if waiting else []
    if decided_by_now is not None and not stale:
        stale = [_("The rules decide differently by now.")]
    carrying = carried_by(draft) if waiting else Carried()
    pair = needs_pair(carrying.plan, order=draft.order)
    return DraftDetail(
        draft=draft,
        candidates=candidates,
        messages=messages_after(conversation_id=draft.conversation_id),
        notes=list(draft.conversation.notes.select_related("member__user").order_by("id")),
        shopper=shopper,
        orders=list(orders_of(shopper=shopper)[:10]) if shopper.is_identified else [],
        verdict=draft.standing_verdict,
        reviews=reviews,
        rejection=_rejection(reviews) if waiting and not candidates else None,
        stale=stale,
        moved_answers=moved_answers(draft, now=now) if stale else {},
        verdict_now=decided_by_now,
        before_override=waiting and before_override(draft, candidates),
        fingerprint=fingerprint(draft),
        model_status=model_status(now=now, locale=draft.locale),
        rewordings=_rewordings(draft) if waiting else [],
        ratings=ratings_of(draft),
        may_rewrite=waiting and any(connected_models(locale) for locale in Locale.values),
        carried=carrying,
        first=first_approval(draft) if pair else None,
        needs_pair=pair,
    )


def _rewordings(draft: Draft) -> list[Rewording]:
    """Those that are being made, and the last one where nothing came of it."""
    rows = list(Rewording.objects.filter(draft=draft, generation=draft.generation))
    return [row for row in rows if row.state == RewordingState.WAITING or (row.failure and row is rows[-1])]


def _rejection(reviews: Iterable[Review]) -> Review | None:
    return next((r for r in reviews if r.decision == Decision.REJECTED and r.undone_at is None), None)


def rejections(drafts: Iterable[Draft]) -> dict[int, Review]:
    """By draft, who rejected its wordings, while nothing has come in their place; one query."""
    rejected = [draft.pk for draft in drafts if draft.needs_person and draft.state == DraftState.READY]
    worded = DraftCandidate.objects.filter(draft=OuterRef("draft"), generation=OuterRef("draft__generation"))
    rows = Review.objects.filter(draft__in=rejected, decision=Decision.REJECTED, undone_at=None)
    rows = rows.exclude(Exists(worded)).select_related("member__user").order_by("id")
    return {review.draft_id: review for review in rows}


def model_status(*, now: datetime, locale: str | None = None) -> str:
    """``ready``, ``warming_up``, ``stopped`` (no worker of the model queue lives) or ``off`` (no model)."""
    if not has_model(locale):
        return "off"
    if Queue.MODEL in ready_queues(now=now):
        return "ready"
    return "warming_up" if Queue.MODEL in alive_queues(now=now) else "stopped"


def open_drafts(*, conversation_ids: Iterable[int]) -> dict[int, Draft]:
    """The draft that waits or is being sent, by conversation; one query."""
    rows = Draft.objects.filter(
        conversation_id__in=list(conversation_ids), state__in=[DraftState.READY, DraftState.APPROVED]
    )
    return {draft.conversation_id: draft for draft in rows.select_related("claimed_by__user")}


def conversations_about(*, intent: str) -> QuerySet[Conversation]:
    """Ids of the conversations with a draft that read this intent, to filter others by."""
    return Draft.objects.filter(intent=intent).values("conversation_id")


def decisions_on(*, conversation_id: int, before: datetime | None, limit: int | None) -> list[Review]:
    """What colleagues decided on a conversation's drafts and no message tells: rejected, overridden, edited ones.

    The latest ``limit`` + 1 before ``before``, newest first.
    """
    edited = Q(decision=Decision.EDITED, executed_at__isnull=False, candidate__isnull=False)
    rows = Review.objects.filter(
        edited | Q(decision__in=[Decision.REJECTED, Decision.OVERRIDDEN, Decision.FIRST]),
        draft__conversation_id=conversation_id,
        undone_at=None,
    )
    if before is not None:
        rows = rows.filter(created_at__lt=before)
    rows = rows.select_related("member__user", "draft", "candidate").order_by("-id")
    return list(rows if limit is None else rows[: limit + 1])


def last_understanding(*, conversation_id: int) -> Draft | None:
    """The latest draft, whatever became of it: what the bot understood."""
    return Draft.objects.filter(conversation_id=conversation_id).order_by("-id").first()


def translations_of(messages: Iterable[Message], *, locale: str) -> dict[int, MessageTranslation]:
    """By message; one query, none without messages."""
    ids = [message.pk for message in messages if message.author == Author.SHOPPER]
    rows = MessageTranslation.objects.filter(message__in=ids, locale=locale) if ids else ()
    return {row.message_id: row for row in rows}


def ratings_of(draft: Draft) -> list[EvidenceRating]:
    return list(EvidenceRating.objects.filter(draft=draft).select_related("member__user"))


@dataclass(frozen=True, slots=True)
class WrongMarks:
    """How often members marked an FAQ's answers as wrong or out of date, and the latest drafts where."""

    count: int
    latest: list[EvidenceRating]


def marked_wrong(faq: Faq, *, latest: int = 5) -> WrongMarks:
    """Two queries, one without marks."""
    rows = EvidenceRating.objects.filter(faq=faq, mark=Mark.WRONG)
    count = rows.count()
    newest = rows.select_related("member__user", "draft__conversation__shopper").order_by("-created_at", "-pk")
    return WrongMarks(count, list(newest[:latest]) if count else [])


def faqs_marked_wrong(*, limit: int = 10) -> list[Faq]:
    """With ``wrong_marks``, the most often marked first; one query."""
    counted = EvidenceRating.objects.filter(faq=OuterRef("pk"), mark=Mark.WRONG).order_by()
    number = counted.values("faq").annotate(number=Count("pk")).values("number")
    rows = Faq.objects.exclude(state=FaqState.ARCHIVED).annotate(wrong_marks=Subquery(number))
    return list(rows.filter(wrong_marks__gt=0).order_by("-wrong_marks", "pk")[:limit])

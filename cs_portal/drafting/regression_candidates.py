"""What operators approved, as cases for the regression set: the shopper's question and the FAQ that answered it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery

from bots.retrieval.index import ANSWER_THRESHOLD
from bots.types import PersonalValues
from cs_portal.commerce.models import Order
from cs_portal.conversations.models import Author, Message
from cs_portal.conversations.redaction import PLACEHOLDER, redact
from cs_portal.drafting.facts import personal_values
from cs_portal.drafting.models import Decision, Draft, Review
from cs_portal.knowledge.content import folded
from cs_portal.knowledge.models import Faq, FaqState, RegressionCase
from cs_portal.knowledge.services.regression_cases import MAX_QUESTION, standing_cases

#: Approved replies that are looked at, newest first.
LOOKED_AT = 200
OFFERED = 50
#: Orders that are read for what they say of their shoppers.
MAX_ORDERS = 1000


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    """``question`` is without personal data; ``edited`` is whether the operator changed the words of the reply."""

    draft: UUID
    question: str
    faq: Faq
    edited: bool
    at: datetime


def answered_questions(*, today: date) -> list[AnsweredQuestion]:
    """Those that the set has not, newest first: at most fifty of the last two hundred replies that people approved.

    ``today`` is the merchant's.
    """
    rows = list(
        Review.objects.filter(decision__in=[Decision.APPROVED, Decision.EDITED], undone_at=None, autopilot__isnull=True)
        .select_related("draft__message", "draft__conversation__shopper")
        .annotate(said_before=_said_before())
        .order_by("-id")[:LOOKED_AT]
    )
    told = {review.pk: ref for review in rows if (ref := _answer_of(review.draft))}
    drafts = [review.draft.public_id for review in rows]
    taken = set(RegressionCase.objects.filter(draft__in=drafts).values_list("draft", flat=True))
    live = Faq.objects.filter(public_id__in=set(told.values()), state=FaqState.PUBLISHED)
    by_id = {str(faq.public_id): faq for faq in live}
    wanted = [
        review
        for review in rows
        if told.get(review.pk) in by_id
        and review.draft.public_id not in taken
        and review.said_before != Author.SHOPPER  # the rest of a question says nothing alone
    ][:OFFERED]
    known = _known([review.draft for review in wanted])
    return _new(
        [
            AnsweredQuestion(
                review.draft.public_id,
                question,
                by_id[told[review.pk]],
                review.decision == Decision.EDITED,
                review.created_at,
            )
            for review in wanted
            if folded(question := _question(review.draft, known[review.draft.pk], today=today))
        ]
    )


def _said_before() -> Subquery:
    """Who wrote the message before the one that was answered; null for the first of a conversation."""
    earlier = Message.objects.filter(
        conversation=OuterRef("draft__conversation"), id__lt=OuterRef("draft__message")
    ).exclude(author=Author.SYSTEM)
    return Subquery(earlier.order_by("-id").values("author")[:1])


def _known(drafts: Sequence[Draft]) -> dict[int, PersonalValues]:
    """What the records know of each draft's shopper, by the draft; two queries."""
    shoppers = {draft.conversation.shopper_id for draft in drafts}
    orders: dict[int, list[Order]] = {}
    for order in Order.objects.filter(shopper__in=shoppers).prefetch_related("shipments").order_by("-id")[:MAX_ORDERS]:
        orders.setdefault(order.shopper_id, []).append(order)
    return {
        draft.pk: personal_values(
            draft.conversation.shopper,
            orders.get(draft.conversation.shopper_id, []),
            email=draft.conversation.email,
        )
        for draft in drafts
    }


def _question(draft: Draft, known: PersonalValues, *, today: date) -> str:
    """The message that was answered, without personal data; empty where nothing else was in it."""
    question = " ".join(redact(draft.message.text, personal=known, today=today).split())[:MAX_QUESTION]
    return question if folded(PLACEHOLDER.sub("", question)) else ""


def _answer_of(draft: Draft) -> str:
    """The FAQ that the reply rests on, by its public id: the one that answered best; empty for none."""
    pieces: Sequence[dict[str, Any]] = [
        piece
        for piece in draft.evidence
        if piece["kind"] == "faq" and piece.get("score", 0) >= ANSWER_THRESHOLD and piece.get("locale") == draft.locale
    ]
    best = max(pieces, key=lambda piece: piece["score"], default=None)
    return best["ref"].split(":")[1] if best else ""


def _new(found: list[AnsweredQuestion]) -> list[AnsweredQuestion]:
    """Each question once, without those that the set asks already."""
    known = standing_cases(each.question for each in found)
    once = {folded(each.question): each for each in reversed(found) if folded(each.question) not in known}
    return list(reversed(once.values()))

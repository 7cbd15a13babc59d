"""What shoppers ask about, and what nobody wrote an answer to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from cs_portal.analytics.filters import Filters, drafts
from cs_portal.analytics.metrics import Rate
from cs_portal.drafting.models import Draft, DraftState
from cs_portal.drafting.unanswered import unanswered as unanswered_drafts

UNANSWERED_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Intent:
    """``conversations`` in which it came up; ``covered`` of its questions that asked the knowledge."""

    name: str
    questions: int
    conversations: int
    covered: Rate
    needs_person: int


@dataclass(frozen=True, slots=True)
class Unanswered:
    text: str
    intent: str
    locale: str
    conversation: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Asking:
    """``missed`` questions had no good answer; more than those that no FAQ covers: see ``drafting.unanswered``."""

    intents: list[Intent]
    covered: Rate
    missed: int


def asking(filters: Filters) -> Asking:
    """Two queries."""
    asked = questions(filters)
    counted = asked.values("intent").annotate(
        questions=Count("pk"),
        conversations=Count("conversation", distinct=True),
        known=Count("pk", filter=Q(answered=True)),
        missed=Count("pk", filter=Q(answered=False)),
        person=Count("pk", filter=Q(needs_person=True)),
    )
    intents = [
        Intent(
            name=row["intent"],
            questions=row["questions"],
            conversations=row["conversations"],
            covered=Rate(row["known"], row["known"] + row["missed"]),
            needs_person=row["person"],
        )
        for row in counted.order_by("-questions", "intent")
    ]
    answered = sum(intent.covered.part for intent in intents)
    covered = Rate(answered, sum(intent.covered.n for intent in intents))
    return Asking(intents, covered, missed(filters).count())


def questions(filters: Filters) -> QuerySet[Draft]:
    """Drafts as questions: one that a newer draft replaced before anybody saw it counts with that one."""
    return drafts(filters).exclude(state=DraftState.SUPERSEDED, opened_at=None)


def missed(filters: Filters) -> QuerySet[Draft]:
    """The questions that asked the knowledge and that nothing answered well: what the gaps are made of."""
    return unanswered_drafts(drafts(filters))


def unanswered(filters: Filters) -> list[Unanswered]:
    """The latest without a good answer; one query. They are shoppers' words, so nobody keeps them."""
    rows = missed(filters).order_by("-created_at", "-pk")
    fields = ("message__text", "intent", "locale", "conversation__public_id", "message__created_at")
    return [Unanswered(*row) for row in rows.values_list(*fields)[:UNANSWERED_SHOWN]]

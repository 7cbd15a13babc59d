"""Drafts awaiting review as rows of the queue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from cs_portal.commerce.models import Shopper
from cs_portal.console.presenters.wording import INTENTS, word
from cs_portal.drafting.models import Draft
from cs_portal.merchants.models import Member

#: From these shares on a confidence is called high, and medium.
HIGH, MEDIUM = 0.8, 0.5


@dataclass(frozen=True, slots=True)
class Confidence:
    percent: int
    band: str
    word: str


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One draft as the queue shows it. ``claimed_by`` is empty where nobody or only the reader looks at it."""

    id: UUID
    shopper: str
    intent: str
    snippet: str
    waiting_since: datetime
    confidence: Confidence
    needs_person: bool
    reopened: bool
    claimed_by: str
    mine: bool
    selected: bool


def confidence_of(share: float) -> Confidence:
    percent = round(share * 100)
    if share >= HIGH:
        return Confidence(percent, "high", _("high"))
    if share >= MEDIUM:
        return Confidence(percent, "medium", _("medium"))
    return Confidence(percent, "low", _("low"))


def shopper_name(shopper: Shopper) -> str:
    if shopper.name:
        return shopper.name
    return shopper.email or (_("Shopper") if shopper.is_identified else _("Anonymous"))


def claimed_by(draft: Draft, *, now: datetime) -> Member | None:
    """Who holds a claim that has not run out."""
    if draft.claimed_by is None or draft.claimed_until is None or draft.claimed_until < now:
        return None
    return draft.claimed_by


def queue_rows(
    drafts: Iterable[Draft], *, member: Member, now: datetime, selected: UUID | None = None
) -> list[QueueRow]:
    """``drafts`` in their order; no further query is made per row."""
    rows = []
    for draft in drafts:
        holder = claimed_by(draft, now=now)
        mine = holder is not None and holder.pk == member.pk
        rows.append(
            QueueRow(
                id=draft.public_id,
                shopper=shopper_name(draft.conversation.shopper),
                intent=word(INTENTS, draft.intent),
                snippet=" ".join(draft.message.text.split())[:120],
                waiting_since=draft.message.created_at,
                confidence=confidence_of(draft.confidence),
                needs_person=draft.needs_person,
                reopened=bool(draft.reopened_because),
                claimed_by=str(holder.user) if holder is not None and not mine else "",
                mine=mine,
                selected=draft.public_id == selected,
            )
        )
    return rows

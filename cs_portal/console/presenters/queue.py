"""Drafts awaiting review as rows of the queue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from cs_portal.commerce.models import Shopper
from cs_portal.console.presenters.wording import INTENTS, word
from cs_portal.core.bidi import without_controls
from cs_portal.drafting.models import Draft, Review
from cs_portal.drafting.pairs import first_approvals
from cs_portal.drafting.selectors import rejections
from cs_portal.drafting.staleness import outdated
from cs_portal.merchants.models import Member

#: From these shares on a confidence is called high, and medium.
HIGH, MEDIUM = 0.8, 0.5
#: As many colours mark anonymous visitors (``visitor-dot-0`` and on in console.css).
HUES = 8


@dataclass(frozen=True, slots=True)
class Confidence:
    percent: int
    band: str
    word: str


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One draft as the queue shows it.

    ``claimed_by`` is empty where nobody or only the reader looks at it, ``rejected_by`` where the bot's wordings stand,
    ``first_by`` where nobody's approval waits for a second one.
    """

    id: UUID
    shopper: str
    hue: int | None
    intent: str
    snippet: str
    waiting_since: datetime
    confidence: Confidence
    needs_person: bool
    reopened: bool
    outdated: bool
    rejected_by: str
    first_by: str
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
    """Without what would turn the sentence around it about."""
    if name := without_controls(shopper.name).strip():
        return name
    if shopper.is_identified or shopper.email:
        return shopper.email or _("Shopper")
    return _("Visitor %(code)s") % {"code": shopper.visitor_code}


def visitor_hue(shopper: Shopper) -> int | None:
    """One of :data:`HUES` colours beside the code of an anonymous visitor, always the same; None for everybody else."""
    nameless = not (shopper.is_identified or shopper.email or without_controls(shopper.name).strip())
    return int(shopper.visitor_code, 16) % HUES if nameless else None


def reviewer_of(review: Review) -> str:
    return str(review.member.user) if review.member is not None else _("a colleague")


def claimed_by(draft: Draft, *, now: datetime) -> Member | None:
    """Who holds a claim that has not run out."""
    if draft.claimed_by is None or draft.claimed_until is None or draft.claimed_until < now:
        return None
    return draft.claimed_by


def queue_rows(
    drafts: Iterable[Draft], *, member: Member, now: datetime, selected: UUID | None = None
) -> list[QueueRow]:
    """``drafts`` awaiting review in their order; no further query is made per row."""
    drafts = list(drafts)
    stale, rejected, rows = outdated(drafts, now=now), rejections(drafts), []
    first = first_approvals(draft for draft in drafts if getattr(draft, "agreed", False))
    for draft in drafts:
        rejection = rejected.get(draft.pk)
        holder = claimed_by(draft, now=now)
        mine = holder is not None and holder.pk == member.pk
        rows.append(
            QueueRow(
                id=draft.public_id,
                shopper=shopper_name(draft.conversation.shopper),
                hue=visitor_hue(draft.conversation.shopper),
                intent=word(INTENTS, draft.intent),
                snippet=" ".join(draft.message.text.split())[:120],
                waiting_since=draft.message.created_at,
                confidence=confidence_of(draft.confidence),
                needs_person=draft.needs_person,
                reopened=bool(draft.reopened_because),
                outdated=draft.pk in stale,
                rejected_by=reviewer_of(rejection) if rejection is not None else "",
                first_by=reviewer_of(first[draft.pk]) if draft.pk in first else "",
                claimed_by=str(holder.user) if holder is not None and not mine else "",
                mine=mine,
                selected=draft.public_id == selected,
            )
        )
    return rows

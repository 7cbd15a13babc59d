"""Replies that autopilot sent and that a person is asked to check, with the question they answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cs_portal.console.presenters.queue import shopper_name
from cs_portal.console.presenters.wording import ACTIONS, INTENTS, word
from cs_portal.drafting.autopilot_figures import SentBy
from cs_portal.drafting.models import AutopilotSend

#: As many are shown on the page; the next come once these are judged.
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Check:
    """``rule`` is the name of the rule or of the action, ``rule_id`` of one that has a page."""

    id: UUID
    conversation: UUID
    shopper: str
    storefront: str
    intent: str
    at: datetime
    question: str
    reply: str
    rule: str
    rule_id: UUID | None


def checks(waiting: QuerySet[AutopilotSend]) -> list[Check]:
    """The first of ``waiting`` in one query."""
    rows = waiting.select_related(
        "rule",
        "review__draft__message",
        "review__draft__conversation__shopper",
        "review__draft__conversation__storefront",
    )
    return [_check(row) for row in rows[:SHOWN]]


def _check(row: AutopilotSend) -> Check:
    draft = row.review.draft
    return Check(
        id=row.public_id,
        conversation=draft.conversation.public_id,
        shopper=shopper_name(draft.conversation.shopper),
        storefront=draft.conversation.storefront.name,
        intent=word(INTENTS, draft.intent),
        at=row.created_at,
        question=draft.message.text,
        reply=row.review.text,
        rule=row.rule.name or word(ACTIONS, row.rule.action),
        rule_id=row.rule.public_id if row.rule.name else None,
    )


def rule_words(behind: SentBy) -> str:
    """By which rule a message was sent: "Autopilot: Delivery"."""
    return _("Autopilot: %(rule)s") % {"rule": behind.name or word(ACTIONS, behind.action)}

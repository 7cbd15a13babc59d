"""Handing over to people, and the wish for one that is kept until there is something to answer.

Anybody can open a chat and press a button; until they wrote, left an address or are known to the shop there is nobody
to write to, and no colleague is called.
"""

from __future__ import annotations

from datetime import datetime

from cs_portal.conversations.models import ActivityKind, Conversation
from cs_portal.conversations.services.notices import happened, tell_console
from cs_portal.conversations.services.rows import change
from cs_portal.merchants.services.notices import notify


def is_answerable(conversation: Conversation) -> bool:
    return conversation.version > 0 or bool(conversation.email) or conversation.shopper.is_identified


def has_kept_wish(conversation: Conversation) -> bool:
    """Whether a person was wished for when there was nothing to answer yet."""
    if conversation.handed_over_at is None or conversation.needs_person:
        return False
    return not is_answerable(conversation)


def hand_over(conversation: Conversation, reason: str, now: datetime) -> None:
    """Keep the first time and the latest reason; the timeline tells each change of reason once."""
    new = not conversation.needs_person or (reason and reason != conversation.handover_reason)
    change(
        conversation,
        handover_reason=reason or conversation.handover_reason,
        handed_over_at=conversation.handed_over_at or now,
    )
    if not is_answerable(conversation):
        return
    change(conversation, needs_person=True)
    if new:
        happened(conversation, ActivityKind.HANDED_OVER, now, reason=reason)
        notify(kind="needs_person", conversation=conversation.public_id, members=None, by=None, now=now)
    tell_console(conversation, "conversation:needs_person", now)


def fulfil_kept_wish(conversation: Conversation, now: datetime) -> None:
    """Call a person now that the shopper wrote or can be written to. ``conversation`` is as it was before."""
    if not has_kept_wish(conversation):
        return
    reason = conversation.handover_reason
    change(conversation, needs_person=True)
    happened(conversation, ActivityKind.HANDED_OVER, now, reason=reason)
    notify(kind="needs_person", conversation=conversation.public_id, members=None, by=None, now=now)
    tell_console(conversation, "conversation:needs_person", now)

"""Who is told when a draft moves."""

from __future__ import annotations

from datetime import datetime

from cs_portal.conversations.models import Conversation
from cs_portal.core import events
from cs_portal.drafting.models import Draft

#: What changes how far a shopper's request is, as the chat shows it.
_MOVES = {"draft:approved", "draft:undone", "draft:reopened", "draft:updated"}


def tell_console(draft: Draft, name: str, *, now: datetime) -> None:
    """Publish ``draft:…`` or ``candidate:added`` to every member's console."""
    events.publish(
        merchant_id=draft.merchant_id,
        topic=events.CONSOLE,
        name=name,
        data={"draft": str(draft.public_id), "conversation": str(draft.conversation.public_id)},
        now=now,
    )
    if draft.request is not None and name in _MOVES:
        events.publish(
            merchant_id=draft.merchant_id,
            topic=events.conversation_topic(draft.conversation.public_id),
            name="request:moved",
            data={},
            now=now,
        )


def tell_writing(draft: Draft, *, now: datetime) -> None:
    """Publish that a model wrote on. It names the draft alone: nothing of the conversation moved."""
    events.publish(
        merchant_id=draft.merchant_id,
        topic=events.CONSOLE,
        name="candidate:extended",
        data={"draft": str(draft.public_id)},
        now=now,
    )


def tell_conversation(conversation: Conversation, name: str, *, now: datetime) -> None:
    """Publish what happened to a conversation's reply to every member's console."""
    events.publish(
        merchant_id=conversation.merchant_id,
        topic=events.CONSOLE,
        name=name,
        data={"conversation": str(conversation.public_id)},
        now=now,
    )

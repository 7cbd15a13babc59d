"""What the widget shows of a conversation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from cs_portal.conversations.models import Author, Conversation, Message
from cs_portal.conversations.selectors import messages_after
from cs_portal.core.errors import NotFound
from cs_portal.core.events import conversation_topic
from cs_portal.core.models import Event

LATEST = 200
Status = Literal["idle", "drafting", "checking"]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """``cursor`` is an event id: what came later is not in ``messages`` for sure, what came before is."""

    messages: list[Message]
    status: Status
    cursor: str


def conversation_snapshot(*, conversation: Conversation) -> Snapshot:
    """The latest messages, oldest first, and where the live stream goes on from."""
    last_event = Event.objects.order_by("-id").values_list("id", flat=True).first() or 0
    rows = Message.objects.filter(conversation=conversation).select_related("member__user").order_by("-id")[:LATEST]
    return Snapshot(list(reversed(rows)), reply_status(conversation=conversation), str(last_event))


def messages_since(*, conversation: Conversation, after: UUID | None) -> list[Message]:
    """Messages after the one with this public id; raises :class:`NotFound` when it is not of this conversation."""
    if after is None:
        return messages_after(conversation_id=conversation.pk)
    known = Message.objects.filter(conversation=conversation, public_id=after).values_list("id", flat=True).first()
    if known is None:
        raise NotFound
    return messages_after(conversation_id=conversation.pk, after_id=known)


def reply_status(*, conversation: Conversation) -> Status:
    """Whether a reply is on its way, and how far. Once the events are pruned (days later) somebody is at it."""
    author = Message.objects.filter(conversation=conversation).order_by("-id").values_list("author", flat=True).first()
    if author != Author.SHOPPER:
        return "idle"
    steps = Event.objects.filter(
        merchant_id=conversation.merchant_id,
        topic=conversation_topic(conversation.public_id),
        name__in=["reply:drafting", "reply:checking"],
    )
    last = steps.order_by("-id").values_list("name", flat=True).first()
    return "drafting" if last == "reply:drafting" else "checking"

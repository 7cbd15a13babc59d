"""What the widget shows of a conversation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from cs_portal.conversations.models import (
    Author,
    Conversation,
    ConversationState,
    Handler,
    HandoverReason,
    Message,
)
from cs_portal.conversations.selectors import messages_after
from cs_portal.conversations.services.wishes import has_kept_wish
from cs_portal.core.errors import NotFound
from cs_portal.core.events import conversation_topic
from cs_portal.core.models import Event
from cs_portal.drafting.request_status import RequestStatus, request_statuses
from cs_portal.merchants.hours import schedule_of

LATEST = 200
Status = Literal["idle", "waiting", "drafting", "checking"]
#: More messages than anybody wrote in one conversation; a transcript ends there.
LONGEST_TRANSCRIPT = 2000


@dataclass(frozen=True, slots=True)
class Snapshot:
    """``cursor`` is an event id: what came later is not in ``messages`` for sure, what came before is."""

    messages: list[Message]
    cursor: str


@dataclass(frozen=True, slots=True)
class ChatState:
    """What the chat shows beside the messages.

    ``person`` is who has taken over, empty while the bot answers; ``awaits_person`` says that one has to go on, after a
    reply that only said so, too; ``mail_to`` is where a transcript may be sent,
    which is only an address that the shop vouches for; ``requests`` are those that were confirmed in the form.
    """

    status: Status
    person: str
    asked_for_person: bool
    awaits_person: bool
    is_open: bool
    opens_at: datetime | None
    has_email: bool
    is_resolved: bool
    asks_rating: bool
    score: int | None
    mail_to: str
    requests: tuple[RequestStatus, ...] = ()


def conversation_snapshot(*, conversation: Conversation) -> Snapshot:
    """The latest messages, oldest first, and where the live stream goes on from."""
    last_event = Event.objects.order_by("-id").values_list("id", flat=True).first() or 0
    rows = Message.objects.filter(conversation=conversation).select_related("member__user").order_by("-id")[:LATEST]
    return Snapshot(list(reversed(rows)), str(last_event))


def chat_state(*, conversation_id: int, now: datetime) -> ChatState:
    """Read anew, since a call may just have changed it."""
    rows = Conversation.objects.select_related("storefront", "shopper", "assignee__user")
    conversation = rows.get(pk=conversation_id)
    schedule = schedule_of(conversation.storefront)
    is_open = schedule.is_open(now)
    by_person = conversation.handled_by == Handler.PERSON
    asked, answered = conversation.csat_asked_at, conversation.csat_answered_at
    is_resolved = conversation.state == ConversationState.RESOLVED
    is_rated = asked is not None and answered is not None and answered >= asked
    status = reply_status(conversation=conversation)
    handed_over = conversation.needs_person and conversation.handover_reason != HandoverReason.ASKED_FOR_PERSON
    return ChatState(
        status=status,
        person=conversation.assignee.user.name if by_person and conversation.assignee else "",
        asked_for_person=(conversation.needs_person or has_kept_wish(conversation))
        and conversation.handover_reason == HandoverReason.ASKED_FOR_PERSON
        and not by_person,
        awaits_person=handed_over and status == "idle" and not by_person and not is_resolved,
        is_open=is_open,
        opens_at=None if is_open else schedule.next_opening(now),
        has_email=bool(conversation.email),
        is_resolved=is_resolved,
        asks_rating=is_resolved and asked is not None and not is_rated,
        score=conversation.csat_score if is_resolved and is_rated else None,
        mail_to=conversation.shopper.email if conversation.shopper.is_identified else "",
        requests=tuple(request_statuses(conversation=conversation)),
    )


def messages_since(*, conversation: Conversation, after: UUID | None) -> list[Message]:
    """Messages after the one with this public id; raises :class:`NotFound` when it is not of this conversation."""
    if after is None:
        return messages_after(conversation_id=conversation.pk)
    known = Message.objects.filter(conversation=conversation, public_id=after).values_list("id", flat=True).first()
    if known is None:
        raise NotFound
    return messages_after(conversation_id=conversation.pk, after_id=known)


def transcript(*, conversation: Conversation) -> list[Message]:
    """All that the shopper saw, oldest first: messages, and nothing that colleagues wrote among themselves."""
    rows = Message.objects.filter(conversation=conversation).select_related("member__user")
    return list(rows.order_by("id")[:LONGEST_TRANSCRIPT])


def reply_status(*, conversation: Conversation) -> Status:
    """Whether a reply is on its way, and how far; ``waiting`` while a person has it, who has announced nothing.

    Once the events are pruned (days later) somebody is at it.
    """
    turns = Message.objects.filter(conversation=conversation).exclude(author=Author.SYSTEM)
    if turns.order_by("-id").values_list("author", flat=True).first() != Author.SHOPPER:
        return "idle"
    if conversation.state == ConversationState.RESOLVED:
        return "idle"
    if conversation.handled_by == Handler.PERSON:
        return "waiting"
    steps = Event.objects.filter(
        merchant_id=conversation.merchant_id,
        topic=conversation_topic(conversation.public_id),
        name__in=["reply:drafting", "reply:checking"],
    )
    last = steps.order_by("-id").values_list("name", flat=True).first()
    return "drafting" if last == "reply:drafting" else "checking"

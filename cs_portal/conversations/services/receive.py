"""A shopper starts a conversation and writes in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from cs_portal.commerce.models import Shopper
from cs_portal.conversations.models import ActivityKind, Author, Conversation, ConversationState, Handler, Message
from cs_portal.conversations.search import index_message
from cs_portal.conversations.selectors import unanswered_turns
from cs_portal.conversations.services.clocks import reply_due_at
from cs_portal.conversations.services.notices import happened, tell, tell_shopper
from cs_portal.conversations.services.overdue import watch_deadline
from cs_portal.conversations.services.photos import PHOTO, attach_photos
from cs_portal.conversations.services.rows import change, locked
from cs_portal.conversations.services.texts import clean, preview
from cs_portal.conversations.services.wishes import fulfil_kept_wish
from cs_portal.core import jobs
from cs_portal.core.errors import Conflict, Invalid
from cs_portal.core.tenancy import current_merchant
from cs_portal.merchants.models import Storefront


@dataclass(frozen=True, slots=True)
class Asked:
    """What the shopper confirmed in the chat's form: the canonical request, the number of the order that it is about,
    and what they were told would happen."""

    request: Mapping[str, Any]
    order: str
    confirmation: Mapping[str, Any]


class RequestOpen(Conflict):
    """Another request of this conversation is not answered yet: a draft answers one at a time."""


def start_conversation(*, storefront: Storefront, shopper: Shopper, locale: str, now: datetime) -> Conversation:
    return Conversation.objects.create(
        merchant=current_merchant(),
        storefront=storefront,
        shopper=shopper,
        locale=locale,
        email=shopper.email,
        created_at=now,
        last_message_at=now,
    )


def receive_shopper_message(
    *,
    conversation_id: int,
    text: str,
    client_id: str,
    now: datetime,
    attachments: Sequence[str] = (),
    photos: Sequence[UUID] = (),
    asked: Asked | None = None,
) -> tuple[Message, bool]:
    """Accept a message and ask for a draft, in one transaction. The same ``client_id`` again is the same message, and
    so is the request that is open already, whichever tab ``asked`` for it.

    It opens a resolved or snoozed conversation again, always. While a person handles it no draft is asked for.
    Returns the message and whether it is new. Raises :class:`Invalid` for a text that is empty or too long and for
    photos that are not there, :class:`Conflict` when the ``client_id`` was used for another text, and
    :class:`RequestOpen` for a second request before the first is answered.
    """
    text = clean(text)
    if not client_id or len(client_id) > 64:
        raise Invalid(_("The message needs an id of at most 64 characters."), field="client_id")
    attachments = [*attachments, *([PHOTO] * len(set(photos)))]
    try:
        with transaction.atomic():
            conversation = locked(conversation_id)
            if asked is not None and (same := _open_request(conversation, asked, client_id)) is not None:
                return same, False
            return _accept(conversation, text, client_id, attachments, photos, asked, now), True
    except IntegrityError:
        known = Message.objects.filter(conversation_id=conversation_id, client_id=client_id).first()
        if known is None:
            raise
        if known.text != text or bool(known.request) != bool(asked):
            raise Conflict(_("This message id was used for another text.")) from None
        return known, False


def open_request(*, conversation_id: int) -> Message | None:
    """The shopper's request that nobody answered yet."""
    asking = [turn for turn in unanswered_turns(conversation_id=conversation_id) if turn.request]
    return asking[-1] if asking else None


def _open_request(conversation: Conversation, asked: Asked, client_id: str) -> Message | None:
    """The very same request, where it is open. Raises :class:`RequestOpen` where another one is."""
    known = open_request(conversation_id=conversation.pk)
    if known is None or known.client_id == client_id:
        return None
    if known.request_order == asked.order and _content(known.request or {}) == _content(asked.request):
        return known
    raise RequestOpen(_("Your last request is still being checked. Ask again once it is answered, or write to us."))


def _content(request: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in request.items() if key not in {"said_at", "evidence"}}


def _accept(
    conversation: Conversation,
    text: str,
    client_id: str,
    attachments: Sequence[str],
    photos: Sequence[UUID],
    asked: Asked | None,
    now: datetime,
) -> Message:
    message = Message.objects.create(
        conversation=conversation,
        author=Author.SHOPPER,
        text=text,
        attachments=list(attachments),
        client_id=client_id,
        request=dict(asked.request) if asked else None,
        request_order=asked.order if asked else "",
        confirmation=dict(asked.confirmation) if asked else None,
        created_at=now,
    )
    if photos:
        attach_photos(message=message, photos=photos)
    index_message(message)
    Conversation.objects.filter(pk=conversation.pk).update(version=F("version") + 1)
    change(
        conversation,
        last_message_at=now,
        shopper_seen_at=now,
        preview=preview(text),
        last_author=Author.SHOPPER,
    )
    _start_waiting(conversation, now)
    fulfil_kept_wish(conversation, now)
    bring_back(conversation, now)
    tell(conversation, "message:posted", now, {"message": str(message.public_id)})
    if conversation.handled_by == Handler.BOT:
        jobs.enqueue(
            "draft_reply",
            key=f"draft:{message.public_id}",
            merchant_id=conversation.merchant_id,
            payload={"message": message.pk},
            now=now,
        )
        tell_shopper(conversation, "reply:drafting", now)
    return message


def _start_waiting(conversation: Conversation, now: datetime) -> None:
    """The clock of a reply starts with the oldest unanswered message and is not put back by further ones."""
    if conversation.waiting_since is not None:
        return
    due_at = reply_due_at(conversation, since=now)
    change(conversation, waiting_since=now, reply_due_at=due_at)
    watch_deadline(conversation, now=now)
    if conversation.first_reply_at is None and conversation.first_reply_due_at is None:
        change(conversation, first_reply_due_at=due_at)


def bring_back(conversation: Conversation, now: datetime) -> None:
    """Open a locked conversation on the shopper's word; what the bot could do before a resolution it may do again."""
    before = conversation.state
    if before == ConversationState.OPEN:
        return
    if before == ConversationState.SNOOZED:
        change(conversation, state=ConversationState.OPEN, snoozed_until=None)
        watch_deadline(conversation, now=now)
        happened(conversation, ActivityKind.WOKEN, now, cause="message")
        tell(conversation, "conversation:updated", now)
        return
    was = conversation.resolved_at.isoformat() if conversation.resolved_at else ""
    change(
        conversation,
        state=ConversationState.OPEN,
        resolved_at=None,
        resolved_by="",
        reopened_count=conversation.reopened_count + 1,
    )
    happened(conversation, ActivityKind.REOPENED, now, cause="message", resolved_at=was)
    tell(conversation, "conversation:reopened", now)

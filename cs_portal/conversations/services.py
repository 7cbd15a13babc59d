"""Transitions of a conversation. Each is one transaction and publishes what happened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from cs_portal.commerce.models import Shopper
from cs_portal.conversations.models import Author, Conversation, ConversationState, Message
from cs_portal.core import events, jobs
from cs_portal.core.errors import Conflict, Invalid, NotFound
from cs_portal.core.tenancy import current_merchant
from cs_portal.merchants.models import Member, Storefront

#: A shopper whose widget was not seen for this long has left, and gets replies by e-mail.
AWAY_AFTER = timedelta(seconds=60)


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
    *, conversation_id: int, text: str, client_id: str, now: datetime, attachments: Sequence[str] = ()
) -> tuple[Message, bool]:
    """Accept a message and ask for a draft, in one transaction. The same ``client_id`` again is the same message.

    Returns the message and whether it is new. Raises :class:`Invalid` for a text that is empty or too long and
    :class:`Conflict` when the ``client_id`` was used for another text.
    """
    text = _clean(text)
    if not client_id or len(client_id) > 64:
        raise Invalid(_("The message needs an id of at most 64 characters."), field="client_id")
    try:
        with transaction.atomic():
            return _accept(conversation_id, text, client_id, attachments, now), True
    except IntegrityError:
        known = Message.objects.filter(conversation_id=conversation_id, client_id=client_id).first()
        if known is None:
            raise
        if known.text != text:
            raise Conflict(_("This message id was used for another text.")) from None
        return known, False


def _clean(text: str) -> str:
    text = text.replace("\x00", "").strip()
    if not text:
        raise Invalid(_("Write a message first."), field="text")
    if len(text) > settings.MESSAGE_MAX_CHARACTERS:
        raise Invalid(
            _("A message has at most %(limit)s characters.") % {"limit": settings.MESSAGE_MAX_CHARACTERS}, field="text"
        )
    return text


def _accept(conversation_id: int, text: str, client_id: str, attachments: Sequence[str], now: datetime) -> Message:
    moved = Conversation.objects.filter(pk=conversation_id).update(
        version=F("version") + 1,
        state=ConversationState.OPEN,
        last_message_at=now,
        shopper_seen_at=now,
    )
    if not moved:
        raise NotFound
    message = Message.objects.create(
        conversation_id=conversation_id,
        author=Author.SHOPPER,
        text=text,
        attachments=list(attachments),
        client_id=client_id,
        created_at=now,
    )
    conversation = Conversation.objects.get(pk=conversation_id)
    jobs.enqueue(
        "draft_reply",
        key=f"draft:{message.public_id}",
        merchant_id=conversation.merchant_id,
        payload={"message": message.pk},
        now=now,
    )
    _tell(conversation, "message:posted", {"message": str(message.public_id)}, now)
    _tell_shopper(conversation, "reply:drafting", {}, now)
    return message


def post_reply(
    *, conversation: Conversation, author: Author, member: Member | None, text: str, draft_key: UUID, now: datetime
) -> Message:
    """Post an approved reply within the caller's transaction. A draft can be posted once; the database sees to it."""
    message = Message.objects.create(
        conversation=conversation, author=author, member=member, text=text, draft_key=draft_key, created_at=now
    )
    Conversation.objects.filter(pk=conversation.pk).update(
        version=F("version") + 1, last_message_at=now, needs_person=False
    )
    _tell(conversation, "message:posted", {"message": str(message.public_id)}, now)
    jobs.enqueue(
        "email_reply",
        key=f"email:{message.public_id}",
        merchant_id=conversation.merchant_id,
        payload={"message": message.pk},
        now=now,
    )
    return message


def is_away(conversation: Conversation, *, now: datetime) -> bool:
    return conversation.shopper_seen_at is None or conversation.shopper_seen_at < now - AWAY_AFTER


def mark_seen(*, conversation_id: int, now: datetime) -> None:
    Conversation.objects.filter(pk=conversation_id).update(shopper_seen_at=now)


def mark_left(*, conversation_id: int, now: datetime) -> None:
    """The widget was closed: from now on replies go by e-mail where there is an address."""
    Conversation.objects.filter(pk=conversation_id).update(shopper_seen_at=now - 2 * AWAY_AFTER)


def leave_email(*, conversation_id: int, email: str, now: datetime) -> None:
    """Remember where to write when the shopper has left. Raises :class:`Invalid` for what is no address."""
    email = email.strip()
    try:
        validate_email(email)
    except ValidationError:
        raise Invalid(_("Enter a valid e-mail address."), field="email") from None
    with transaction.atomic():
        if not Conversation.objects.filter(pk=conversation_id).update(email=email):
            raise NotFound
        _tell(Conversation.objects.get(pk=conversation_id), "conversation:updated", {}, now)


def shopper_typing(*, conversation_id: int, now: datetime) -> None:
    conversation = Conversation.objects.get(pk=conversation_id)
    _tell_console(conversation, "shopper:typing", {}, now)


def operator_typing(*, conversation_id: int, now: datetime) -> None:
    _tell_shopper(Conversation.objects.get(pk=conversation_id), "operator:typing", {}, now)


def reply_being_checked(*, conversation: Conversation, now: datetime) -> None:
    """A draft waits for review: the shopper reads "a colleague is checking this" instead of silence."""
    _tell_shopper(conversation, "reply:checking", {}, now)


def _tell_shopper(conversation: Conversation, name: str, data: dict[str, str], now: datetime) -> None:
    topic = events.conversation_topic(conversation.public_id)
    events.publish(merchant_id=conversation.merchant_id, topic=topic, name=name, data=data, now=now)


def _tell_console(conversation: Conversation, name: str, data: dict[str, str], now: datetime) -> None:
    data = data | {"conversation": str(conversation.public_id)}
    events.publish(merchant_id=conversation.merchant_id, topic=events.CONSOLE, name=name, data=data, now=now)


def _tell(conversation: Conversation, name: str, data: dict[str, str], now: datetime) -> None:
    _tell_shopper(conversation, name, data, now)
    _tell_console(conversation, name, data, now)


def needs_a_person(*, conversation_id: int, now: datetime) -> None:
    """No draft will come: the conversation waits for an operator."""
    with transaction.atomic():
        Conversation.objects.filter(pk=conversation_id).update(needs_person=True)
        _tell_console(Conversation.objects.get(pk=conversation_id), "conversation:needs_person", {}, now)

"""One conversation and its messages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from cs_portal.conversations.models import Author, Conversation, Message, Photo, Tag
from cs_portal.core.errors import NotFound
from cs_portal.merchants.models import Member, Role

#: Opening the chat makes a row; it is a conversation once somebody wrote or asked for a person.
BEGUN = Q(version__gt=0) | Q(needs_person=True)


def conversation(*, public_id: UUID) -> Conversation:
    """Raises :class:`~cs_portal.core.errors.NotFound`."""
    return Conversation.by_public_id(public_id)


def messages_after(*, conversation_id: int, after_id: int = 0) -> list[Message]:
    """Messages that both sides see, oldest first."""
    rows = Message.objects.filter(conversation_id=conversation_id, id__gt=after_id).order_by("id")
    return list(rows.select_related("member__user"))


def unanswered_turns(*, conversation_id: int) -> list[Message]:
    """The shopper's messages since the last reply, oldest first."""
    last_reply = (
        Message.objects.filter(conversation_id=conversation_id, author__in=[Author.OPERATOR, Author.BOT])
        .order_by("-id")
        .values_list("id", flat=True)
        .first()
    )
    rows = Message.objects.filter(conversation_id=conversation_id, author=Author.SHOPPER, id__gt=last_reply or 0)
    return list(rows.order_by("id"))


def photos_of(messages: Iterable[Message]) -> dict[int, list[Photo]]:
    """The photos of messages by the messages' primary keys; one query, none where no message has an attachment."""
    ids = [message.pk for message in messages if message.attachments]
    found: dict[int, list[Photo]] = {}
    for photo in Photo.objects.filter(message__in=ids).order_by("id") if ids else ():
        found.setdefault(photo.message_id or 0, []).append(photo)
    return found


@dataclass(frozen=True, slots=True)
class Detail:
    """A conversation with what stands beside it. ``earlier`` are the shopper's others in which somebody wrote."""

    conversation: Conversation
    tags: list[Tag]
    earlier: list[Conversation]


#: As many of a shopper's other conversations are shown.
SHOWN_EARLIER = 6


def detail(*, public_id: UUID) -> Detail:
    """Raises :class:`~cs_portal.core.errors.NotFound`."""
    rows = Conversation.objects.select_related(
        "storefront", "shopper", "merchant", "assignee__user", "claimed_by__user"
    )
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    others = Conversation.objects.filter(BEGUN, shopper=found.shopper_id).exclude(pk=found.pk)
    return Detail(
        found,
        list(Tag.objects.filter(tagged__conversation=found)),
        list(others.order_by("-last_message_at", "-id")[:SHOWN_EARLIER]),
    )


def colleagues() -> list[Member]:
    """Those who can be given a conversation, by name."""
    here = Member.objects.filter(removed_at=None).exclude(role=Role.ANALYST)
    return list(here.select_related("user").order_by("user__name", "id"))


def tags() -> list[Tag]:
    return list(Tag.objects.order_by("name"))

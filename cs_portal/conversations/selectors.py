"""What one may read of a conversation."""

from __future__ import annotations

from uuid import UUID

from cs_portal.conversations.models import Author, Conversation, Message


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

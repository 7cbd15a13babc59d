"""What the widget is told, as JSON."""

from __future__ import annotations

from typing import Any

from cs_portal.conversations.models import Author, Message

MessageJson = dict[str, Any]


def message_json(message: Message) -> MessageJson:
    """A message for the shopper's eyes: ids, words, who and when; nothing internal."""
    user = message.member.user if message.member and message.author == Author.OPERATOR else None
    return {
        "id": str(message.public_id),
        "author": message.author,
        "name": user.name if user else None,
        "text": message.text,
        "at": message.created_at.isoformat(),
        "client_id": message.client_id if message.author == Author.SHOPPER else None,
    }

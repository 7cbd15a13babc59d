"""Reaching a conversation for a change: locked, with what the change needs beside it."""

from __future__ import annotations

from uuid import UUID

from django.db.models import F, Q

from cs_portal.conversations.models import Conversation
from cs_portal.core.errors import NotFound


def locked(conversation_id: int | UUID) -> Conversation:
    """The row, locked until the transaction ends; by primary key or public id. Raises :class:`NotFound`.

    An UPDATE locks on SQLite as on PostgreSQL, and what is read after it is the latest.
    """
    wanted = Q(public_id=conversation_id) if isinstance(conversation_id, UUID) else Q(pk=conversation_id)
    if not Conversation.objects.filter(wanted).update(version=F("version")):
        raise NotFound
    return Conversation.objects.select_related("storefront", "shopper", "merchant", "assignee__user").get(wanted)


def change(conversation: Conversation, **values: object) -> Conversation:
    """Write the fields of a locked row, and nothing else of it."""
    Conversation.objects.filter(pk=conversation.pk).update(**values)
    for name, value in values.items():
        setattr(conversation, name, value)
    return conversation

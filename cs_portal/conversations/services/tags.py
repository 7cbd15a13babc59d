"""Tags on a conversation. Which tags there are is the settings' business."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from cs_portal.conversations.models import ActivityKind, Conversation, ConversationTag, Tag
from cs_portal.conversations.services.notices import happened, log, tell_console
from cs_portal.conversations.services.roles import require_operator
from cs_portal.conversations.services.rows import locked
from cs_portal.merchants.models import Member


@transaction.atomic
def add_tag(*, conversation_id: UUID, by: Member, tag_id: UUID, now: datetime, batch: str = "") -> bool:
    """Put the tag on; False when it was there already. Raises :class:`NotFound` for either of the two."""
    require_operator(by)
    tag = Tag.by_public_id(tag_id)
    conversation = locked(conversation_id)
    _row, made = ConversationTag.objects.get_or_create(conversation=conversation, tag=tag)
    if made:
        _tell(conversation, ActivityKind.TAGGED, "conversation.tagged", tag, by, now, batch)
    return made


@transaction.atomic
def remove_tag(*, conversation_id: UUID, by: Member, tag_id: UUID, now: datetime, batch: str = "") -> bool:
    """Take the tag off; False when it was not there."""
    require_operator(by)
    tag = Tag.by_public_id(tag_id)
    conversation = locked(conversation_id)
    gone, _per_model = ConversationTag.objects.filter(conversation=conversation, tag=tag).delete()
    if gone:
        _tell(conversation, ActivityKind.UNTAGGED, "conversation.untagged", tag, by, now, batch)
    return bool(gone)


def _tell(
    conversation: Conversation, kind: ActivityKind, action: str, tag: Tag, by: Member, now: datetime, batch: str
) -> None:
    happened(conversation, kind, now, by=by, tag=str(tag.public_id), batch=batch)
    log(conversation, action, now, by=by, tag=str(tag.public_id))
    tell_console(conversation, "conversation:tagged", now)

"""Internal notes: colleagues read them, shoppers never."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from cs_portal.conversations.models import Conversation, Note
from cs_portal.conversations.search import index_note
from cs_portal.conversations.services.notices import log, tell_console
from cs_portal.conversations.services.roles import require_operator
from cs_portal.conversations.services.texts import clean
from cs_portal.merchants.models import Member


def add_note(*, conversation_id: UUID, by: Member, text: str, now: datetime) -> Note:
    """Raises :class:`Invalid` for an empty or overlong text."""
    require_operator(by)
    conversation = Conversation.by_public_id(conversation_id)
    text = clean(text, empty=_("Write a note first."))
    with transaction.atomic():
        note = Note.objects.create(conversation=conversation, member=by, text=text, created_at=now)
        index_note(note)
        log(conversation, "conversation.noted", now, by=by, note=str(note.public_id))
        tell_console(conversation, "conversation:noted", now)
    return note

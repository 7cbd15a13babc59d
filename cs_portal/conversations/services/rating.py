"""The shopper's verdict on a resolved conversation, one to five."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cs_portal.conversations.models import ActivityKind, Conversation, ConversationState
from cs_portal.conversations.services.notices import happened, log, tell_console
from cs_portal.conversations.services.rows import change, locked
from cs_portal.core.audit import Actor
from cs_portal.core.errors import Conflict, Invalid

MAX_COMMENT = 500


@transaction.atomic
def rate_conversation(*, conversation_id: int, score: int, comment: str, now: datetime) -> Conversation:
    """Keep the rating. Once per resolution, and only while it is resolved and was asked for.

    Raises :class:`Invalid` for a score outside of one to five or an overlong comment, :class:`Conflict` otherwise.
    """
    comment = comment.replace("\x00", "").strip()
    if not 1 <= score <= 5:
        raise Invalid(_("Choose one to five."), field="score")
    if len(comment) > MAX_COMMENT:
        raise Invalid(_("A comment has at most %(limit)s characters.") % {"limit": MAX_COMMENT}, field="comment")
    conversation = locked(conversation_id)
    if conversation.state != ConversationState.RESOLVED or conversation.csat_asked_at is None:
        raise Conflict(_("This conversation is not resolved."))
    if conversation.csat_answered_at is not None and conversation.csat_answered_at >= conversation.csat_asked_at:
        raise Conflict(_("This conversation was rated already."))
    change(conversation, csat_score=score, csat_comment=comment, csat_answered_at=now)
    happened(conversation, ActivityKind.CSAT, now, score=score)
    shopper = Actor("shopper", str(conversation.shopper.public_id))
    log(conversation, "conversation.rated", now, actor=shopper, score=score)
    tell_console(conversation, "conversation:rated", now)
    return conversation

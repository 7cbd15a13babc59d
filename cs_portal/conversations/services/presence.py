"""Who is looking and who is typing, on both sides; where to write when the shopper has left."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from cs_portal.conversations.models import Conversation
from cs_portal.conversations.search import index_email
from cs_portal.conversations.services.notices import tell, tell_console, tell_shopper
from cs_portal.conversations.services.roles import require_operator
from cs_portal.conversations.services.rows import change, locked
from cs_portal.conversations.services.wishes import fulfil_kept_wish
from cs_portal.core.errors import Invalid
from cs_portal.merchants.models import Member

#: A shopper whose widget was not seen for this long has left, and gets replies by e-mail.
AWAY_AFTER = timedelta(seconds=60)


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
        conversation = locked(conversation_id)
        fulfil_kept_wish(conversation, now)
        change(conversation, email=email)
        index_email(conversation_id=conversation_id, email=email)
        tell(conversation, "conversation:updated", now)


def shopper_typing(*, conversation_id: int, now: datetime) -> None:
    tell_console(Conversation.objects.get(pk=conversation_id), "shopper:typing", now)


def operator_typing(*, conversation_id: int, now: datetime, by: Member | None = None) -> None:
    """The shopper sees that somebody writes; colleagues see who."""
    conversation = Conversation.objects.get(pk=conversation_id)
    tell_shopper(conversation, "operator:typing", now)
    if by is not None:
        tell_console(conversation, "operator:typing", now, {"member": str(by.public_id), "name": str(by.user)})


def reply_being_checked(*, conversation: Conversation, now: datetime) -> None:
    """A draft waits for review: the shopper reads "a colleague is checking this" instead of silence."""
    tell_shopper(conversation, "reply:checking", now)


def claim_conversation(*, conversation_id: UUID, by: Member, now: datetime) -> Conversation:
    """Say that one looks at it, for a few minutes. A claim warns colleagues; it is no lock."""
    require_operator(by)
    conversation = Conversation.by_public_id(conversation_id)
    free = Q(claimed_by=None) | Q(claimed_by=by) | Q(claimed_until__lt=now)
    until = now + timedelta(seconds=settings.CLAIM_SECONDS)
    with transaction.atomic():
        taken = Conversation.objects.filter(free, pk=conversation.pk).update(claimed_by=by, claimed_until=until)
        if taken and conversation.claimed_by_id != by.pk:
            tell_console(conversation, "conversation:claimed", now)
    conversation.refresh_from_db()
    return conversation


def release_conversation(*, conversation_id: UUID, by: Member, now: datetime) -> Conversation:
    """Look away; somebody else's claim stays theirs."""
    require_operator(by)
    conversation = Conversation.by_public_id(conversation_id)
    with transaction.atomic():
        mine = Conversation.objects.filter(pk=conversation.pk, claimed_by=by)
        if mine.update(claimed_by=None, claimed_until=None):
            tell_console(conversation, "conversation:released", now)
    conversation.refresh_from_db()
    return conversation

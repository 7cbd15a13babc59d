"""Out of sight until a time, or until the shopper writes."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from cs_portal.conversations.models import ActivityKind, Conversation, ConversationState
from cs_portal.conversations.services.notices import happened, log, tell_console
from cs_portal.conversations.services.overdue import watch_deadline
from cs_portal.conversations.services.roles import require_operator
from cs_portal.conversations.services.rows import change, locked
from cs_portal.core import jobs
from cs_portal.core.errors import Conflict, Invalid
from cs_portal.core.jobs import Lease
from cs_portal.merchants.models import Member

LONGEST = timedelta(days=366)


@transaction.atomic
def snooze(
    *, conversation_id: UUID, by: Member, until: datetime, now: datetime, seen: int | None = None, batch: str = ""
) -> Conversation:
    """Hide an open conversation until a time, or move the time of a snoozed one.

    ``seen`` is the version that the operator looked at: what the shopper wrote since must not vanish unread, so that
    raises :class:`Conflict`. :class:`Invalid` for a time that is past or more than a year away.
    """
    require_operator(by)
    if not now < until <= now + LONGEST:
        raise Invalid(_("Choose a time in the future, within a year."), field="until")
    conversation = locked(conversation_id)
    refuse_unseen(conversation, seen)
    if conversation.state == ConversationState.RESOLVED:
        raise Conflict(_("This conversation is resolved. Reopen it first."))
    was = conversation.state
    old = conversation.snoozed_until.isoformat() if conversation.snoozed_until else ""
    change(conversation, state=ConversationState.SNOOZED, snoozed_until=until)
    jobs.enqueue(
        "wake_conversation",
        # Woken by hand and snoozed until the same time again is the same wish; the job looks at the row.
        key=f"wake:{conversation.public_id}:{until.isoformat()}",
        merchant_id=conversation.merchant_id,
        payload={"conversation": conversation.pk, "until": until.isoformat()},
        now=now,
        execute_after=until,
    )
    happened(conversation, ActivityKind.SNOOZED, now, by=by, until=until.isoformat(), was=was, old=old, batch=batch)
    log(conversation, "conversation.snoozed", now, by=by, until=until.isoformat())
    tell_console(conversation, "conversation:snoozed", now)
    return conversation


@transaction.atomic
def wake(*, conversation_id: UUID, by: Member, now: datetime, batch: str = "") -> Conversation:
    """Bring a snoozed conversation back by hand. Raises :class:`Conflict` when it is not snoozed."""
    require_operator(by)
    conversation = locked(conversation_id)
    if conversation.state != ConversationState.SNOOZED:
        raise Conflict(_("This conversation is not snoozed."))
    _wake(conversation, now, by=by, batch=batch)
    return conversation


def wake_conversation(*, lease: Lease, conversation_id: int, until: datetime, now: datetime) -> bool:
    """The job at the end of a snooze. A conversation that came back, or sleeps until another time, is left alone."""
    with lease.finishing(now=now):
        due = Conversation.objects.filter(pk=conversation_id, state=ConversationState.SNOOZED, snoozed_until=until)
        if not due.update(snoozed_until=until):
            return False
        _wake(locked(conversation_id), now)
        return True


def refuse_unseen(conversation: Conversation, seen: int | None) -> None:
    """Raise :class:`Conflict` when messages came since version ``seen``."""
    if seen is not None and conversation.version != seen:
        raise Conflict(_("There is a new message. Read it first, then decide."))


def _wake(conversation: Conversation, now: datetime, *, by: Member | None = None, batch: str = "") -> None:
    old = conversation.snoozed_until.isoformat() if conversation.snoozed_until else ""
    change(conversation, state=ConversationState.OPEN, snoozed_until=None)
    watch_deadline(conversation, now=now)
    happened(conversation, ActivityKind.WOKEN, now, by=by, cause="member" if by else "time", old=old, batch=batch)
    log(conversation, "conversation.woken", now, by=by)
    tell_console(conversation, "conversation:woken", now)

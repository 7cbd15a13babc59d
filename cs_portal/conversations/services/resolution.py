"""Done, and open again. Resolving ends a taking over: what the shopper asks next goes to the bot first."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from cs_portal.conversations.models import (
    ActivityKind,
    Author,
    Conversation,
    ConversationState,
    Handler,
    Message,
    ResolvedBy,
)
from cs_portal.conversations.selectors import unanswered_turns
from cs_portal.conversations.services.clocks import reply_due_at
from cs_portal.conversations.services.notices import happened, log, tell
from cs_portal.conversations.services.overdue import watch_deadline
from cs_portal.conversations.services.reply import SILENCE
from cs_portal.conversations.services.roles import require_operator
from cs_portal.conversations.services.rows import change, locked
from cs_portal.conversations.services.snooze import refuse_unseen
from cs_portal.conversations.signals import draft_unwanted, draft_wanted
from cs_portal.core.audit import Actor
from cs_portal.core.errors import Conflict
from cs_portal.core.jobs import Lease
from cs_portal.merchants.models import Member


@transaction.atomic
def resolve(
    *, conversation_id: UUID, by: Member, now: datetime, seen: int | None = None, batch: str = ""
) -> Conversation:
    """The question is settled. An open draft leaves the review queue; the shopper is asked for a rating.

    Raises :class:`Conflict` when it is resolved already, or when messages came since version ``seen``.
    """
    require_operator(by)
    conversation = locked(conversation_id)
    refuse_unseen(conversation, seen)
    if conversation.state == ConversationState.RESOLVED:
        raise Conflict(_("This conversation is resolved already."))
    _resolve(conversation, ResolvedBy.MEMBER, now, by=by, batch=batch)
    return conversation


@transaction.atomic
def resolve_by_shopper(*, conversation_id: int, now: datetime) -> Conversation:
    """The shopper says that this answered the question; once more is harmless."""
    conversation = locked(conversation_id)
    if conversation.state != ConversationState.RESOLVED:
        _resolve(conversation, ResolvedBy.SHOPPER, now)
    return conversation


def assume_resolved(*, lease: Lease, message_id: int, now: datetime) -> bool:
    """The job a day after a reply: nobody said anything since, so it was the answer. A snooze is somebody's plan."""
    with lease.finishing(now=now):
        message = Message.objects.filter(pk=message_id).first()
        if message is None:
            return False
        conversation = locked(message.conversation_id)
        later = Message.objects.filter(conversation=conversation, id__gt=message.pk).exclude(author=Author.SYSTEM)
        silent = conversation.state == ConversationState.OPEN and message.created_at <= now - SILENCE
        if not silent or conversation.needs_person or conversation.waiting_since or later.exists():
            return False
        _resolve(conversation, ResolvedBy.ASSUMED, now)
        return True


@transaction.atomic
def reopen(*, conversation_id: UUID, by: Member, now: datetime, batch: str = "") -> Conversation:
    """Open a resolved conversation by hand. Unanswered messages wait again, and the bot drafts an answer to them."""
    require_operator(by)
    conversation = locked(conversation_id)
    if conversation.state != ConversationState.RESOLVED:
        raise Conflict(_("This conversation is not resolved."))
    was = conversation.resolved_at.isoformat() if conversation.resolved_at else ""
    how = conversation.resolved_by
    change(
        conversation,
        state=ConversationState.OPEN,
        resolved_at=None,
        resolved_by="",
        reopened_count=conversation.reopened_count + 1,
    )
    turns = unanswered_turns(conversation_id=conversation.pk)
    if turns:
        since = turns[0].created_at
        change(conversation, waiting_since=since, reply_due_at=reply_due_at(conversation, since=since))
        watch_deadline(conversation, now=now)
    happened(conversation, ActivityKind.REOPENED, now, by=by, cause="member", resolved_at=was, how=how, batch=batch)
    log(conversation, "conversation.reopened", now, by=by)
    tell(conversation, "conversation:reopened", now)
    draft_wanted.send(Conversation, conversation=conversation, now=now)
    return conversation


def _resolve(
    conversation: Conversation, how: ResolvedBy, now: datetime, *, by: Member | None = None, batch: str = ""
) -> None:
    before = standing(conversation)
    asks = conversation.storefront.asks_csat
    change(
        conversation,
        state=ConversationState.RESOLVED,
        resolved_at=now,
        resolved_by=how,
        snoozed_until=None,
        handled_by=Handler.BOT,
        needs_person=False,
        waiting_since=None,
        reply_due_at=None,
        claimed_by=None,
        claimed_until=None,
        csat_asked_at=now if asks else conversation.csat_asked_at,
    )
    happened(conversation, ActivityKind.RESOLVED, now, by=by, how=how.value, batch=batch, before=before)
    shopper = Actor("shopper", str(conversation.shopper.public_id)) if how == ResolvedBy.SHOPPER else None
    log(conversation, "conversation.resolved", now, by=by, actor=shopper, how=how.value)
    draft_unwanted.send(Conversation, conversation=conversation, by=by, now=now)
    tell(conversation, "conversation:resolved", now, {"rate": asks})


def standing(conversation: Conversation) -> dict[str, str | bool]:
    """What a resolution takes away, for its undo: times as ISO texts."""
    return {
        "state": conversation.state,
        "handled_by": conversation.handled_by,
        "needs_person": conversation.needs_person,
        "snoozed_until": _iso(conversation.snoozed_until),
        "waiting_since": _iso(conversation.waiting_since),
        "reply_due_at": _iso(conversation.reply_due_at),
        "csat_asked_at": _iso(conversation.csat_asked_at),
    }


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""

"""Taking back what one did to conversations in one go: assigning, tagging, and every change of state.

Every line of the timeline that belongs to one deed carries the same ``batch``. A conversation that moved on since is
left as it is.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from cs_portal.conversations.models import (
    Activity,
    ActivityKind,
    Conversation,
    ConversationState,
    ConversationTag,
    Message,
    Tag,
)
from cs_portal.conversations.services.assignment import give_to
from cs_portal.conversations.services.notices import happened, log, tell, tell_console
from cs_portal.conversations.services.overdue import watch_deadline
from cs_portal.conversations.services.roles import require_operator
from cs_portal.conversations.services.rows import change, locked
from cs_portal.conversations.signals import draft_unwanted, draft_wanted
from cs_portal.core.errors import NotFound
from cs_portal.merchants.models import Member

#: A deed can be taken back for so long.
WITHIN = timedelta(minutes=15)
UNDOABLE = (
    ActivityKind.ASSIGNED,
    ActivityKind.TAGGED,
    ActivityKind.UNTAGGED,
    ActivityKind.SNOOZED,
    ActivityKind.WOKEN,
    ActivityKind.RESOLVED,
    ActivityKind.REOPENED,
)


def undo(*, batch: UUID, by: Member, now: datetime) -> list[UUID]:
    """Take a deed back; returns for which conversations. Raises :class:`NotFound` for an unknown or old one."""
    require_operator(by)
    deeds = list(
        Activity.objects.filter(kind__in=UNDOABLE, created_at__gt=now - WITHIN, data__batch=str(batch))
        .select_related("conversation")
        .order_by("-id")
    )
    if not deeds:
        raise NotFound
    with transaction.atomic():
        taken_back = [deed.conversation.public_id for deed in deeds if _take_back(deed, by, now)]
    return list(dict.fromkeys(taken_back))


def _take_back(deed: Activity, by: Member, now: datetime) -> bool:
    conversation = locked(deed.conversation_id)
    reverse = {
        ActivityKind.ASSIGNED: _unassign,
        ActivityKind.TAGGED: _untag,
        ActivityKind.UNTAGGED: _retag,
        ActivityKind.SNOOZED: _unsnooze,
        ActivityKind.WOKEN: _unwake,
        ActivityKind.RESOLVED: _unresolve,
        ActivityKind.REOPENED: _unreopen,
    }[ActivityKind(deed.kind)]
    if not reverse(conversation, deed.data, by, now):
        return False
    log(conversation, "conversation.undone", now, by=by, activity=str(deed.public_id))
    return True


def _unassign(conversation: Conversation, data: dict[str, Any], by: Member, now: datetime) -> bool:
    standing = str(conversation.assignee.public_id) if conversation.assignee else ""
    if standing != data["to"]:
        return False
    before = Member.objects.filter(public_id=data["old"]).first() if data["old"] else None
    if before is not None and not before.may_be_assigned:  # left or became a reader meanwhile
        before = None
    give_to(conversation, before, by=by, now=now)
    return True


def _untag(conversation: Conversation, data: dict[str, Any], by: Member, now: datetime) -> bool:
    gone, _per_model = ConversationTag.objects.filter(conversation=conversation, tag__public_id=data["tag"]).delete()
    if gone:
        happened(conversation, ActivityKind.UNTAGGED, now, by=by, tag=data["tag"])
        tell_console(conversation, "conversation:tagged", now)
    return bool(gone)


def _retag(conversation: Conversation, data: dict[str, Any], by: Member, now: datetime) -> bool:
    tag = Tag.objects.filter(public_id=data["tag"]).first()
    if tag is None:
        return False
    _row, made = ConversationTag.objects.get_or_create(conversation=conversation, tag=tag)
    if made:
        happened(conversation, ActivityKind.TAGGED, now, by=by, tag=data["tag"])
        tell_console(conversation, "conversation:tagged", now)
    return made


def _unsnooze(conversation: Conversation, data: dict[str, Any], by: Member, now: datetime) -> bool:
    if conversation.state != ConversationState.SNOOZED or conversation.snoozed_until != _time(data["until"]):
        return False
    change(conversation, state=data["was"], snoozed_until=_time(data["old"]))
    watch_deadline(conversation, now=now)
    happened(conversation, ActivityKind.WOKEN, now, by=by, cause="undo")
    tell_console(conversation, "conversation:woken", now)
    return True


def _unwake(conversation: Conversation, data: dict[str, Any], by: Member, now: datetime) -> bool:
    """Asleep again, until the time that it had; its job still waits for that."""
    until = _time(data.get("old", ""))
    if conversation.state != ConversationState.OPEN or until is None or until <= now:
        return False
    change(conversation, state=ConversationState.SNOOZED, snoozed_until=until)
    happened(conversation, ActivityKind.SNOOZED, now, by=by, until=until.isoformat(), cause="undo")
    tell_console(conversation, "conversation:snoozed", now)
    return True


def _unreopen(conversation: Conversation, data: dict[str, Any], by: Member, now: datetime) -> bool:
    """As if it had not been reopened. What the shopper or a colleague did since keeps it open."""
    since = Activity.objects.filter(conversation=conversation, kind__in=UNDOABLE, data__batch=data["batch"])
    reopened = since.filter(kind=ActivityKind.REOPENED).first()
    if conversation.state != ConversationState.OPEN or reopened is None:
        return False
    if Message.objects.filter(conversation=conversation, created_at__gt=reopened.created_at).exists():
        return False
    change(
        conversation,
        state=ConversationState.RESOLVED,
        resolved_at=_time(data["resolved_at"]),
        resolved_by=data["how"],
        reopened_count=max(0, conversation.reopened_count - 1),
        waiting_since=None,
        reply_due_at=None,
    )
    happened(conversation, ActivityKind.RESOLVED, now, by=by, how="undo")
    tell(conversation, "conversation:resolved", now, {"rate": False})
    draft_unwanted.send(Conversation, conversation=conversation, by=by, now=now)
    return True


def _unresolve(conversation: Conversation, data: dict[str, Any], by: Member, now: datetime) -> bool:
    """As if it had not been resolved: no reopening is counted."""
    if conversation.state != ConversationState.RESOLVED:
        return False
    before = data["before"]
    rated = conversation.csat_answered_at is not None
    change(
        conversation,
        state=before["state"],
        handled_by=before["handled_by"],
        needs_person=before["needs_person"],
        snoozed_until=_time(before["snoozed_until"]),
        waiting_since=_time(before["waiting_since"]),
        reply_due_at=_time(before["reply_due_at"]),
        csat_asked_at=conversation.csat_asked_at if rated else _time(before["csat_asked_at"]),
        resolved_at=None,
        resolved_by="",
    )
    watch_deadline(conversation, now=now)
    happened(conversation, ActivityKind.REOPENED, now, by=by, cause="undo")
    tell(conversation, "conversation:reopened", now)
    draft_wanted.send(Conversation, conversation=conversation, now=now)
    return True


def _time(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

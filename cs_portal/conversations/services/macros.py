"""Macros: what they do is composed of the services that operators use one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from cs_portal.conversations.models import CannedReply, Conversation, ConversationState, Macro, Tag
from cs_portal.conversations.services.assignment import assign
from cs_portal.conversations.services.desk import clean_name, insert, log, overwrite
from cs_portal.conversations.services.resolution import reopen, resolve
from cs_portal.conversations.services.roles import require_operator
from cs_portal.conversations.services.snooze import snooze, wake
from cs_portal.conversations.services.tags import add_tag
from cs_portal.conversations.variables import Filled, fill
from cs_portal.core.errors import Conflict, Invalid, NotFound
from cs_portal.merchants.models import Member
from cs_portal.merchants.services.roles import require_configurer

MAX_SNOOZE_HOURS = 24 * 90
MAX_TAGS = 10


@dataclass(frozen=True, slots=True)
class MacroChange:
    """``state`` empty leaves the conversation as it is; ``snooze_hours`` goes with ``snoozed`` alone."""

    name: str
    reply: UUID | None
    add_tags: Sequence[UUID]
    state: str
    snooze_hours: int | None
    assign_to_me: bool


@dataclass(frozen=True, slots=True)
class RemovedMacro:
    """What it takes to bring one back, as plain values."""

    public_id: str
    name: str
    reply: str
    add_tags: list[str]
    state: str
    snooze_hours: int | None
    assign_to_me: bool


@dataclass(frozen=True, slots=True)
class Applied:
    """``batch`` names the deed for :func:`undo`; ``changed`` says whether there is anything to take back.

    ``reply`` goes into the composer. The macro's state waits for it then: :func:`finish_macro` once it is sent.
    """

    batch: str
    changed: bool
    reply: Filled | None
    waits_for_reply: bool


def create_macro(*, by: Member, change: MacroChange, now: datetime) -> Macro:
    """Raises :class:`Invalid` with the field, also for a name that is taken and for a macro without a step."""
    require_configurer(by)
    values = _checked(change)
    with transaction.atomic():
        row = insert(Macro(**values, updated_at=now), _taken(change.name))
        log(row, "macro", "created", by, now)
    return row


def update_macro(
    *, macro_id: UUID, by: Member, change: MacroChange, now: datetime, seen: datetime | None = None
) -> Macro:
    """``seen`` is ``updated_at`` when the form was shown: :class:`Conflict` when a colleague saved since."""
    require_configurer(by)
    values = _checked(change)
    with transaction.atomic():
        row = overwrite(Macro, macro_id, values | {"updated_at": now}, _taken(change.name), seen=seen)
        log(row, "macro", "updated", by, now)
    return row


def delete_macro(*, macro_id: UUID, by: Member, now: datetime) -> RemovedMacro:
    """What is returned brings it back."""
    require_configurer(by)
    with transaction.atomic():
        row = _macro(macro_id)
        removed = RemovedMacro(
            public_id=str(row.public_id),
            name=row.name,
            reply=str(row.reply.public_id) if row.reply else "",
            add_tags=list(row.add_tags),
            state=row.state,
            snooze_hours=row.snooze_hours,
            assign_to_me=row.assign_to_me,
        )
        log(row, "macro", "deleted", by, now)
        row.delete()
    return removed


def restore_macro(*, removed: RemovedMacro, by: Member, now: datetime) -> Macro:
    """Raises :class:`Invalid` when its name was given away meanwhile; once more is harmless."""
    require_configurer(by)
    known = Macro.objects.filter(public_id=removed.public_id).first()
    if known is not None:
        return known
    values = asdict(removed) | {
        "public_id": UUID(removed.public_id),
        "reply": CannedReply.objects.filter(public_id=removed.reply).first() if removed.reply else None,
        "add_tags": [str(tag.public_id) for tag in tags_of(removed.add_tags)],
    }
    with transaction.atomic():
        row = insert(Macro(**values, updated_at=now), _taken(removed.name))
        log(row, "macro", "restored", by, now)
    return row


def apply_macro(*, conversation_id: UUID, macro_id: UUID, by: Member, now: datetime) -> Applied:
    """Tag, assign, then change the state, all of it or nothing; what is so already is passed over.

    A macro with a text sends nothing by itself: the operator reads it first, and the state waits until it is sent.
    Raises what the single deeds raise, such as :class:`Conflict` for a conversation that is resolved already.
    """
    require_operator(by)
    macro = _macro(macro_id)
    batch = str(uuid4())
    with transaction.atomic():
        conversation = Conversation.by_public_id(conversation_id)
        changed = _tag_and_assign(macro, conversation_id, by, now, batch)
        waits = macro.reply is not None and bool(macro.state)
        if not waits:
            changed |= _change_state(macro, conversation, by, now, batch)
        log(macro, "macro", "applied", by, now, conversation=str(conversation_id))
        reply = fill(macro.reply, conversation=conversation, member=by) if macro.reply else None
    return Applied(batch, changed, reply, waits)


def finish_macro(
    *, conversation_id: UUID, macro_id: UUID, by: Member, now: datetime, batch: UUID | None = None
) -> UUID:
    """The text of the macro is on its way: now its state. Returns the batch for :func:`undo`, of all that it did.

    ``batch`` is that of :func:`apply_macro`. Without one its other steps were taken back, or never taken: they are now.
    A macro that was deleted meanwhile changes nothing, nor does one whose state no longer fits the conversation: the
    reply has gone out and is no reason to complain.
    """
    require_operator(by)
    macro = Macro.objects.filter(public_id=macro_id).first()
    known = batch is not None
    batch = batch or uuid4()
    if macro is None:
        return batch
    with transaction.atomic():
        if not known:
            _tag_and_assign(macro, conversation_id, by, now, str(batch))
        try:
            with transaction.atomic():
                _change_state(macro, Conversation.by_public_id(conversation_id), by, now, str(batch))
        except Conflict:
            pass  # it is resolved already, say
    return batch


def _tag_and_assign(macro: Macro, conversation_id: UUID, by: Member, now: datetime, batch: str) -> bool:
    changed = False
    for tag in tags_of(macro.add_tags):
        changed |= add_tag(conversation_id=conversation_id, by=by, tag_id=tag.public_id, now=now, batch=batch)
    if macro.assign_to_me:
        changed |= assign(conversation_id=conversation_id, by=by, to=by, now=now, batch=batch)
    return changed


def _change_state(macro: Macro, conversation: Conversation, by: Member, now: datetime, batch: str) -> bool:
    deed: dict[str, Any] = {"conversation_id": conversation.public_id, "by": by, "now": now, "batch": batch}
    if macro.state == ConversationState.SNOOZED:
        snooze(**deed, until=now + timedelta(hours=macro.snooze_hours or 1))
        return True
    if not macro.state or macro.state == conversation.state:
        return False
    if macro.state == ConversationState.RESOLVED:
        resolve(**deed)
    elif conversation.state == ConversationState.SNOOZED:
        wake(**deed)
    else:
        reopen(**deed)
    return True


def tags_of(ids: Sequence[str]) -> list[Tag]:
    """Those that still exist, by name."""
    return list(Tag.objects.filter(public_id__in=ids)) if ids else []


def _macro(macro_id: UUID) -> Macro:
    row = Macro.objects.select_related("reply").filter(public_id=macro_id).first()
    if row is None:
        raise NotFound
    return row


def _checked(change: MacroChange) -> dict[str, Any]:
    name = clean_name(change.name, field="name", limit=80)
    if change.state and change.state not in ConversationState.values:
        raise Invalid(_("Choose a state."), field="state")
    hours = change.snooze_hours if change.state == ConversationState.SNOOZED else None
    if change.state == ConversationState.SNOOZED and not (hours and 1 <= hours <= MAX_SNOOZE_HOURS):
        raise Invalid(_("Say for how many hours, up to %(limit)s.") % {"limit": MAX_SNOOZE_HOURS}, field="snooze_hours")
    reply = CannedReply.objects.filter(public_id=change.reply).first() if change.reply else None
    if change.reply and reply is None:
        raise Invalid(_("This canned reply is gone. Choose another one."), field="reply")
    tags = tags_of([str(each) for each in change.add_tags])
    if len(tags) != len(set(change.add_tags)):
        raise Invalid(_("One of these tags is gone. Choose again."), field="add_tags")
    if len(tags) > MAX_TAGS:
        raise Invalid(_("At most %(limit)s tags.") % {"limit": MAX_TAGS}, field="add_tags")
    if not (reply or tags or change.state or change.assign_to_me):
        raise Invalid(_("Choose at least one thing for the macro to do."), field="reply")
    return {
        "name": name,
        "reply": reply,
        "add_tags": [str(tag.public_id) for tag in tags],
        "state": change.state,
        "snooze_hours": hours,
        "assign_to_me": change.assign_to_me,
    }


def _taken(name: str) -> Invalid:
    return Invalid(_("There is a macro “%(name)s” already.") % {"name": name}, field="name")

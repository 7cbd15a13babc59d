"""Whose conversation it is."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from cs_portal.conversations.models import ActivityKind, Conversation
from cs_portal.conversations.services.notices import happened, log, tell_console
from cs_portal.conversations.services.roles import require_operator
from cs_portal.conversations.services.rows import change, locked
from cs_portal.core.errors import Invalid
from cs_portal.merchants.models import Member
from cs_portal.merchants.services.notices import notify


@transaction.atomic
def assign(*, conversation_id: UUID, by: Member, to: Member | None, now: datetime, batch: str = "") -> bool:
    """Give the conversation to a colleague, or to nobody; False when it is theirs already.

    Raises :class:`Invalid` for one who only reads or has left. The event ``conversation:assigned`` carries the new
    assignee's public id, by which their console notifies them.
    """
    require_operator(by)
    conversation = locked(conversation_id)
    if to is not None and not to.may_review:
        raise Invalid(_("This colleague only reads and cannot answer."), field="assignee")
    if to is not None and not to.may_be_assigned:
        raise Invalid(_("This colleague has left the team."), field="assignee")
    if conversation.assignee_id == (to.pk if to else None):
        return False
    give_to(conversation, to, by=by, now=now, batch=batch)
    return True


def give_to(conversation: Conversation, to: Member | None, *, by: Member, now: datetime, batch: str = "") -> None:
    """Change the assignee of a locked conversation and say so."""
    old, new = _id(conversation.assignee), _id(to)
    change(conversation, assignee=to)
    happened(conversation, ActivityKind.ASSIGNED, now, by=by, old=old, to=new, batch=batch)
    log(conversation, "conversation.assigned", now, by=by, old=old, to=new)
    tell_console(conversation, "conversation:assigned", now, {"member": new, "by": str(by.public_id)})
    if to is not None:
        notify(kind="assigned", conversation=conversation.public_id, members=[to], by=by, now=now)


def _id(member: Member | None) -> str:
    return str(member.public_id) if member else ""

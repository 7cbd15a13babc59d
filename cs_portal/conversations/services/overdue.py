"""A missed deadline is told by letter: once per conversation and deadline, to who has it, or to the team.

Every deadline brings a job for its moment. The job looks at the row: what was answered, put off or resolved meanwhile
is not overdue, and the conversation keeps of which deadline was told.
"""

from __future__ import annotations

from datetime import datetime

from cs_portal.conversations.models import Conversation, ConversationState
from cs_portal.conversations.services.rows import locked
from cs_portal.core import jobs
from cs_portal.core.jobs import Lease
from cs_portal.merchants.services.notices import notify

JOB = "reply_overdue"


def watch_deadline(conversation: Conversation, *, now: datetime) -> None:
    """Ask, within the caller's transaction, to look again once the reply is due; at once when it is already."""
    due_at = conversation.reply_due_at
    if due_at is None or conversation.overdue_told_for == due_at:
        return
    jobs.enqueue(
        JOB,
        key=f"overdue:{conversation.public_id}:{due_at.isoformat()}:{now.isoformat()}",
        merchant_id=conversation.merchant_id,
        payload={"conversation": conversation.pk, "due_at": due_at.isoformat()},
        now=now,
        execute_after=due_at,
    )


def tell_overdue(*, lease: Lease, conversation_id: int, due_at: datetime, now: datetime) -> bool:
    """The job: ask for the letters, if nobody answered and nobody was told of this deadline yet."""
    with lease.finishing(now=now):
        late = Conversation.objects.filter(
            pk=conversation_id, state=ConversationState.OPEN, waiting_since__isnull=False, reply_due_at=due_at
        )
        if not late.exclude(overdue_told_for=due_at).update(overdue_told_for=due_at):
            return False
        conversation = locked(conversation_id)
        assignee = conversation.assignee
        theirs = assignee is not None and assignee.removed_at is None and assignee.may_review
        members = [assignee] if assignee is not None and theirs else None
        notify(kind="overdue", conversation=conversation.public_id, members=members, by=None, now=now)
        return True

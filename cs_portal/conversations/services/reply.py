"""A reply reaches the shopper; and the portal's own lines in the chat."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from cs_portal.conversations.models import Author, Conversation, ConversationState, Message
from cs_portal.conversations.search import index_message
from cs_portal.conversations.services.clocks import reply_due_at
from cs_portal.conversations.services.notices import tell
from cs_portal.conversations.services.overdue import watch_deadline
from cs_portal.conversations.services.rows import change, locked
from cs_portal.conversations.services.texts import preview
from cs_portal.core import jobs
from cs_portal.merchants.models import Member

#: After a reply and this much silence a conversation counts as resolved.
SILENCE = timedelta(hours=24)


@transaction.atomic
def post_reply(
    *,
    conversation: Conversation,
    author: Author,
    member: Member | None,
    text: str,
    draft_key: UUID,
    now: datetime,
    cards: Sequence[dict[str, Any]] = (),
    written_at: datetime | None = None,
    settles: bool = True,
) -> Message:
    """Post an approved reply within the caller's transaction. A draft can be posted once; the database sees to it.

    ``author`` is OPERATOR for a person's own words, an edited draft included, and BOT for a draft as it was.
    One that does not settle the question ("a colleague will look into it") leaves it in need of a person, and waiting:
    the clock starts anew for what was promised.
    What the shopper wrote after ``written_at`` is not answered by it and goes on waiting.
    A resolved conversation stays resolved, a snoozed one snoozed: only the shopper brings them back.
    """
    row = locked(conversation.pk)
    message = Message.objects.create(
        conversation=row,
        author=author,
        member=member,
        text=text,
        cards=list(cards),
        draft_key=draft_key,
        created_at=now,
    )
    index_message(message)
    Conversation.objects.filter(pk=row.pk).update(version=F("version") + 1)
    change(
        row,
        last_message_at=now,
        preview=preview(text),
        last_author=author,
        needs_person=row.needs_person and not settles,
    )
    waited_since = row.waiting_since
    _keep_promise(row, author, now)
    if row.needs_person and row.state != ConversationState.RESOLVED:
        _wait_for_person(row, waited_since or now, now)
    _go_on_waiting(row, written_at, now)
    tell(row, "message:posted", now, {"message": str(message.public_id)})
    payload = {"message": message.pk}
    jobs.enqueue("email_reply", key=f"email:{message.public_id}", merchant_id=row.merchant_id, payload=payload, now=now)
    jobs.enqueue(
        "assume_resolved",
        key=f"assume:{message.public_id}",
        merchant_id=row.merchant_id,
        payload=payload,
        now=now,
        execute_after=now + SILENCE,
    )
    return message


def _keep_promise(row: Conversation, author: Author, now: datetime) -> None:
    """Stop the clock and keep whether the reply was in time."""
    if row.first_reply_at is None:
        change(row, first_reply_at=now)
    elif row.waiting_since is not None:
        late = row.reply_due_at is not None and now > row.reply_due_at
        change(row, next_replies=row.next_replies + 1, next_replies_late=row.next_replies_late + late)
    if author == Author.OPERATOR and row.first_person_reply_at is None:
        change(row, first_person_reply_at=now)
    change(row, waiting_since=None, reply_due_at=None)


def _wait_for_person(row: Conversation, since: datetime, now: datetime) -> None:
    """The shopper waits as before; the answer that was promised is due as one to a message of now."""
    change(row, waiting_since=since, reply_due_at=reply_due_at(row, since=now))
    watch_deadline(row, now=now)


def _go_on_waiting(row: Conversation, written_at: datetime | None, now: datetime) -> None:
    """Start the clock anew for the first message that came after the reply was written."""
    if written_at is None:
        return
    missed = Message.objects.filter(conversation=row, author=Author.SHOPPER, created_at__gt=written_at)
    if (first := missed.order_by("id").first()) is not None:
        change(row, waiting_since=first.created_at, reply_due_at=reply_due_at(row, since=first.created_at))
        watch_deadline(row, now=now)


def post_system_message(*, conversation: Conversation, text: str, now: datetime) -> Message:
    """A line of the portal itself, in the conversation's language. No reply: no clock stops, no draft gets stale."""
    message = Message.objects.create(conversation=conversation, author=Author.SYSTEM, text=text, created_at=now)
    tell(conversation, "message:posted", now, {"message": str(message.public_id)})
    return message

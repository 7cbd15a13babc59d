"""Jobs of conversations."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from cs_portal.conversations import reply_mail
from cs_portal.conversations.models import Message
from cs_portal.conversations.services import assume_resolved, photos, wake_conversation
from cs_portal.conversations.services.overdue import JOB, tell_overdue
from cs_portal.core.jobs import Lease, handler
from cs_portal.core.models import Queue
from cs_portal.merchants.scoping import scope_of


@handler(reply_mail.JOB, queue=Queue.FAST, max_attempts=8)
def email_reply(lease: Lease) -> None:
    """Send the letter if the shopper has left; look again later if that cannot be told yet.

    At least once: a mail server gives no transaction, so the letter goes out before the job is done. A worker that
    dies in between sends it again under the same Message-ID, by which mail programs know a duplicate; the other
    order would lose the reply instead. No transaction is open while the mail server is talked to.
    """
    with scope_of(lease):
        now = timezone.now()
        rows = Message.objects.select_related("conversation__storefront", "conversation__shopper", "merchant")
        message = rows.filter(pk=lease.payload["message"]).first()
        due_at = message and reply_mail.due_at(message=message, conversation=message.conversation, now=now)
        if message and due_at and due_at <= now:
            reply_mail.reply_letter(message=message, conversation=message.conversation).send()
        with lease.finishing(now=timezone.now()):
            if message and due_at and due_at > now:
                reply_mail.postpone(message=message, until=due_at, now=now)


@handler("wake_conversation", queue=Queue.FAST)
def wake(lease: Lease) -> None:
    with scope_of(lease):
        wake_conversation(
            lease=lease,
            conversation_id=lease.payload["conversation"],
            until=datetime.fromisoformat(lease.payload["until"]),
            now=timezone.now(),
        )


@handler(JOB, queue=Queue.FAST)
def overdue(lease: Lease) -> None:
    with scope_of(lease):
        tell_overdue(
            lease=lease,
            conversation_id=lease.payload["conversation"],
            due_at=datetime.fromisoformat(lease.payload["due_at"]),
            now=timezone.now(),
        )


@handler("assume_resolved", queue=Queue.FAST)
def assume(lease: Lease) -> None:
    with scope_of(lease):
        assume_resolved(lease=lease, message_id=lease.payload["message"], now=timezone.now())


@handler(photos.JOB, queue=Queue.BULK)
def sweep_photos(lease: Lease) -> None:
    with scope_of(lease):
        photos.sweep_photos(lease=lease, now=timezone.now())

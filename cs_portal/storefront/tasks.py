"""Jobs of the chat."""

from __future__ import annotations

from django.utils import timezone

from cs_portal.conversations.models import Conversation
from cs_portal.core.jobs import Lease, handler
from cs_portal.core.models import Queue
from cs_portal.merchants.scoping import scope_of
from cs_portal.storefront import transcript


@handler(transcript.JOB, queue=Queue.FAST, max_attempts=8)
def email_transcript(lease: Lease) -> None:
    """At least once, like every letter: no transaction is open while the mail server is talked to."""
    with scope_of(lease):
        rows = Conversation.objects.select_related("shopper", "merchant")
        conversation = rows.filter(pk=lease.payload["conversation"]).first()
        letter = conversation and transcript.transcript_letter(conversation=conversation, now=timezone.now())
        if letter:
            letter.send()
        with lease.finishing(now=timezone.now()):
            pass

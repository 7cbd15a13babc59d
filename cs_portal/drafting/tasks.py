"""The jobs of drafting. Each takes ids, enters the merchant's scope and calls one service."""

from __future__ import annotations

from django.utils import timezone

from cs_portal.conversations.models import Message
from cs_portal.conversations.services import needs_a_person
from cs_portal.core.jobs import Lease, handler
from cs_portal.core.models import Queue
from cs_portal.drafting.services.candidates import add_model_candidates, renew_draft
from cs_portal.drafting.services.create import create_draft
from cs_portal.drafting.services.send import give_up_sending, send_reply
from cs_portal.merchants.scoping import scope_of


def _hand_over(lease: Lease) -> None:
    """No draft could be made: a person must answer."""
    with scope_of(lease):
        message = Message.objects.get(pk=lease.payload["message"])
        needs_a_person(conversation_id=message.conversation_id, now=timezone.now())


@handler("draft_reply", queue=Queue.FAST, on_failed=_hand_over)
def draft(lease: Lease) -> None:
    with scope_of(lease):
        create_draft(lease=lease, message_id=lease.payload["message"], now=timezone.now())


@handler("renew_draft", queue=Queue.FAST)
def renew(lease: Lease) -> None:
    with scope_of(lease):
        renew_draft(
            lease=lease,
            draft_id=lease.payload["draft"],
            generation=lease.payload["generation"],
            now=timezone.now(),
        )


@handler("add_candidates", queue=Queue.MODEL, max_attempts=3)
def candidates(lease: Lease) -> None:
    with scope_of(lease):
        add_model_candidates(
            lease=lease,
            draft_id=lease.payload["draft"],
            generation=lease.payload["generation"],
            now=timezone.now(),
        )


def _give_up_sending(lease: Lease) -> None:
    with scope_of(lease):
        give_up_sending(review_id=lease.payload["review"], now=timezone.now())


@handler("send_reply", queue=Queue.FAST, on_failed=_give_up_sending)
def send(lease: Lease) -> None:
    with scope_of(lease):
        send_reply(lease=lease, review_id=lease.payload["review"], now=timezone.now())

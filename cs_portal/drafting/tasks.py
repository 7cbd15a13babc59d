"""The jobs of drafting. Each takes ids, enters the merchant's scope and calls one service."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext

from cs_portal.core.jobs import Lease, handler
from cs_portal.core.models import Queue
from cs_portal.drafting.services.candidates import add_model_candidates, renew_draft, stop_waiting
from cs_portal.drafting.services.create import create_draft, leave_to_a_person
from cs_portal.drafting.services.send import give_up_sending, send_reply
from cs_portal.merchants.scoping import scope_of


def _hand_over(lease: Lease) -> None:
    with scope_of(lease):
        leave_to_a_person(message_id=lease.payload["message"], now=timezone.now())


@handler("draft_reply", queue=Queue.FAST, on_failed=_hand_over)
def draft(lease: Lease) -> None:
    with scope_of(lease):
        create_draft(lease=lease, message_id=lease.payload["message"], now=timezone.now())


def _stop_waiting(lease: Lease) -> None:
    with scope_of(lease):
        stop_waiting(draft_id=lease.payload["draft"], note=gettext("The worker failed. Regenerate to try again."))


@handler("renew_draft", queue=Queue.FAST, on_failed=_stop_waiting)
def renew(lease: Lease) -> None:
    with scope_of(lease):
        renew_draft(
            lease=lease,
            draft_id=lease.payload["draft"],
            generation=lease.payload["generation"],
            now=timezone.now(),
        )


@handler("add_candidates", queue=Queue.MODEL, max_attempts=3, on_failed=_stop_waiting)
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

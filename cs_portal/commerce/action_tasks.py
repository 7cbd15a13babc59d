"""The jobs of actions in a remote shop: the call, and the look-ups of what became of it."""

from __future__ import annotations

from django.utils import timezone

from cs_portal.commerce.services.actions import CALL
from cs_portal.commerce.services.remote_actions import CHECK, call_shop, check_action, give_up
from cs_portal.core.jobs import Lease, handler
from cs_portal.core.models import Queue
from cs_portal.merchants.scoping import scope_of


def _give_up(lease: Lease) -> None:
    with scope_of(lease):
        give_up(action_id=lease.payload["action"], now=timezone.now())


@handler(CALL, queue=Queue.FAST, max_attempts=5, on_failed=_give_up)
def call(lease: Lease) -> None:
    with scope_of(lease):
        call_shop(lease=lease, action_id=lease.payload["action"], clock=timezone.now)


@handler(CHECK, queue=Queue.FAST, max_attempts=5, on_failed=_give_up)
def check(lease: Lease) -> None:
    with scope_of(lease):
        check_action(lease=lease, action_id=lease.payload["action"], clock=timezone.now)

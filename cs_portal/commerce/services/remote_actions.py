"""Calling a remote shop once, and finding out what became of a call that nobody answered.

The state is committed before the call, the call happens outside of any transaction, the result is committed after it.
A call whose result is not known (time-out, broken connection, killed worker) leaves the action ``unknown``: from there
only a look-up leads on, never a second call: a shop that does not know of it may still be at it. What it does not know
of after a while was not done, and somebody has to approve it anew.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from cs_portal.commerce import history
from cs_portal.commerce.actions.applying import apply_plan
from cs_portal.commerce.actions.plan import Plan
from cs_portal.commerce.connectors.base import (
    Action,
    ActionRefused,
    Connector,
    Done,
    NotFound,
    NotSent,
    Refused,
    Result,
    Unknown,
)
from cs_portal.commerce.connectors.choice import connector_of
from cs_portal.commerce.models import NOT_SENT, UNDER_WAY, ActionState, Happened, Order, OrderAction, Refund
from cs_portal.commerce.signals import action_settled
from cs_portal.core import jobs
from cs_portal.core.audit import Actor, record
from cs_portal.core.jobs import Lease

logger = logging.getLogger(__name__)

CHECK = "check_action"
#: Seconds between look-ups; the last goes on for a day, then a person has to look.
CHECK_AFTER = (5, 15, 60, 300, 1800)
MAX_CHECKS = 52
#: After that long, what the shop does not know of will not arrive any more.
ARRIVES_WITHIN = timedelta(minutes=10)
#: How often a call that never reached the shop is tried again.
MAX_CALLS = 6
CALL_AGAIN_AFTER = (2, 10, 60, 300, 900)
Clock = Callable[[], datetime]


def call_shop(*, lease: Lease, action_id: int, clock: Clock) -> None:
    """The job of an action that was begun: call the shop, once.

    A worker that died during an earlier run may have called: then the shop is asked first.
    """
    action = OrderAction.objects.filter(pk=action_id, state=ActionState.EXECUTING).first()
    if action is None:
        with lease.finishing(now=clock()):
            return
    connector = connector_of(action)
    if connector is None or action.kind not in connector.supports:
        _settle(lease, action, Refused("not_connected" if connector is None else "not_supported"), now=clock())
        return
    # Counted before the call, in a transaction of its own: it tells a rerun that the call may have been made.
    first = OrderAction.objects.filter(pk=action.pk, state=ActionState.EXECUTING, attempts=0).update(attempts=1)
    result = connector.execute(action) if first else _looked_up(connector, action, now=clock())
    _settle(lease, action, result, now=clock())


def check_action(*, lease: Lease, action_id: int, clock: Clock) -> None:
    """The job of an action whose result is unknown: ask the shop what became of it."""
    action = OrderAction.objects.filter(pk=action_id, state=ActionState.UNKNOWN).first()
    if action is None:
        with lease.finishing(now=clock()):
            return
    connector = connector_of(action)
    result: Result = Unknown("not_connected") if connector is None else _looked_up(connector, action, now=clock())
    OrderAction.objects.filter(pk=action.pk).update(checks=F("checks") + 1)
    action.refresh_from_db()
    _settle(lease, action, result, now=clock())


def ask_again(*, action: OrderAction, now: datetime) -> None:
    """Look the action up now, whatever the schedule: for whoever does not want to wait."""
    _enqueue_check(action, at=now, now=now, mark="asked")


def withdraw_unsent(*, action: OrderAction, now: datetime) -> bool:
    """End an action that never reached the shop and waits to be tried again; False when it is on its way by now."""
    withdrawn = OrderAction.objects.filter(NOT_SENT, pk=action.pk).update(
        state=ActionState.REFUSED, error="withdrawn", settled_at=now
    )
    if withdrawn:
        _tell(action, now=now)
    return bool(withdrawn)


def give_up(*, action_id: int, now: datetime) -> None:
    """The job itself failed for good: nobody knows what the shop did, so the look-ups go on."""
    with transaction.atomic():
        action = OrderAction.objects.filter(pk=action_id, state__in=UNDER_WAY).first()
        if action is not None:
            _become_unknown(action, "job_failed", now=now)


def _looked_up(connector: Connector, action: OrderAction, *, now: datetime) -> Result:
    """What is not found after a call may still arrive; after a while and several look-ups it will not any more."""
    result = connector.look_up(action)
    if not isinstance(result, NotFound):
        return result
    waited = action.begun_at is not None and now - action.begun_at >= ARRIVES_WITHIN
    return Refused("never_arrived") if waited and action.checks >= 2 else Unknown("not_found_yet")


def _settle(lease: Lease, action: OrderAction, result: Result, *, now: datetime) -> None:
    """Commit the result with the end of the job. A result that comes too late finds nothing to do."""
    with lease.finishing(now=now):
        if isinstance(result, Done):
            _become_done(action, result, now=now)
        elif isinstance(result, Refused):
            _become_refused(action, result.code, now=now)
        elif isinstance(result, NotSent):
            _try_again(action, result, now=now)
        else:
            _become_unknown(action, result.code, now=now)


def _become_done(action: OrderAction, result: Done, *, now: datetime) -> None:
    moved = _end(action, ActionState.DONE, now=now, reference=result.reference[:200], error="", settled_at=now)
    if not moved:
        return
    order, fault = _mirror(action, result, now=now)
    if order is not None or fault:
        OrderAction.objects.filter(pk=action.pk).update(order=order or action.order, error=fault)
    _tell(action, now=now)


def _become_refused(action: OrderAction, code: str, *, now: datetime) -> None:
    if _end(action, ActionState.REFUSED, now=now, error=code[:60], settled_at=now):
        _tell(action, now=now)


def _become_unknown(action: OrderAction, code: str, *, now: datetime) -> None:
    was = action.state
    if not _end(action, ActionState.UNKNOWN, now=now, error=code[:60]):
        return
    if action.checks < MAX_CHECKS:
        delay = CHECK_AFTER[min(action.checks, len(CHECK_AFTER) - 1)]
        _enqueue_check(action, at=now + timedelta(seconds=delay), now=now, mark=str(action.checks))
    if was != ActionState.UNKNOWN:
        _tell(action, now=now)


def _try_again(action: OrderAction, result: NotSent, *, now: datetime) -> None:
    """Nothing reached the shop. From a look-up this changes nothing: what was unknown stays so."""
    if action.state == ActionState.UNKNOWN:
        _become_unknown(action, result.code, now=now)
        return
    tries = action.checks + 1
    if tries >= MAX_CALLS:
        _become_refused(action, result.code, now=now)
        return
    OrderAction.objects.filter(pk=action.pk, state=ActionState.EXECUTING).update(
        attempts=0, checks=tries, error=result.code[:60]
    )
    delay = max(CALL_AGAIN_AFTER[min(tries, len(CALL_AGAIN_AFTER)) - 1], result.retry_after_seconds or 0)
    jobs.enqueue(
        "call_shop",
        key=f"action:{action.public_id}:{tries}",
        merchant_id=action.merchant_id,
        payload={"action": action.pk},
        now=now,
        execute_after=now + timedelta(seconds=min(delay, 3600)),
    )


def _end(action: OrderAction, state: ActionState, *, now: datetime, **fields: Any) -> bool:
    moved = OrderAction.objects.filter(pk=action.pk, state__in=UNDER_WAY).update(state=state, **fields)
    action.refresh_from_db()
    return bool(moved)


def _mirror(action: OrderAction, result: Done, *, now: datetime) -> tuple[Order | None, str]:
    """Write down here what the shop did. What does not fit any more waits for the shop to tell the order anew.

    A refund that the shop told us of meanwhile is here already.
    """
    if _told_before(action, result.reference):
        return action.order, ""
    plan = Plan.from_dict(action.preview)
    try:
        with transaction.atomic():
            return apply_plan(plan, Action.of(action), now=now, reference=result.reference, number=result.number), ""
    except (ActionRefused, IntegrityError) as error:
        code = error.code if isinstance(error, ActionRefused) else "conflict"
        logger.warning("action %s: done in the shop, but not mirrored (%s)", action.public_id, code)
        if action.order is not None:
            history.record(
                action.order,
                Happened.UPDATED,
                version=action.order.version,
                now=now,
                provenance=Action.of(action).provenance,
                data={"not_mirrored": code, "kind": action.kind, "amount_minor": action.amount_minor},
            )
        return action.order, f"not_mirrored_{code}"[:60]


def _told_before(action: OrderAction, reference: str) -> bool:
    """Whether this very refund is here: its id, whole, and not the refund of another action.

    A shop that gives two refunds one reference must not hide the second.
    """
    if not reference:
        return False
    others = OrderAction.objects.filter(order=action.order).exclude(pk=action.pk)
    if others.filter(reference=reference[:200]).exists():
        return False
    known = Refund.objects.filter(order=action.order, external_id=reference)
    return known.exclude(key__in=others.values("key")).exists()


def _enqueue_check(action: OrderAction, *, at: datetime, now: datetime, mark: str) -> None:
    jobs.enqueue(
        CHECK,
        key=f"check:{action.public_id}:{mark}:{at.timestamp():.0f}",
        merchant_id=action.merchant_id,
        payload={"action": action.pk},
        now=now,
        execute_after=at,
    )


def _tell(action: OrderAction, *, now: datetime) -> None:
    action.refresh_from_db()
    record(
        merchant_id=action.merchant_id,
        actor=Actor("system", ""),
        action=f"action.{action.state}",
        target=f"order:{action.order.public_id}" if action.order else f"shopper:{action.shopper.public_id}",
        now=now,
        data={
            "kind": action.kind,
            "action": str(action.public_id),
            "draft": str(action.draft or ""),
            "approved_by": action.approved_by,
            "amount": action.amount_minor,
            "connector": action.connector,
            "code": action.error,
        },
    )
    action_settled.send(sender=OrderAction, action=action, now=now)

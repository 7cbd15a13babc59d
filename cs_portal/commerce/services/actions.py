"""An action's way: proposed, approved, carried out once, and known to its end.

With the local shop an action is carried out in the caller's transaction. With a remote one the intent is committed
with a job (:func:`carry_out`), the job calls the shop outside of any transaction
(:mod:`cs_portal.commerce.services.remote_actions`), and ``action_settled`` tells whoever waits for the end.
Every step is a conditional update of the state: whoever comes second finds nothing to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cs_portal.commerce.actions.making import make_plan
from cs_portal.commerce.actions.plan import Plan
from cs_portal.commerce.connectors import local
from cs_portal.commerce.connectors.base import Action, ActionRefused
from cs_portal.commerce.connectors.choice import connector_kind
from cs_portal.commerce.models import ActionState, ConnectorKind, Order, OrderAction, Refund, Return, Shopper
from cs_portal.core import jobs
from cs_portal.core.audit import Actor
from cs_portal.core.errors import Conflict

CALL = "call_shop"


class ActionMoved(Conflict):
    """The action is not in the state that this step starts from."""


class ActionKeyReused(Conflict):
    """The key stands for another action already."""


def preview_action(
    *, kind: str, request: Mapping[str, Any], verdict: Mapping[str, Any], order: Order | None, shopper: Shopper
) -> Plan:
    """What the action would do, exactly, and nothing is written. Raises :class:`ActionRefused` when it would refuse."""
    return make_plan(Action.of(_row("preview", kind, request, verdict, order, shopper)))


def propose_action(
    *,
    key: str,
    kind: str,
    request: Mapping[str, Any],
    verdict: Mapping[str, Any],
    order: Order | None,
    shopper: Shopper,
    now: datetime,
    draft: UUID | None = None,
    rules: UUID | None = None,
) -> OrderAction:
    """Keep the action with its preview. ``request`` and ``verdict`` are canonical, ``rules`` the ruleset version's id.

    The same ``key`` again is the same action; raises :class:`ActionKeyReused` where it asked for something else, and
    :class:`ActionRefused` when the order does not permit it.
    """
    row = _row(key, kind, request, verdict, order, shopper)
    known = OrderAction.objects.filter(key=key).first()
    if known is None:
        plan = make_plan(Action.of(row))
        row.preview, row.amount_minor, row.currency = plan.to_dict(), plan.money_back_minor, plan.currency
        row.connector, row.draft, row.rules, row.created_at = connector_kind(), draft, rules, now
        try:
            with transaction.atomic():
                row.save()
            return row
        except IntegrityError:
            known = OrderAction.objects.filter(key=key).first()
            if known is None:
                raise
    same = (known.kind, known.order_id, known.request, known.verdict) == (kind, row.order_id, row.request, row.verdict)
    if not same:
        raise ActionKeyReused(_("This key stands for another action already."))
    return known


def approve_action(*, action: OrderAction, by: Actor, now: datetime) -> OrderAction:
    """``by`` is a member or an autopilot rule. Raises :class:`ActionMoved` unless the action is proposed."""
    return _move(
        action, ActionState.PROPOSED, ActionState.APPROVED, approved_by_kind=by.kind, approved_by=by.id, approved_at=now
    )


def withdraw_action(*, action: OrderAction, now: datetime) -> OrderAction:
    """Take back what was not begun. Raises :class:`ActionMoved` when it was."""
    return refuse_action(action=action, code="withdrawn", now=now)


def refuse_action(*, action: OrderAction, code: str, now: datetime) -> OrderAction:
    """The end of an action that was not begun, and why. Raises :class:`ActionMoved` when it was."""
    refused = OrderAction.objects.filter(pk=action.pk, state__in=[ActionState.PROPOSED, ActionState.APPROVED]).update(
        state=ActionState.REFUSED, error=code, settled_at=now
    )
    if not refused:
        raise ActionMoved(_("The action is under way, or at its end."))
    action.refresh_from_db()
    return action


def carry_out(*, action: OrderAction, now: datetime) -> OrderAction:
    """Carry an approved action out: at once with the local shop, by a job with a remote one; the state says which.

    Runs in the caller's transaction. A refusal of the local shop is raised as :class:`ActionRefused`, with nothing
    changed but the caller's own savepoint to roll back (:func:`refuse_action` keeps it). An action that is at its end,
    or under way, is returned as it is.
    """
    action.refresh_from_db()
    if action.state in (ActionState.DONE, ActionState.EXECUTING, ActionState.UNKNOWN):
        return action
    if action.connector == ConnectorKind.LOCAL:
        return execute_here(action=action, now=now)
    try:
        with transaction.atomic():
            _move(action, ActionState.APPROVED, ActionState.EXECUTING, begun_at=now)
    except IntegrityError:
        raise ActionRefused(_("Another action on this order is under way."), code="under_way") from None
    jobs.enqueue(
        CALL,
        key=f"action:{action.public_id}",
        merchant_id=action.merchant_id,
        payload={"action": action.pk},
        now=now,
    )
    return action


def execute_here(*, action: OrderAction, now: datetime) -> OrderAction:
    """Carry an approved action out on this database, exactly as it was previewed. See :func:`carry_out`."""
    return local.execute(Action.of(action), now=now, approved=Plan.from_dict(action.preview))


def forget_shopper_in_actions(*, shopper: Shopper) -> None:
    """Take addresses and payment methods out of a shopper's actions: what was done stays, to whom does not."""
    for row in OrderAction.objects.filter(shopper=shopper).select_for_update():
        request = {key: value for key, value in row.request.items() if key not in {"address", "payment_method"}}
        steps = [
            {key: value for key, value in step.items() if key != "method_id"} for step in row.preview.get("steps", [])
        ]
        # An admin's reason for deciding against the rules is free text, and may tell of the shopper.
        verdict = {key: value for key, value in row.verdict.items() if key != "reason"}
        OrderAction.objects.filter(pk=row.pk).update(
            request=request, verdict=verdict, preview={**row.preview, "steps": steps}
        )
    Refund.objects.filter(order__shopper=shopper).update(to_method="")
    Return.objects.filter(order__shopper=shopper).update(to_method="")


def _row(
    key: str,
    kind: str,
    request: Mapping[str, Any],
    verdict: Mapping[str, Any],
    order: Order | None,
    shopper: Shopper,
) -> OrderAction:
    return OrderAction(
        key=key,
        kind=kind,
        request={**request, "action": kind},
        verdict=dict(verdict),
        order=order,
        shopper=shopper,
        order_version=order.version if order else None,
    )


def _move(action: OrderAction, before: ActionState, after: ActionState, **fields: Any) -> OrderAction:
    if not OrderAction.objects.filter(pk=action.pk, state=before).update(state=after, **fields):
        raise ActionMoved(_("The action has moved on meanwhile."))
    action.refresh_from_db()
    return action


__all__ = [
    "ActionKeyReused",
    "ActionMoved",
    "approve_action",
    "carry_out",
    "execute_here",
    "forget_shopper_in_actions",
    "preview_action",
    "propose_action",
    "refuse_action",
    "withdraw_action",
]

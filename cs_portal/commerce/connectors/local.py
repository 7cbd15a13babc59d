"""This database is the shop: an action is a few conditional updates in the caller's transaction."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from cs_portal.commerce.actions.applying import apply_plan
from cs_portal.commerce.actions.making import make_plan
from cs_portal.commerce.actions.plan import Plan
from cs_portal.commerce.connectors.base import Action, ActionRefused
from cs_portal.commerce.models import UNDER_WAY, ActionState, ConnectorKind, Order, OrderAction


def preview(action: Action) -> Plan:
    """What :func:`execute` would do now. Raises :class:`ActionRefused` when it would refuse."""
    return make_plan(action)


def execute(action: Action, *, now: datetime, approved: Plan | None = None) -> OrderAction:
    """Carry out ``action`` within the caller's transaction, and keep it as a row. The same ``key`` again does nothing.

    ``approved`` is the plan that somebody saw: a different one is refused. Raises :class:`ActionRefused` when the order
    does not permit it; the caller's transaction must roll back then.
    """
    # The lock comes first: the plan is made of what nobody else can change any more.
    if action.order_id is not None:
        Order.objects.filter(pk=action.order_id).update(version=F("version"))
    else:
        OrderAction.objects.filter(key=action.key).update(attempts=F("attempts"))
    row = OrderAction.objects.filter(key=action.key).first()
    if row is not None and row.state == ActionState.DONE:
        return row
    others = OrderAction.objects.filter(order_id=action.order_id, state__in=UNDER_WAY).exclude(key=action.key)
    if action.order_id is not None and others.exists():
        raise ActionRefused(_("Another action on this order is under way."), code="under_way")
    plan = make_plan(action)
    if approved is not None and approved != plan:
        raise ActionRefused(_("What it would do has changed meanwhile."), code="plan_changed")
    order = apply_plan(plan, action, now=now)
    if row is None:
        return OrderAction.objects.create(
            kind=action.kind,
            state=ActionState.DONE,
            key=action.key,
            order=order,
            shopper=order.shopper,
            order_version=order.version - 1,
            request=_request(action),
            verdict=_verdict(action, plan),
            preview=plan.to_dict(),
            amount_minor=plan.money_back_minor,
            currency=order.currency,
            rules=action.provenance.rules,
            draft=action.provenance.draft,
            connector=ConnectorKind.LOCAL,
            approved_by_kind=action.provenance.source,
            approved_by=action.provenance.by,
            approved_at=now,
            attempts=1,
            created_at=now,
            begun_at=now,
            settled_at=now,
        )
    settled = OrderAction.objects.filter(pk=row.pk, state=ActionState.APPROVED).update(
        state=ActionState.DONE, order=order, attempts=F("attempts") + 1, begun_at=now, settled_at=now
    )
    if not settled:
        raise ActionRefused(_("The action is not approved, or was carried out already."), code="not_approved")
    row.refresh_from_db()
    return row


def _request(action: Action) -> dict[str, object]:
    given = {
        "action": action.kind,
        "reason": action.reason or None,
        "lines": [dict(line) for line in action.lines],
        "payment_method": action.payment_method,
        "confirmed": action.confirmed or None,
    }
    return {key: value for key, value in given.items() if value}


def _verdict(action: Action, plan: Plan) -> dict[str, object]:
    return {
        "outcome": "allow",
        "amount_minor": action.amount_minor or sum(part["amount_minor"] for part in action.payments),
        "payments": [dict(part) for part in action.payments],
        "rule": action.provenance.rule,
        "version": action.provenance.rules_version,
    }

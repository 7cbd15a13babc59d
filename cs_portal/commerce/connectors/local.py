"""This database is the shop: an action is a few conditional updates in the caller's transaction.

Every update states what it relies on in its WHERE clause, so a race ends in :class:`ActionRefused` and a rollback.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from cs_portal.commerce.connectors.base import Action, ActionRefused
from cs_portal.commerce.models import Order, OrderStatus, Payment, Refund

BEFORE_SHIPPING = (OrderStatus.PENDING, OrderStatus.PROCESSING)


def execute(action: Action, *, now: datetime) -> None:
    """Carry out ``action`` within the caller's transaction. The same ``key`` again does nothing.

    Raises :class:`ActionRefused` when the order no longer permits it; nothing is changed then (the caller's
    transaction must roll back).
    """
    _STEPS[action.kind](action, now)


def _refund(action: Action, now: datetime) -> None:
    if Refund.objects.filter(key=action.key).exists():
        return
    amount = sum(part["amount_minor"] for part in action.payments)
    if amount <= 0:
        raise ActionRefused(_("There is nothing to refund."))
    for part in action.payments:
        paid_back = Payment.objects.filter(
            order_id=action.order_id,
            external_id=part["id"],
            amount_minor__gte=F("refunded_minor") + part["amount_minor"],
        ).update(refunded_minor=F("refunded_minor") + part["amount_minor"])
        if not paid_back:
            raise ActionRefused(_("The payment does not hold that much any more."))
    moved = Order.objects.filter(pk=action.order_id, paid_minor__gte=F("refunded_minor") + amount).update(
        refunded_minor=F("refunded_minor") + amount, version=F("version") + 1
    )
    if not moved:
        raise ActionRefused(_("The order does not hold that much any more."))
    Refund.objects.create(
        order_id=action.order_id,
        external_id=f"r-{action.key[-12:]}",
        key=action.key,
        amount_minor=amount,
        lines=[dict(line) for line in action.lines],
        payments=[dict(part) for part in action.payments],
        created_at=now,
    )


def _cancel(action: Action, now: datetime) -> None:
    _move(action, OrderStatus.CANCELLED, BEFORE_SHIPPING, cancelled_at=now)
    if action.payments:
        _refund(action, now)


def _change_address(action: Action, now: datetime) -> None:
    if not action.address:
        raise ActionRefused(_("There is no new address."))
    moved = Order.objects.filter(pk=action.order_id, status__in=BEFORE_SHIPPING).update(
        address=dict(action.address), version=F("version") + 1
    )
    if not moved:
        raise ActionRefused(_("The order has been shipped or closed meanwhile."))


def _return(action: Action, now: datetime) -> None:
    _move(action, OrderStatus.RETURN_REQUESTED, (OrderStatus.DELIVERED,))


def _exchange(action: Action, now: datetime) -> None:
    _move(action, OrderStatus.EXCHANGE_REQUESTED, (OrderStatus.DELIVERED,))


def _move(action: Action, to: OrderStatus, allowed: tuple[OrderStatus, ...], **fields: datetime) -> None:
    moved = Order.objects.filter(pk=action.order_id, status__in=allowed).update(
        status=to, version=F("version") + 1, **fields
    )
    if not moved:
        raise ActionRefused(_("The order changed its state meanwhile."))


_STEPS: dict[str, Callable[[Action, datetime], None]] = {
    "refund": _refund,
    "cancel": _cancel,
    "change_address": _change_address,
    "return": _return,
    "exchange": _exchange,
}

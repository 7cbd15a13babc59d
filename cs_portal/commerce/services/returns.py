"""How a return ends: its pieces arrive and the promised money goes back, or they never come and it is closed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from cs_portal.commerce import history
from cs_portal.commerce.actions import money, pieces
from cs_portal.commerce.actions.applying import apply_plan
from cs_portal.commerce.actions.plan import Plan, Step, StepKind
from cs_portal.commerce.actions.promises import promises
from cs_portal.commerce.connectors.base import Action, ActionRefused
from cs_portal.commerce.connectors.choice import connector_kind
from cs_portal.commerce.history import Provenance
from cs_portal.commerce.models import ConnectorKind, Happened, Order, OrderLine, OrderStatus, Return
from cs_portal.core.audit import Actor, record


def preview_receipt(*, return_id: UUID) -> Plan:
    """What :func:`receive_return` would do now; nothing is written. Raises :class:`ActionRefused`."""
    return _plan(Return.by_public_id(return_id))


def receive_return(*, return_id: UUID, by: Actor, now: datetime) -> Order:
    """The pieces have arrived: restock them and give the promised money back, in the caller's transaction.

    What was refunded of these pieces meanwhile (in the shop system, say) is not paid again. Once only. Raises
    :class:`ActionRefused` when it was received or closed already, or when a remote shop takes returns in.
    """
    found = Return.by_public_id(return_id)
    # The order first, as everywhere; then whoever comes second finds the return received.
    Order.objects.filter(pk=found.order_id).update(version=F("version"))
    plan = _plan(found)
    if not Return.objects.filter(pk=found.pk, received_at=None, closed_at=None).update(received_at=now):
        raise ActionRefused(_("The return was received already."), code="received")
    action = Action(
        kind=plan.kind,
        order_id=found.order_id,
        key=f"return:{found.public_id}",
        provenance=Provenance(source=by.kind, by=by.id),
    )
    order = apply_plan(plan, action, now=now)
    record(
        merchant_id=order.merchant_id,
        actor=by,
        action="return.received",
        target=f"order:{order.public_id}",
        now=now,
        data={"amount": plan.money_back_minor},
    )
    return order


def close_return(*, return_id: UUID, by: Actor, now: datetime) -> Order:
    """The pieces never came: nothing is paid, they count as the shopper's again. In the caller's transaction.

    With a remote shop, too: this only writes down here what is known there. Raises :class:`ActionRefused` when it was
    received or closed already.
    """
    found = Return.by_public_id(return_id)
    Order.objects.filter(pk=found.order_id).update(version=F("version"))
    if not Return.objects.filter(pk=found.pk, received_at=None, closed_at=None).update(closed_at=now):
        raise ActionRefused(_("The return was received already."), code="received")
    for line in found.lines:
        OrderLine.objects.filter(
            order_id=found.order_id, external_id=line["id"], returned_quantity__gte=line["quantity"]
        ).update(returned_quantity=F("returned_quantity") - line["quantity"])
    before = Order.objects.get(pk=found.order_id).status
    Order.objects.filter(pk=found.order_id).update(version=F("version") + 1)
    if not Return.objects.filter(order_id=found.order_id, received_at=None, closed_at=None).exists():
        Order.objects.filter(pk=found.order_id, status=OrderStatus.RETURN_REQUESTED).update(
            status=OrderStatus.DELIVERED
        )
    order = Order.objects.select_related("shopper").get(pk=found.order_id)
    history.record(
        order,
        Happened.RETURN_CLOSED,
        version=order.version,
        now=now,
        provenance=Provenance(source=by.kind, by=by.id),
        before=before if before != order.status else "",
        after=order.status if before != order.status else "",
        data={"lines": found.lines},
    )
    record(
        merchant_id=order.merchant_id,
        actor=by,
        action="return.closed",
        target=f"order:{order.public_id}",
        now=now,
        data={"amount": found.amount_minor},
    )
    return order


def _require_open(found: Return) -> None:
    if connector_kind() != ConnectorKind.LOCAL:
        raise ActionRefused(_("The shop system takes returns in; do it there."), code="remote_shop")
    if found.received_at is not None or found.closed_at is not None:
        raise ActionRefused(_("The return was received already."), code="received")


def _plan(found: Return) -> Plan:
    _require_open(found)
    order = Order.objects.select_related("shopper").prefetch_related("lines", "payments").get(pk=found.order_id)
    back = pieces.asked(order, found.lines)
    shares = _owed(found, order, back)
    steps = list(money.back(order, order.shopper, shares, method_id=found.to_method or None))
    if shares and found.shipping_minor:
        paid = sum(amount for _payment, amount in shares)
        steps.append(Step(StepKind.SHIPPING_BACK, amount_minor=min(found.shipping_minor, paid)))
    if shares and found.restocking_fee_minor:
        steps.append(Step(StepKind.FEE_KEPT, amount_minor=found.restocking_fee_minor))
    if shares:
        steps += [each.step(StepKind.REFUNDED) for each in pieces.unrefunded(back)]
    steps += [each.step(StepKind.RECEIVED) for each in back]
    steps += pieces.stock_back(back)
    if order.status == OrderStatus.RETURN_REQUESTED and (after := _status_after(found, order)) != order.status:
        steps.append(Step(StepKind.STATUS, was=order.status, status=after))
    return Plan(kind="return_received", currency=order.currency, order=order.number, steps=tuple(steps))


def _status_after(found: Return, order: Order) -> OrderStatus:
    """Returned, once the shopper has none of its pieces any more; what they keep can still go back or be exchanged."""
    if order.returns.filter(received_at=None, closed_at=None).exclude(pk=found.pk).exists():
        return OrderStatus.RETURN_REQUESTED
    return OrderStatus.DELIVERED if pieces.kept(pieces.asked(order, ())) else OrderStatus.RETURNED


def _owed(found: Return, order: Order, back: list[pieces.Pieces]) -> list[money.Share]:
    """What of the promise is still to be paid: for the pieces that were not refunded since it was made, as far as the
    payments hold it beside what other returns were promised.
    """
    promised_elsewhere = promises(order, apart_from=found).payments
    by_id = {payment.external_id: payment for payment in order.payments.all()}
    whole, due = _price(found, back, since=False), _price(found, back, since=True)
    shares: list[money.Share] = []
    for part in found.payments:
        if (payment := by_id.get(part["id"])) is None:
            continue
        owed = part["amount_minor"] * due // whole if whole else part["amount_minor"]
        left = max(0, money.left_of(payment) - promised_elsewhere.get(part["id"], 0))
        if amount := min(owed, left, order.paid_minor - order.refunded_minor - sum(a for _p, a in shares)):
            shares.append((payment, amount))
    return shares


def _price(found: Return, back: list[pieces.Pieces], *, since: bool) -> int:
    """Of the pieces that the money is for; ``since``: without those that were refunded after it was promised."""
    owed = {line["id"]: line.get("owed", line["quantity"]) for line in found.lines}
    price = 0
    for each in back:
        count = owed.get(each.line.external_id, each.quantity)
        if since:
            count = max(0, min(count, each.line.quantity - each.line.refunded_quantity))
        price += count * each.line.unit_price_minor
    return price

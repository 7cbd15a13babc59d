"""Carrying a plan out on the rows of this database, in the caller's transaction.

Every update states what it relies on in its WHERE clause, so whatever slipped in between ends in
:class:`ActionRefused`, and the caller rolls back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from cs_portal.commerce import history
from cs_portal.commerce.actions.plan import Plan, Step, StepKind
from cs_portal.commerce.connectors.base import Action, ActionRefused
from cs_portal.commerce.models import (
    Exchange,
    Happened,
    MoneyBack,
    Order,
    OrderLine,
    OrderStatus,
    Payment,
    Refund,
    Resend,
    Return,
    Shipment,
    Shopper,
    Variant,
)

_BECAUSE = {
    "refund": MoneyBack.REFUND,
    "cancel": MoneyBack.CANCEL,
    "return_received": MoneyBack.RETURN,
    "exchange": MoneyBack.DIFFERENCE,
    "change_items": MoneyBack.DIFFERENCE,
    "change_payment": MoneyBack.PAYMENT_CHANGE,
}
_HAPPENED = {
    "refund": Happened.REFUNDED,
    "return": Happened.RETURN_OPENED,
    "return_received": Happened.RETURN_RECEIVED,
    "exchange": Happened.EXCHANGED,
    "cancel": Happened.CANCELLED,
    "change_address": Happened.ADDRESS_CHANGED,
    "change_items": Happened.ITEMS_CHANGED,
    "change_payment": Happened.PAYMENT_CHANGED,
    "resend": Happened.RESENT,
    "place_order": Happened.PLACED,
}
_COUNTERS = {
    StepKind.REFUNDED: "refunded_quantity",
    StepKind.RETURNED: "returned_quantity",
    StepKind.EXCHANGED: "exchanged_quantity",
    StepKind.CANCELLED: "cancelled_quantity",
    StepKind.RESENT: "resent_quantity",
}
#: What a line's counters may sum up to, beside each: the same as the constraints of the table.
_BESIDE = {
    "refunded_quantity": ("exchanged_quantity",),
    "returned_quantity": ("exchanged_quantity", "cancelled_quantity"),
    "exchanged_quantity": ("returned_quantity", "cancelled_quantity"),
    "cancelled_quantity": ("returned_quantity", "exchanged_quantity"),
    "resent_quantity": (),
}


@dataclass(frozen=True, slots=True)
class _Work:
    """What the steps of one action share."""

    action: Action
    plan: Plan
    order: Order
    now: datetime


def apply_plan(plan: Plan, action: Action, *, now: datetime, reference: str = "", number: str = "") -> Order:
    """Take the steps, bump the order's version by one, write its history; returns the order, locked.

    ``reference`` is a remote shop's own id of the refund, ``number`` that of a new order, where it was done there.
    Raises :class:`ActionRefused`.
    """
    order = _new_order(plan, action, number, now) if action.kind == "place_order" else _locked(action)
    work = _Work(action, plan, order, now)
    for step in plan.steps:
        if (take := _STEPS.get(step.what)) is not None:
            take(work, step)
    refund = _write_rows(work, reference)
    order.refresh_from_db()
    _tell(work, refund)
    return order


def _locked(action: Action) -> Order:
    """The order, its row locked first of all, one version on."""
    if not Order.objects.filter(pk=action.order_id).update(version=F("version") + 1):
        raise ActionRefused(_("The order is not there any more."), code="unknown_order")
    return Order.objects.select_related("shopper").get(pk=action.order_id)


# --- money -----------------------------------------------------------------------------------------------------------


def _money_back(work: _Work, step: Step) -> None:
    paid_back = Payment.objects.filter(
        order=work.order,
        external_id=step.payment,
        captured_at__isnull=False,
        amount_minor__gte=F("refunded_minor") + step.amount_minor,
    ).update(refunded_minor=F("refunded_minor") + step.amount_minor)
    if not paid_back:
        raise ActionRefused(_("The payment does not hold that much any more."), code="payment_exhausted")
    moved = Order.objects.filter(pk=work.order.pk, paid_minor__gte=F("refunded_minor") + step.amount_minor).update(
        refunded_minor=F("refunded_minor") + step.amount_minor
    )
    if not moved:
        raise ActionRefused(_("The order does not hold that much any more."), code="order_exhausted")


def _money_taken(work: _Work, step: Step) -> None:
    Payment.objects.create(
        order=work.order,
        external_id=step.payment,
        method_id=step.method_id,
        method=step.method,
        amount_minor=step.amount_minor,
        captured_at=work.now,
    )
    Order.objects.filter(pk=work.order.pk).update(
        paid_minor=F("paid_minor") + step.amount_minor, paid_at=work.order.paid_at or work.now
    )


def _payment_moved(work: _Work, step: Step) -> None:
    moved = Payment.objects.filter(order=work.order, external_id=step.payment, captured_at=None).update(
        method=step.method, method_id=step.method_id
    )
    if not moved:
        raise ActionRefused(_("It was paid meanwhile."), code="paid_meanwhile")


def _payment_lowered(work: _Work, step: Step) -> None:
    _change_open(work, step, -step.amount_minor)


def _payment_raised(work: _Work, step: Step) -> None:
    _change_open(work, step, step.amount_minor)


def _change_open(work: _Work, step: Step, by_minor: int) -> None:
    moved = Payment.objects.filter(
        order=work.order, external_id=step.payment, captured_at=None, amount_minor__gte=-by_minor
    ).update(amount_minor=F("amount_minor") + by_minor)
    if not moved:
        raise ActionRefused(_("It was paid meanwhile."), code="paid_meanwhile")


def _card_credited(work: _Work, step: Step) -> None:
    _change_card(work, step.method_id, step.amount_minor)


def _card_debited(work: _Work, step: Step) -> None:
    _change_card(work, step.method_id, -step.amount_minor)


def _change_card(work: _Work, method_id: str, amount_minor: int) -> None:
    """The shopper's row is locked, so that two orders do not spend one balance."""
    shopper = Shopper.objects.select_for_update().get(pk=work.order.shopper_id)
    methods = [dict(each) for each in shopper.payment_methods]
    card = next((each for each in methods if each.get("id") == method_id), None)
    if card is None or card.get("balance_minor") is None or card["balance_minor"] + amount_minor < 0:
        raise ActionRefused(_("The gift card does not hold that much."), code="card_exhausted")
    card["balance_minor"] += amount_minor
    Shopper.objects.filter(pk=shopper.pk).update(payment_methods=methods)


# --- pieces and stock ------------------------------------------------------------------------------------------------


def _counted(work: _Work, step: Step) -> None:
    if step.what == StepKind.EXCHANGED and not step.variant:
        return
    counter = _COUNTERS[step.what]
    used = F(counter) + step.quantity
    for beside in _BESIDE[counter]:
        used = used + F(beside)
    lines = OrderLine.objects.filter(order=work.order, external_id=step.line, quantity__gte=used)
    if counter == "exchanged_quantity":
        lines = lines.filter(quantity__gte=F("exchanged_quantity") + F("refunded_quantity") + step.quantity)
    if not lines.update(**{counter: F(counter) + step.quantity}):
        raise ActionRefused(_("Nothing is left of these items to act on."), code="pieces_settled")


def _stock_taken(work: _Work, step: Step) -> None:
    taken = Variant.objects.filter(external_id=step.variant, stock__gte=step.quantity).update(
        stock=F("stock") - step.quantity
    )
    if not taken:
        raise ActionRefused(_("Not enough of it is in stock."), code="out_of_stock")


def _stock_back(work: _Work, step: Step) -> None:
    Variant.objects.filter(external_id=step.variant).update(stock=F("stock") + step.quantity)


def _replaced(work: _Work, step: Step) -> None:
    new = {
        "product": step.product,
        "variant": step.variant,
        "options": dict(step.options),
        "unit_price_minor": step.amount_minor,
    }
    replace_pieces(work.order, step.line, step.quantity, new)


def replace_pieces(order: Order, key: str, quantity: int, new: Mapping[str, Any]) -> None:
    """The pieces of the line become the other variant: the whole line, or a line of their own beside it."""
    line = OrderLine.objects.select_for_update().get(order=order, external_id=key)
    if quantity == line.quantity:
        discount = min(line.discount_minor, quantity * new["unit_price_minor"])
        OrderLine.objects.filter(pk=line.pk).update(**new, discount_minor=discount)
        return
    rest = line.quantity - quantity
    discount = min(line.discount_minor, rest * line.unit_price_minor)
    OrderLine.objects.filter(pk=line.pk).update(quantity=rest, discount_minor=discount)
    taken = set(OrderLine.objects.filter(order=order).values_list("external_id", flat=True))
    name = next(name for n in range(2, 1000) if (name := f"{key[:60]}-{n}") not in taken)
    OrderLine.objects.create(
        order=order,
        external_id=name,
        title=line.title,
        quantity=quantity,
        tags=line.tags,
        final_sale=line.final_sale,
        **new,
    )


# --- the order itself ------------------------------------------------------------------------------------------------


def _status(work: _Work, step: Step) -> None:
    if work.action.kind == "place_order":
        return
    fields: dict[str, Any] = {"status": step.status}
    if step.status == OrderStatus.CANCELLED:
        fields["cancelled_at"] = work.now
    if not Order.objects.filter(pk=work.order.pk, status=step.was).update(**fields):
        raise ActionRefused(_("The order changed its state meanwhile."), code="wrong_status")


def _address(work: _Work, step: Step) -> None:
    if work.action.kind == "place_order":
        return
    moved = Order.objects.filter(pk=work.order.pk, status__in=(OrderStatus.PENDING, OrderStatus.PROCESSING)).update(
        address=dict(work.action.address or {})
    )
    if not moved:
        raise ActionRefused(_("The order has been shipped or closed meanwhile."), code="wrong_status")


def _shipment(work: _Work, step: Step) -> None:
    lines = [each.line for each in work.plan.of(StepKind.RESENT)]
    Shipment.objects.create(order=work.order, tracking="", carrier="", lines=lines)


def _new_order(plan: Plan, action: Action, number: str, now: datetime) -> Order:
    if not action.confirmed:
        raise ActionRefused(_("The shopper has not confirmed the order yet."), code="not_confirmed")
    shopper = Shopper.objects.get(pk=action.shopper_id)
    last = Order.objects.filter(shopper=shopper).order_by("-placed_at").first()
    order = Order.objects.create(
        # Unique whatever else is numbered in the shop: the action's own id is in it.
        number=number[:40] or f"P{str(action.provenance.action or action.key).replace('-', '').upper()[:12]}",
        shopper=shopper,
        storefront=last.storefront if last else "",
        currency=plan.currency,
        status=next(plan.of(StepKind.STATUS)).status,
        placed_at=now,
        utc_offset_minutes=last.utc_offset_minutes if last else 0,
        address=dict(action.address or {}),
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            external_id=step.line,
            product=step.product,
            variant=step.variant,
            title=step.title,
            options=dict(step.options),
            quantity=step.quantity,
            unit_price_minor=step.amount_minor,
        )
        for step in plan.of(StepKind.LINE)
    )
    return order


_STEPS: dict[StepKind, Callable[[_Work, Step], None]] = {
    StepKind.MONEY_BACK: _money_back,
    StepKind.MONEY_TAKEN: _money_taken,
    StepKind.PAYMENT_MOVED: _payment_moved,
    StepKind.PAYMENT_LOWERED: _payment_lowered,
    StepKind.PAYMENT_RAISED: _payment_raised,
    StepKind.CARD_CREDITED: _card_credited,
    StepKind.CARD_DEBITED: _card_debited,
    **dict.fromkeys(_COUNTERS, _counted),
    StepKind.STOCK_TAKEN: _stock_taken,
    StepKind.STOCK_BACK: _stock_back,
    StepKind.REPLACED: _replaced,
    StepKind.STATUS: _status,
    StepKind.ADDRESS: _address,
    StepKind.SHIPMENT: _shipment,
}


# --- rows and history ------------------------------------------------------------------------------------------------


def _write_rows(work: _Work, reference: str) -> Refund | None:
    """The row that says what was done, beside the refund if money went back."""
    plan, action = work.plan, work.action
    common: Mapping[str, Any] = {"order": work.order, "key": action.key, "created_at": work.now}
    if action.kind == "return":
        Return.objects.create(
            **common,
            lines=_owed(work),
            amount_minor=plan.amount(StepKind.MONEY_PROMISED),
            shipping_minor=plan.amount(StepKind.SHIPPING_BACK),
            restocking_fee_minor=plan.amount(StepKind.FEE_KEPT),
            payments=_shares(plan, StepKind.MONEY_PROMISED),
            to_method=action.payment_method or "",
        )
    if action.kind == "exchange":
        difference = plan.amount(StepKind.MONEY_TAKEN) - plan.amount(StepKind.MONEY_BACK)
        Exchange.objects.create(**common, lines=_exchanged(plan), difference_minor=difference)
    if action.kind == "resend":
        Resend.objects.create(**common, lines=_lines(plan, StepKind.RESENT))
    if action.kind == "change_items":
        Order.objects.filter(pk=work.order.pk).update(items_modified=True)
    if not (amount := plan.money_back_minor):
        return None
    return Refund.objects.create(
        **common,
        external_id=_refund_id(work, reference),
        because=_BECAUSE[action.kind],
        amount_minor=amount,
        shipping_minor=plan.amount(StepKind.SHIPPING_BACK),
        restocking_fee_minor=plan.amount(StepKind.FEE_KEPT),
        lines=_lines(plan, StepKind.REFUNDED),
        payments=_shares(plan, StepKind.MONEY_BACK),
        to_method=next((step.method_id for step in plan.of(StepKind.MONEY_TO)), ""),
    )


def _refund_id(work: _Work, reference: str) -> str:
    """The shop's own id, where it is one: whole, and no other refund of the order has it."""
    taken = Refund.objects.filter(order=work.order, external_id=reference).exists()
    return reference if reference and len(reference) <= 64 and not taken else f"r-{work.action.key[-12:]}"


def _tell(work: _Work, refund: Refund | None) -> None:
    plan = work.plan
    # A cancellation of some items leaves the order going on.
    kind = _HAPPENED[plan.kind]
    status = next(plan.of(StepKind.STATUS), None)
    if kind == Happened.CANCELLED and status is None:
        kind = Happened.ITEMS_CANCELLED
    happened = [(kind, dict(_event_data(plan)), status)]
    if refund is not None:
        data = {"refund": refund.external_id, "amount_minor": refund.amount_minor}
        happened = [(kind, {**data, **happened[0][1]}, status)] if kind == Happened.REFUNDED else happened
        if kind != Happened.REFUNDED:
            happened.append((Happened.REFUNDED, data, None))
    for step in plan.of(StepKind.MONEY_TAKEN):
        happened.append((Happened.PAID, {"payment": step.payment, "amount_minor": step.amount_minor}, None))
    for each, data, moved in happened:
        history.record(
            work.order,
            each,
            version=work.order.version,
            now=work.now,
            provenance=work.action.provenance,
            before=moved.was if moved else "",
            after=moved.status if moved else "",
            data=data,
        )


def _event_data(plan: Plan) -> Iterator[tuple[str, Any]]:
    lines = [
        {"id": step.line, "quantity": step.quantity, **({"to_variant": step.variant} if step.variant else {})}
        for step in plan.of(*_COUNTERS, StepKind.REPLACED, StepKind.RECEIVED)
        if plan.kind == "refund" or step.what != StepKind.REFUNDED
    ]
    if lines:
        yield "lines", lines
    if promised := plan.amount(StepKind.MONEY_PROMISED):
        yield "promised_minor", promised


def _lines(plan: Plan, kind: StepKind) -> list[dict[str, Any]]:
    return [
        {"id": step.line, "quantity": step.quantity, **({"to_variant": step.variant} if step.variant else {})}
        for step in plan.of(kind)
    ]


def _owed(work: _Work) -> list[dict[str, Any]]:
    """The pieces of a return, each line with how many of them were not refunded before."""
    left = {
        line.external_id: line.quantity - line.refunded_quantity for line in OrderLine.objects.filter(order=work.order)
    }
    return [
        {**line, "owed": max(0, min(line["quantity"], left[line["id"]]))}
        for line in _lines(work.plan, StepKind.RETURNED)
    ]


def _exchanged(plan: Plan) -> list[dict[str, Any]]:
    """The pieces of an exchange with what they become, at the price of today."""
    return [
        line
        if not step.variant
        else {
            **line,
            "product": step.product,
            "options": dict(step.options),
            "unit_price_minor": step.amount_minor,
        }
        for line, step in zip(_lines(plan, StepKind.EXCHANGED), plan.of(StepKind.EXCHANGED), strict=True)
    ]


def _shares(plan: Plan, kind: StepKind) -> list[dict[str, Any]]:
    return [{"id": step.payment, "amount_minor": step.amount_minor} for step in plan.of(kind)]

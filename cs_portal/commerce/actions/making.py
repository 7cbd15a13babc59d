"""Making the plan of an action from the order as it is. Reads only.

Every refusal has a code and a sentence; nothing is decided here that is the rules' to decide: whether the order, the
stock and the money permit it is asked, not whether the shopper deserves it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from django.utils.translation import gettext_lazy as _

from cs_portal.commerce.actions import money, pieces
from cs_portal.commerce.actions.pieces import Pieces
from cs_portal.commerce.actions.plan import Plan, Step, StepKind
from cs_portal.commerce.actions.promises import Promises, promises
from cs_portal.commerce.actions.worth import off_minor, paid_for
from cs_portal.commerce.connectors.base import Action, ActionRefused
from cs_portal.commerce.models import Order, OrderStatus, Shopper, Variant

BEFORE_SHIPPING = (OrderStatus.PENDING, OrderStatus.PROCESSING)
ON_THE_WAY = (OrderStatus.SHIPPED, OrderStatus.DELIVERED)


def make_plan(action: Action) -> Plan:
    """What ``action`` will do, exactly. Raises :class:`ActionRefused` when the order does not permit it."""
    if action.kind == "place_order":
        shopper = Shopper.objects.filter(pk=action.shopper_id).first()
        if shopper is None:
            raise ActionRefused(_("The shopper is not there any more."), code="unknown_shopper")
        steps = tuple(_place_order(action, shopper))
        return Plan(kind=action.kind, currency=_currency(action), steps=steps)
    order = (
        Order.objects.select_related("shopper")
        .prefetch_related("lines", "payments", "refunds")
        .filter(pk=action.order_id)
        .first()
    )
    if order is None:
        raise ActionRefused(_("The order is not there any more."), code="unknown_order")
    return Plan(
        kind=action.kind,
        currency=order.currency,
        order=order.number,
        steps=tuple(_PLANNERS[action.kind](action, order)),
    )


# --- money and goods that go back ------------------------------------------------------------------------------------


def _refund(action: Action, order: Order) -> Iterator[Step]:
    shares = _shares(action, order)
    if not shares:
        raise ActionRefused(_("There is nothing to refund."), code="nothing_to_refund")
    asked, promised = pieces.asked(order, action.lines), promises(order)
    settled = pieces.free(asked, promised.pieces)
    if action.lines:
        pieces.require_worth(order, settled, sum(amount for _payment, amount in shares))
    yield from _money_back(action, order, shares)
    if action.lines or _gives_all_back(action, order, shares, settled):
        yield from _off_before(order, shares, settled, promised)
        yield from (each.step(StepKind.REFUNDED) for each in settled)
        yield from (each.step(StepKind.LEFT_OUT) for each in pieces.held_back(asked, promised.pieces))


def _return(action: Action, order: Order) -> Iterator[Step]:
    _require(order, (OrderStatus.DELIVERED,))
    asked, shares = pieces.asked(order, action.lines), _shares(action, order)
    if action.lines and shares:
        owed = pieces.free(asked, promises(order).pieces)
        pieces.require_worth(order, owed, sum(amount for _payment, amount in shares))
    for payment, amount in shares:
        yield Step(
            StepKind.MONEY_PROMISED,
            payment=payment.external_id,
            method=payment.method,
            method_id=payment.method_id,
            amount_minor=amount,
        )
    yield from _terms(action)
    back = pieces.some(pieces.kept(asked))
    yield from (each.step(StepKind.RETURNED) for each in back)
    yield _status(order, OrderStatus.RETURN_REQUESTED)


def _cancel(action: Action, order: Order) -> Iterator[Step]:
    _require(order, BEFORE_SHIPPING)
    gone = pieces.kept(pieces.asked(order, action.lines))
    everything = pieces.kept(pieces.asked(order, ()))
    whole = _count(gone) == _count(everything)
    if not whole:
        pieces.some(gone)
    shares = _shares(action, order)
    yield from _money_back(action, order, shares)
    if shares:
        yield from (each.step(StepKind.REFUNDED) for each in pieces.unrefunded(gone))
    yield from (each.step(StepKind.CANCELLED) for each in gone)
    yield from pieces.stock_back(gone)
    if not whole:
        back = sum(amount for _payment, amount in shares) + action.restocking_fee_minor
        yield from money.lowered(order, paid_for(order, _counts(pieces.unrefunded(gone))) - back)
    if whole:
        yield _status(order, OrderStatus.CANCELLED)


def _shares(action: Action, order: Order) -> list[money.Share]:
    promised = promises(order).payments
    if action.payments:
        return money.given(order, action.payments, promised=promised)
    if not action.amount_minor:
        return []
    return money.split(order.payments.all(), action.amount_minor, method_id=action.payment_method, promised=promised)


def _money_back(action: Action, order: Order, shares: list[money.Share]) -> Iterator[Step]:
    yield from money.back(order, order.shopper, shares, method_id=action.payment_method)
    if shares:
        yield from _terms(action)


def _terms(action: Action) -> Iterator[Step]:
    if action.shipping_minor:
        yield Step(StepKind.SHIPPING_BACK, amount_minor=action.shipping_minor)
    if action.restocking_fee_minor:
        yield Step(StepKind.FEE_KEPT, amount_minor=action.restocking_fee_minor)


def _off_before(order: Order, shares: list[money.Share], settled: list[Pieces], promised: Promises) -> Iterator[Step]:
    """Why the pieces bring less than was paid for them: the order holds no more, for some went back before."""
    back = sum(amount for _payment, amount in shares)
    less = min(off_minor(order), paid_for(order, _counts(settled)) - back)
    if less > 0 and back >= order.paid_minor - order.refunded_minor - promised.total_minor - promised.kept_minor:
        yield Step(StepKind.OFF_BEFORE, amount_minor=less)


def _gives_all_back(action: Action, order: Order, shares: list[money.Share], free: list[Pieces]) -> bool:
    """Whether a refund that names no items settles all that are ``free``: less is an amount off, which settles none.

    Where others are on an open exchange or return, all is what was paid for these alone.
    """
    promised, kept_shipping = promises(order), 0
    if not action.shipping_minor:
        kept_shipping = max(0, order.shipping_minor - sum(each.shipping_minor for each in order.refunds.all()))
    back = sum(amount for _payment, amount in shares) + action.restocking_fee_minor + kept_shipping
    left = order.paid_minor - order.refunded_minor - promised.kept_minor
    if promised.pieces:
        left = min(left, paid_for(order, _counts(free)))
    return back >= left


# --- other pieces ----------------------------------------------------------------------------------------------------


def _exchange(action: Action, order: Order) -> Iterator[Step]:
    _require(order, (OrderStatus.DELIVERED,))
    swapped = pieces.some(pieces.unrefunded(pieces.kept(pieces.asked(order, action.lines))))
    if any(each.to_variant for each in swapped):
        variants = _wanted(order, swapped)
        yield from _difference(action, order, swapped, variants)
        yield from (_becoming(StepKind.EXCHANGED, each, variants) for each in swapped)
        yield from pieces.stock_taken(_pieces_by_variant(swapped), variants)
    else:
        # Registered: which variant it shall be is yet to be said.
        yield from (each.step(StepKind.EXCHANGED) for each in swapped)
    yield _status(order, OrderStatus.EXCHANGE_REQUESTED)


def _change_items(action: Action, order: Order) -> Iterator[Step]:
    _require(order, BEFORE_SHIPPING)
    swapped = pieces.some(pieces.unrefunded(pieces.kept(pieces.asked(order, action.lines))))
    variants = _wanted(order, swapped)
    yield from _difference(action, order, swapped, variants)
    yield from (_becoming(StepKind.REPLACED, each, variants) for each in swapped)
    # First back, then off the shelf: the same variant may be on both sides.
    yield from pieces.stock_back(swapped)
    yield from pieces.stock_taken(_pieces_by_variant(swapped), variants)


def _wanted(order: Order, swapped: list[Pieces]) -> dict[str, Variant]:
    if not all(each.to_variant for each in swapped):
        raise ActionRefused(_("Which variant it shall be is not said for every item."), code="no_variant")
    variants = pieces.variants_of([each.to_variant for each in swapped])
    pieces.stock_taken(_pieces_by_variant(swapped), variants)
    if any(variant.currency != order.currency for variant in variants.values()):
        raise ActionRefused(_("The wanted variant is sold in another currency."), code="other_currency")
    return variants


def _becoming(what: StepKind, each: Pieces, variants: dict[str, Variant]) -> Step:
    variant = variants[each.to_variant]
    return each.step(
        what,
        product=variant.product.external_id,
        variant=variant.external_id,
        options=variant.options,
        amount_minor=variant.price_minor,
    )


def _difference(action: Action, order: Order, swapped: list[Pieces], variants: dict[str, Variant]) -> Iterator[Step]:
    """By the prices on the order, as the rules count it.

    What goes back is at most what the shopper paid for these pieces beyond the new price: a piece bought at a discount
    brought in less than its price.
    """
    prices = {each.to_variant: variants[each.to_variant].price_minor for each in swapped}
    difference = sum(each.quantity * (prices[each.to_variant] - each.line.unit_price_minor) for each in swapped)
    if difference > 0:
        more = list(money.raised(order, difference, method_id=action.payment_method))
        yield from more or money.taken(order, order.shopper, difference, method_id=action.payment_method)
        return
    promised = promises(order)
    paid = paid_for(order, _counts(swapped))
    over = paid - sum(each.quantity * prices[each.to_variant] for each in swapped)
    left = order.paid_minor - order.refunded_minor - promised.total_minor
    if (amount := max(0, min(-difference, over, left))) > 0:
        shares = money.split(order.payments.all(), amount, method_id=action.payment_method, promised=promised.payments)
        yield from money.back(order, order.shopper, shares, method_id=action.payment_method, anywhere=True)
    yield from money.lowered(order, min(-difference, over) - amount)


def _counts(swapped: list[Pieces]) -> Counter[str]:
    counted = Counter[str]()
    for each in swapped:
        counted[each.line.external_id] += each.quantity
    return counted


def _resend(action: Action, order: Order) -> Iterator[Step]:
    _require(order, ON_THE_WAY)
    again = pieces.some(pieces.resendable(pieces.asked(order, action.lines)))
    wanted = Counter[str]()
    for each in again:
        wanted[each.line.variant] += each.quantity
    yield from (each.step(StepKind.RESENT) for each in again)
    yield from pieces.stock_taken(wanted, pieces.variants_of(wanted))
    yield Step(StepKind.SHIPMENT)


# --- before shipping -------------------------------------------------------------------------------------------------


def _change_address(action: Action, order: Order) -> Iterator[Step]:
    if not action.address or not any(action.address.values()):
        raise ActionRefused(_("There is no new address."), code="no_address")
    if order.status not in BEFORE_SHIPPING:
        raise ActionRefused(_("The order has been shipped or closed meanwhile."), code="wrong_status")
    yield Step(StepKind.ADDRESS)


def _change_payment(action: Action, order: Order) -> Iterator[Step]:
    _require(order, BEFORE_SHIPPING)
    method = money.method_of(order.shopper, action.payment_method) if action.payment_method else None
    if method is None or action.payment_method is None:
        raise ActionRefused(_("It is not clear by which of the shopper's payment methods."), code="no_payment_method")
    if {payment.method_id for payment in order.payments.all()} == {action.payment_method}:
        raise ActionRefused(_("The order is paid by that method already."), code="same_method")
    paid = [(payment, left) for payment in order.payments.all() if (left := money.left_of(payment))]
    if paid:
        # First pay, then give back: the new method must be able to pay without what comes back.
        amount = sum(left for _payment, left in paid)
        yield from money.taken(order, order.shopper, amount, method_id=action.payment_method)
        yield from money.back(order, order.shopper, paid, method_id=None)
    for payment in order.payments.all():
        if payment.captured_at is None:
            yield Step(
                StepKind.PAYMENT_MOVED,
                payment=payment.external_id,
                method=method["method"],
                method_id=action.payment_method,
                amount_minor=payment.amount_minor,
            )


# --- new orders ------------------------------------------------------------------------------------------------------


def _place_order(action: Action, shopper: Shopper) -> Iterator[Step]:
    variants = _chosen(action)
    total = 0
    for number, wish in enumerate(action.lines, start=1):
        variant = variants[wish["to_variant"]]
        quantity = wish.get("quantity") or 1
        total += quantity * variant.price_minor
        yield Step(
            StepKind.LINE,
            line=f"l-{number}",
            title=(variant.product.title_en or variant.product.title_zh)[:200],
            product=variant.product.external_id,
            variant=variant.external_id,
            options=variant.options,
            quantity=quantity,
            amount_minor=variant.price_minor,
        )
    yield from pieces.stock_taken(_wished(action), variants)
    yield Step(StepKind.TOTAL, amount_minor=total)
    if action.payment_method:
        method = money.method_of(shopper, action.payment_method)
        if method is None:
            raise ActionRefused(
                _("It is not clear by which of the shopper's payment methods."), code="no_payment_method"
            )
        yield Step(
            StepKind.MONEY_TAKEN,
            payment="pay-1",
            method=method["method"],
            method_id=action.payment_method,
            amount_minor=total,
        )
        yield from money.debited(shopper, action.payment_method, method["method"], total)
    yield Step(StepKind.ADDRESS)
    yield Step(StepKind.STATUS, status=OrderStatus.PROCESSING if action.payment_method else OrderStatus.PENDING)


def _chosen(action: Action) -> dict[str, Variant]:
    if not action.lines or not all(wish.get("to_variant") for wish in action.lines):
        raise ActionRefused(_("Which products it shall be is not said."), code="no_variant")
    if not action.address or not any(action.address.values()):
        raise ActionRefused(_("There is no delivery address."), code="no_address")
    variants = pieces.variants_of(_wished(action))
    pieces.stock_taken(_wished(action), variants)
    if any(variant.product.status != "active" for variant in variants.values()):
        raise ActionRefused(_("A product is not sold any more."), code="not_sold")
    if len({variant.currency for variant in variants.values()}) != 1:
        raise ActionRefused(_("The products are sold in different currencies."), code="other_currency")
    return variants


def _wished(action: Action) -> Counter[str]:
    wanted = Counter[str]()
    for wish in action.lines:
        wanted[wish["to_variant"]] += wish.get("quantity") or 1
    return wanted


def _currency(action: Action) -> str:
    return next(iter(_chosen(action).values())).currency


# --- shared ----------------------------------------------------------------------------------------------------------


def _require(order: Order, allowed: tuple[OrderStatus, ...]) -> None:
    if order.status not in allowed:
        raise ActionRefused(_("The order changed its state meanwhile."), code="wrong_status")


def _status(order: Order, to: OrderStatus) -> Step:
    return Step(StepKind.STATUS, was=order.status, status=to)


def _count(found: list[Pieces]) -> int:
    return sum(each.quantity for each in found)


def _pieces_by_variant(swapped: list[Pieces]) -> Counter[str]:
    wanted = Counter[str]()
    for each in swapped:
        wanted[each.to_variant] += each.quantity
    return wanted


_PLANNERS: dict[str, Callable[[Action, Order], Iterator[Step]]] = {
    "refund": _refund,
    "return": _return,
    "cancel": _cancel,
    "exchange": _exchange,
    "change_items": _change_items,
    "resend": _resend,
    "change_address": _change_address,
    "change_payment": _change_payment,
}

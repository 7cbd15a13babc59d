"""Facts about the variants that a shopper wants instead, and about the payment method that they name.

The products handed in are all that the order or the request names, so a wanted variant that none of them has is a
known failure (not in stock, not of the same product); a line for which no variant was named is `NOT_GIVEN`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from .case import Case
from .catalogue import FactSpec, Known, boolean, money, of_order
from .documents import Order, PaymentMethod, Product, Variant
from .missing import Missing, Problem
from .refundable import RequestedLine, paid_minor
from .text import Text

LineTest = Callable[[RequestedLine, Case], bool | Missing]


def _all_lines(holds: LineTest) -> Callable[[Case], Known]:
    def computed(case: Case) -> Known:
        return case.lines if isinstance(case.lines, Missing) else _all_of(holds(asked, case) for asked in case.lines)

    return computed


def _all_of(verdicts: Iterable[bool | Missing]) -> bool | Missing:
    unknown: Missing | None = None
    for verdict in verdicts:
        if isinstance(verdict, Missing):
            unknown = verdict if unknown is None else unknown
        elif not verdict:
            return False
    return True if unknown is None else unknown


def _wanted(asked: RequestedLine, case: Case) -> tuple[Product, Variant] | Missing:
    if asked.to_variant is None:
        return Missing(Problem.NOT_GIVEN)
    return case.variants.get(asked.to_variant, Missing(Problem.UNKNOWN_VARIANT))


def _same_product(asked: RequestedLine, case: Case) -> bool | Missing:
    if asked.line.product not in case.products:
        return Missing(Problem.UNKNOWN_PRODUCT)
    wanted = _wanted(asked, case)
    if isinstance(wanted, Missing):
        return False if wanted.problem is Problem.UNKNOWN_VARIANT else wanted
    return wanted[0].id == asked.line.product


def _differs(asked: RequestedLine, _case: Case) -> bool | Missing:
    return Missing(Problem.NOT_GIVEN) if asked.to_variant is None else asked.to_variant != asked.line.variant


def _in_stock(case: Case) -> Known:
    """Enough pieces for all lines together that want the same variant."""
    if isinstance(case.lines, Missing):
        return case.lines
    pieces: Counter[str] = Counter()
    for asked in case.lines:
        if asked.to_variant is not None:
            pieces[asked.to_variant] += asked.quantity

    def stocked(asked: RequestedLine) -> bool | Missing:
        wanted = _wanted(asked, case)
        if isinstance(wanted, Missing):
            return False if wanted.problem is Problem.UNKNOWN_VARIANT else wanted
        return wanted[1].stock >= pieces[wanted[1].id]

    return _all_of(stocked(asked) for asked in case.lines)


def _price_difference_minor(order: Order, case: Case) -> int | Missing:
    """What the wanted variants cost more (less: negative) than the prices on the order, before any discount."""
    if isinstance(case.lines, Missing):
        return case.lines
    total = 0
    for asked in case.lines:
        wanted = _wanted(asked, case)
        if isinstance(wanted, Missing):
            return wanted
        if wanted[1].currency != order.currency:
            return Missing(Problem.CURRENCY_MISMATCH)
        total += asked.quantity * (wanted[1].price_minor - asked.line.unit_price_minor)
    return total


def _chosen_method(case: Case) -> PaymentMethod | Missing:
    """The shopper's payment method that the request names, or the one that paid the whole order when it names none."""
    chosen = case.request.payment_method
    if chosen is None and case.order is not None and len(case.order.payments) == 1:
        chosen = case.order.payments[0].method_id
    methods = case.shopper.payment_methods if case.shopper else ()
    return next((method for method in methods if method.id == chosen), Missing(Problem.NOT_GIVEN))


def _payment_is_original(order: Order, case: Case) -> Known:
    chosen = case.request.payment_method
    return chosen is None or any(payment.method_id == chosen for payment in order.payments)


def _payment_is_gift_card(order: Order, case: Case) -> Known:
    """The method named is a gift card; without one, every payment of the order was."""
    chosen = case.request.payment_method
    if chosen is None:
        return all(payment.method == "gift_card" for payment in order.payments)
    if any(payment.method_id == chosen and payment.method == "gift_card" for payment in order.payments):
        return True
    method = _chosen_method(case)
    return not isinstance(method, Missing) and method.method == "gift_card"


def _payment_is_shoppers(case: Case) -> Known:
    """The original payment, meant when none is named, is the shopper's."""
    return case.request.payment_method is None or not isinstance(_chosen_method(case), Missing)


def _payment_covers(needed: Callable[[Order, Case], int | Missing]) -> Callable[[Case], Known]:
    """A gift card must hold what is needed; what other methods hold is not for us to know, and taken to be enough."""

    def computed(order: Order, case: Case) -> Known:
        method = _chosen_method(case)
        if isinstance(method, Missing):
            return method
        if method.method != "gift_card":
            return True
        amount = needed(order, case)
        if isinstance(amount, Missing) or amount <= 0:
            return amount if isinstance(amount, Missing) else True
        return Missing(Problem.NOT_GIVEN) if method.balance_minor is None else method.balance_minor >= amount

    return of_order(computed)


EXCHANGE_FACTS: tuple[FactSpec, ...] = (
    boolean(
        "wanted.same_product",
        Text("wanted variant is of the same product", "目标规格属于同一商品"),
        Text("the wanted variant is of the same product", "目标规格属于同一商品"),
        Text("the wanted variant is not of the same product", "目标规格不属于同一商品"),
        _all_lines(_same_product),
    ),
    boolean(
        "wanted.differs",
        Text("wanted variant differs", "目标规格与原规格不同"),
        Text("the wanted variant differs", "目标规格与原规格不同"),
        Text("the wanted variant is the one ordered", "目标规格与原规格相同"),
        _all_lines(_differs),
    ),
    boolean(
        "wanted.in_stock",
        Text("wanted variant in stock", "目标规格有货"),
        Text("the wanted variant is in stock", "目标规格有货"),
        Text("the wanted variant is not in stock", "目标规格缺货"),
        _in_stock,
    ),
    money("wanted.price_difference_minor", Text("price difference", "差价"), _price_difference_minor),
    boolean(
        "payment.is_original",
        Text("payment method is an original one", "使用原付款方式"),
        Text("the payment method is an original one", "使用原付款方式"),
        Text("the payment method is not an original one", "未使用原付款方式"),
        of_order(_payment_is_original),
    ),
    boolean(
        "payment.is_gift_card",
        Text("payment method is a gift card", "使用礼品卡"),
        Text("the payment method is a gift card", "使用礼品卡"),
        Text("the payment method is not a gift card", "未使用礼品卡"),
        of_order(_payment_is_gift_card),
    ),
    boolean(
        "payment.is_shoppers",
        Text("payment method is the shopper's", "付款方式属于该顾客"),
        Text("the payment method is the shopper's", "付款方式属于该顾客"),
        Text("the payment method named is not the shopper's", "所选付款方式不属于该顾客"),
        _payment_is_shoppers,
    ),
    boolean(
        "payment.covers_difference",
        Text("payment covers the price difference", "余额足够支付差价"),
        Text("the payment method covers the price difference", "余额足够支付差价"),
        Text("the gift card does not cover the price difference", "礼品卡余额不足以支付差价"),
        _payment_covers(_price_difference_minor),
    ),
    boolean(
        "payment.covers_total",
        Text("payment covers the order", "余额足够支付整单"),
        Text("the payment method covers the whole order", "余额足够支付整单"),
        Text("the gift card does not cover the whole order", "礼品卡余额不足以支付整单"),
        _payment_covers(lambda order, _: paid_minor(order)),
    ),
)

"""Facts about the variants that a shopper wants instead, and about the payment method that they name.

The products handed in are all that the order or the request names, so a wanted variant that none of them has is a
known failure (not in stock, not of the same product); a line for which no variant was named is `NOT_GIVEN`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from .case import Case
from .catalogue import FactSpec, Known, boolean, choice, given, money, number, of_order
from .documents import Order, PaymentMethod, Product, Variant
from .missing import Missing, Problem
from .refundable import RequestedLine, paid_minor, refundable_minor
from .text import Text
from .vocabulary import PAYMENT_METHODS

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
    return case.variant(asked.to_variant, likely=asked.line.product) or Missing(Problem.UNKNOWN_VARIANT)


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


def _lowest_stock(case: Case) -> Known:
    """Pieces in stock of the wanted variant that has the fewest; one that no product has is out of stock."""
    if isinstance(case.lines, Missing):
        return case.lines
    lowest: int | None = None
    for asked in case.lines:
        wanted = _wanted(asked, case)
        if isinstance(wanted, Missing) and wanted.problem is not Problem.UNKNOWN_VARIANT:
            return wanted
        stock = 0 if isinstance(wanted, Missing) else max(0, wanted[1].stock)
        lowest = stock if lowest is None else min(lowest, stock)
    return given(lowest)


def _all_named(case: Case) -> Known:
    return case.lines if isinstance(case.lines, Missing) else all(asked.to_variant for asked in case.lines)


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


def cheaper_by_minor(case: Case) -> int | Missing:
    """What at most goes back where the wanted variants cost less; 0 for lines that name none.

    Lines that would cost more do not count against it: their pieces may have been settled before.
    """
    order, lines = case.order, case.lines
    if order is None:
        return 0
    if isinstance(lines, Missing):
        return lines
    total = 0
    for asked in lines:
        if asked.to_variant is None:
            continue
        wanted = _wanted(asked, case)
        if isinstance(wanted, Missing):
            return wanted
        if wanted[1].currency != order.currency:
            return Missing(Problem.CURRENCY_MISMATCH)
        total += asked.quantity * max(0, asked.line.unit_price_minor - wanted[1].price_minor)
    return min(total, refundable_minor(order))


def _chosen_method(case: Case) -> PaymentMethod | Missing:
    """The shopper's payment method that the request names, or the one that paid the whole order when it names none."""
    chosen = case.request.payment_method
    if chosen is None and case.order is not None and len(case.order.payments) == 1:
        chosen = case.order.payments[0].method_id
    methods = case.shopper.payment_methods if case.shopper else ()
    return next((method for method in methods if method.id == chosen), Missing(Problem.NOT_GIVEN))


def _method(order: Order, case: Case) -> Known:
    """How money goes back or comes in: the method named, or the one by which the order was paid."""
    chosen = case.request.payment_method
    if chosen is None:
        methods = {payment.method for payment in order.payments}
        return methods.pop() if len(methods) == 1 else Missing(Problem.NOT_GIVEN)
    found = _chosen_method(case)
    if not isinstance(found, Missing):
        return found.method
    return next((payment.method for payment in order.payments if payment.method_id == chosen), found)


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
        kind = _method(order, case)
        if isinstance(kind, str) and kind != "gift_card":
            return True
        method = _chosen_method(case)
        if isinstance(method, Missing):
            return method
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
    boolean(
        "wanted.named",
        Text("wanted variant named", "已指明目标规格"),
        Text("a wanted variant is named for every item", "每件商品都指明了目标规格"),
        Text("a wanted variant is not named for every item", "有商品未指明目标规格"),
        _all_named,
    ),
    number("wanted.stock", Text("stock of the wanted variant", "目标规格库存"), _lowest_stock),
    money("wanted.price_difference_minor", Text("price difference", "差价"), _price_difference_minor),
    boolean(
        "payment.named",
        Text("payment method named", "已指明付款方式"),
        Text("a payment method is named", "已指明付款方式"),
        Text("no payment method is named", "未指明付款方式"),
        lambda case: case.request.payment_method is not None,
    ),
    choice("payment.method", Text("payment method", "付款方式"), PAYMENT_METHODS, of_order(_method)),
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

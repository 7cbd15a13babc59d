"""What of an order's money can still go back, for which pieces, by which payments.

A line is worth its price less its own discount, less its share of the order's discount, plus its share of the tax on
top (shares by `money.apportion`); the shipping fee belongs to no line. The payments listed are what was paid. Nothing
here ever exceeds paid minus refunded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from .documents import Order, OrderLine, PaymentShare, Request
from .missing import Missing, Problem
from .money import MAX_MINOR, apportion, pieces_value


@dataclass(frozen=True, slots=True)
class RequestedLine:
    """`quantity` pieces of a line that a request concerns, perhaps to be exchanged for `to_variant`."""

    line: OrderLine
    quantity: int
    to_variant: str | None


def requested_lines(order: Order, request: Request) -> tuple[RequestedLine, ...] | Missing:
    """The lines that the request names, or all of them in full; one line may be named twice, for two variants."""
    if not request.lines:
        return tuple(RequestedLine(line, line.quantity, None) for line in order.lines)
    by_id = {line.id: line for line in order.lines}
    asked: Counter[str] = Counter()
    found = []
    for wish in request.lines:
        line = by_id.get(wish.id)
        if line is None:
            return Missing(Problem.UNKNOWN_LINE)
        quantity = line.quantity if wish.quantity is None else wish.quantity
        asked[line.id] += quantity
        if asked[line.id] > line.quantity:
            return Missing(Problem.QUANTITY_EXCEEDS_LINE)
        found.append(RequestedLine(line, quantity, wish.to_variant))
    return tuple(found)


def paid_minor(order: Order) -> int:
    return sum(payment.amount_minor for payment in order.payments)


def total_minor(order: Order) -> int:
    """What the order came to: goods less every discount, plus tax and the shipping fee."""
    return sum(line_values(order)) + order.shipping_minor


def shipping_refundable_minor(order: Order) -> int:
    """What of the shipping fee did not go back yet."""
    back = sum(refund.shipping_minor for refund in order.refunds)
    return max(0, order.shipping_minor - back - order.held.shipping_minor)


def refunded_minor(order: Order) -> int:
    return sum(share.amount_minor for refund in order.refunds for share in refund.payments)


def refundable_minor(order: Order) -> int:
    """Paid minus refunded and what is promised or was kept already, never below zero."""
    held = sum(order.held.payments.values()) + order.held.kept_minor
    return max(0, paid_minor(order) - refunded_minor(order) - held)


def line_values(order: Order) -> tuple[int, ...]:
    """What the shopper paid for each line as a whole, in the order of the lines."""
    values = [max(0, line.quantity * line.unit_price_minor - line.discount_minor) for line in order.lines]
    if order.discount_minor:
        off = apportion(min(order.discount_minor, sum(values)), values)
        values = [value - share for value, share in zip(values, off, strict=True)]
    if order.tax_minor:
        values = [value + share for value, share in zip(values, apportion(order.tax_minor, values), strict=True)]
    return tuple(values)


def lines_refundable_minor(order: Order, lines: Iterable[RequestedLine]) -> int | Missing:
    """What can go back for these pieces, at most what is left of the order."""
    worth = lines_worth_minor(order, lines)
    return worth if isinstance(worth, Missing) else min(worth, refundable_minor(order))


def lines_worth_minor(order: Order, lines: Iterable[RequestedLine]) -> int | Missing:
    """What was paid for these pieces; those refunded before or held count no more."""
    settled = _pieces_refunded(order)
    value_of = {line.id: value for line, value in zip(order.lines, line_values(order), strict=True)}
    total = 0
    for asked in lines:
        line = asked.line
        before = settled.get(line.id, 0)
        count = min(asked.quantity, max(0, line.quantity - before))
        if count:
            total += pieces_value(value_of[line.id], line.quantity, after=before, count=count)
            settled[line.id] = before + count
    if total > MAX_MINOR:
        return Missing(Problem.OVERFLOW)
    return total


def split_over_payments(order: Order, amount_minor: int, *, method_id: str | None = None) -> tuple[PaymentShare, ...]:
    """Which payments `amount_minor` goes back by.

    The payment made with `method_id` comes first, when there is one; then the others as they were paid, gift cards
    last. No payment gives back more than what is left of it. Raises `ValueError` for more than is refundable.
    """
    if not 0 <= amount_minor <= refundable_minor(order):
        raise ValueError("more than was paid and not yet refunded")
    given_back = _given_back(order)
    shares = []
    for payment in sorted(
        order.payments,
        key=lambda paid: (method_id is None or paid.method_id != method_id, paid.method == "gift_card"),
    ):
        part = min(amount_minor, max(0, payment.amount_minor - given_back.get(payment.id, 0)))
        if part:
            shares.append(PaymentShare(payment.id, part))
            amount_minor -= part
    return tuple(shares)


def _pieces_refunded(order: Order) -> dict[str, int]:
    """How many pieces of each line were refunded before, or are held."""
    pieces: dict[str, int] = dict(order.held.pieces)
    for refund in order.refunds:
        for refunded in refund.lines:
            pieces[refunded.id] = pieces.get(refunded.id, 0) + refunded.quantity
    return pieces


def _given_back(order: Order) -> dict[str, int]:
    """How much went back before by each payment, or is promised."""
    amounts: dict[str, int] = dict(order.held.payments)
    for refund in order.refunds:
        for share in refund.payments:
            amounts[share.id] = amounts.get(share.id, 0) + share.amount_minor
    return amounts

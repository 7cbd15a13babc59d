"""What a shopper paid for pieces of an order, and what they got back for none in particular."""

from __future__ import annotations

from collections.abc import Mapping

from cs_portal.commerce.models import MoneyBack, Order


def paid_for(order: Order, counts: Mapping[str, int]) -> int:
    """In minor units, rounded down: the prices less the line's discount and the share of the order's discount.

    ``counts`` are pieces by the line's id. Tax on top and the shipping fee are left out.
    """
    values = {
        line.external_id: max(0, line.quantity * line.unit_price_minor - line.discount_minor)
        for line in order.lines.all()
    }
    whole = sum(values.values())
    kept = max(0, whole - order.discount_minor)
    quantities = {line.external_id: line.quantity for line in order.lines.all()}
    return sum(values[key] * count * kept // (quantities[key] * whole) for key, count in counts.items() if whole)


def off_minor(order: Order) -> int:
    """What went back, in minor units, by refunds that settled no item: an amount off the whole order."""
    return sum(
        refund.amount_minor for refund in order.refunds.all() if refund.because == MoneyBack.REFUND and not refund.lines
    )

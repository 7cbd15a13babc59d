"""What an order's open returns and exchanges hold: pieces on their way back, and the money that was promised for them.

Neither may be given away a second time: a refund of such a piece would be paid once now and once when it arrives, or be
paid beside the piece that replaces it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from cs_portal.commerce.models import Order, OrderStatus, Return


@dataclass(slots=True)
class Promises:
    """``pieces`` by the line's id, ``payments`` in minor units by the payment's id.

    ``shipping_minor`` of the money is shipping fee; ``kept_minor`` was kept for restocking, of these returns and of
    those that ended: it is the merchant's.
    """

    pieces: Counter[str] = field(default_factory=Counter)
    payments: Counter[str] = field(default_factory=Counter)
    shipping_minor: int = 0
    kept_minor: int = 0

    @property
    def total_minor(self) -> int:
        return sum(self.payments.values())


def promises(order: Order, *, apart_from: Return | None = None) -> Promises:
    """Of the returns that are neither received nor closed, and of exchanges that have not ended.

    A return that promised no money holds nothing, nor does one whose order went on from "return requested": a shop
    system that takes returns in tells us nothing else. What was refunded of its pieces since counts as paid.
    """
    found = Promises(kept_minor=sum(refund.restocking_fee_minor for refund in order.refunds.all()))
    for line in order.lines.all():
        if line.exchanged_quantity:
            found.pieces[line.external_id] += line.exchanged_quantity
    if order.status != OrderStatus.RETURN_REQUESTED:
        return found
    for each in order.returns.filter(received_at=None, closed_at=None).exclude(amount_minor=0):
        if apart_from is None or each.pk != apart_from.pk:
            _add(found, order, each)
    return found


def _add(found: Promises, order: Order, promise: Return) -> None:
    since = [refund for refund in order.refunds.all() if refund.created_at > promise.created_at]
    paid = Counter[str]()
    for refund in since:
        for line in refund.lines:
            paid[line["id"]] += line["quantity"]
    owed = {line["id"]: line.get("owed", line["quantity"]) for line in promise.lines}
    left = {key: max(0, count - paid[key]) for key, count in owed.items()}
    found.pieces.update(left)
    whole, open_still = sum(owed.values()), sum(left.values())
    for part in promise.payments:
        found.payments[part["id"]] += part["amount_minor"] * open_still // whole if whole else part["amount_minor"]
    if open_still or not whole:
        found.shipping_minor += promise.shipping_minor
        found.kept_minor += (
            promise.restocking_fee_minor * open_still // whole if whole else promise.restocking_fee_minor
        )

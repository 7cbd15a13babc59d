"""From what the shopper said to a canonical request on one of their orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bots.types import Understanding
from cs_portal.commerce.models import Order, OrderStatus
from cs_portal.conversations.models import Message

BEFORE_SHIPPING = {OrderStatus.PENDING, OrderStatus.PROCESSING}
UNDER_WAY = BEFORE_SHIPPING | {OrderStatus.SHIPPED}
AFTER_SHIPPING = {OrderStatus.SHIPPED, OrderStatus.DELIVERED}

#: Which orders can be meant by an action or an intent when the shopper names none.
PLAUSIBLE: Mapping[str, set[OrderStatus]] = {
    "cancel": BEFORE_SHIPPING,
    "change_address": BEFORE_SHIPPING,
    "change_items": BEFORE_SHIPPING,
    "refund": AFTER_SHIPPING,
    "return": {OrderStatus.DELIVERED},
    "exchange": {OrderStatus.DELIVERED},
    "resend": AFTER_SHIPPING,
    "order_status": UNDER_WAY,
    "delivery": UNDER_WAY,
    "damaged_or_wrong_item": AFTER_SHIPPING,
    "return_exchange": {OrderStatus.DELIVERED},
    "refund_status": set(OrderStatus),
    "invoice": set(OrderStatus),
    "payment": set(OrderStatus),
}


@dataclass(frozen=True, slots=True)
class Focus:
    """The order that the turn is about. ``foreign`` is a number that is no order of this shopper, existing or not."""

    order: Order | None = None
    foreign: str = ""


def focus(understanding: Understanding, messages: Sequence[Message], orders: Sequence[Order]) -> Focus:
    """Find the order: named in this turn, else named before, else the only plausible one.

    A number that is not among the shopper's orders is foreign; whether it exists is nobody's business.
    """
    by_number = {order.number: order for order in orders}
    named = understanding.values("order_number")
    for number in named:
        if number in by_number:
            return Focus(by_number[number])
    if named:
        return Focus(foreign=named[0])
    for message in reversed(messages):
        for number, order in by_number.items():
            if number in message.text:
                return Focus(order)
    return Focus(_only_plausible(understanding, orders))


def _only_plausible(understanding: Understanding, orders: Sequence[Order]) -> Order | None:
    topic = understanding.requested_action or understanding.intent.name
    if topic not in PLAUSIBLE:
        return None
    products = set(understanding.values("product"))
    plausible = [order for order in orders if order.status in PLAUSIBLE[topic]]
    holding = [order for order in plausible if any(line.product in products for line in order.lines.all())]
    plausible = holding or plausible
    return plausible[0] if len(plausible) == 1 else None


def canonical_request(
    understanding: Understanding,
    order: Order,
    *,
    evidence: Sequence[str],
    earlier: Mapping[str, Any] | None,
) -> dict[str, Any] | None:
    """The request for the policy engine, or ``None`` when the turn asks for nothing that rules decide.

    ``earlier`` is the request of the draft before, when the merchant asked the shopper for something that was
    missing then: an answer to that question continues it.
    """
    action, reason = understanding.requested_action, understanding.reason
    if action is None and earlier is not None:
        action, reason = earlier["action"], reason or earlier.get("reason")
    if action is None:
        return None
    request: dict[str, Any] = {"action": action, "evidence": list(evidence), "confirmed": False}
    if reason:
        request["reason"] = reason
    named = set(understanding.values("product"))
    lines = [line for line in order.lines.all() if line.product in named]
    if lines and action not in {"cancel", "change_address"}:
        request["lines"] = [{"id": line.external_id, "quantity": line.quantity} for line in lines]
    if action == "change_address":
        spoken = understanding.values("address")
        if not spoken:
            return None
        request["address"] = {**_recipient(order), "line1": spoken[0]}
    return request


def _recipient(order: Order) -> dict[str, str]:
    address = order.address or {}
    return {
        "name": address.get("name", ""),
        "phone": address.get("phone", ""),
        "country": address.get("country", ""),
        "line2": "",
        "city": "",
        "region": "",
        "postal_code": "",
    }

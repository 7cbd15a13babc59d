"""What the written policy of the shop says of a request, sentence by sentence; it knows nothing of our engine.

A request is a call of one of the shop's own tools: ``{"name", "user_id", "order_id", "confirmed", …}`` with the tool's
arguments. The answer is ``deny``, ``ask`` (something is missing that the policy wants from the user first) or
``allow``, with the dollars that go back. The quoted lines are the policy's.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

Shop = Mapping[str, Any]
Answer = tuple[str, Decimal | None]

DENY: Answer = ("deny", None)
ASK: Answer = ("ask", None)


def answer(shop: Shop, request: Mapping[str, Any]) -> Answer:
    order = shop["orders"][request["order_id"]]
    # "You can only help one user per conversation …, and must deny any requests for tasks related to any other user."
    if order["user_id"] != request["user_id"]:
        return DENY
    found = _TOOLS[request["name"]](shop, order, shop["users"][order["user_id"]], request)
    # "Before taking any action that updates the database …, you must list the action details and obtain explicit user
    # confirmation (yes) to proceed."
    return ASK if found[0] == "allow" and not request["confirmed"] else found


def _cancel(shop: Shop, order: Any, user: Any, request: Any) -> Answer:
    # "An order can only be cancelled if its status is 'pending'"
    if order["status"] != "pending":
        return DENY
    # "The user needs to confirm the order id and the reason (either 'no longer needed' or 'ordered by mistake') for
    # cancellation. Other reasons are not acceptable."
    if request["reason"] is None:
        return ASK
    if request["reason"] not in ("no longer needed", "ordered by mistake"):
        return DENY
    # "the total will be refunded via the original payment method"
    return "allow", _paid(order)


def _modify_address(shop: Shop, order: Any, user: Any, request: Any) -> Answer:
    # "An order can only be modified if its status is 'pending'"
    if order["status"] != "pending":
        return DENY
    return ASK if request["address"] is None else ("allow", None)


def _modify_payment(shop: Shop, order: Any, user: Any, request: Any) -> Answer:
    if order["status"] != "pending":
        return DENY
    chosen = request["payment_method_id"]
    if chosen is None:
        return ASK
    # "The user can only choose a single payment method different from the original payment method."
    if chosen not in user["payment_methods"] or chosen in _original(order):
        return DENY
    # "If the user wants the modify the payment method to gift card, it must have enough balance to cover the total
    # amount."
    return ("allow", None) if _affords(user, chosen, _paid(order)) else DENY


def _modify_items(shop: Shop, order: Any, user: Any, request: Any) -> Answer:
    # "This action can only be called once, and will change the order status to 'pending (items modifed)'." Such an
    # order is not 'pending' any more: "The agent will not be able to modify or cancel the order anymore."
    return _swap(shop, order, user, request) if order["status"] == "pending" else DENY


def _exchange(shop: Shop, order: Any, user: Any, request: Any) -> Answer:
    # "An order can only be exchanged if its status is 'delivered'"
    return _swap(shop, order, user, request) if order["status"] == "delivered" else DENY


def _swap(shop: Shop, order: Any, user: Any, request: Any) -> Answer:
    difference = Decimal(0)
    missing = not request["swaps"]
    for index, new_id in request["swaps"]:
        if new_id is None:
            missing = True
            continue
        old = order["items"][index]
        # "each item can be modified to an available new item of the same product but of different product option. There
        # cannot be any change of product types"
        new = shop["products"][old["product_id"]]["variants"].get(new_id)
        if new is None or not new["available"] or new_id == old["item_id"]:
            return DENY
        difference += Decimal(str(new["price"])) - Decimal(str(old["price"]))
    # "The user must provide a payment method to pay or receive refund of the price difference." One that is not named
    # is the original one.
    chosen = request["payment_method_id"]
    if chosen is not None and chosen not in user["payment_methods"]:
        return DENY
    if missing:
        return ASK
    # "If the user provides a gift card, it must have enough balance to cover the price difference."
    payer = chosen if chosen is not None else _original(order)[0]
    return ("allow", None) if _affords(user, payer, difference) else DENY


def _return(shop: Shop, order: Any, user: Any, request: Any) -> Answer:
    # "An order can only be returned if its status is 'delivered'"
    if order["status"] != "delivered":
        return DENY
    # "The refund must either go to the original payment method, or an existing gift card."
    chosen = request["payment_method_id"]
    if chosen is not None and chosen not in _original(order):
        method = user["payment_methods"].get(chosen)
        if method is None or method["source"] != "gift_card":
            return DENY
    return "allow", sum((Decimal(str(order["items"][index]["price"])) for index in request["items"]), Decimal(0))


def _original(order: Any) -> list[str]:
    return [entry["payment_method_id"] for entry in order["payment_history"] if entry["transaction_type"] == "payment"]


def _paid(order: Any) -> Decimal:
    return sum(
        (Decimal(str(entry["amount"])) for entry in order["payment_history"] if entry["transaction_type"] == "payment"),
        Decimal(0),
    )


def _affords(user: Any, method_id: str, amount: Decimal) -> bool:
    method = user["payment_methods"][method_id]
    return method["source"] != "gift_card" or Decimal(str(method["balance"])) >= amount


_TOOLS = {
    "cancel_pending_order": _cancel,
    "modify_pending_order_address": _modify_address,
    "modify_pending_order_payment": _modify_payment,
    "modify_pending_order_items": _modify_items,
    "exchange_delivered_order_items": _exchange,
    "return_delivered_order_items": _return,
}

"""What the written policy says must come out of an allowed request; like `oracle.py` it knows nothing of our product.

:func:`come_out` changes the shop's own data, :func:`state` sums an order up. The policy does not say *when* the price
difference of an exchange moves; here it moves with the exchange, as "a payment method to pay or receive refund of the
price difference" is asked for then. The money of a return is owed until the items are back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

Shop = Mapping[str, Any]
ADDRESS = ("address1", "address2", "city", "state", "country", "zip")
MODIFIED = "pending (items modifed)"


def come_out(shop: Shop, request: Mapping[str, Any]) -> None:
    """Carry an allowed request out on the shop's data."""
    _TOOLS[request["name"]](shop, shop["orders"][request["order_id"]], request)


def _cancel(shop: Shop, order: Any, request: Any) -> None:
    # "the order status will be changed to 'cancelled', and the total will be refunded via the original payment method
    # immediately if it is gift card, otherwise in 5 to 7 business days."
    order["status"] = "cancelled"
    for entry in [entry for entry in order["payment_history"] if entry["transaction_type"] == "payment"]:
        order["payment_history"].append({**entry, "transaction_type": "refund"})
        _credit(shop, order, entry["payment_method_id"], _cents(entry["amount"]))


def _modify_address(shop: Shop, order: Any, request: Any) -> None:
    order["address"] = request["address"]


def _modify_payment(shop: Shop, order: Any, request: Any) -> None:
    # "the order status will be kept as 'pending'. The original payment method will be refunded immediately if it is a
    # gift card"; "it must have enough balance to cover the total amount".
    paid = next(entry for entry in order["payment_history"] if entry["transaction_type"] == "payment")
    _credit(shop, order, paid["payment_method_id"], _cents(paid["amount"]))
    paid["payment_method_id"] = request["payment_method_id"]
    _credit(shop, order, request["payment_method_id"], -_cents(paid["amount"]))


def _modify_items(shop: Shop, order: Any, request: Any) -> None:
    # "will change the order status to 'pending (items modifed)'"; "each item can be modified to an available new item"
    order["status"] = MODIFIED
    _settle_difference(shop, order, request)
    for place, new_id in request["swaps"]:
        old = order["items"][place]
        new = shop["products"][old["product_id"]]["variants"][new_id]
        old |= {"item_id": new_id, "price": new["price"], "options": new["options"]}


def _exchange(shop: Shop, order: Any, request: Any) -> None:
    # "the order status will be changed to 'exchange requested'"
    order["status"] = "exchange requested"
    order["swapped"] = [(order["items"][place]["item_id"], new_id) for place, new_id in request["swaps"]]
    _settle_difference(shop, order, request)


def _return(shop: Shop, order: Any, request: Any) -> None:
    # "the order status will be changed to 'return requested'"; "The refund must either go to the original payment
    # method, or an existing gift card."
    order["status"] = "return requested"
    order["returned"] = [order["items"][place]["item_id"] for place in request["items"]]
    order["owed"] = {request["payment_method_id"]: sum(_cents(order["items"][p]["price"]) for p in request["items"])}


def _settle_difference(shop: Shop, order: Any, request: Any) -> None:
    # "The user must provide a payment method to pay or receive refund of the price difference."
    difference = 0
    for place, new_id in request["swaps"]:
        old = order["items"][place]
        difference += _cents(shop["products"][old["product_id"]]["variants"][new_id]["price"]) - _cents(old["price"])
    order["difference"] = {request["payment_method_id"]: difference}
    _credit(shop, order, request["payment_method_id"], -difference)


def _credit(shop: Shop, order: Mapping[str, Any], method_id: str, cents: int) -> None:
    """Only a gift card has a balance here; money moves on it at once."""
    method = shop["users"][order["user_id"]]["payment_methods"].get(method_id)
    if method is not None and method["source"] == "gift_card":
        method["balance"] = float(Decimal(_cents(method["balance"]) + cents) / 100)


def state(shop: Shop, number: str) -> dict[str, Any]:
    """Everything about an order that the policy speaks of; amounts in cents by payment method, zeros left out."""
    order = shop["orders"][number]
    paid = Counter[str]()
    for entry in order["payment_history"]:
        sign = 1 if entry["transaction_type"] == "payment" else -1
        paid[entry["payment_method_id"]] += sign * _cents(entry["amount"])
    for method_id, cents in order.get("difference", {}).items():
        paid[method_id] += cents
    methods = shop["users"][order["user_id"]]["payment_methods"].values()
    return {
        "status": MODIFIED if order["status"].startswith("pending (") else order["status"],
        "items": sorted((item["item_id"], _cents(item["price"])) for item in order["items"]),
        "address": {key: order["address"][key] for key in ADDRESS},
        "paid": {key: cents for key, cents in sorted(paid.items()) if cents},
        "owed": {key: cents for key, cents in order.get("owed", {}).items() if cents},
        "returned": sorted(order.get("returned", ())),
        "swapped": sorted(order.get("swapped", ())),
        "cards": {method["id"]: _cents(method["balance"]) for method in methods if method["source"] == "gift_card"},
    }


def _cents(dollars: float) -> int:
    return int((Decimal(str(dollars)) * 100).to_integral_value())


_TOOLS = {
    "cancel_pending_order": _cancel,
    "modify_pending_order_address": _modify_address,
    "modify_pending_order_payment": _modify_payment,
    "modify_pending_order_items": _modify_items,
    "exchange_delivered_order_items": _exchange,
    "return_delivered_order_items": _return,
}

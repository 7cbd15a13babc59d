"""The public retail shop of tau-bench in the canonical shape (the data are not ours and stay outside the repository).

What the shop does not know is left out: its orders carry no dates, so the day it was published for stands as that of
every order; a variant is available or not, so an available one counts as enough in stock. Items are lines of one piece.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

CURRENCY = "USD"
#: All times of the shop are EST; no policy of it depends on a day.
PLACED_AT = "2024-05-01T12:00:00-05:00"
NOW = "2024-05-15T15:00:00-05:00"
ENOUGH = 1000

#: What was done to an order before shows in its status, as the policy words it.
STATUSES = {
    "pending": "pending",
    "pending (item modified)": "pending",
    "pending (items modifed)": "pending",
    "processed": "processing",
    "delivered": "delivered",
    "cancelled": "cancelled",
    "return requested": "return_requested",
    "exchange requested": "exchange_requested",
}


def minor(amount: float) -> int:
    """Dollars as the file writes them, in cents; exactly."""
    cents = Decimal(str(amount)).scaleb(2)
    if cents != cents.to_integral_value():
        raise ValueError(f"{amount} has parts of a cent")
    return int(cents)


def line_id(index: int) -> str:
    return f"l-{index + 1}"


def canonical_order(order: Mapping[str, Any], users: Mapping[str, Any]) -> dict[str, Any]:
    methods = users[order["user_id"]]["payment_methods"]
    history = order["payment_history"]
    payments = [
        {
            "id": f"pay-{index}",
            "method_id": entry["payment_method_id"],
            "method": _method(methods, entry["payment_method_id"]),
            "amount_minor": minor(entry["amount"]),
            "captured_at": PLACED_AT,
        }
        for index, entry in enumerate(history, 1)
        if entry["transaction_type"] == "payment"
    ]
    by_method = {payment["method_id"]: payment["id"] for payment in payments}
    return {
        "number": order["order_id"],
        "shopper": order["user_id"],
        "currency": CURRENCY,
        "status": STATUSES[order["status"]],
        "items_modified": order["status"].startswith("pending ("),
        "placed_at": PLACED_AT,
        "paid_at": PLACED_AT,
        "lines": [
            {
                "id": line_id(index),
                "product": item["product_id"],
                "variant": item["item_id"],
                "title": item["name"],
                "options": dict(item["options"]),
                "quantity": 1,
                "unit_price_minor": minor(item["price"]),
            }
            for index, item in enumerate(order["items"])
        ],
        "payments": payments,
        "refunds": [
            {
                "id": f"refund-{index}",
                "payments": [
                    {"id": by_method[entry["payment_method_id"]], "amount_minor": minor(entry["amount"])},
                ],
                "created_at": PLACED_AT,
            }
            for index, entry in enumerate(history, 1)
            if entry["transaction_type"] == "refund"
        ],
        "shipments": [
            {"tracking": number, "lines": _lines_of(order, shipment["item_ids"])}
            for shipment in order.get("fulfillments", ())
            for number in shipment["tracking_id"]
        ],
        "address": canonical_address(order["address"], users[order["user_id"]]["name"]),
    }


def _method(methods: Mapping[str, Any], method_id: str) -> str:
    """The profile says what it is; of a method that has left the profile its id does."""
    if method_id in methods:
        return str(methods[method_id]["source"])
    return next((name for name in ("gift_card", "paypal", "credit_card") if method_id.startswith(name)), "other")


def _lines_of(order: Mapping[str, Any], item_ids: Iterable[str]) -> list[str]:
    wanted = set(item_ids)
    return [line_id(index) for index, item in enumerate(order["items"]) if item["item_id"] in wanted]


def canonical_address(address: Mapping[str, Any], name: Mapping[str, str] | None = None) -> dict[str, Any]:
    return {
        "name": f"{name['first_name']} {name['last_name']}" if name else None,
        "line1": address["address1"],
        "line2": address["address2"],
        "city": address["city"],
        "region": address["state"],
        "postal_code": address["zip"],
        "country": {"USA": "US"}.get(address["country"], address["country"]),
    }


def canonical_shopper(user: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": user["user_id"],
        "name": f"{user['name']['first_name']} {user['name']['last_name']}",
        "email": user["email"],
        "locale": "en",
        "payment_methods": [
            {
                "id": method["id"],
                "method": method["source"],
                **({"balance_minor": minor(method["balance"])} if "balance" in method else {}),
            }
            for method in user["payment_methods"].values()
        ],
    }


def canonical_product(product: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": product["product_id"],
        "title": {"en": product["name"]},
        "variants": [
            {
                "id": variant["item_id"],
                "options": dict(variant["options"]),
                "price_minor": minor(variant["price"]),
                "currency": CURRENCY,
                "stock": ENOUGH if variant["available"] else 0,
            }
            for variant in product["variants"].values()
        ],
    }

"""One request per order and tool, good and bad ones, drawn by a seed; and each as a case of `evaluate policies`."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Any

from bench.tau_retail.oracle import answer
from bench.tau_retail.shop import (
    NOW,
    canonical_address,
    canonical_order,
    canonical_product,
    canonical_shopper,
    line_id,
    minor,
)

TOOLS = {
    "cancel_pending_order": "cancel",
    "modify_pending_order_items": "change_items",
    "modify_pending_order_payment": "change_payment",
    "modify_pending_order_address": "change_address",
    "return_delivered_order_items": "return",
    "exchange_delivered_order_items": "exchange",
}
REASONS = {
    "no longer needed": "no_longer_needed",
    "ordered by mistake": "ordered_by_mistake",
    "found a better price": "better_price",
    "it arrives too late": "arrived_late",
    "none of these": "other",
}
#: What an earlier action leaves of an order's status, so that second ones are tried as well.
AFTERWARDS = {
    "pending": "pending (items modifed)",
    "delivered": ("return requested", "exchange requested"),
}


def with_some_acted_upon(shop: Mapping[str, Any], seed: int, share: float = 0.12) -> dict[str, Any]:
    """The shop with a share of its open orders as they stand after an action that may be taken once."""
    draw = random.Random(f"{seed}:acted upon")
    orders = {}
    for number, order in shop["orders"].items():
        after = AFTERWARDS.get(order["status"]) if draw.random() < share else None
        if after is not None:
            order = {**order, "status": after if isinstance(after, str) else draw.choice(after)}
        orders[number] = order
    return {**shop, "orders": orders}


def requests(shop: Mapping[str, Any], seed: int) -> Iterator[dict[str, Any]]:
    """A request of every tool for every order."""
    users, products = sorted(shop["users"]), sorted(shop["products"])
    for number in sorted(shop["orders"]):
        order = shop["orders"][number]
        for tool in TOOLS:
            draw = random.Random(f"{seed}:{number}:{tool}")
            owner = order["user_id"] if draw.random() < 0.95 else draw.choice(users)
            request = {"name": tool, "user_id": owner, "order_id": number, "confirmed": draw.random() < 0.9}
            if tool == "cancel_pending_order":
                likely = list(REASONS)[:2] if draw.random() < 0.7 else [*REASONS, None]
                request["reason"] = draw.choice(likely)
            elif tool == "modify_pending_order_address":
                address = shop["users"][draw.choice(users)]["address"]
                request["address"] = address if draw.random() < 0.9 else None
            else:
                request["payment_method_id"] = _method(shop, order, draw, users)
            if tool == "return_delivered_order_items":
                request["items"] = _some(order, draw)
            elif tool in ("modify_pending_order_items", "exchange_delivered_order_items"):
                request["swaps"] = [
                    (index, _new_item(shop, order["items"][index], draw, products)) for index in _some(order, draw)
                ]
            yield request


def _some(order: Mapping[str, Any], draw: random.Random) -> list[int]:
    count = len(order["items"])
    return sorted(draw.sample(range(count), draw.randint(1, count)))


def _method(shop: Mapping[str, Any], order: Mapping[str, Any], draw: random.Random, users: list[str]) -> str | None:
    own = sorted(shop["users"][order["user_id"]]["payment_methods"])
    which = draw.random()
    if which < 0.12:
        return None
    if which < 0.22 or not own:
        strange = sorted(shop["users"][draw.choice(users)]["payment_methods"])
        return draw.choice(strange) if strange else "credit_card_unknown"
    return draw.choice(own)


def _new_item(shop: Mapping[str, Any], item: Mapping[str, Any], draw: random.Random, products: list[str]) -> str | None:
    variants = shop["products"][item["product_id"]]["variants"]
    which = draw.random()
    if which < 0.03:
        return None
    if which < 0.08:
        return str(item["item_id"])
    if which < 0.14:
        return draw.choice(sorted(shop["products"][draw.choice(products)]["variants"]))
    available = sorted(key for key, variant in variants.items() if variant["available"])
    return draw.choice(available if which < 0.88 and available else sorted(variants))


def cases(shop: Mapping[str, Any], seed: int) -> Iterator[dict[str, Any]]:
    """Every request with what the policy's text says of it."""
    for request in requests(shop, seed):
        outcome, dollars = answer(shop, request)
        order = shop["orders"][request["order_id"]]
        canonical = canonical_request(request)
        expected: dict[str, Any] = {"outcome": outcome}
        if outcome == "allow":
            expected["amount_minor"] = 0 if dollars is None else minor(float(dollars))
        yield {
            "id": f"{request['order_id']}:{canonical['action']}",
            "now": NOW,
            "order": canonical_order(order, shop["users"]),
            "shopper": canonical_shopper(shop["users"][request["user_id"]]),
            "products": [canonical_product(shop["products"][key]) for key in sorted(_products(shop, order, request))],
            "request": canonical,
            "expected": expected,
        }


def canonical_request(request: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"action": TOOLS[request["name"]], "confirmed": request["confirmed"]}
    if request.get("reason") is not None:
        found["reason"] = REASONS[request["reason"]]
    if request.get("address") is not None:
        found["address"] = canonical_address(request["address"])
    if request.get("payment_method_id") is not None:
        found["payment_method"] = request["payment_method_id"]
    if "items" in request:
        found["lines"] = [{"id": line_id(index)} for index in request["items"]]
    if "swaps" in request:
        found["lines"] = [
            {"id": line_id(index), **({} if new_id is None else {"to_variant": new_id})}
            for index, new_id in request["swaps"]
        ]
    return found


def _products(shop: Mapping[str, Any], order: Mapping[str, Any], request: Mapping[str, Any]) -> set[str]:
    """Those that the order or the request names."""
    named = {item["product_id"] for item in order["items"]}
    wanted = {new_id for _index, new_id in request.get("swaps", ()) if new_id is not None}
    return named | {key for key, product in shop["products"].items() if wanted & product["variants"].keys()}

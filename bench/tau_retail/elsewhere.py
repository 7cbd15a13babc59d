"""The same kind of shop with other ids, prices, stock and balances: nothing learned by heart helps there."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any


def elsewhere(shop: Mapping[str, Any], seed: int) -> dict[str, Any]:
    draw = random.Random(f"{seed}:elsewhere")
    variants = {key: f"v{draw.getrandbits(40):x}" for p in shop["products"].values() for key in p["variants"]}
    products = {key: f"p{draw.getrandbits(40):x}" for key in shop["products"]}
    users = {key: f"u{draw.getrandbits(40):x}" for key in shop["users"]}
    methods = {key: f"m{draw.getrandbits(40):x}" for user in shop["users"].values() for key in user["payment_methods"]}
    sold = {
        products[key]: {
            **product,
            "product_id": products[key],
            "variants": {
                variants[item]: {
                    **variant,
                    "item_id": variants[item],
                    "price": draw.randint(1, 90_000) / 100,
                    "available": draw.random() < 0.7,
                }
                for item, variant in product["variants"].items()
            },
        }
        for key, product in shop["products"].items()
    }
    return {
        "products": sold,
        "users": {users[key]: _user(user, users[key], methods, draw) for key, user in shop["users"].items()},
        "orders": {
            f"N{index}": _order(order, f"N{index}", users, products, variants, methods, sold)
            for index, order in enumerate(shop["orders"].values())
        },
    }


def _user(user: Mapping[str, Any], key: str, methods: Mapping[str, str], draw: random.Random) -> dict[str, Any]:
    return {
        **user,
        "user_id": key,
        "payment_methods": {
            methods[old]: {
                **method,
                "id": methods[old],
                **({"balance": draw.randint(0, 60_000) / 100} if "balance" in method else {}),
            }
            for old, method in user["payment_methods"].items()
        },
    }


def _order(
    order: Mapping[str, Any],
    number: str,
    users: Mapping[str, str],
    products: Mapping[str, str],
    variants: Mapping[str, str],
    methods: Mapping[str, str],
    sold: Mapping[str, Any],
) -> dict[str, Any]:
    items = [
        {
            **item,
            "product_id": products[item["product_id"]],
            "item_id": variants[item["item_id"]],
            "price": sold[products[item["product_id"]]]["variants"][variants[item["item_id"]]]["price"],
        }
        for item in order["items"]
    ]
    total = sum(round(item["price"] * 100) for item in items) / 100
    return {
        **order,
        "order_id": number,
        "user_id": users[order["user_id"]],
        "items": items,
        "fulfillments": [
            {**shipment, "item_ids": [variants[key] for key in shipment["item_ids"]]}
            for shipment in order["fulfillments"]
        ],
        "payment_history": [
            {**entry, "payment_method_id": methods[entry["payment_method_id"]], "amount": total}
            for entry in order["payment_history"]
        ],
    }

"""Canonical JSON: everything that is refused is refused by its path; everything else arrives whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from policy_cases import a_shopper, an_order, products

from cs_portal.policies.engine import (
    CanonicalError,
    parse_order,
    parse_product,
    parse_products,
    parse_request,
    parse_shopper,
)


def full_order() -> dict[str, Any]:
    order = an_order(
        storefront="main", items_modified=True, cancelled_at="2026-11-16T00:00:00Z", shipping_minor=1, discount_minor=2,
        tax_minor=3, note="",
        refunds=[{"id": "r-1", "lines": [{"id": "l-1", "quantity": 1}], "shipping_minor": 4,
                  "payments": [{"id": "pay-1", "amount_minor": 4300}], "created_at": "2026-11-16T00:00:00+08:00"}],
        shipments=[{"tracking": "SF123", "carrier": "SF", "lines": ["l-1"], "shipped_at": "2026-11-03T09:00:00+08:00",
                    "delivered_at": None}],
        address={"name": "王芳", "line1": "1", "line2": "", "city": "上海", "region": "", "postal_code": "200000",
                 "country": "CN", "phone": "1"},
    )  # fmt: skip
    order["lines"][0].update(options={"colour": "white"}, discount_minor=5, tags=["fragile"], final_sale=True)
    order["payments"][0]["captured_at"] = "2026-11-01T10:05:00+08:00"
    return order


def test_an_order_arrives_whole() -> None:
    order = parse_order(full_order())
    assert (order.number, order.shopper, order.currency, order.status) == ("10533", "s-17", "CNY", "delivered")
    assert (order.storefront, order.items_modified, order.note) == ("main", True, "")
    assert (order.shipping_minor, order.discount_minor, order.tax_minor) == (1, 2, 3)
    assert order.cancelled_at == datetime.fromisoformat("2026-11-16T00:00:00+00:00")
    assert (order.lines[0].options, order.lines[0].tags, order.lines[0].final_sale) == (
        {"colour": "white"}, ("fragile",), True,
    )  # fmt: skip
    assert (order.refunds[0].lines[0].quantity, order.refunds[0].payments[0].amount_minor) == (1, 4300)
    assert order.refunds[0].shipping_minor == 4
    assert (order.shipments[0].tracking, order.shipments[0].lines) == ("SF123", ("l-1",))
    assert order.address is not None
    assert order.address.city == "上海"


def test_a_shopper_a_product_and_a_request_arrive_whole() -> None:
    shopper = parse_shopper(
        a_shopper(name="王芳", email="w@example.com", phone="1", locale="zh-hans", tags=["vip"], orders_count=4,
                  created_at="2025-01-01T00:00:00Z", refunds_90_days=1, lifetime_value_minor=91000)
    )  # fmt: skip
    assert (shopper.locale, shopper.orders_count, shopper.refunds_90_days, shopper.lifetime_value_minor) == (
        "zh-hans", 4, 1, 91000,
    )  # fmt: skip
    assert [(method.id, method.balance_minor) for method in shopper.payment_methods] == [("m-1", None), ("m-2", 5000)]
    product = parse_product({**products()[0], "status": "active", "url": "u", "image": "i", "consumable": False})
    assert (product.title["zh-hans"], product.category, [variant.stock for variant in product.variants]) == (
        "马克杯", "kitchen", [4, 2, 0],
    )  # fmt: skip
    request = parse_request(
        {"action": "exchange", "reason": "damaged", "lines": [{"id": "l-1", "quantity": 1, "to_variant": "v-92"}],
         "amount_minor": None, "payment_method": "m-2", "address": None, "evidence": ["photo"], "confirmed": True,
         "said_at": "2026-11-20T12:00:00+08:00"}
    )  # fmt: skip
    assert (request.action, request.lines[0].to_variant, request.evidence, request.confirmed) == (
        "exchange", "v-92", ("photo",), True,
    )  # fmt: skip


def test_a_key_that_is_null_counts_as_left_out() -> None:
    required = {"number", "shopper", "currency", "status", "placed_at", "lines", "payments"}
    sparse = {key: value if key in required else None for key, value in full_order().items()}
    assert parse_order(sparse) == parse_order({key: sparse[key] for key in required})


BAD_ORDERS: list[tuple[tuple[Any, ...], str, Any, str]] = [
    ((), "colour", 1, "order.colour: unknown key"),
    ((), "number", None, "order.number: is required"),
    ((), "number", 10533, "order.number: must be a string that is not empty"),
    ((), "shopper", "", "order.shopper: must be a string that is not empty"),
    ((), "currency", "cny", "order.currency: must be a currency code of three capital letters"),
    ((), "status", "lost", "order.status: must be one of pending, processing, "),
    ((), "placed_at", "2026-11-01T10:00:00", "order.placed_at: must be an ISO 8601 time with its offset"),
    ((), "placed_at", "yesterday", "order.placed_at: must be an ISO 8601 time with its offset"),
    ((), "placed_at", 1700000000, "order.placed_at: must be an ISO 8601 time with its offset"),
    ((), "delivered_at", "0001-01-01T00:00:00+14:00", "order.delivered_at: must be an ISO 8601 time with its offset"),
    ((), "items_modified", "no", "order.items_modified: must be true or false"),
    ((), "shipping_minor", 1.0, "order.shipping_minor: must be a whole number from 0 to 9007199254740991"),
    ((), "shipping_minor", True, "order.shipping_minor: must be a whole number from 0"),
    ((), "tax_minor", -1, "order.tax_minor: must be a whole number from 0"),
    ((), "discount_minor", 2**53, "order.discount_minor: must be a whole number from 0"),
    ((), "note", 5, "order.note: must be a string"),
    ((), "lines", [], "order.lines: must hold at least one line"),
    ((), "lines", {}, "order.lines: must be a list"),
    ((), "payments", None, "order.payments: is required"),
    ((), "address", "Shanghai", "order.address: must be an object"),
    (("address",), "zip", "1", "order.address.zip: unknown key"),
    (("lines", 1), "quantity", 0, "order.lines[1].quantity: must be a whole number from 1"),
    (("lines", 1), "unit_price_minor", "5", "order.lines[1].unit_price_minor: must be a whole number"),
    (("lines", 1), "id", "l-1", 'order.lines[1].id: "l-1" occurs twice'),
    (("lines", 0), "tags", ["a", 1], "order.lines[0].tags[1]: must be a string that is not empty"),
    (("lines", 0), "tags", "fragile", "order.lines[0].tags: must be a list"),
    (("lines", 0), "options", {"size": 5}, "order.lines[0].options: must be an object of strings"),
    (("payments", 0), "method", "barter", "order.payments[0].method: must be one of credit_card, "),
    (("refunds", 0, "lines", 0), "amount", 1, "order.refunds[0].lines[0].amount: unknown key"),
    (("refunds", 0, "payments", 0), "amount_minor", None, "order.refunds[0].payments[0].amount_minor: is required"),
    (("shipments", 0), "shipped_at", "03/11/2026", "order.shipments[0].shipped_at: must be an ISO 8601 time"),
]


@pytest.mark.parametrize(("path", "key", "value", "message"), BAD_ORDERS)
def test_a_bad_order_is_refused_by_path(path: tuple[Any, ...], key: str, value: Any, message: str) -> None:
    order = full_order()
    place: Any = order
    for step in path:
        place = place[step]
    place[key] = value
    with pytest.raises(CanonicalError) as caught:
        parse_order(order)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("parse", "data", "message"),
    [
        (parse_order, None, "order: must be an object"),
        (parse_shopper, {}, "shopper.id: is required"),
        (parse_shopper, {"id": "s", "vip": True}, "shopper.vip: unknown key"),
        (parse_shopper, {"id": "s", "payment_methods": [{"id": "m", "method": "gift_card", "balance_minor": -1}]},
         "shopper.payment_methods[0].balance_minor: must be a whole number"),
        (parse_shopper, {"id": "s", "payment_methods": [{"id": "m", "method": "paypal"}] * 2},
         'shopper.payment_methods[1].id: "m" occurs twice'),
        (parse_product, {"id": "p", "title": {"en": "x"}}, "product.variants: is required"),
        (parse_product, {"id": "p", "title": {}, "variants": []}, "product.title: must hold at least one language"),
        (parse_product, {"id": "p", "title": {"fr": "x"}, "variants": []}, "product.title.fr: unknown key"),
        (parse_product, {"id": "p", "title": "x", "variants": []}, "product.title: must be an object of strings"),
        (parse_products, [products()[0], {**products()[1], "id": "p-mug"}], 'products[1].id: "p-mug" occurs twice'),
        (parse_products, [{**products()[0], "variants": [{"id": "v"}]}],
         "products[0].variants[0].price_minor: is required"),
        (parse_request, {}, "request.action: is required"),
        (parse_request, {"action": "none"}, "request.action: must be one of refund, return, exchange, cancel, "),
        (parse_request, {"action": "refund", "reason": "bored"}, "request.reason: must be one of no_longer_needed, "),
        (parse_request, {"action": "refund", "lines": [{"quantity": 1}]}, "request.lines[0].id: is required"),
        (parse_request, {"action": "refund", "lines": [{"id": "l", "quantity": 0}]},
         "request.lines[0].quantity: must be a whole number from 1"),
        (parse_request, {"action": "refund", "evidence": [None]}, "request.evidence[0]: must be a string"),
        (parse_request, {"action": "change_address", "address": {"line3": ""}}, "request.address.line3: unknown key"),
    ],
)  # fmt: skip
def test_other_bad_documents(parse: Callable[[Any], object], data: Any, message: str) -> None:
    with pytest.raises(CanonicalError) as caught:
        parse(data)
    assert str(caught.value).startswith(message)

"""Every fact of the catalogue, known and missing, with its exact value."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from policy_cases import NOW, a_shopper, an_order, products

from cs_portal.policies.engine import (
    Case,
    Missing,
    Problem,
    parse_order,
    parse_products,
    parse_request,
    parse_shopper,
)
from cs_portal.policies.engine.facts import FACTS, Facts

PENDING = {"status": "pending", "paid_at": None, "shipped_at": None, "delivered_at": None}
TO_BLUE = [{"id": "l-1", "quantity": 2, "to_variant": "v-blue"}]
BOTH = [*TO_BLUE, {"id": "l-2"}]


def fact(
    name: str,
    request: dict[str, Any] | None = None,
    *,
    order: dict[str, Any] | None = None,
    shopper: dict[str, Any] | None = None,
    now: datetime = NOW,
) -> Any:
    case = Case(
        parse_order(order or an_order()),
        parse_shopper(shopper or a_shopper()),
        {product.id: product for product in parse_products(products())},
        parse_request({"action": "refund", **(request or {})}),
        now,
    )
    return Facts(case)[name]


# name, request, changes of the order, changes of the shopper, value
KNOWN: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any], Any]] = [
    ("order.belongs_to_shopper", {}, {}, {}, True),
    ("order.belongs_to_shopper", {}, {"shopper": "s-1"}, {}, False),
    ("order.status", {}, {"status": "closed"}, {}, "closed"),
    ("order.items_modified", {}, {}, {}, False),
    ("order.items_modified", {}, {"items_modified": True}, {}, True),
    ("order.storefront", {}, {"storefront": "main"}, {}, "main"),
    ("order.currency", {}, {}, {}, "CNY"),
    ("order.country", {}, {"address": {"country": "CN"}}, {}, "CN"),
    ("order.days_since_placed", {}, {}, {}, 19),
    ("order.days_since_paid", {}, {"paid_at": "2026-11-02T00:00:00+08:00"}, {}, 18),
    ("order.hours_since_placed", {}, {}, {}, 458),
    ("order.hours_since_placed", {}, {"placed_at": "2026-11-20T11:00:01+08:00"}, {}, 0),
    ("order.hours_since_placed", {}, {"placed_at": "2026-11-20T03:00:00+00:00"}, {}, 1),
    ("order.hours_since_paid", {}, {"paid_at": "2026-11-20T09:30:00+08:00"}, {}, 2),
    ("order.total_minor", {}, {"shipping_minor": 800, "discount_minor": 600, "tax_minor": 100}, {}, 20_900),
    ("order.shipping_minor", {}, {}, {}, 0),
    ("order.shipping_minor", {}, {"shipping_minor": 800}, {}, 800),
    ("order.refunds_count", {}, {}, {}, 0),
    ("order.refunds_count", {}, {"refunds": [{"id": "r"}, {"id": "s"}]}, {}, 2),
    ("order.days_since_shipped", {}, {}, {}, 17),
    ("order.days_since_shipped", {}, {"shipped_at": None, "shipments": [
        {"shipped_at": "2026-11-08T09:00:00+08:00"}, {"shipped_at": "2026-11-06T09:00:00+08:00"}, {}]}, {}, 14),
    ("order.days_since_delivered", {}, {}, {}, 5),
    ("order.days_since_delivered", {}, {"delivered_at": None, "shipments": [
        {"delivered_at": "2026-11-08T09:00:00+08:00"}, {"delivered_at": "2026-11-10T09:00:00+08:00"}]}, {}, 10),
    ("order.days_in_transit", {}, {}, {}, 12),
    ("order.days_in_transit", {}, {"status": "shipped", "delivered_at": None}, {}, 17),
    ("order.shipped", {}, {}, {}, True),
    ("order.shipped", {}, PENDING, {}, False),
    ("order.delivered", {}, {}, {}, True),
    ("order.delivered", {}, {"status": "shipped", "delivered_at": None}, {}, False),
    ("order.delivered", {}, {"status": "shipped", "delivered_at": None, "shipments": [
        {"delivered_at": "2026-11-08T09:00:00+08:00"}, {}]}, {}, False),
    ("order.shipped_on", {}, {}, {}, date(2026, 11, 3)),
    ("order.delivered_on", {}, {"delivered_at": "2026-11-15T16:30:00+00:00"}, {}, date(2026, 11, 16)),
    ("order.paid_minor", {}, {}, {}, 20_600),
    ("order.refunded_minor", {}, {"refunds": [{"id": "r", "payments": [{"id": "pay-1", "amount_minor": 5}]}]}, {}, 5),
    ("order.refundable_minor", {}, {"refunds": [{"id": "r", "payments": [{"id": "x", "amount_minor": 5}]}]}, {},
     20_595),
    ("order.payment_methods", {}, {}, {}, frozenset({"wechat_pay"})),
    ("shopper.orders_count", {}, {}, {"orders_count": 4}, 4),
    ("shopper.refunds_90_days", {}, {}, {"refunds_90_days": 0}, 0),
    ("shopper.refund_rate_percent", {}, {}, {"refunds_90_days": 2, "orders_count": 3}, 66),
    ("shopper.lifetime_value_minor", {}, {}, {"lifetime_value_minor": 91_000}, 91_000),
    ("shopper.locale", {}, {}, {"locale": "zh-hans"}, "zh-hans"),
    ("shopper.tags", {}, {}, {"tags": ["vip"]}, frozenset({"vip"})),
    ("shopper.tags", {}, {}, {"tags": ["vip", "risk:chargeback"]}, frozenset({"vip", "risk:chargeback"})),
    ("shopper.risk_flags", {}, {}, {"tags": ["vip", "risk:chargeback"]}, frozenset({"chargeback"})),
    ("shopper.risk_flags", {}, {}, {"tags": ["vip"]}, frozenset()),
    ("shopper.flagged", {}, {}, {"tags": ["vip"]}, False),
    ("shopper.flagged", {}, {}, {"tags": ["risk:x"]}, True),
    ("shopper.identified", {}, {}, {}, True),
    ("shopper.days_since_joined", {}, {}, {"created_at": "2026-11-17T16:30:00+00:00"}, 2),
    ("request.amount_named", {}, {}, {}, False),
    ("request.amount_named", {"amount_minor": 0}, {}, {}, True),
    ("request.exceeds_refundable", {}, {}, {}, False),
    ("request.exceeds_refundable", {"amount_minor": 20_600}, {}, {}, False),
    ("request.exceeds_refundable", {"amount_minor": 20_601}, {}, {}, True),
    ("request.address_given", {}, {}, {}, False),
    ("request.address_given", {"address": {"city": "上海"}}, {}, {}, True),
    ("request.country", {"address": {"country": "JP"}}, {}, {}, "JP"),
    ("request.changes_country", {"address": {"country": "JP"}}, {"address": {"country": "CN"}}, {}, True),
    ("request.changes_country", {"address": {"country": "CN"}}, {"address": {"country": "CN"}}, {}, False),
    ("lines.named", {}, {}, {}, False),
    ("lines.named", {"lines": [{"id": "l-1"}]}, {}, {}, True),
    ("lines.whole_order", {}, {}, {}, True),
    ("lines.whole_order", {"lines": [{"id": "l-1"}, {"id": "l-2"}]}, {}, {}, True),
    ("lines.whole_order", {"lines": [{"id": "l-1", "quantity": 1}, {"id": "l-2"}]}, {}, {}, False),
    ("lines.count", {}, {}, {}, 2),
    ("lines.count", {"lines": [{"id": "l-1"}]}, {}, {}, 1),
    ("lines.any_refunded", {}, {}, {}, False),
    ("lines.any_refunded", {}, {"refunds": [{"id": "r", "lines": [{"id": "l-2", "quantity": 1}]}]}, {}, True),
    ("lines.any_refunded", {"lines": [{"id": "l-1"}]}, {"refunds": [
        {"id": "r", "lines": [{"id": "l-2", "quantity": 1}]}]}, {}, False),
    ("lines.highest_price_minor", {}, {}, {}, 12_000),
    ("lines.highest_price_minor", {"lines": [{"id": "l-1"}]}, {}, {}, 4300),
    ("lines.variants", {}, {}, {}, frozenset({"v-white", "v-lamp"})),
    ("wanted.named", {"lines": TO_BLUE}, {}, {}, True),
    ("wanted.named", {"lines": BOTH}, {}, {}, False),
    ("wanted.named", {}, {}, {}, False),
    ("wanted.stock", {"lines": TO_BLUE}, {}, {}, 2),
    ("wanted.stock", {"lines": [{"id": "l-1", "quantity": 1, "to_variant": "v-white"}, *TO_BLUE[:0],
                                {"id": "l-1", "quantity": 1, "to_variant": "v-red"}]}, {}, {}, 0),
    ("wanted.stock", {"lines": [{"id": "l-1", "to_variant": "v-none"}]}, {}, {}, 0),
    ("payment.named", {}, {}, {}, False),
    ("payment.named", {"payment_method": "m-9"}, {}, {}, True),
    ("payment.method", {}, {}, {}, "wechat_pay"),
    ("payment.method", {"payment_method": "m-2"}, {}, {}, "gift_card"),
    ("payment.method", {"payment_method": "m-7"}, {"payments": [
        {"id": "p", "method": "paypal", "method_id": "m-7", "amount_minor": 1}]}, {}, "paypal"),
    ("request.reason", {"reason": "damaged"}, {}, {}, "damaged"),
    ("request.amount_minor", {"amount_minor": 99}, {}, {}, 99),
    ("request.amount_minor", {"lines": [{"id": "l-1"}]}, {"shipping_minor": 700}, {}, 8600),
    ("request.refundable_minor", {"amount_minor": 99}, {}, {}, 20_600),
    ("request.photo", {"evidence": ["photo"]}, {}, {}, True),
    ("request.photo", {"evidence": ["video"]}, {}, {}, False),
    ("request.evidence", {"evidence": ["video"]}, {}, {}, frozenset({"video"})),
    ("request.confirmed", {"confirmed": True}, {}, {}, True),
    ("request.confirmed", {}, {}, {}, False),
    ("request.action_already_used", {"action": "refund"}, {}, {}, False),
    ("request.action_already_used", {"action": "refund"}, {"refunds": [{"id": "r"}]}, {}, True),
    ("request.action_already_used", {"action": "change_items"}, {"items_modified": True}, {}, True),
    ("request.action_already_used", {"action": "exchange"}, {"status": "exchange_requested"}, {}, True),
    ("request.action_already_used", {"action": "exchange"}, {"status": "return_requested"}, {}, False),
    ("request.action_already_used", {"action": "return"}, {"status": "returned"}, {}, True),
    ("request.action_already_used", {"action": "cancel"}, {"status": "cancelled"}, {}, True),
    ("request.action_already_used", {"action": "resend"}, {"status": "cancelled"}, {}, False),
    ("request.weekday", {}, {}, {}, "friday"),
    ("request.hour", {}, {}, {}, 12),
    ("lines.quantity", {}, {}, {}, 3),
    ("lines.quantity", {"lines": [{"id": "l-1", "quantity": 1}]}, {}, {}, 1),
    ("lines.any_final_sale", {}, {}, {}, True),
    ("lines.any_final_sale", {"lines": [{"id": "l-1"}]}, {}, {}, False),
    ("lines.tags", {}, {}, {}, frozenset({"fragile"})),
    ("lines.products", {"lines": [{"id": "l-2"}]}, {}, {}, frozenset({"p-lamp"})),
    ("lines.categories", {}, {}, {}, frozenset({"kitchen", "home"})),
    ("lines.product_tags", {}, {}, {}, frozenset({"gift"})),
    ("lines.any_consumable", {}, {}, {}, True),
    ("lines.any_consumable", {"lines": [{"id": "l-1"}]}, {}, {}, False),
    ("wanted.same_product", {"lines": TO_BLUE}, {}, {}, True),
    ("wanted.same_product", {"lines": [{"id": "l-1", "to_variant": "v-lamp"}]}, {}, {}, False),
    ("wanted.same_product", {"lines": [{"id": "l-1", "to_variant": "v-none"}]}, {}, {}, False),
    ("wanted.same_product", {"lines": [{"id": "l-2"}, {"id": "l-1", "to_variant": "v-lamp"}]}, {}, {}, False),
    ("wanted.differs", {"lines": TO_BLUE}, {}, {}, True),
    ("wanted.differs", {"lines": [{"id": "l-1", "to_variant": "v-white"}]}, {}, {}, False),
    ("wanted.in_stock", {"lines": TO_BLUE}, {}, {}, True),
    ("wanted.in_stock", {"lines": [{"id": "l-1", "to_variant": "v-red"}]}, {}, {}, False),
    ("wanted.in_stock", {"lines": [{"id": "l-1", "to_variant": "v-none"}]}, {}, {}, False),
    ("wanted.price_difference_minor", {"lines": TO_BLUE}, {}, {}, 1200),
    ("wanted.price_difference_minor", {"lines": [{"id": "l-1", "quantity": 1, "to_variant": "v-red"}]}, {}, {}, -300),
    ("payment.is_original", {}, {}, {}, True),
    ("payment.is_original", {"payment_method": "m-1"}, {}, {}, True),
    ("payment.is_original", {"payment_method": "m-2"}, {}, {}, False),
    ("payment.is_gift_card", {}, {}, {}, False),
    ("payment.is_gift_card", {"payment_method": "m-2"}, {}, {}, True),
    ("payment.is_gift_card", {"payment_method": "m-9"}, {}, {}, False),
    ("payment.is_gift_card", {"payment_method": "m-7"}, {"payments": [
        {"id": "p", "method": "gift_card", "method_id": "m-7", "amount_minor": 1}]}, {}, True),
    ("payment.is_gift_card", {}, {"payments": [{"id": "p", "method": "gift_card", "amount_minor": 1}]}, {}, True),
    ("payment.is_shoppers", {}, {}, {}, True),
    ("payment.is_shoppers", {"payment_method": "m-2"}, {}, {}, True),
    ("payment.is_shoppers", {"payment_method": "m-9"}, {}, {}, False),
    ("payment.covers_difference", {"lines": TO_BLUE}, {}, {}, True),
    ("payment.covers_difference", {"lines": TO_BLUE, "payment_method": "m-2"}, {}, {}, True),
    ("payment.covers_difference", {"lines": TO_BLUE, "payment_method": "m-2"}, {},
     {"payment_methods": [{"id": "m-2", "method": "gift_card", "balance_minor": 1199}]}, False),
    ("payment.covers_difference", {"lines": [{"id": "l-1", "to_variant": "v-red"}], "payment_method": "m-2"}, {},
     {"payment_methods": [{"id": "m-2", "method": "gift_card"}]}, True),
    ("payment.covers_difference", {"lines": TO_BLUE}, {}, {"payment_methods": []}, True),
    ("payment.covers_difference", {"lines": TO_BLUE}, {"payments": [
        {"id": key, "method": "alipay", "amount_minor": 10_300} for key in "ab"]}, {}, True),
    ("payment.covers_total", {"payment_method": "m-2"}, {}, {}, False),
    ("payment.covers_total", {"payment_method": "m-2"}, {},
     {"payment_methods": [{"id": "m-2", "method": "gift_card", "balance_minor": 20_600}]}, True),
]  # fmt: skip

MISSING: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any], Problem]] = [
    ("order.storefront", {}, {}, {}, Problem.NOT_GIVEN),
    ("order.country", {}, {}, {}, Problem.NOT_GIVEN),
    ("order.country", {}, {"address": {"city": "上海"}}, {}, Problem.NOT_GIVEN),
    ("order.days_since_placed", {}, {"placed_at": "2026-11-21T00:00:00+08:00"}, {}, Problem.DATE_IN_FUTURE),
    ("order.days_since_paid", {}, {"paid_at": None}, {}, Problem.NOT_PAID),
    ("order.days_since_shipped", {}, PENDING, {}, Problem.NOT_SHIPPED),
    ("order.days_since_shipped", {}, {"shipped_at": None}, {}, Problem.DATE_UNKNOWN),
    ("order.days_since_delivered", {}, PENDING, {}, Problem.NOT_DELIVERED),
    ("order.days_since_delivered", {}, {"delivered_at": None}, {}, Problem.DATE_UNKNOWN),
    ("order.days_in_transit", {}, PENDING, {}, Problem.NOT_SHIPPED),
    ("order.days_in_transit", {}, {"delivered_at": None}, {}, Problem.DATE_UNKNOWN),
    ("order.shipped", {}, {**PENDING, "status": "shipped"}, {}, Problem.DATE_UNKNOWN),
    ("order.delivered", {}, {**PENDING, "status": "closed"}, {}, Problem.DATE_UNKNOWN),
    ("order.shipped_on", {}, PENDING, {}, Problem.NOT_SHIPPED),
    ("order.delivered_on", {}, PENDING, {}, Problem.NOT_DELIVERED),
    ("order.paid_minor", {}, {"currency": "QQQ"}, {}, Problem.UNKNOWN_CURRENCY),
    ("order.paid_minor", {}, {"payments": [
        {"id": key, "method": "alipay", "amount_minor": 2**53 - 1} for key in "ab"]}, {}, Problem.OVERFLOW),
    ("order.total_minor", {}, {"shipping_minor": 2**53 - 1}, {}, Problem.OVERFLOW),
    ("order.hours_since_paid", {}, {"paid_at": None}, {}, Problem.NOT_PAID),
    ("order.hours_since_placed", {}, {"placed_at": "2026-11-20T12:00:01+08:00"}, {}, Problem.DATE_IN_FUTURE),
    ("shopper.days_since_joined", {}, {}, {}, Problem.NOT_GIVEN),
    ("shopper.days_since_joined", {}, {}, {"created_at": "2026-11-21T12:00:00+08:00"}, Problem.DATE_IN_FUTURE),
    ("request.exceeds_refundable", {"lines": [{"id": "l-9"}]}, {}, {}, Problem.UNKNOWN_LINE),
    ("request.country", {}, {}, {}, Problem.NOT_GIVEN),
    ("request.country", {"address": {"city": "x"}}, {}, {}, Problem.NOT_GIVEN),
    ("request.changes_country", {"address": {"country": "JP"}}, {}, {}, Problem.NOT_GIVEN),
    ("lines.whole_order", {"lines": [{"id": "l-9"}]}, {}, {}, Problem.UNKNOWN_LINE),
    ("wanted.stock", {"lines": BOTH}, {}, {}, Problem.NOT_GIVEN),
    ("payment.method", {"payment_method": "m-9"}, {}, {}, Problem.NOT_GIVEN),
    ("payment.method", {}, {"payments": []}, {}, Problem.NOT_GIVEN),
    ("shopper.orders_count", {}, {}, {}, Problem.NOT_GIVEN),
    ("shopper.refund_rate_percent", {}, {}, {"orders_count": 3}, Problem.NOT_GIVEN),
    ("shopper.refund_rate_percent", {}, {}, {"orders_count": 0, "refunds_90_days": 1}, Problem.DIVISION_BY_ZERO),
    ("request.reason", {}, {}, {}, Problem.NOT_GIVEN),
    ("request.amount_minor", {"lines": [{"id": "l-9"}]}, {}, {}, Problem.UNKNOWN_LINE),
    ("lines.quantity", {"lines": [{"id": "l-2", "quantity": 2}]}, {}, {}, Problem.QUANTITY_EXCEEDS_LINE),
    ("lines.any_final_sale", {"lines": [{"id": "l-9"}]}, {}, {}, Problem.UNKNOWN_LINE),
    ("lines.categories", {}, {"lines": [{"id": "l", "product": "p-x", "variant": "v", "title": "X", "quantity": 1,
                                         "unit_price_minor": 1}]}, {}, Problem.UNKNOWN_PRODUCT),
    ("wanted.same_product", {"lines": BOTH}, {}, {}, Problem.NOT_GIVEN),
    ("wanted.differs", {}, {}, {}, Problem.NOT_GIVEN),
    ("wanted.in_stock", {"lines": BOTH}, {}, {}, Problem.NOT_GIVEN),
    ("wanted.price_difference_minor", {"lines": TO_BLUE}, {"currency": "EUR"}, {}, Problem.CURRENCY_MISMATCH),
    ("wanted.price_difference_minor", {"lines": [{"id": "l-1", "to_variant": "x"}]}, {}, {}, Problem.UNKNOWN_VARIANT),
    ("payment.covers_difference", {"lines": TO_BLUE, "payment_method": "m-2"}, {},
     {"payment_methods": [{"id": "m-2", "method": "gift_card"}]}, Problem.NOT_GIVEN),
    ("payment.covers_total", {"payment_method": "m-9"}, {}, {}, Problem.NOT_GIVEN),
    ("payment.covers_difference", {"lines": TO_BLUE}, {"payments": [
        {"id": "p", "method": "gift_card", "method_id": "m-7", "amount_minor": 20_600}]}, {}, Problem.NOT_GIVEN),
    ("payment.covers_difference", {"lines": TO_BLUE}, {"payments": [
        {"id": "p", "method": "gift_card", "method_id": "m-2", "amount_minor": 600},
        {"id": "q", "method": "alipay", "method_id": "m-1", "amount_minor": 20_000}]}, {}, Problem.NOT_GIVEN),
]  # fmt: skip


@pytest.mark.parametrize(("name", "request_", "order", "shopper", "value"), KNOWN)
def test_known(name: str, request_: dict[str, Any], order: dict[str, Any], shopper: dict[str, Any], value: Any) -> None:
    got = fact(name, request_, order=an_order(**order), shopper=a_shopper(**shopper))
    assert got == value
    assert type(got) is type(value)


@pytest.mark.parametrize(("name", "request_", "order", "shopper", "problem"), MISSING)
def test_missing(
    name: str, request_: dict[str, Any], order: dict[str, Any], shopper: dict[str, Any], problem: Problem
) -> None:
    assert fact(name, request_, order=an_order(**order), shopper=a_shopper(**shopper)) == Missing(problem, name)


def test_every_fact_has_a_value_above() -> None:
    assert {row[0] for row in KNOWN} == set(FACTS)


def test_without_order_and_shopper_every_fact_is_known_or_says_why() -> None:
    facts = Facts(Case(None, None, {}, parse_request({"action": "place_order"}), NOW))
    for name in FACTS:
        value = facts[name]
        if isinstance(value, Missing):
            assert value.problem in (Problem.NO_ORDER, Problem.NO_SHOPPER, Problem.NOT_GIVEN)
    assert facts["order.status"] == Missing(Problem.NO_ORDER, "order.status")
    assert facts["lines.quantity"] == Missing(Problem.NO_ORDER, "lines.quantity")
    assert facts["shopper.tags"] == Missing(Problem.NO_SHOPPER, "shopper.tags")


def test_clock_facts_are_in_the_orders_offset() -> None:
    now = datetime.fromisoformat("2026-11-22T16:30:00+00:00")
    assert (fact("request.weekday", now=now), fact("request.hour", now=now)) == ("monday", 0)


def test_clock_facts_are_in_the_time_zone_of_the_rules_where_they_name_one() -> None:
    now = datetime.fromisoformat("2026-11-22T16:30:00+00:00")
    case = Case(None, None, {}, parse_request({"action": "place_order"}), now, ZoneInfo("America/New_York"))
    facts = Facts(case)
    assert (facts["request.weekday"], facts["request.hour"]) == ("sunday", 11)
    elsewhere = Case(
        parse_order(an_order()), None, {}, parse_request({"action": "refund"}), now, ZoneInfo("America/New_York")
    )
    assert Facts(elsewhere)["request.hour"] == 11
    assert Facts(elsewhere)["order.days_since_delivered"] == 8, "days stay in the order's own offset"


def test_nobody_identified_is_a_fact_not_a_gap() -> None:
    assert Facts(Case(None, None, {}, parse_request({"action": "refund"}), NOW))["shopper.identified"] is False

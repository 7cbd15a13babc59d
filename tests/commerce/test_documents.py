"""Orders come out in the canonical shape: the policy engine's own validation accepts them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cs_portal.commerce.listing import Money, figures_of
from cs_portal.commerce.models import Order, Payment
from cs_portal.commerce.money import format_minor
from cs_portal.commerce.selectors import order_document, orders_of, product_document, shopper_document, total_minor
from cs_portal.core.tenancy import scope
from cs_portal.policies.engine.canonical import parse_order, parse_products, parse_shopper
from tests.factories import make_merchant, make_order, make_product, make_shopper

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)


def test_an_order_is_canonical_and_in_its_own_offset() -> None:
    merchant = make_merchant()
    order = make_order(merchant, now=NOW, utc_offset_minutes=480)
    with scope(merchant=merchant):
        document = order_document(order)
    assert document["delivered_at"] == "2026-11-19T02:00:00+08:00"
    assert parse_order(document).number == order.number


def test_shopper_and_products_are_canonical() -> None:
    merchant = make_merchant()
    shopper, product = make_shopper(merchant), make_product(merchant)
    make_order(merchant, shopper, now=NOW)
    with scope(merchant=merchant):
        document = shopper_document(shopper, now=NOW)
        parse_products([product_document(product)])
    assert parse_shopper(document).id == shopper.external_id
    assert (document["orders_count"], document["lifetime_value_minor"], document["refunds_90_days"]) == (1, 8600, 0)


def test_figures_are_exact_where_a_sum_leaves_64_bits() -> None:
    """SQLite raises "integer overflow" for such a sum."""
    merchant = make_merchant()
    shopper = make_shopper(merchant)
    orders = [make_order(merchant, shopper, now=NOW) for _ in range(3)]
    with scope(merchant=merchant):
        Order.objects.filter(pk__in=[order.pk for order in orders]).update(paid_minor=5 * 10**18 + 7)
        Order.objects.filter(pk=orders[0].pk).update(currency="JPY", refunded_minor=5 * 10**18)
        assert shopper_document(shopper, now=NOW)["lifetime_value_minor"] == 10**19 + 21
        (figures,) = figures_of([shopper]).values()
    assert figures.value == (Money(10**19 + 14, "CNY"), Money(7, "JPY"))
    assert figures.orders == 3


def test_orders_cost_a_constant_number_of_queries(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    merchant = make_merchant()
    shopper = make_shopper(merchant)
    for _ in range(4):
        make_order(merchant, shopper)
    with scope(merchant=merchant), django_assert_num_queries(5):
        for order in orders_of(shopper=shopper):
            order_document(order)
            total_minor(order)


def test_the_rules_see_only_money_that_was_captured() -> None:
    merchant = make_merchant()
    order = make_order(merchant)
    with scope(merchant=merchant):
        Payment.objects.create(order=order, external_id="pay-2", method="alipay", amount_minor=100)
        row = orders_of(shopper=order.shopper).get()
        assert [p["id"] for p in order_document(row)["payments"]] == ["pay-1", "pay-2"]
        assert [p["id"] for p in order_document(row, captured_only=True)["payments"]] == ["pay-1"]


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (8600, "CNY", "¥86.00"),
        (123456789, "USD", "$1,234,567.89"),
        (500, "JPY", "JP¥500"),
        (5, "KWD", "KWD 0.005"),
        (0, "EUR", "€0.00"),
    ],
)
def test_amounts_are_shown_with_their_currency(minor: int, currency: str, text: str) -> None:
    assert format_minor(minor, currency) == text

"""The Shopify connector against a local shop that checks what the Admin API's reference demands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cs_portal.commerce.connectors.base import ShopUnavailable
from cs_portal.commerce.connectors.shopify import ShopifyConnector
from cs_portal.commerce.models import (
    ActionState,
    ConnectorKind,
    Order,
    OrderAction,
    OrderLine,
    OrderStatus,
    Payment,
    Product,
    Refund,
    ShopConnection,
    Shopper,
    Variant,
)
from cs_portal.commerce.services.actions import approve_action, carry_out, propose_action
from cs_portal.core.audit import Actor
from cs_portal.core.jobs import Job
from cs_portal.core.secrets import encrypt
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.merchants.models import Merchant
from tests.commerce.shopify_shop import TOKEN, ShopifyShop, shopify_shop
from tests.factories import make_merchant

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(settings: Any) -> Iterator[ShopifyShop]:
    settings.OUTBOUND_PRIVATE_HOSTS = ["127.0.0.1"]
    merchant: Merchant = make_merchant()
    with shopify_shop() as shop, scope(merchant=merchant):
        ShopConnection.objects.create(
            kind=ConnectorKind.SHOPIFY,
            address=shop.origin,
            token_encrypted=encrypt(TOKEN),
            created_at=timezone.now(),
            updated_at=timezone.now(),
        )
        yield shop


def _order(status: str = OrderStatus.PENDING) -> Order:
    """Our row of the shop's order #1001: lines by SKU, payments by the shop's transaction ids."""
    now = timezone.now()
    shopper = Shopper.objects.create(external_id="s-1", created_at=now)
    order = Order.objects.create(
        number="#1001",
        shopper=shopper,
        currency="USD",
        status=status,
        placed_at=now - timedelta(days=3),
        paid_minor=9600,
        shipping_minor=600,
        address={"line1": "Old road 1"},
    )
    product = Product.objects.create(external_id="9", title_en="Mug")
    for key in ("MUG", "CUP", "93"):
        Variant.objects.create(product=product, external_id=key, price_minor=4000, currency="USD", stock=5)
    for key, sku, quantity, price in (("11", "MUG", 2, 4000), ("l-2", "CUP", 1, 1000)):
        OrderLine.objects.create(
            order=order, external_id=key, product="9", variant=sku, title=sku, quantity=quantity, unit_price_minor=price
        )
    for key, method, amount in (("21", "gift_card", 2000), ("22", "credit_card", 7600)):
        Payment.objects.create(order=order, external_id=key, method=method, amount_minor=amount, captured_at=now)
    return order


def _begin(order: Order, kind: str, request: dict[str, Any] | None = None, **verdict: Any) -> OrderAction:
    row = propose_action(
        key=f"review-{kind}",
        kind=kind,
        request=request or {},
        verdict={"outcome": "allow", **verdict},
        order=order,
        shopper=order.shopper,
        now=timezone.now(),
    )
    approve_action(action=row, by=Actor("member", "olaf"), now=timezone.now())
    carry_out(action=row, now=timezone.now())
    return row


def _run(row: OrderAction) -> OrderAction:
    Job.objects.filter(state="ready").update(execute_after=timezone.now())
    run_due(["fast"], keep=False)
    row.refresh_from_db()
    return row


def test_a_refund_is_split_over_the_transactions_that_took_the_money(shop: ShopifyShop) -> None:
    order = _order()
    request = {"lines": [{"id": "11", "quantity": 2}, {"id": "l-2", "quantity": 1}]}
    row = _run(_begin(order, "refund", request, amount_minor=8600, shipping_minor=600))
    assert (row.state, row.reference, row.error) == (ActionState.DONE, "1", "")
    sent = shop.order["refunds"][0]
    assert [(t["parentId"][-2:], t["gateway"], t["amount"]) for t in sent["transactions"]] == [
        ("22", "shopify_payments", "76.00"),
        ("21", "gift_card", "10.00"),
    ]
    assert [(line["lineItemId"][-2:], line["quantity"]) for line in sent["refundLineItems"]] == [("11", 2), ("12", 1)]
    assert sent["shipping"] == {"amount": "6.00"}
    assert Refund.objects.get().external_id == "1"
    order.refresh_from_db()
    assert order.refunded_minor == 8600


def test_a_refund_whose_answer_was_lost_is_found_by_its_note(shop: ShopifyShop) -> None:
    order = _order()
    shop.faults = ["lost"]
    row = _run(_begin(order, "refund", amount_minor=500))
    assert row.state == ActionState.UNKNOWN
    assert _run(row).state == ActionState.DONE
    assert (shop.mutations, len(shop.order["refunds"])) == (["refundCreate"], 1)
    order.refresh_from_db()
    assert order.refunded_minor == 500


def test_what_the_shop_refunded_meanwhile_is_refused_there(shop: ShopifyShop) -> None:
    order = _order()
    shop.order["refunds"].append(
        {"id": "x", "note": "", "transactions": [{"parentId": "gid://shopify/OrderTransaction/22", "amount": "76.00"}]}
    )
    row = _run(_begin(order, "refund", amount_minor=5000))
    assert (row.state, row.error) == (ActionState.REFUSED, "shop_refused")


@pytest.mark.parametrize(
    ("fault", "state", "error"),
    [
        ("throttled", ActionState.EXECUTING, "throttled"),
        ("429", ActionState.EXECUTING, "throttled"),
        ("401", ActionState.REFUSED, "not_authorised"),
        ("402", ActionState.REFUSED, "shop_closed"),
        ("500", ActionState.UNKNOWN, "http_500"),
        ("internal", ActionState.UNKNOWN, "internal_server_error"),
    ],
)
def test_answers_that_are_no_result(shop: ShopifyShop, fault: str, state: str, error: str) -> None:
    shop.faults = [fault]
    row = _run(_begin(_order(), "refund", amount_minor=500))
    assert (row.state, row.error) == (state, error)
    assert shop.order["refunds"] == []


def test_a_throttled_call_is_made_again_and_once(shop: ShopifyShop) -> None:
    shop.faults = ["throttled"]
    row = _run(_begin(_order(), "refund", amount_minor=500))
    assert _run(row).state == ActionState.DONE
    assert len(shop.order["refunds"]) == 1


def test_cancelling_restocks_refunds_and_is_known_by_and_by(shop: ShopifyShop) -> None:
    order = _order()
    shop.cancels_later = True
    row = _run(_begin(order, "cancel", amount_minor=9600))
    assert (row.state, row.error) == (ActionState.UNKNOWN, "pending")
    assert shop.order["cancel"]["refundMethod"] == {"originalPaymentMethodsRefund": True}
    assert shop.order["cancel"]["restock"] is True
    shop.order["cancelledAt"] = "2026-11-25T10:00:00Z"
    assert _run(row).state == ActionState.DONE
    order.refresh_from_db()
    assert (order.status, order.refunded_minor) == (OrderStatus.CANCELLED, 9600)
    assert shop.mutations == ["orderCancel"]


def test_a_cancellation_that_keeps_money_is_not_made_by_giving_all_back(shop: ShopifyShop) -> None:
    row = _run(_begin(_order(), "cancel", amount_minor=9000))
    assert (row.state, row.error, shop.mutations) == (ActionState.REFUSED, "partial_refund_not_supported", [])


def test_a_shipped_order_is_not_cancelled_whatever_we_believed(shop: ShopifyShop) -> None:
    shop.order["displayFulfillmentStatus"] = "FULFILLED"
    row = _run(_begin(_order(), "cancel", amount_minor=9600))
    assert (row.state, row.error) == (ActionState.REFUSED, "invalid")


def test_a_return_takes_pieces_out_of_several_parcels(shop: ShopifyShop) -> None:
    shop.order["displayFulfillmentStatus"] = "FULFILLED"
    order = _order(OrderStatus.DELIVERED)
    row = _run(_begin(order, "return", {"lines": [{"id": "11", "quantity": 2}]}, amount_minor=8000))
    assert (row.state, row.reference) == (ActionState.DONE, "gid://shopify/Return/1")
    lines = shop.order["returns"][0]["input"]["returnLineItems"]
    assert [line["quantity"] for line in lines] == [1, 1]
    assert all(row.key in line["returnReasonNote"] for line in lines)
    order.refresh_from_db()
    assert order.status == OrderStatus.RETURN_REQUESTED


def test_a_lost_return_is_found_by_the_note_of_its_lines(shop: ShopifyShop) -> None:
    shop.order["displayFulfillmentStatus"] = "FULFILLED"
    shop.faults = ["lost"]
    row = _run(_begin(_order(OrderStatus.DELIVERED), "return", {"lines": [{"id": "l-2"}]}))
    assert row.state == ActionState.UNKNOWN
    assert (_run(row).state, len(shop.order["returns"])) == (ActionState.DONE, 1)


def test_an_exchange_names_the_new_variant(shop: ShopifyShop) -> None:
    shop.order["displayFulfillmentStatus"] = "FULFILLED"
    request = {"lines": [{"id": "11", "quantity": 1, "to_variant": "93"}]}
    row = _run(_begin(_order(OrderStatus.DELIVERED), "exchange", request))
    assert row.state == ActionState.DONE
    assert shop.order["returns"][0]["input"]["exchangeLineItems"] == [
        {"variantId": "gid://shopify/ProductVariant/93", "quantity": 1}
    ]


def test_an_address_is_changed_before_shipping(shop: ShopifyShop) -> None:
    address = {"name": "Li Wei", "line1": "New road 1", "city": "Salem", "region": "MA", "postal_code": "01970"}
    order = _order()
    row = _run(_begin(order, "change_address", {"address": {**address, "country": "US"}}))
    assert row.state == ActionState.DONE
    there = shop.order["shippingAddress"]
    assert (there["address1"], there["provinceCode"], there["firstName"]) == ("New road 1", "MA", "Li")
    order.refresh_from_db()
    assert order.address["line1"] == "New road 1"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"name": "#1002"}, "unknown_order"),
        ({"currencyCode": "EUR"}, "other_currency"),
        ({"lineItems": []}, "unknown_line"),
        ({"transactions": []}, "unknown_payment"),
    ],
)
def test_what_does_not_fit_the_shop_is_refused_before_anything_is_done(
    shop: ShopifyShop, change: dict[str, Any], error: str
) -> None:
    shop.order.update(change)
    row = _run(_begin(_order(), "refund", {"lines": [{"id": "11"}]}, amount_minor=500))
    assert (row.state, row.error, shop.mutations) == (ActionState.REFUSED, error, [])


def test_actions_that_the_shop_has_no_way_for_are_refused(shop: ShopifyShop) -> None:
    row = _run(_begin(_order(OrderStatus.SHIPPED), "resend", {"lines": [{"id": "11", "quantity": 1}]}))
    assert (row.state, row.error) == (ActionState.REFUSED, "not_supported")


def test_orders_are_looked_up_by_their_number(shop: ShopifyShop) -> None:
    connector = ShopifyConnector(shop.origin, TOKEN)
    found = connector.look_up_order("1001")
    assert found is not None and found["name"] == "#1001"
    assert connector.look_up_order("1002") is None
    assert connector.look_up_order('1001" OR name:"#1') is None
    with pytest.raises(ShopUnavailable, match="not_authorised"):
        ShopifyConnector(shop.origin, "shpat_wrong").look_up_order("1001")

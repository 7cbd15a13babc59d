"""Shopify's webhooks: only what is signed, once each, never older news over newer ones."""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cs_portal.commerce.connectors import local
from cs_portal.commerce.connectors.base import Action
from cs_portal.commerce.models import Order, OrderEvent, Product, Refund, Shopper, Variant
from cs_portal.commerce.selectors import order_document
from cs_portal.core.errors import Invalid
from cs_portal.core.tenancy import scope
from cs_portal.integrations.models import ReceivedWebhook, SeenVersion, ShopifyWebhook
from cs_portal.integrations.services.webhooks import add_webhook, signature
from cs_portal.merchants.models import Merchant
from cs_portal.policies.engine import parse_order
from tests.factories import make_merchant, make_shopper, make_storefront
from tests.security.walk import database_digest

pytestmark = pytest.mark.django_db

SECRET = "shpss_0123456789abcdef"
DOMAIN = "mugs.myshopify.com"
ORDER: dict[str, Any] = {
    "id": 820982911946154508,
    "name": "#1001",
    "email": "ada@example.com",
    "created_at": "2026-11-01T10:00:00+08:00",
    "processed_at": "2026-11-01T10:02:00+08:00",
    "updated_at": "2026-11-01T10:02:00+08:00",
    "cancelled_at": None,
    "currency": "USD",
    "financial_status": "paid",
    "fulfillment_status": None,
    "subtotal_price": "95.00",
    "total_price": "108.00",
    "total_tax": "8.00",
    "taxes_included": False,
    "total_outstanding": "0.00",
    "payment_gateway_names": ["shopify_payments"],
    "customer": {"id": 115310627314723954, "email": "ada@example.com", "first_name": "Ada", "last_name": "L."},
    "line_items": [
        {
            "id": 866550311766439020,
            "product_id": 632910392,
            "variant_id": 808950810,
            "sku": "MUG-W",
            "title": "Mug",
            "name": "Mug - White",
            "quantity": 2,
            "price": "50.00",
            "discount_allocations": [{"amount": "5.00"}],
        }
    ],
    "shipping_lines": [{"price": "5.00"}],
    "shipping_address": {"name": "Ada L.", "address1": "1 Mug Road", "city": "Springfield", "country_code": "US"},
    "note": None,
    "refunds": [],
    "fulfillments": [],
}
PRODUCT: dict[str, Any] = {
    "id": 632910392,
    "title": "Mug",
    "handle": "mug",
    "product_type": "Kitchen",
    "tags": "gift, new",
    "status": "active",
    "updated_at": "2026-11-01T10:00:00+08:00",
    "options": [{"name": "Colour"}],
    "image": {"src": "https://cdn.example.com/mug.jpg"},
    "variants": [
        {
            "id": 808950810,
            "sku": "MUG-W",
            "price": "50.00",
            "option1": "White",
            "inventory_management": "shopify",
            "inventory_quantity": -3,
        }
    ],
}
REFUND: dict[str, Any] = {
    "id": 509562969,
    "order_id": ORDER["id"],
    "created_at": "2026-11-05T10:00:00+08:00",
    "refund_line_items": [{"line_item_id": 866550311766439020, "quantity": 1}],
    "transactions": [{"kind": "refund", "status": "success", "amount": "50.00"}],
}


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    made = make_merchant()
    make_storefront(made, "main", currency="USD")
    with scope(merchant=made):
        yield made


@pytest.fixture
def webhook(merchant: Merchant) -> ShopifyWebhook:
    return add_webhook(domain=DOMAIN, secret=SECRET, storefront="main", now=timezone.now())


def _send(webhook: ShopifyWebhook, topic: str, data: Any, **changes: str) -> Any:
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    headers = {
        "X-Shopify-Topic": topic,
        "X-Shopify-Shop-Domain": DOMAIN,
        "X-Shopify-Webhook-Id": str(uuid.uuid4()),
        "X-Shopify-Hmac-Sha256": signature(SECRET, body),
        **{name.replace("_", "-"): value for name, value in changes.items()},
    }
    path = f"/api/webhooks/shopify/{webhook.public_id}/"
    return Client().generic("POST", path, data=body, content_type="application/json", headers=headers)


def _said(response: Any) -> tuple[int, str]:
    return response.status_code, response.content.decode()


def _order() -> dict[str, Any]:
    document = order_document(Order.objects.get())
    parse_order(document)
    return document


def test_an_order_comes_with_its_buyer(webhook: ShopifyWebhook) -> None:
    assert _said(_send(webhook, "orders/create", ORDER)) == (200, "created")
    order = _order()
    assert (order["number"], order["storefront"], order["status"], order["currency"]) == (
        "1001",
        "main",
        "pending",
        "USD",
    )
    (line,) = order["lines"]
    assert (line["variant"], line["product"], line["unit_price_minor"], line["discount_minor"]) == (
        "808950810",
        "632910392",
        5000,
        500,
    )
    assert (order["shipping_minor"], order["tax_minor"], order["discount_minor"]) == (500, 800, 0)
    assert [(p["method"], p["amount_minor"]) for p in order["payments"]] == [("credit_card", 10800)]
    shopper = Shopper.objects.get()
    assert (shopper.external_id, shopper.email, shopper.name) == ("115310627314723954", "ada@example.com", "Ada L.")
    assert {(event.source, event.by) for event in OrderEvent.objects.all()} == {("shop", DOMAIN)}


@pytest.mark.parametrize(
    "changes",
    [
        {"X_Shopify_Hmac_Sha256": ""},
        {"X_Shopify_Hmac_Sha256": "x"},
        {"X_Shopify_Hmac_Sha256": signature("another secret of 16", json.dumps(ORDER).encode())},
        {"X_Shopify_Hmac_Sha256": signature(SECRET, json.dumps(ORDER).encode() + b" ")},
        {"X_Shopify_Hmac_Sha256": signature("", json.dumps(ORDER).encode())},
        {"X_Shopify_Hmac_Sha256": signature("-" * 32, json.dumps(ORDER).encode())},
        {"X_Shopify_Shop_Domain": "evil.myshopify.com"},
    ],
)
def test_what_is_not_signed_changes_nothing(webhook: ShopifyWebhook, changes: dict[str, str]) -> None:
    before = database_digest()
    assert _said(_send(webhook, "orders/create", ORDER, **changes)) == (401, "wrong signature")
    assert database_digest() == before


def test_an_address_that_does_not_exist_or_is_off_answers_the_same(webhook: ShopifyWebhook) -> None:
    nowhere = ShopifyWebhook(public_id=uuid.uuid4())
    signed = {"X_Shopify_Hmac_Sha256": signature("-" * 32, json.dumps(ORDER).encode())}
    assert _said(_send(nowhere, "orders/create", ORDER, **signed)) == (401, "wrong signature")
    ShopifyWebhook.objects.update(is_active=False)
    assert _said(_send(webhook, "orders/create", ORDER)) == (401, "wrong signature")
    assert Client().get(f"/api/webhooks/shopify/{webhook.public_id}/").status_code == 405


def test_the_signature_is_over_the_raw_body(webhook: ShopifyWebhook) -> None:
    body = json.dumps(ORDER, indent=3).encode()
    assert _said(_send(webhook, "orders/create", body)) == (200, "created")


def test_what_comes_again_does_nothing(webhook: ShopifyWebhook) -> None:
    assert _said(_send(webhook, "orders/create", ORDER, X_Shopify_Webhook_Id="w-1")) == (200, "created")
    Order.objects.update(note="Ours")
    assert _said(_send(webhook, "orders/create", ORDER, X_Shopify_Webhook_Id="w-1")) == (200, "repeated")
    assert (Order.objects.get().note, ReceivedWebhook.objects.count()) == ("Ours", 1)


def test_older_news_that_come_later_change_nothing(webhook: ShopifyWebhook) -> None:
    newer = {**ORDER, "updated_at": "2026-11-03T10:00:00+08:00", "fulfillment_status": "fulfilled"}
    assert _said(_send(webhook, "orders/updated", newer)) == (200, "created")
    assert _said(_send(webhook, "orders/create", ORDER)) == (200, "older")
    assert Order.objects.get().status == "shipped"
    # The same moment in another offset is no older one.
    same = {**newer, "updated_at": "2026-11-03T02:00:00+00:00"}
    assert _said(_send(webhook, "orders/updated", same)) == (200, "unchanged")


def test_a_parcel_and_its_delivery(webhook: ShopifyWebhook) -> None:
    parcel = {"id": 1, "status": "success", "created_at": "2026-11-02T09:00:00+08:00", "tracking_number": "1Z"}
    parcel |= {"updated_at": "2026-11-04T12:00:00+08:00", "tracking_company": "UPS", "shipment_status": "delivered"}
    parcel["line_items"] = [{"id": 866550311766439020}]
    _send(webhook, "orders/updated", {**ORDER, "fulfillment_status": "fulfilled", "fulfillments": [parcel]})
    order = _order()
    assert (order["status"], order["shipped_at"]) == ("delivered", "2026-11-02T09:00:00+08:00")
    assert order["shipments"][0]["tracking"] == "1Z"


def test_a_return_that_was_opened_here_stays(webhook: ShopifyWebhook) -> None:
    _send(webhook, "orders/create", ORDER)
    Order.objects.update(status="return_requested")
    later = {**ORDER, "updated_at": "2026-11-06T10:00:00+08:00", "fulfillment_status": "fulfilled"}
    _send(webhook, "orders/updated", later)
    assert Order.objects.get().status == "return_requested"
    _send(webhook, "orders/updated", {**later, "cancelled_at": "2026-11-07T10:00:00+08:00"})
    assert Order.objects.get().status == "cancelled"


def test_a_refund_comes_once_however_it_is_told(webhook: ShopifyWebhook) -> None:
    assert _said(_send(webhook, "refunds/create", REFUND)) == (200, "unknown")
    _send(webhook, "orders/create", ORDER)
    assert _said(_send(webhook, "refunds/create", REFUND)) == (200, "updated")
    assert _said(_send(webhook, "refunds/create", REFUND)) == (200, "unchanged")
    later = {**ORDER, "updated_at": "2026-11-05T10:00:01+08:00", "refunds": [REFUND]}
    _send(webhook, "orders/updated", later)
    refund = Refund.objects.get()
    assert (refund.external_id, refund.amount_minor) == ("509562969", 5000)
    assert refund.lines == [{"id": "866550311766439020", "quantity": 1}]


def test_a_refund_that_was_made_here_is_not_counted_twice(webhook: ShopifyWebhook) -> None:
    _send(webhook, "orders/create", ORDER)
    shares = [{"id": "p-1", "amount_minor": 5000}]
    order = Order.objects.get()
    local.execute(Action(kind="refund", order_id=order.pk, key="draft-1", payments=shares), now=timezone.now())
    assert _said(_send(webhook, "refunds/create", REFUND)) == (200, "unchanged")
    more = {**REFUND, "id": 7, "transactions": [{"kind": "refund", "status": "success", "amount": "1.50"}]}
    later = {**ORDER, "updated_at": "2026-11-06T10:00:00+08:00", "refunds": [REFUND, {**more, "refund_line_items": []}]}
    _send(webhook, "orders/updated", later)
    assert sorted(Refund.objects.values_list("amount_minor", flat=True)) == [150, 5000]
    order.refresh_from_db()
    assert order.refunded_minor == 5150


@pytest.mark.parametrize("name", ["509562969", "gid://shopify/Refund/509562969"])
def test_a_refund_that_the_shop_made_for_us_is_known_by_its_number(webhook: ShopifyWebhook, name: str) -> None:
    """Another refund of the same amount is another refund."""
    _send(webhook, "orders/create", ORDER)
    shares = [{"id": "p-1", "amount_minor": 5000}]
    order = Order.objects.get()
    local.execute(Action(kind="refund", order_id=order.pk, key="draft-1", payments=shares), now=timezone.now())
    Refund.objects.update(external_id=name)
    assert _said(_send(webhook, "refunds/create", REFUND)) == (200, "unchanged")
    again = {**REFUND, "id": 509562970}
    assert _said(_send(webhook, "refunds/create", again)) == (200, "updated")
    assert _said(_send(webhook, "refunds/create", again)) == (200, "unchanged")
    later = {**ORDER, "updated_at": "2026-11-06T10:00:00+08:00", "refunds": [REFUND, again]}
    _send(webhook, "orders/updated", later)
    assert list(Refund.objects.order_by("id").values_list("external_id", flat=True)) == [name, "509562970"]
    order.refresh_from_db()
    assert order.refunded_minor == 10_000


def test_a_product_comes_and_moves_on(webhook: ShopifyWebhook) -> None:
    assert _said(_send(webhook, "products/update", PRODUCT)) == (200, "created")
    newer = copy.deepcopy(PRODUCT) | {"updated_at": "2026-11-02T10:00:00+08:00", "title": "马克杯"}
    newer["variants"][0]["inventory_quantity"] = 8
    assert _said(_send(webhook, "products/update", newer)) == (200, "updated")
    assert _said(_send(webhook, "products/update", PRODUCT)) == (200, "older")
    variant = Variant.objects.select_related("product").get()
    assert (variant.stock, variant.price_minor, variant.currency, variant.options) == (
        8,
        5000,
        "USD",
        {"Colour": "White"},
    )
    assert variant.product.title_zh == "马克杯"


def test_a_catalogue_from_a_csv_keeps_its_names(webhook: ShopifyWebhook) -> None:
    product = Product.objects.create(external_id="mug", title_en="Mug")
    Variant.objects.create(product=product, external_id="MUG-W", price_minor=1, currency="USD")
    assert _said(_send(webhook, "products/update", PRODUCT)) == (200, "updated")
    _send(webhook, "orders/create", ORDER)
    assert [(v.external_id, v.price_minor) for v in Variant.objects.all()] == [("MUG-W", 5000)]
    assert _order()["lines"][0]["product"] == "mug"


def test_another_merchants_rows_are_not_touched(webhook: ShopifyWebhook) -> None:
    other = make_merchant()
    make_shopper(other, "115310627314723954", name="Theirs")
    with scope(merchant=other):
        theirs = add_webhook(domain=DOMAIN, secret="another secret of theirs", now=timezone.now())
    assert _said(_send(theirs, "orders/create", ORDER)) == (401, "wrong signature")  # signed with our secret
    _send(webhook, "orders/create", ORDER)
    with scope(merchant=other):
        assert (Order.objects.count(), Shopper.objects.get().name) == (0, "Theirs")


@pytest.mark.parametrize(
    ("topic", "data", "said"),
    [
        ("orders/create", b"{", "refused"),
        ("orders/create", [1], "refused"),
        ("orders/create", {**ORDER, "line_items": None}, "refused"),
        ("orders/create", {**ORDER, "total_price": "a lot"}, "refused"),
        ("orders/create", {**ORDER, "currency": "DOGE"}, "refused"),
        ("orders/create", {**ORDER, "updated_at": "2026-11-01T10:00:00"}, "refused"),
        ("products/update", {**PRODUCT, "variants": []}, "refused"),
        ("app/uninstalled", {}, "ignored"),
    ],
)
def test_what_cannot_be_taken_is_noted_and_answered_well(
    webhook: ShopifyWebhook, topic: str, data: Any, said: str
) -> None:
    assert _said(_send(webhook, topic, data)) == (200, said)
    row = ReceivedWebhook.objects.get()
    assert (row.outcome, bool(row.problem)) == (said, said == "refused")
    assert (Order.objects.count(), Product.objects.count()) == (0, 0)


def test_a_body_above_the_limit_is_refused(webhook: ShopifyWebhook) -> None:
    assert _send(webhook, "orders/create", b"x" * 1_100_000).status_code == 413


@given(
    path=st.sampled_from([*ORDER, "line_items.0.price", "line_items.0.quantity", "customer.id", "shipping_lines.0"]),
    value=st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=2),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80, deadline=None)
def test_no_payload_breaks_the_reader(webhook: ShopifyWebhook, path: str, value: Any) -> None:
    data: Any = copy.deepcopy(ORDER)
    place, steps = data, path.split(".")
    for step in steps[:-1]:
        place = place[int(step) if step.isdigit() else step]
    place[int(steps[-1]) if steps[-1].isdigit() else steps[-1]] = value
    assert _send(webhook, "orders/updated", data).status_code == 200


def test_secrets_are_encrypted_and_shops_are_checked(webhook: ShopifyWebhook) -> None:
    assert SECRET not in webhook.secret_encrypted
    assert webhook.secret == SECRET
    again = add_webhook(domain=DOMAIN.upper(), secret="a newer secret of theirs", now=timezone.now())
    assert (again.pk, again.secret) == (webhook.pk, "a newer secret of theirs")
    for change in ({"domain": "mugs.example.com"}, {"secret": "short"}, {"storefront": "none"}):
        with pytest.raises(Invalid):
            add_webhook(**{"domain": DOMAIN, "secret": SECRET, "now": timezone.now(), **change})


def test_the_command_tells_the_address(merchant: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    said = StringIO()
    monkeypatch.setattr("sys.stdin", StringIO(f"{SECRET}\n"))
    call_command("shopifywebhook", merchant.slug, DOMAIN, stdout=said)
    row = ShopifyWebhook.objects.get()
    assert f"/api/webhooks/shopify/{row.public_id}/" in said.getvalue()
    assert (row.secret, SECRET in said.getvalue()) == (SECRET, False)
    with pytest.raises(CommandError):
        call_command("shopifywebhook", "nobody", DOMAIN)


_LATER = {**ORDER, "updated_at": "2026-11-02T10:00:00+08:00"}
_LINE = ORDER["line_items"][0]


@pytest.mark.parametrize(
    ("topic", "changes"),
    [
        ("orders/updated", {"name": "#\x00"}),
        ("orders/updated", {"name": "#\ud800"}),
        ("orders/updated", {"customer": {"id": 77, "email": "a\x00b@example.com"}}),
        ("orders/updated", {"refunds": [{**REFUND, "refund_line_items": [{"line_item_id": 1, "quantity": [1]}]}]}),
        ("orders/updated", {"line_items": [{**_LINE, "quantity": [1]}]}),
        ("orders/updated", {"line_items": [{**_LINE, "quantity": "1"}]}),
        ("orders/updated", {"line_items": [{**_LINE, "quantity": 10**30}]}),
        ("orders/updated", {"payment_gateway_names": 5}),
        ("orders/updated", {"updated_at": "9999-12-31T23:59:59-14:00"}),
        ("orders/updated", {"updated_at": "0001-01-01T00:00:00+14:00"}),
        ("refunds/create", {"order_id": "\x00"}),
        ("refunds/create", {"refund_line_items": [{"line_item_id": 1, "quantity": {}}]}),
        ("products/update", {"id": "\x00"}),
        ("products/update", {"handle": "\ud800"}),
        ("products/update", {"updated_at": "9999-12-31T23:59:59-14:00"}),
    ],
)
def test_what_no_row_can_hold_is_noted_and_answered_well(
    webhook: ShopifyWebhook, topic: str, changes: dict[str, Any]
) -> None:
    assert _said(_send(webhook, "orders/create", ORDER)) == (200, "created")
    whole = {"orders/updated": _LATER, "refunds/create": REFUND, "products/update": PRODUCT}[topic]
    assert _said(_send(webhook, topic, {**whole, **changes})) == (200, "refused")
    assert ReceivedWebhook.objects.order_by("id").last().problem  # type: ignore[union-attr]
    assert _said(_send(webhook, topic, whole))[1] in {"created", "updated", "unchanged"}


def test_what_the_database_refuses_is_noted_all_the_same(
    webhook: ShopifyWebhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_given: Any, **_named: Any) -> None:
        SeenVersion.objects.create(kind="orders", key="\ud800", foreign_id="", updated_at=timezone.now())

    monkeypatch.setattr("cs_portal.integrations.services.webhooks.push", fail)
    assert _said(_send(webhook, "orders/create", ORDER)) == (200, "refused")
    assert ReceivedWebhook.objects.get().problem == "cannot be kept"

"""Who may connect a shop system, to what, and when."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import timezone
from standardwebhooks import Webhook

from cs_portal.commerce.connectors.base import Action
from cs_portal.commerce.connectors.choice import connection, connector_kind
from cs_portal.commerce.connectors.local import execute
from cs_portal.commerce.models import ActionState, ConnectorKind, OrderAction, ShopConnection
from cs_portal.commerce.services.connections import connect_shopify, connect_webhook, disconnect_shop
from cs_portal.core.errors import Conflict, Invalid, NotAllowed
from cs_portal.core.models import AuditEntry
from cs_portal.core.secrets import decrypt
from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Member, Role
from tests.commerce.shops import make_shop_order
from tests.factories import make_member, make_merchant

pytestmark = pytest.mark.django_db
URL = "https://shop.example.com/cs-portal"


@pytest.fixture
def ann() -> Iterator[Member]:
    merchant = make_merchant()
    with scope(merchant=merchant):
        yield make_member(merchant, Role.ADMIN)


def test_a_webhook_gets_a_secret_that_is_shown_once(ann: Member) -> None:
    secret = connect_webhook(url=URL, by=ann, now=timezone.now())
    Webhook(secret)
    row = connection()
    assert row is not None
    assert (row.kind, row.address, decrypt(row.secret_encrypted)) == (ConnectorKind.WEBHOOK, URL, secret)
    assert secret not in row.secret_encrypted
    assert connect_webhook(url=URL, by=ann, now=timezone.now()) != secret
    assert ShopConnection.objects.count() == 1
    assert secret not in str(AuditEntry.objects.values())


def test_a_shop_at_shopify_is_known_by_its_own_domain(ann: Member) -> None:
    row = connect_shopify(shop=" My-Shop.myshopify.com ", token="shpat_1", by=ann, now=timezone.now())
    assert (row.address, decrypt(row.token_encrypted), connector_kind()) == (
        "my-shop.myshopify.com",
        "shpat_1",
        ConnectorKind.SHOPIFY,
    )


URLS = [
    "http://shop.example.com",
    "https://u:p@shop.example.com",
    "file:///etc/passwd",
    "",
    "https://127.0.0.1/x",
    "https://[::1]/x",
    "https://10.0.0.5:8443/x",
]


@pytest.mark.parametrize("url", URLS)
def test_addresses_that_are_never_called_are_not_kept(ann: Member, url: str) -> None:
    with pytest.raises(Invalid):
        connect_webhook(url=url, by=ann, now=timezone.now())
    assert connection() is None


@pytest.mark.parametrize(
    ("shop", "token"),
    [
        ("evil.example.com", "t"),
        ("a.myshopify.com.evil.com", "t"),
        ("a.myshopify.com/x", "t"),
        ("a.myshopify.com", ""),
        ("a.myshopify.com", "a b"),
        ("a.myshopify.com", "a\nx-header: 1"),
    ],
)
def test_other_domains_and_odd_tokens_are_not_kept(ann: Member, shop: str, token: str) -> None:
    with pytest.raises(Invalid):
        connect_shopify(shop=shop, token=token, by=ann, now=timezone.now())
    assert connection() is None


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ANALYST])
def test_operators_connect_nothing(ann: Member, role: str) -> None:
    olaf = make_member(ann.merchant, role)
    with pytest.raises(NotAllowed):
        connect_webhook(url=URL, by=olaf, now=timezone.now())
    with pytest.raises(NotAllowed):
        disconnect_shop(by=olaf, now=timezone.now())
    assert connection() is None


def test_a_shop_is_not_left_while_it_is_asked(ann: Member) -> None:
    connect_webhook(url=URL, by=ann, now=timezone.now())
    order = make_shop_order()
    execute(Action("refund", order.pk, "k", amount_minor=1), now=timezone.now())
    OrderAction.objects.update(state=ActionState.UNKNOWN)
    with pytest.raises(Conflict):
        disconnect_shop(by=ann, now=timezone.now())
    with pytest.raises(Conflict):
        connect_shopify(shop="a.myshopify.com", token="t", by=ann, now=timezone.now())
    assert connector_kind() == ConnectorKind.WEBHOOK
    # What never reached the shop, for its address is wrong, is not lost when the address is put right.
    OrderAction.objects.update(state=ActionState.EXECUTING, attempts=0, checks=1)
    connect_webhook(url=f"{URL}-right", by=ann, now=timezone.now())
    OrderAction.objects.update(state=ActionState.DONE)
    disconnect_shop(by=ann, now=timezone.now())
    assert (connection(), connector_kind()) == (None, ConnectorKind.LOCAL)
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True)) == [
        "shop.connected",
        "shop.connected",
        "shop.disconnected",
    ]

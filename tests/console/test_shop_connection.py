"""Settings → Shop connection: who may, what is kept, what is never shown again, and a try that changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from cs_portal.commerce.models import ActionState, OrderAction, ShopConnection
from cs_portal.core.models import AuditEntry
from cs_portal.core.secrets import decrypt, encrypt
from cs_portal.core.tenancy import scope
from tests.commerce.remote import SECRET, FakeShop, fake_shop
from tests.console.conftest import Cast
from tests.factories import make_order

URL = "/console/mugs/settings/shop/"
POSTS = ("webhook/", "shopify/", "disconnect/", "try/")


@pytest.fixture
def shop(settings: Any) -> Iterator[FakeShop]:
    settings.OUTBOUND_PRIVATE_HOSTS = ["127.0.0.1"]
    with fake_shop() as shop:
        yield shop


def _connection(cast: Cast) -> ShopConnection | None:
    with scope(merchant=cast.merchant):
        row: ShopConnection | None = ShopConnection.objects.first()
        return row


def _connect(cast: Cast, url: str) -> None:
    with scope(merchant=cast.merchant):
        ShopConnection.objects.create(
            kind="webhook",
            address=url,
            secret_encrypted=encrypt(SECRET),
            created_at=timezone.now(),
            updated_at=timezone.now(),
        )


@pytest.mark.parametrize(("who", "status"), [("olaf", 403), ("nina", 403), ("charlie", 404)])
def test_only_owners_and_admins(cast: Cast, who: str, status: int) -> None:
    client = cast.client(getattr(cast, who))
    assert client.get(URL).status_code == status
    for post in POSTS:
        data = {"url": "https://shop.example/hook", "shop": "a.myshopify.com", "token": "t"}
        assert client.post(URL + post, data).status_code == status
    assert _connection(cast) is None


def test_a_webhook_gets_a_secret_that_is_shown_once(cast: Cast) -> None:
    client = cast.client(cast.ann)
    answer = client.post(URL + "webhook/", {"url": "https://shop.example/hook"})
    row = _connection(cast)
    assert row is not None
    secret = decrypt(row.secret_encrypted)
    assert (answer.status_code, row.kind, row.address) == (200, "webhook", "https://shop.example/hook")
    assert secret in answer.content.decode()
    assert secret not in client.get(URL).content.decode()
    client.post(URL + "webhook/", {"url": "https://shop.example/hook"})
    again = _connection(cast)
    assert again is not None and decrypt(again.secret_encrypted) != secret
    with scope(merchant=cast.merchant):
        assert AuditEntry.objects.filter(action="shop.connected").count() == 2


@pytest.mark.parametrize("url", ["http://shop.example/", "ftp://x", "https://user:pw@shop.example/", "nonsense"])
def test_addresses_that_are_never_called_are_refused(cast: Cast, url: str) -> None:
    assert cast.client(cast.ann).post(URL + "webhook/", {"url": url}).status_code == 422
    assert _connection(cast) is None


def test_shopify_keeps_its_token_to_itself(cast: Cast) -> None:
    client = cast.client(cast.ann)
    assert client.post(URL + "shopify/", {"shop": "evil.example", "token": "shpat_1"}).status_code == 422
    answer = client.post(URL + "shopify/", {"shop": "mugs.myshopify.com", "token": "shpat_secret"})
    assert answer.status_code == 302
    html = client.get(URL).content.decode()
    assert "mugs.myshopify.com" in html and "shpat_secret" not in html


def test_a_try_says_what_happened(cast: Cast, shop: FakeShop) -> None:
    client = cast.client(cast.ann)
    assert client.post(URL + "try/").status_code == 409
    _connect(cast, shop.url)
    html = client.post(URL + "try/").content.decode()
    assert "The shop answered" in html
    assert shop.kinds() == ["order.look_up"]
    with scope(merchant=cast.merchant):
        assert AuditEntry.objects.get(action="shop.tried").data == {"kind": "webhook", "code": ""}


def test_a_try_never_reaches_a_private_network(cast: Cast) -> None:
    _connect(cast, "https://127.0.0.1:1/hook")
    html = cast.client(cast.ann).post(URL + "try/").content.decode()
    assert "private network" in html


def test_tries_are_counted(cast: Cast) -> None:
    _connect(cast, "https://127.0.0.1:1/hook")
    client = cast.client(cast.ann)
    assert [client.post(URL + "try/").status_code for _ in range(11)][-1] == 429


def test_the_last_calls_and_disconnecting(cast: Cast) -> None:
    _connect(cast, "https://shop.example/hook")
    order = make_order(cast.merchant)
    with scope(merchant=cast.merchant):
        row = OrderAction.objects.create(
            kind="refund",
            state=ActionState.UNKNOWN,
            key="k",
            order=order,
            shopper=order.shopper,
            currency="CNY",
            connector="webhook",
            error="timeout",
            approved_at=timezone.now(),
            begun_at=timezone.now(),
            created_at=timezone.now(),
        )
    client = cast.client(cast.ann)
    html = client.get(URL).content.decode()
    assert "Unknown, checking" in html and "did not answer in time" in html and order.number in html
    assert client.post(URL + "disconnect/").status_code == 409
    with scope(merchant=cast.merchant):
        OrderAction.objects.filter(pk=row.pk).update(state=ActionState.DONE, settled_at=timezone.now())
    assert client.post(URL + "disconnect/").status_code == 302
    assert _connection(cast) is None

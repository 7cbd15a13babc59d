"""A storefront, and a widget that talks to the portal as the one in a browser does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from cs_portal.merchants.models import Merchant, Storefront
from cs_portal.storefront.identity import sign_identity
from tests.factories import make_merchant, make_storefront

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
SHOP = "https://shop.example.com"
PORTAL = "http://testserver"


class Widget:
    """One browser with the chat open. Headers are those that a browser sends with a same-origin fetch."""

    def __init__(self, storefront: Storefront, **headers: str) -> None:
        self.storefront = storefront
        self.client = Client(
            enforce_csrf_checks=True, headers={"Origin": PORTAL, "Sec-Fetch-Site": "same-origin"} | headers
        )
        self.token = ""

    def call(self, method: str, path: str, body: Any = None, *, token: str | None = None, **extra: Any) -> HttpResponse:
        bearer = self.token if token is None else token
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        extra.setdefault("content_type", "application/json")
        return self.client.generic(  # type: ignore[return-value]
            method, f"/chat/api/{path}", b"" if body is None else _bytes(body), headers=headers, **extra
        )

    def post(self, path: str, body: Any = None, **extra: Any) -> HttpResponse:
        return self.call("POST", path, body, **extra)

    def session(self, **fields: Any) -> HttpResponse:
        body = {"storefront": str(self.storefront.public_id), "locale": "en", "origin": SHOP} | fields
        return self.post("sessions", body, token="")

    def open(self, **fields: Any) -> dict[str, Any]:
        answer = self.session(**fields)
        assert answer.status_code == 200, answer.content
        opened: dict[str, Any] = answer.json()
        self.token = opened["token"]
        return opened

    def say(self, text: str = "Where is my order?", client_id: str = "c-1") -> HttpResponse:
        return self.post("messages", {"client_id": client_id, "text": text})

    def identity(self, sub: str = "s-17", **fields: Any) -> str:
        given = {"secret": self.storefront.identity_secret, "expires_at": NOW + timedelta(hours=1), **fields}
        return sign_identity(sub=sub, **given)


def _bytes(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


@pytest.fixture(autouse=True)
def _still_clock(request: pytest.FixtureRequest) -> Iterator[None]:
    """The clock stands at ``NOW``, except where a real browser looks at a real one."""
    if request.node.get_closest_marker("browser") is not None:
        yield
        return
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def merchant(db: None) -> Merchant:
    return make_merchant("tea-house", name="Tea House", name_zh="茶舍")


@pytest.fixture
def storefront(merchant: Merchant) -> Storefront:
    return make_storefront(merchant)


@pytest.fixture
def widget(storefront: Storefront) -> Widget:
    return Widget(storefront)

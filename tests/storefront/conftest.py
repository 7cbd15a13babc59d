"""A storefront, and a widget that talks to the portal as the one in a browser does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from playwright.sync_api import Browser

from cs_portal.merchants.models import Merchant, Storefront
from cs_portal.storefront.identity import sign_identity
from tests.factories import make_merchant, make_storefront
from tests.storefront import live

ALWAYS = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
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


def state(status: str = "idle", **changes: Any) -> dict[str, Any]:
    """What the widget is told beside the messages of a conversation to which nothing has happened."""
    return {
        "status": status,
        "person": {"name": "", "asked": False, "awaited": False},
        "desk": {"open": True, "opens_at": None},
        "has_email": False,
        "resolved": False,
        "rating": {"asked": False, "score": None},
        "mail_to": "",
        **changes,
    }


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
    return make_storefront(merchant, hours=ALWAYS)


@pytest.fixture
def widget(storefront: Storefront) -> Widget:
    return Widget(storefront)


# --- a real browser ---------------------------------------------------------------------------------------------------

Visit = Callable[..., live.Visitor]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as patch, live.chromium() as browser:
        # Playwright's loop runs in this thread, so Django takes the test's own queries for asynchronous ones.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield browser


@pytest.fixture
def shop_merchant(transactional_db: None) -> Merchant:
    return make_merchant("tea-house", name="Tea House", name_zh="茶舍")


@pytest.fixture
def visit(browser: Browser, shop_merchant: Merchant) -> Iterator[Visit]:
    contexts = []
    with live.portal() as portal, live.shop(portal) as shop:
        storefront = make_storefront(shop_merchant, allowed_origins=[shop], hours=ALWAYS)

        def make(**options: object) -> live.Visitor:
            contexts.append(browser.new_context(**options))  # type: ignore[arg-type]
            return live.Visitor(contexts[-1], shop, str(storefront.public_id))

        yield make
        for context in contexts:
            context.close()

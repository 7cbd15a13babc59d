"""Opening a chat is a call: from which origins, of which shape, how often."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from cs_portal.merchants.models import Merchant, Storefront
from tests.factories import make_storefront
from tests.storefront.answers import counts, refused
from tests.storefront.conftest import NOW, SHOP, Widget

pytestmark = pytest.mark.django_db

# --- origins --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "*",
        "https://shop.example.com.evil.example",
        "https://evil-shop.example.com",
        "https://shop.example.com:8443",
        "http://shop.example.com",
        "https://shop.example.com/",
        "https://SHOP.example.com",
        "https://shop.example.com@evil.example",
        "https://shop.example.com\\@evil.example",
        "https://shop.example.com ",
        "https://shop.example.com\n",
        "https://shop.example.coṃ",
        "javascript:alert(1)",
    ],
)
def test_a_shop_that_is_not_allowed_is_refused(widget: Widget, origin: str) -> None:
    refused(widget.session(origin=origin), 403, "origin_refused")


def test_null_is_refused_even_when_a_storefront_lists_it(merchant: Merchant) -> None:
    widget = Widget(make_storefront(merchant, allowed_origins=["null", "*", ""]))
    refused(widget.session(origin="null"), 403, "origin_refused")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": SHOP},
        {"Origin": "null"},
        {"Origin": "https://testserver"},
        {"Origin": "http://testserver:81"},
        {"Origin": "http://testserver.evil.example"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_only_the_portals_own_page_may_call(storefront: Storefront, headers: dict[str, str]) -> None:
    refused(Widget(storefront, **headers).session(), 403, "cross_origin")


def test_a_client_that_is_no_browser_may_call(widget: Widget) -> None:
    del widget.client.defaults["HTTP_ORIGIN"], widget.client.defaults["HTTP_SEC_FETCH_SITE"]
    assert widget.session().status_code == 200


# --- shape ----------------------------------------------------------------------------------------------------------


def test_an_unknown_field_is_refused_by_name(widget: Widget) -> None:
    answer = widget.session(is_admin=True)
    refused(answer, 422, "invalid")
    assert answer.json()["error"]["field"] == "is_admin"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"storefront": None}, "storefront"),
        ({"storefront": 5}, "storefront"),
        ({"storefront": "main"}, "storefront"),
        ({"origin": None}, "origin"),
        ({"origin": ["https://shop.example.com"]}, "origin"),
        ({"locale": 5}, "locale"),
        ({"locale": "e" * 36}, "locale"),
        ({"identity": {"sub": "s-17"}}, "identity"),
        ({"identity": "x" * 2049}, "identity"),
        ({"token": 5}, "token"),
        ({"token": "x" * 201}, "token"),
        ({"token": "\ud800"}, "token"),
    ],
)
def test_a_field_of_the_wrong_kind_is_refused_by_name(widget: Widget, fields: dict[str, Any], field: str) -> None:
    answer = widget.session(**fields)
    refused(answer, 422, "invalid")
    assert answer.json()["error"]["field"] == field


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_another_content_type_is_refused(widget: Widget, kind: str) -> None:
    refused(widget.post("sessions", {}, content_type=kind), 415, "wrong_content_type")


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 60_000, b'{"a":'])
def test_what_is_not_json_is_refused(widget: Widget, body: bytes) -> None:
    refused(widget.post("sessions", body), 400, "bad_request")


@pytest.mark.parametrize("body", [b"[]", b"null", b'"x"', b"1"])
def test_json_must_be_an_object(widget: Widget, body: bytes) -> None:
    refused(widget.post("sessions", body), 422, "invalid")


@pytest.mark.parametrize(("size", "status"), [(64 * 1024, 400), (64 * 1024 + 1, 413)])
def test_a_body_over_64_kb_is_too_large(widget: Widget, size: int, status: int) -> None:
    assert widget.post("sessions", b"x" * size).status_code == status


def test_a_length_that_lies_does_not_help(widget: Widget) -> None:
    # The server hands over what the header announces; a header that announces too much is refused unread.
    assert widget.post("sessions", b"{}", CONTENT_LENGTH=str(10**12)).status_code == 413


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_another_method_is_not_allowed(widget: Widget, method: str) -> None:
    answer = widget.call(method, "sessions")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert "Access-Control-Allow-Origin" not in answer.headers


# --- limits ---------------------------------------------------------------------------------------------------------


def test_sessions_are_limited_per_address(widget: Widget, settings: Any) -> None:
    settings.CHAT_SESSIONS_PER_MINUTE = 3
    assert [widget.session().status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = widget.session()
    assert answer.headers["Retry-After"] == "60"
    assert counts()[1] == 3
    with time_machine.travel(NOW + timedelta(seconds=60), tick=False):
        assert widget.session().status_code == 200


def test_a_forged_forwarded_header_does_not_evade_the_limit(widget: Widget, settings: Any) -> None:
    settings.CHAT_SESSIONS_PER_MINUTE = 1
    answers = []
    for number in range(2):
        widget.client.defaults["HTTP_X_FORWARDED_FOR"] = f"203.0.113.{number}"
        answers.append(widget.session().status_code)
    assert answers == [200, 429]


def test_behind_a_trusted_proxy_each_address_has_its_own_limit(widget: Widget, settings: Any) -> None:
    settings.CHAT_SESSIONS_PER_MINUTE, settings.TRUST_PROXY = 1, True
    answers = []
    for forwarded in ("203.0.113.1", "203.0.113.2", "198.51.100.9, 203.0.113.2"):
        widget.client.defaults["HTTP_X_FORWARDED_FOR"] = forwarded
        answers.append(widget.session().status_code)
    assert answers == [200, 200, 429]


def test_guessing_tokens_is_limited(widget: Widget) -> None:
    answers = [widget.call("GET", "messages", token=f"guess-{number}").status_code for number in range(22)]
    assert answers == [401] * 20 + [429] * 2
    assert widget.session(token="guess").status_code == 429

"""POST /chat/api/sessions"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from cs_portal.commerce.models import Shopper
from cs_portal.conversations.models import Author, Conversation
from cs_portal.core.models import AuditEntry
from cs_portal.core.secrets import token_hash
from cs_portal.core.tenancy import scope, scopes_disabled
from cs_portal.merchants.models import Merchant, Storefront
from cs_portal.storefront.models import ChatSession
from tests.factories import make_member, make_merchant, make_message, make_shopper, make_storefront
from tests.storefront.conftest import NOW, SHOP, Widget

pytestmark = pytest.mark.django_db


def counts() -> tuple[int, int, int]:
    with scopes_disabled():
        return Shopper.objects.count(), Conversation.objects.count(), ChatSession.objects.count()


def refused(answer: Any, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert counts() == (0, 0, 0)


def conversation_of(opened: dict[str, Any]) -> Conversation:
    with scopes_disabled():
        return Conversation.objects.select_related("shopper").get(public_id=opened["conversation"])


# --- anonymous ------------------------------------------------------------------------------------------------------


def test_a_stranger_gets_an_empty_conversation(widget: Widget) -> None:
    opened = widget.open()
    assert opened | {"token": "", "conversation": ""} == {
        "token": "",
        "conversation": "",
        "locale": "en",
        "identified": False,
        "name": "",
        "has_email": False,
        "messages": [],
        "status": "idle",
        "cursor": "0",
    }
    shopper = conversation_of(opened).shopper
    assert (shopper.external_id, shopper.locale) == (None, "en")


def test_the_token_is_strong_and_kept_as_a_hash_only(widget: Widget) -> None:
    token = widget.open()["token"]
    assert len(token) == 43  # 256 bits in base64url
    with scopes_disabled():
        session = ChatSession.objects.get()
    assert session.token_hash == token_hash(token)
    assert token not in json.dumps([str(value) for value in vars(session).values()])
    assert session.expires_at == NOW + timedelta(days=30)


def test_answers_are_never_cached_and_set_no_cookie(widget: Widget) -> None:
    answer = widget.session()
    assert answer.headers["Cache-Control"] == "no-store"
    assert not answer.cookies


def test_a_known_token_resumes_its_conversation_and_lives_on(widget: Widget) -> None:
    first = widget.open()
    widget.say("Hello")
    with time_machine.travel(NOW + timedelta(days=29), tick=False):
        again = widget.open(token=first["token"])
        assert (again["token"], again["conversation"]) == (first["token"], first["conversation"])
        assert [message["text"] for message in again["messages"]] == ["Hello"]
        assert again["status"] == "drafting"
    with scopes_disabled():
        assert ChatSession.objects.get().expires_at == NOW + timedelta(days=59)


def test_an_expired_token_starts_anew(widget: Widget) -> None:
    first = widget.open()
    widget.say("Hello")
    with time_machine.travel(NOW + timedelta(days=30), tick=False):
        again = widget.open(token=first["token"])
    assert again["token"] != first["token"]
    assert again["messages"] == []


def test_the_history_names_the_operator_and_nothing_internal(widget: Widget, merchant: Merchant) -> None:
    opened = widget.open()
    member = make_member(merchant, name="Olaf")
    reply = make_message(
        conversation_of(opened), "On its way.", author=Author.OPERATOR, member=member, client_id=None, now=NOW
    )
    assert widget.open(token=opened["token"])["messages"] == [
        {
            "id": str(reply.public_id),
            "author": "operator",
            "name": "Olaf",
            "text": "On its way.",
            "at": "2026-11-24T10:00:00+00:00",
            "client_id": None,
        }
    ]


@pytest.mark.parametrize(
    ("wanted", "locale"),
    [
        ("zh-CN", "zh-hans"),
        ("zh_Hant_TW", "zh-hans"),
        ("EN-gb", "en"),
        ("fr", "zh-hans"),
        ("", "zh-hans"),
        (None, "zh-hans"),
    ],
)
def test_the_language_is_one_of_ours(merchant: Merchant, wanted: str | None, locale: str) -> None:
    widget = Widget(make_storefront(merchant, locale="zh-hans"))
    assert widget.open(locale=wanted)["locale"] == locale


# --- identified -----------------------------------------------------------------------------------------------------


def test_an_unknown_sub_becomes_a_shopper(widget: Widget) -> None:
    opened = widget.open(identity=widget.identity("s-17", name="Li Wei", email="li@example.com"))
    assert (opened["identified"], opened["name"], opened["has_email"]) == (True, "Li Wei", True)
    conversation = conversation_of(opened)
    assert (conversation.shopper.external_id, conversation.email) == ("s-17", "li@example.com")


def test_a_known_sub_is_that_shopper_and_our_records_stand(widget: Widget, merchant: Merchant) -> None:
    known = make_shopper(merchant, "s-17", name="Li Wei", email="")
    opened = widget.open(identity=widget.identity("s-17", name="Mallory", email="li@example.com"))
    shopper = conversation_of(opened).shopper
    assert (shopper.pk, shopper.name, shopper.email) == (known.pk, "Li Wei", "li@example.com")


def test_signing_in_takes_the_conversation_along_under_a_new_token(widget: Widget) -> None:
    before = widget.open()
    widget.say("Hello")
    after = widget.open(token=before["token"], identity=widget.identity("s-17"))
    assert (after["conversation"], after["identified"]) == (before["conversation"], True)
    assert [message["text"] for message in after["messages"]] == ["Hello"]
    assert after["token"] != before["token"]
    assert widget.call("GET", "messages", token=before["token"]).status_code == 401
    conversation = conversation_of(after)
    assert (conversation.shopper.external_id, conversation.version) == ("s-17", 2)
    assert counts() == (1, 1, 1)
    entry = AuditEntry.objects.get(action="conversation.identified")
    assert (entry.actor_kind, entry.actor_id) == ("shopper", str(conversation.shopper.public_id))


def test_signing_in_again_with_the_token_resumes(widget: Widget) -> None:
    first = widget.open(identity=widget.identity("s-17"))
    widget.say("Hello")
    again = widget.open(token=first["token"], identity=widget.identity("s-17"))
    assert (again["token"], len(again["messages"])) == (first["token"], 1)


def test_another_shopper_on_the_same_browser_sees_no_history(widget: Widget) -> None:
    first = widget.open(identity=widget.identity("s-17"))
    widget.say("My secret")
    other = widget.open(token=first["token"], identity=widget.identity("s-18"))
    assert other["conversation"] != first["conversation"]
    assert other["messages"] == []
    assert conversation_of(first).shopper.external_id == "s-17"


def test_after_signing_out_there_is_no_history(widget: Widget) -> None:
    first = widget.open(identity=widget.identity("s-17"))
    widget.say("My secret")
    out = widget.open(token=first["token"])
    assert (out["identified"], out["messages"]) == (False, [])
    assert out["conversation"] != first["conversation"]


def test_a_replayed_identity_without_the_token_shows_no_history(widget: Widget) -> None:
    identity = widget.identity("s-17")
    widget.open(identity=identity)
    widget.say("My secret")
    replayed = Widget(widget.storefront).open(identity=identity)
    assert (replayed["identified"], replayed["messages"]) == (True, [])


@pytest.mark.parametrize("identity", ["", ".", "e30.", "forged", "e30." + "0" * 64])
def test_a_forged_identity_is_refused(widget: Widget, identity: str) -> None:
    refused(widget.session(identity=identity), 403, "identity_refused")


def test_an_identity_of_another_storefront_is_refused(widget: Widget) -> None:
    other = Widget(make_storefront(make_merchant()))
    refused(widget.session(identity=other.identity("s-17")), 403, "identity_refused")


def test_the_refusal_says_why(widget: Widget) -> None:
    answer = widget.session(identity=widget.identity(expires_at=NOW - timedelta(seconds=1)))
    assert answer.json()["error"] == {"code": "identity_refused", "message": "expired"}


# --- whose token ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("same_merchant", [True, False])
def test_a_token_of_another_storefront_is_refused(widget: Widget, merchant: Merchant, same_merchant: bool) -> None:
    other = Widget(make_storefront(merchant if same_merchant else make_merchant(), "other"))
    token = other.open()["token"]
    before = counts()
    answer = widget.session(token=token)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "token_refused")
    assert counts() == before


def test_an_unknown_storefront_is_not_found(widget: Widget) -> None:
    refused(widget.session(storefront="00000000-0000-4000-8000-000000000000"), 404, "not_found")


def test_a_switched_off_storefront_is_not_found_and_its_sessions_end(widget: Widget, merchant: Merchant) -> None:
    token = widget.open()["token"]
    with scope(merchant=merchant):
        Storefront.objects.update(is_active=False)
    assert widget.session(token=token).status_code == 404
    assert widget.say().status_code == 401


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

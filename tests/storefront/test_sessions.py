"""Opening a chat: a stranger's, with a token that is known, and whose token it is."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine

from cs_portal.conversations.models import Author
from cs_portal.core.secrets import token_hash
from cs_portal.core.tenancy import scope, scopes_disabled
from cs_portal.merchants.models import Merchant, Storefront
from cs_portal.storefront.models import ChatSession
from tests.factories import make_member, make_merchant, make_message, make_storefront
from tests.storefront.answers import conversation_of, counts, refused
from tests.storefront.conftest import NOW, Widget, state

pytestmark = pytest.mark.django_db

# --- anonymous ------------------------------------------------------------------------------------------------------


def test_a_stranger_gets_an_empty_conversation(widget: Widget) -> None:
    opened = widget.open()
    assert opened | {"token": "", "conversation": ""} == {
        "token": "",
        "conversation": "",
        "locale": "en",
        "identified": False,
        "name": "",
        "messages": [],
        "state": state(),
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
        assert again["state"]["status"] == "drafting"
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
            "cards": [],
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

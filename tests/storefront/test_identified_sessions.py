"""Opening a chat with an identity: whose history it shows, in this browser and in another, and whose never."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from cs_portal.conversations import search
from cs_portal.core.models import AuditEntry
from cs_portal.core.stream.audience import StreamRequest
from cs_portal.core.tenancy import scope, scopes_disabled
from cs_portal.merchants.models import Merchant
from cs_portal.storefront.models import UsedIdentity
from cs_portal.storefront.stream import chat_audience
from tests.factories import make_merchant, make_shopper, make_storefront
from tests.storefront.answers import conversation_of, counts, refused
from tests.storefront.conftest import NOW, Widget

pytestmark = pytest.mark.django_db

# --- identified -----------------------------------------------------------------------------------------------------


def test_an_unknown_sub_becomes_a_shopper(widget: Widget) -> None:
    opened = widget.open(identity=widget.identity("s-17", name="Li Wei", email="li@example.com"))
    assert (opened["identified"], opened["name"], opened["state"]["has_email"]) == (True, "Li Wei", True)
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


def found(merchant: Merchant, words: str) -> list[int]:
    with scope(merchant=merchant):
        return search.matching(words)


def test_who_signs_in_later_is_found_by_their_name(widget: Widget, merchant: Merchant) -> None:
    before = widget.open()
    widget.say("Hello")
    after = widget.open(
        token=before["token"], identity=widget.identity("s-17", name="Zephyrine", email="z@example.com")
    )
    conversation = conversation_of(after)
    assert found(merchant, "zephyrine") == found(merchant, "z@example.com") == [conversation.pk]


def test_who_gets_a_name_by_signing_in_is_found_by_it_in_earlier_conversations(
    widget: Widget, merchant: Merchant
) -> None:
    first = conversation_of(widget.open(identity=widget.identity("s-17")))
    widget.say("Hello")
    widget.open(token="", identity=widget.identity("s-17", name="Zephyrine"))
    assert first.pk in found(merchant, "zephyrine")


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


# --- another browser ------------------------------------------------------------------------------------------------


def texts(opened: dict[str, Any]) -> list[str]:
    return [message["text"] for message in opened["messages"]]


def later(widget: Widget, sub: str = "s-17", minutes: int = 61) -> str:
    """An identity that the shop signed for another page: it ends at another second."""
    return widget.identity(sub, expires_at=NOW + timedelta(minutes=minutes))


def test_another_browser_of_the_shopper_goes_on_with_the_open_conversation(widget: Widget) -> None:
    first = widget.open(identity=widget.identity("s-17"))
    widget.say("Where is my parcel?")
    phone = Widget(widget.storefront)
    there = phone.open(identity=later(widget))
    assert (there["conversation"], texts(there)) == (first["conversation"], ["Where is my parcel?"])
    assert there["token"] != first["token"]
    phone.say("It is the blue one.", client_id="c-2")
    assert texts(widget.call("GET", "messages").json()) == ["Where is my parcel?", "It is the blue one."]
    entry = AuditEntry.objects.get(action="conversation.continued")
    assert (entry.target, entry.data) == (f"conversation:{first['conversation']}", {})


def test_live_events_of_the_conversation_reach_both_browsers(widget: Widget) -> None:
    widget.open(identity=widget.identity("s-17"))
    widget.say()
    phone = Widget(widget.storefront)
    phone.open(identity=later(widget))
    heard = set()
    for browser in (widget, phone):
        scope = {"type": "http", "headers": [(b"authorization", f"Bearer {browser.token}".encode())]}
        heard.add(chat_audience(StreamRequest(scope, "/stream/chat/", "")).topics)
    assert len(heard) == 1


def test_a_browser_with_an_empty_chat_goes_on_with_what_was_asked_elsewhere(widget: Widget) -> None:
    phone = Widget(widget.storefront)
    phone.open(identity=later(widget))
    widget.open(identity=widget.identity("s-17"))
    widget.say("Where is my parcel?")
    there = phone.open(token=phone.token, identity=later(widget, minutes=62))
    assert texts(there) == ["Where is my parcel?"]
    assert phone.call("GET", "messages").status_code == 200


def test_a_browser_keeps_the_open_conversation_that_it_has(widget: Widget) -> None:
    phone = Widget(widget.storefront)
    phone.open()
    phone.say("Asked on the phone, before signing in")
    widget.open(identity=widget.identity("s-17"))
    widget.say("Asked at the desk")
    there = phone.open(token=phone.token, identity=later(widget))
    assert texts(there) == ["Asked on the phone, before signing in"]


def test_signing_in_with_an_empty_chat_shows_the_open_conversation(widget: Widget) -> None:
    widget.open(identity=widget.identity("s-17"))
    widget.say("Where is my parcel?")
    phone = Widget(widget.storefront)
    phone.open()
    assert texts(phone.open(token=phone.token, identity=later(widget))) == ["Where is my parcel?"]


def test_a_settled_conversation_is_not_opened_elsewhere(widget: Widget) -> None:
    first = widget.open(identity=widget.identity("s-17"))
    widget.say()
    widget.post("resolve", {})
    there = Widget(widget.storefront).open(identity=later(widget))
    assert there["conversation"] != first["conversation"]
    assert there["messages"] == []


@pytest.mark.parametrize("sub", ["s-18", "S-17", "s-17\u200b", "17"])
def test_the_identity_of_another_shopper_opens_nothing_of_this_one(widget: Widget, sub: str) -> None:
    widget.open(identity=widget.identity("s-17"))
    widget.say("My secret")
    assert Widget(widget.storefront).open(identity=later(widget, sub))["messages"] == []


def test_without_an_identity_nothing_is_opened_elsewhere(widget: Widget) -> None:
    widget.open()
    widget.say("My secret")
    assert Widget(widget.storefront).open()["messages"] == []
    assert Widget(widget.storefront).open(identity=later(widget))["messages"] == []


def test_a_copied_identity_that_was_used_opens_no_history(widget: Widget) -> None:
    """The shopper's page shows its identity to every script and extension there."""
    first, second = widget.identity("s-17"), later(widget)
    widget.open(identity=first)
    widget.say("My secret")
    widget.open(token=widget.token, identity=second)
    for copied in (first, second):
        assert Widget(widget.storefront).open(identity=copied)["messages"] == []


def test_an_identity_that_signed_somebody_in_is_used(widget: Widget) -> None:
    widget.open()
    widget.say("My secret")
    identity = widget.identity("s-17")
    widget.open(token=widget.token, identity=identity)
    assert Widget(widget.storefront).open(identity=identity)["messages"] == []


def test_a_copied_identity_brings_no_history_to_an_empty_chat_either(widget: Widget) -> None:
    identity = widget.identity("s-17")
    widget.open(identity=identity)
    widget.say("My secret")
    thief = Widget(widget.storefront)
    thief.open(identity=identity)
    assert thief.open(token=thief.token, identity=identity)["messages"] == []


def test_an_expired_identity_opens_nothing_and_is_forgotten(widget: Widget) -> None:
    identity = widget.identity("s-17")
    widget.open(identity=identity)
    widget.say("My secret")
    unused = later(widget)
    with time_machine.travel(NOW + timedelta(minutes=61), tick=False):
        thief = Widget(widget.storefront)
        for expired in (identity, unused):
            assert thief.session(identity=expired).json()["error"]["message"] == "expired"
        thief.open(identity=widget.identity("s-18", expires_at=NOW + timedelta(hours=2)))
    with scopes_disabled():
        assert UsedIdentity.objects.count() == 1


@pytest.mark.parametrize("same_merchant", [True, False])
def test_history_stays_within_the_storefront(widget: Widget, merchant: Merchant, same_merchant: bool) -> None:
    widget.open(identity=widget.identity("s-17"))
    widget.say("My secret")
    other = Widget(make_storefront(merchant if same_merchant else make_merchant(), "other"))
    assert other.open(identity=other.identity("s-17"))["messages"] == []
    assert other.session(identity=later(widget)).status_code == 403


@pytest.mark.parametrize("identity", ["", ".", "e30.", "forged", "e30." + "0" * 64])
def test_a_forged_identity_is_refused(widget: Widget, identity: str) -> None:
    refused(widget.session(identity=identity), 403, "identity_refused")


def test_an_identity_of_another_storefront_is_refused(widget: Widget) -> None:
    other = Widget(make_storefront(make_merchant()))
    refused(widget.session(identity=other.identity("s-17")), 403, "identity_refused")


def test_the_refusal_says_why(widget: Widget) -> None:
    answer = widget.session(identity=widget.identity(expires_at=NOW - timedelta(seconds=1)))
    assert answer.json()["error"] == {"code": "identity_refused", "message": "expired"}

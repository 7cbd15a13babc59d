"""POST /chat/api/person, resolve, rating and erasure: what a shopper may ask for besides a reply."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from cs_portal.commerce.models import Shopper
from cs_portal.conversations.models import Author, Conversation, ConversationState, HandoverReason, Message, ResolvedBy
from cs_portal.conversations.services import needs_a_person, post_reply, resolve, take_over
from cs_portal.core.models import AuditEntry
from cs_portal.core.tenancy import scope, scopes_disabled
from cs_portal.merchants.models import Merchant, Storefront
from cs_portal.storefront import limits
from tests.factories import make_member, make_merchant, make_storefront
from tests.security.walk import database_digest
from tests.storefront.conftest import NOW, Widget, state

pytestmark = pytest.mark.django_db
BODIES: dict[str, dict[str, Any]] = {
    "person": {},
    "resolve": {},
    "rating": {"score": 5},
    "erasure": {},
    "transcript/mail": {},
}


def conversation() -> Conversation:
    with scopes_disabled():
        return Conversation.objects.select_related("merchant", "shopper").get()


def lines() -> list[tuple[str, str]]:
    with scopes_disabled():
        return list(Message.objects.order_by("id").values_list("author", "text"))


def settle() -> None:
    """A colleague resolves the conversation."""
    current = conversation()
    with scope(merchant=current.merchant):
        resolve(conversation_id=current.public_id, by=make_member(current.merchant), now=NOW)


# --- all of them ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize("token", ["", "x", "Bearer", "y" * 200])
def test_without_a_session_nothing_happens(widget: Widget, path: str, token: str) -> None:
    widget.open()
    widget.say()
    before = database_digest()
    assert widget.post(path, BODIES[path], token=token).status_code == 401
    assert database_digest() == before


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize("origin", ["https://shop.example.com", "null", "https://evil.example"])
def test_another_page_may_not_ask_even_with_the_token(
    widget: Widget, storefront: Storefront, path: str, origin: str
) -> None:
    widget.open()
    widget.say()
    foreign = Widget(storefront, Origin=origin)
    foreign.token = widget.token
    before = database_digest()
    assert foreign.post(path, BODIES[path]).status_code == 403
    assert database_digest() == before


@pytest.mark.parametrize("path", BODIES)
def test_other_methods_and_unknown_fields_are_refused(widget: Widget, path: str) -> None:
    widget.open()
    assert widget.call("GET", path).status_code == 405
    answer = widget.post(path, BODIES[path] | {"conversation": 7})
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "conversation")


@pytest.mark.parametrize("path", ["person", "resolve", "rating", "erasure"])
def test_each_is_limited_per_session(widget: Widget, path: str) -> None:
    widget.open()
    answers = [widget.post(path, BODIES[path]).status_code for _ in range(limits.WISHES_PER_SESSION + 1)]
    assert answers.count(429) == 1
    assert answers[-1] == 429


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize("same_merchant", [True, False])
def test_a_token_reaches_its_own_conversation_only(
    widget: Widget, merchant: Merchant, path: str, same_merchant: bool
) -> None:
    """Nothing in the request names a conversation: that of another storefront or merchant stays as it was."""
    other = Widget(make_storefront(merchant if same_merchant else make_merchant(), "other"))
    other.open()
    other.say("Mine")
    with scopes_disabled():
        theirs = Conversation.objects.values().get()
    widget.open()
    widget.say("Hello")
    widget.post(path, BODIES[path])
    with scopes_disabled():
        assert Conversation.objects.values().get(pk=theirs["id"]) == theirs
        assert Message.objects.filter(conversation_id=theirs["id"]).count() == 1


# --- a person ---------------------------------------------------------------------------------------------------------


def test_a_person_is_asked_for_and_the_chat_says_so(widget: Widget) -> None:
    widget.open()
    widget.say("Hello")
    answer = widget.post("person", {})
    assert answer.json() == {"state": state("drafting", person={"name": "", "asked": True, "awaited": False})}
    assert lines() == [("shopper", "Hello"), ("system", "A colleague will answer you here.")]
    row = conversation()
    assert (row.needs_person, row.handover_reason) == (True, HandoverReason.ASKED_FOR_PERSON)
    assert widget.post("person", {}).status_code == 200
    assert len(lines()) == 2


def test_asking_for_a_person_opens_what_was_settled(widget: Widget) -> None:
    widget.open()
    widget.say("Hello")
    settle()
    told = widget.post("person", {}).json()["state"]
    assert (told["resolved"], told["person"]["asked"]) == (False, True)
    assert conversation().state == ConversationState.OPEN


def test_who_has_taken_over_is_named(widget: Widget) -> None:
    widget.open()
    widget.say("Hello")
    current = conversation()
    with scope(merchant=current.merchant):
        member = make_member(current.merchant, name="Olaf Berg")
        take_over(conversation_id=current.public_id, by=member, now=NOW)
    told = widget.call("GET", "messages").json()["state"]
    assert told["person"] == {"name": "Olaf Berg", "asked": False, "awaited": False}
    assert told["status"] == "waiting"


def test_a_shop_may_offer_no_person(merchant: Merchant) -> None:
    widget = Widget(make_storefront(merchant, offers_person=False))
    widget.open()
    widget.say("Hello")
    before = database_digest()
    answer = widget.post("person", {})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_allowed")
    assert database_digest() == before


def test_nobody_is_called_to_an_empty_chat_until_there_is_something_to_answer(widget: Widget) -> None:
    widget.open()
    told = widget.post("person", {}).json()["state"]
    assert told["person"] == {"name": "", "asked": True, "awaited": False}
    assert lines() == [("system", "Write down what it is about, and a colleague will answer you here.")]
    assert widget.post("person", {}).status_code == widget.post("erasure", {}).status_code - 4 == 200
    row = conversation()
    assert not row.needs_person
    widget.say("Where is it?")
    row = conversation()
    assert (row.needs_person, row.handover_reason) == (True, HandoverReason.ASKED_FOR_PERSON)


def test_an_address_is_something_to_answer_to(widget: Widget) -> None:
    widget.open()
    widget.post("person", {})
    assert not conversation().needs_person
    assert widget.post("email", {"email": "li@example.org"}).status_code in {200, 204}
    assert (conversation().needs_person, conversation().email) == (True, "li@example.org")


def test_whom_the_shop_knows_is_heard_at_once(widget: Widget) -> None:
    widget.open()
    with scopes_disabled():
        Shopper.objects.update(external_id="s-1")
    widget.post("erasure", {})
    assert conversation().needs_person


@pytest.mark.parametrize("path", ["person", "erasure"])
def test_new_sessions_are_no_way_around_the_limit(
    storefront: Storefront, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CALLS_PER_ADDRESS", 2)
    answers = []
    for _number in range(3):
        widget = Widget(storefront)
        widget.open()
        answers.append(widget.post(path, {}).status_code)
    assert answers[-1] == 429
    assert 429 not in answers[:2]


# --- the end and its rating -------------------------------------------------------------------------------------------


def test_the_shopper_may_settle_it(widget: Widget) -> None:
    widget.open()
    widget.say("Hello")
    current = conversation()
    with scope(merchant=current.merchant):
        post_reply(
            conversation=current, author=Author.BOT, member=None, text="It is on its way.", draft_key=uuid4(), now=NOW
        )
    told = widget.post("resolve", {}).json()["state"]
    assert (told["resolved"], told["rating"]) == (True, {"asked": True, "score": None})
    row = conversation()
    assert (row.state, row.resolved_by) == (ConversationState.RESOLVED, ResolvedBy.SHOPPER)


def test_a_rating_is_kept_once_per_resolution(widget: Widget) -> None:
    widget.open()
    widget.say("Hello")
    settle()
    told = widget.post("rating", {"score": 4, "comment": " Quick "}).json()["state"]
    assert told["rating"] == {"asked": False, "score": 4}
    assert (conversation().csat_score, conversation().csat_comment) == (4, "Quick")
    again = widget.post("rating", {"score": 1})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "conflict")
    assert conversation().csat_score == 4
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        widget.say("One more thing", "c-2")
        assert widget.post("resolve", {}).json()["state"]["rating"] == {"asked": True, "score": None}
        assert widget.post("rating", {"score": 2}).status_code == 200
    assert conversation().csat_score == 2


def test_an_open_conversation_is_not_rated(widget: Widget) -> None:
    widget.open()
    widget.say("Hello")
    assert widget.post("rating", {"score": 5}).status_code == 409
    assert conversation().csat_score is None


def test_a_shop_may_do_without_ratings(merchant: Merchant) -> None:
    widget = Widget(make_storefront(merchant, asks_csat=False))
    widget.open()
    widget.say("Hello")
    settle()
    assert widget.call("GET", "messages").json()["state"]["rating"] == {"asked": False, "score": None}
    assert widget.post("rating", {"score": 5}).status_code == 409


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "score"),
        ({"score": 0}, "score"),
        ({"score": 6}, "score"),
        ({"score": -1}, "score"),
        ({"score": 4.5}, "score"),
        ({"score": "5"}, "score"),
        ({"score": True}, "score"),
        ({"score": None}, "score"),
        ({"score": 5, "comment": 7}, "comment"),
        ({"score": 5, "comment": "x" * 501}, "comment"),
        ({"score": 5, "comment": "\ud83d"}, "comment"),
    ],
)
def test_what_is_no_rating_is_refused_by_name(widget: Widget, body: dict[str, Any], field: str) -> None:
    widget.open()
    widget.say("Hello")
    settle()
    answer = widget.post("rating", body)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)
    assert conversation().csat_score is None


# --- delete my data ---------------------------------------------------------------------------------------------------


def test_a_wish_for_deletion_reaches_the_log_and_a_person_once(widget: Widget) -> None:
    opened = widget.open(locale="zh-CN")
    widget.say("你好")
    assert [widget.post("erasure", {}).status_code for _ in range(2)] == [204, 204]
    row = conversation()
    assert row.needs_person
    entry = AuditEntry.objects.get(action="shopper.erasure_requested")
    assert (entry.merchant_number, entry.target) == (row.merchant_id, f"shopper:{row.shopper.public_id}")
    assert (entry.actor_kind, entry.data) == ("shopper", {"conversation": opened["conversation"]})
    assert [author for author, _text in lines()] == ["shopper", "system"]
    assert lines()[1][1] != "You asked us to delete your data. A colleague takes care of it."


def test_a_wish_for_deletion_opens_what_was_settled(widget: Widget) -> None:
    widget.open()
    widget.say("Hello")
    settle()
    widget.post("erasure", {})
    row = conversation()
    assert (row.state, row.needs_person) == (ConversationState.OPEN, True)


# --- hours ------------------------------------------------------------------------------------------------------------


def test_outside_of_hours_the_chat_knows_when_somebody_is_back(merchant: Merchant) -> None:
    """NOW is a Tuesday, 18:00 in Shanghai."""
    widget = Widget(make_storefront(merchant, hours={"tue": [["09:00", "18:00"]], "wed": [["10:30", "18:00"]]}))
    desk = {"open": False, "opens_at": "2026-11-25T02:30:00+00:00"}
    assert widget.open()["state"]["desk"] == desk
    assert widget.say().json()["state"]["desk"] == desk
    with time_machine.travel(NOW + timedelta(hours=17), tick=False):
        assert widget.call("GET", "messages").json()["state"]["desk"] == {"open": True, "opens_at": None}


# --- after a reply that hands over ------------------------------------------------------------------------------------


def test_a_reply_that_hands_over_offers_to_leave_an_address(widget: Widget) -> None:
    widget.open()
    widget.say()
    current = conversation()
    with scope(merchant=current.merchant):
        needs_a_person(conversation_id=current.pk, now=NOW, reason=HandoverReason.UNSUPPORTED_REQUEST)
        assert not widget.call("GET", "messages").json()["state"]["person"]["awaited"]
        post_reply(
            conversation=current,
            author=Author.BOT,
            member=None,
            text="A colleague compares this.",
            draft_key=uuid4(),
            now=NOW,
            settles=False,
        )
    assert widget.call("GET", "messages").json()["state"]["person"] == {"name": "", "asked": False, "awaited": True}
    with scope(merchant=current.merchant):
        take_over(conversation_id=current.public_id, by=make_member(current.merchant), now=NOW)
    assert not widget.call("GET", "messages").json()["state"]["person"]["awaited"]

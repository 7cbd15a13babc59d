"""GET and POST /chat/api/messages"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings

from cs_portal.conversations.models import Author, Conversation, Message
from cs_portal.core.models import Event, Job
from cs_portal.core.tenancy import scopes_disabled
from cs_portal.merchants.models import Merchant, Storefront
from tests.factories import make_merchant, make_message, make_storefront
from tests.storefront.conftest import NOW, Widget, state

pytestmark = pytest.mark.django_db


def messages() -> list[str]:
    with scopes_disabled():
        return list(Message.objects.order_by("id").values_list("text", flat=True))


def conversation_of(widget: Widget) -> Conversation:
    with scopes_disabled():
        return Conversation.objects.get(storefront=widget.storefront)


def test_a_message_is_accepted_and_asks_for_a_draft(widget: Widget) -> None:
    widget.open()
    answer = widget.say("Where is my order?", "c-1")
    with scopes_disabled():
        message = Message.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {
        "message": {
            "id": str(message.public_id),
            "author": "shopper",
            "name": None,
            "text": "Where is my order?",
            "cards": [],
            "at": "2026-11-24T10:00:00+00:00",
            "client_id": "c-1",
        },
        "state": state("drafting"),
    }
    assert Job.objects.get(kind="draft_reply").payload == {"message": message.pk}
    assert set(Job.objects.values_list("kind", flat=True)) == {"draft_reply", "reply_overdue"}


def test_the_same_client_id_again_is_the_same_message(widget: Widget) -> None:
    widget.open()
    first, again = widget.say("Hello", "c-1"), widget.say("Hello", "c-1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["message"] == again.json()["message"]
    assert messages() == ["Hello"]
    assert sorted(Job.objects.values_list("kind", flat=True)) == ["draft_reply", "reply_overdue"]


def test_the_same_client_id_with_another_text_is_a_conflict(widget: Widget) -> None:
    widget.open()
    widget.say("Hello", "c-1")
    answer = widget.say("Something else", "c-1")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")
    assert messages() == ["Hello"]


def test_two_conversations_may_use_the_same_client_id(widget: Widget) -> None:
    widget.open()
    other = Widget(widget.storefront)
    other.open()
    assert [widget.say("One").status_code, other.say("Two").status_code] == [201, 201]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"client_id": "c-1", "text": "x", "author": "operator"}, "author"),
        ({"client_id": "c-1", "text": "x", "conversation": 1}, "conversation"),
        ({"client_id": "c-1"}, "text"),
        ({"client_id": "c-1", "text": None}, "text"),
        ({"client_id": "c-1", "text": ["x"]}, "text"),
        ({"client_id": "c-1", "text": ""}, "text"),
        ({"client_id": "c-1", "text": " \n\t"}, "text"),
        ({"client_id": "c-1", "text": "\x00"}, "text"),
        ({"client_id": "c-1", "text": "x" * 4001}, "text"),
        ({"client_id": "c-1", "text": "\ud83d"}, "text"),
        ({"text": "x"}, "client_id"),
        ({"client_id": "", "text": "x"}, "client_id"),
        ({"client_id": "c" * 65, "text": "x"}, "client_id"),
        ({"client_id": "a b", "text": "x"}, "client_id"),
        ({"client_id": "a\x00b", "text": "x"}, "client_id"),
        ({"client_id": 5, "text": "x"}, "client_id"),
    ],
)
def test_what_breaks_a_rule_is_refused_by_name(widget: Widget, body: dict[str, Any], field: str) -> None:
    widget.open()
    answer = widget.post("messages", body)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)
    assert messages() == []
    assert Job.objects.count() == 0


@pytest.mark.parametrize("text", ["x" * 4000, "😀" * 4000, "你好" * 2000, "<script>alert(1)</script>", "a\u202eb"])
def test_any_text_up_to_4000_characters_is_kept_as_it_is(widget: Widget, text: str) -> None:
    widget.open()
    assert widget.say(text).json()["message"]["text"] == text
    assert messages() == [text]


def test_messages_after_the_one_that_is_known(widget: Widget) -> None:
    widget.open()
    first = widget.say("One", "c-1").json()["message"]
    reply = make_message(conversation_of(widget), "Two", author=Author.BOT, client_id=None)
    everything = widget.call("GET", "messages").json()
    assert [message["text"] for message in everything["messages"]] == ["One", "Two"]
    news = widget.call("GET", f"messages?after={first['id']}").json()
    assert [message["id"] for message in news["messages"]] == [str(reply.public_id)]
    assert news["state"]["status"] == "idle"


def test_a_draft_under_review_is_told(widget: Widget) -> None:
    widget.open()
    widget.say()
    conversation = conversation_of(widget)
    Event.objects.create(
        merchant=widget.storefront.merchant,
        topic=f"conversation:{conversation.public_id}",
        name="reply:checking",
        created_at=NOW,
    )
    assert widget.call("GET", "messages").json()["state"]["status"] == "checking"


def test_once_the_events_are_pruned_somebody_is_still_at_it(widget: Widget) -> None:
    widget.open()
    widget.say()
    Event.objects.all().delete()
    assert widget.call("GET", "messages").json()["state"]["status"] == "checking"


@pytest.mark.parametrize("after", ["5", "x", "00000000000040008000000000000000", "' OR 1=1 --"])
def test_after_must_be_an_id(widget: Widget, after: str) -> None:
    widget.open()
    answer = widget.call("GET", f"messages?after={after}")
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "after")


@pytest.mark.parametrize("same_merchant", [True, False])
def test_a_message_of_another_conversation_is_not_found(
    widget: Widget, merchant: Merchant, same_merchant: bool
) -> None:
    other = Widget(make_storefront(merchant if same_merchant else make_merchant(), "other"))
    other.open()
    foreign = other.say("Secret").json()["message"]["id"]
    widget.open()
    answer = widget.call("GET", f"messages?after={foreign}")
    unknown = widget.call("GET", "messages?after=00000000-0000-4000-8000-000000000000")
    assert answer.status_code == unknown.status_code == 404
    assert answer.content == unknown.content


def test_a_token_reaches_its_own_conversation_only(widget: Widget, merchant: Merchant) -> None:
    other = Widget(make_storefront(merchant, "other"))
    other.open()
    other.say("Secret")
    widget.open()
    widget.say("Mine")
    assert [message["text"] for message in widget.call("GET", "messages").json()["messages"]] == ["Mine"]


@pytest.mark.parametrize("token", ["", "x", "x" * 200, "\x00", "Bearer"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_a_session_there_is_nothing(widget: Widget, method: str, token: str) -> None:
    answer = widget.call(method, "messages", {"client_id": "c", "text": "x"} if method == "POST" else None, token=token)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.json() == {"error": {"code": "unauthenticated", "message": ""}}
    assert messages() == []


def test_an_expired_session_ends(widget: Widget) -> None:
    widget.open()
    with time_machine.travel(NOW + timedelta(days=30), tick=False):
        assert widget.say().status_code == 401
    assert messages() == []


@pytest.mark.parametrize("origin", ["https://shop.example.com", "null", "https://evil.example"])
def test_no_other_page_may_call_even_with_the_token(widget: Widget, storefront: Storefront, origin: str) -> None:
    widget.open()
    foreign = Widget(storefront, Origin=origin)
    foreign.token = widget.token
    assert foreign.say().status_code == 403
    assert messages() == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_another_method_is_not_allowed(widget: Widget, method: str) -> None:
    widget.open()
    assert widget.call(method, "messages").status_code == 405


def test_messages_are_limited_per_session(widget: Widget) -> None:
    widget.open()
    answers = [widget.say("Hi", f"c-{n}").status_code for n in range(settings.CHAT_MESSAGES_PER_SESSION + 1)]
    assert answers == [201] * settings.CHAT_MESSAGES_PER_SESSION + [429]
    assert len(messages()) == settings.CHAT_MESSAGES_PER_SESSION


def test_messages_are_limited_per_address(widget: Widget, settings: Any) -> None:
    settings.CHAT_MESSAGES_PER_MINUTE = 2
    answers = []
    for _ in range(3):
        other = Widget(widget.storefront)
        other.open()
        answers.append(other.say())
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[-1].headers["Retry-After"] == "60"


def test_the_number_of_queries_does_not_grow_with_the_history(widget: Widget, django_assert_num_queries: Any) -> None:
    widget.open()
    conversation = conversation_of(widget)
    for number in range(20):
        make_message(conversation, f"{number}")
    # The seventh looks for requests whose state is shown.
    with django_assert_num_queries(7):
        assert len(widget.call("GET", "messages").json()["messages"]) == 20

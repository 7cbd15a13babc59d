"""Messages are accepted once, with their job and their events, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cs_portal.conversations.models import Conversation, ConversationState, Message
from cs_portal.conversations.selectors import unanswered_turns
from cs_portal.conversations.services import is_away, leave_email, mark_seen, receive_shopper_message
from cs_portal.core.errors import Conflict, Invalid, NotFound
from cs_portal.core.models import Event, Job
from cs_portal.core.tenancy import scope
from tests.factories import make_conversation, make_merchant

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


@pytest.fixture
def conversation():  # type: ignore[no-untyped-def]
    conversation = make_conversation(make_merchant())
    with scope(merchant=conversation.merchant):
        yield conversation


def _say(conversation: Conversation, text: str = "Where is my order?", client_id: str = "c-1") -> tuple[Message, bool]:
    return receive_shopper_message(conversation_id=conversation.pk, text=text, client_id=client_id, now=NOW)


def test_a_message_brings_its_job_and_events(conversation: Conversation) -> None:
    before = Event.objects.count()
    message, created = _say(conversation)
    assert created
    assert Job.objects.get(kind="draft_reply").payload == {"message": message.pk}
    names = list(Event.objects.order_by("id").values_list("topic", "name"))[before:]
    topic = f"conversation:{conversation.public_id}"
    assert names == [(topic, "message:posted"), ("console", "message:posted"), (topic, "reply:drafting")]
    conversation.refresh_from_db()
    assert conversation.last_message_at == NOW


def test_the_same_client_id_is_the_same_message(conversation: Conversation) -> None:
    first, _ = _say(conversation)
    again, created = _say(conversation)
    assert (again.pk, created) == (first.pk, False)
    assert Message.objects.filter(client_id="c-1").count() == 1
    assert Job.objects.filter(kind="draft_reply").count() == 1


def test_a_client_id_cannot_carry_another_text(conversation: Conversation) -> None:
    _say(conversation)
    with pytest.raises(Conflict):
        _say(conversation, text="Something else")
    assert Message.objects.filter(client_id="c-1").count() == 1


@pytest.mark.parametrize("text", ["", "   \n ", "x" * 4001, "\x00"])
def test_empty_and_overlong_texts_are_refused(conversation: Conversation, text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        _say(conversation, text=text)
    assert refusal.value.field == "text"
    assert not Message.objects.filter(client_id="c-1").exists()
    assert not Job.objects.exists()


@pytest.mark.parametrize("client_id", ["", "x" * 65])
def test_a_client_id_is_needed(conversation: Conversation, client_id: str) -> None:
    with pytest.raises(Invalid):
        _say(conversation, client_id=client_id)


def test_a_message_reopens_the_conversation(conversation: Conversation) -> None:
    Conversation.objects.filter(pk=conversation.pk).update(state=ConversationState.RESOLVED)
    _say(conversation)
    conversation.refresh_from_db()
    assert conversation.state == ConversationState.OPEN


def test_another_merchants_conversation_is_not_found(conversation: Conversation) -> None:
    with scope(merchant=make_merchant()), pytest.raises(NotFound):
        _say(conversation)


def test_unanswered_turns_are_those_since_the_last_reply(conversation: Conversation) -> None:
    first, _ = _say(conversation, "one", "c-1")
    second, _ = _say(conversation, "two", "c-2")
    assert unanswered_turns(conversation_id=conversation.pk) == [first, second]
    Message.objects.create(conversation=conversation, author="bot", text="answer", created_at=NOW)
    third, _ = _say(conversation, "three", "c-3")
    assert unanswered_turns(conversation_id=conversation.pk) == [third]


def test_a_shopper_is_away_a_minute_after_they_were_seen(conversation: Conversation) -> None:
    mark_seen(conversation_id=conversation.pk, now=NOW)
    conversation.refresh_from_db()
    assert not is_away(conversation, now=NOW + timedelta(seconds=60))
    assert is_away(conversation, now=NOW + timedelta(seconds=61))


def test_an_email_must_be_one(conversation: Conversation) -> None:
    with pytest.raises(Invalid):
        leave_email(conversation_id=conversation.pk, email="not an address", now=NOW)
    leave_email(conversation_id=conversation.pk, email=" li@example.com ", now=NOW)
    conversation.refresh_from_db()
    assert conversation.email == "li@example.com"

"""What the shopper waits for: the clock starts with their first unanswered word and counts business hours only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from cs_portal.conversations.models import Author, Conversation
from cs_portal.conversations.services import post_reply, receive_shopper_message
from cs_portal.core.tenancy import scope
from tests.factories import make_conversation, make_merchant, make_storefront

pytestmark = pytest.mark.django_db

#: Wednesday, 17:30 in Shanghai: half an hour before closing.
EVENING = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)


@pytest.fixture
def one():  # type: ignore[no-untyped-def]
    merchant = make_merchant(first_reply_minutes=60, next_reply_minutes=240)
    make_storefront(merchant)
    conversation = make_conversation(merchant, now=EVENING)
    with scope(merchant=merchant):
        yield conversation


def _say(one: Conversation, now: datetime, text: str = "Hello\n  there?") -> Conversation:
    receive_shopper_message(conversation_id=one.pk, text=text, client_id=str(uuid4()), now=now)
    one.refresh_from_db()
    return one


def _answer(one: Conversation, now: datetime, author: Author = Author.BOT, **more: object) -> Conversation:
    post_reply(conversation=one, author=author, member=None, text="Here", draft_key=uuid4(), now=now, **more)
    one.refresh_from_db()
    return one


def test_the_first_reply_is_due_an_hour_of_business_later(one: Conversation) -> None:
    _say(one, EVENING)
    next_morning = datetime(2026, 11, 26, 1, 30, tzinfo=UTC)
    assert (one.waiting_since, one.reply_due_at, one.first_reply_due_at) == (EVENING, next_morning, next_morning)


def test_further_messages_do_not_put_the_clock_back(one: Conversation) -> None:
    due_at = _say(one, EVENING).reply_due_at
    _say(one, EVENING + timedelta(minutes=20), "Anybody?")
    assert (one.waiting_since, one.reply_due_at, one.preview) == (EVENING, due_at, "Anybody?")


@pytest.mark.parametrize(("settles", "left"), [(True, False), (False, True)])
def test_a_reply_ends_the_need_of_a_person_only_if_it_settles_the_question(
    one: Conversation, settles: bool, left: bool
) -> None:
    """ "A colleague will look into it" does not: that colleague is still to come."""
    _say(one, EVENING)
    Conversation.objects.update(needs_person=True)
    assert _answer(one, EVENING, settles=settles).needs_person is left


def test_a_reply_that_promises_a_person_starts_the_clock_anew(one: Conversation) -> None:
    _say(one, MORNING := EVENING.replace(hour=2))
    Conversation.objects.update(needs_person=True)
    held = _answer(one, MORNING + timedelta(minutes=10), settles=False)
    assert (held.waiting_since, held.first_reply_at) == (MORNING, MORNING + timedelta(minutes=10))
    assert held.reply_due_at is not None
    assert held.reply_due_at > MORNING + timedelta(minutes=10)
    settled = _answer(one, MORNING + timedelta(minutes=20))
    assert (settled.waiting_since, settled.reply_due_at, settled.needs_person) == (None, None, False)
    assert (settled.next_replies, settled.next_replies_late) == (1, 0)


def test_a_reply_that_settles_nothing_calls_nobody_by_itself(one: Conversation) -> None:
    _say(one, EVENING)
    assert _answer(one, EVENING, settles=False).needs_person is False


def test_lists_need_no_message_to_show_the_last_one(one: Conversation) -> None:
    _say(one, EVENING)
    assert (one.preview, one.last_author) == ("Hello there?", Author.SHOPPER)
    _say(one, EVENING, "x" * 400)
    assert one.preview == "x" * 160
    _answer(one, EVENING)
    assert (one.preview, one.last_author) == ("Here", Author.BOT)


def test_a_reply_keeps_the_promise(one: Conversation) -> None:
    _say(one, EVENING)
    _answer(one, EVENING + timedelta(minutes=5))
    assert (one.first_reply_at, one.waiting_since, one.reply_due_at) == (EVENING + timedelta(minutes=5), None, None)
    assert (one.next_replies, one.next_replies_late, one.first_person_reply_at) == (0, 0, None)


def test_later_replies_count_and_late_ones_are_known(one: Conversation) -> None:
    _say(one, EVENING)
    _answer(one, EVENING)
    asked_at = EVENING + timedelta(minutes=10)
    _say(one, asked_at)
    # Twenty minutes until closing, and three hours and forty minutes of the next morning.
    assert one.reply_due_at == datetime(2026, 11, 26, 4, 40, tzinfo=UTC)
    assert one.first_reply_due_at == datetime(2026, 11, 26, 1, 30, tzinfo=UTC)
    _answer(one, one.reply_due_at, Author.OPERATOR)
    assert (one.next_replies, one.next_replies_late) == (1, 0)
    assert one.first_person_reply_at == datetime(2026, 11, 26, 4, 40, tzinfo=UTC)
    _say(one, one.first_person_reply_at)
    _answer(one, one.reply_due_at + timedelta(seconds=1))
    assert (one.next_replies, one.next_replies_late) == (2, 1)


def test_a_reply_that_nobody_waited_for_is_no_further_reply(one: Conversation) -> None:
    _say(one, EVENING)
    _answer(one, EVENING)
    _answer(one, EVENING + timedelta(minutes=1))
    assert one.next_replies == 0


def test_what_came_after_a_reply_was_written_goes_on_waiting(one: Conversation) -> None:
    _say(one, EVENING)
    missed_at = EVENING + timedelta(seconds=5)
    _say(one, missed_at, "Wait")
    _answer(one, EVENING + timedelta(seconds=10), Author.OPERATOR, written_at=EVENING)
    assert one.waiting_since == missed_at
    assert one.reply_due_at is not None and one.reply_due_at > missed_at

"""A missed deadline is told by letter: once, to who has the conversation, else to the team, as each of them chose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core import mail

from cs_portal.conversations.models import Author, Conversation
from cs_portal.conversations.services import (
    assign,
    post_reply,
    receive_shopper_message,
    reopen,
    resolve,
    snooze,
    undo,
    wake,
)
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.merchants.models import Member, Role
from cs_portal.merchants.services.notices import choose_notices
from tests.factories import make_conversation, make_member, make_merchant, make_storefront

pytestmark = [pytest.mark.django_db, pytest.mark.urls("cs_portal.urls")]

#: Wednesday, ten o'clock in Shanghai; the first reply is due an hour later.
NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
DUE = NOW + timedelta(minutes=60)
LATE = DUE + timedelta(minutes=1)


@dataclass
class Desk:
    conversation: Conversation
    olaf: Member
    bob: Member

    @property
    def names(self) -> dict[str, object]:
        return {"conversation_id": self.conversation.public_id, "by": self.olaf}

    def work(self, at: datetime) -> list[str]:
        """Who got a letter by then that they had not got before."""
        mail.outbox.clear()
        with time_machine.travel(at, tick=False):
            run_due(["fast"], keep=False)
            run_due(["fast"], keep=False)
        return sorted(letter.to[0] for letter in mail.outbox)

    def letters_to(self, *members: Member) -> list[str]:
        return sorted(member.user.email for member in members)


@pytest.fixture
def desk() -> Iterator[Desk]:
    merchant = make_merchant("mugs", first_reply_minutes=60, next_reply_minutes=60)
    make_storefront(merchant)
    olaf, bob = (make_member(merchant, Role.OPERATOR, name=name) for name in ("Olaf", "Bob"))
    reader, quiet = make_member(merchant, Role.ANALYST), make_member(merchant, Role.OPERATOR)
    with scope(merchant=merchant):
        for member in (olaf, bob, reader):
            choose_notices(by=member, kinds=["overdue"], language="en", now=NOW)
        assert quiet.notifications == {}
        conversation = make_conversation(merchant, now=NOW)
        receive_shopper_message(conversation_id=conversation.pk, text="Hello?", client_id="1", now=NOW)
        yield Desk(conversation, olaf, bob)


def test_the_team_is_told_once_when_nobody_has_it(desk: Desk) -> None:
    assert desk.work(DUE - timedelta(minutes=1)) == []
    assert desk.work(LATE) == desk.letters_to(desk.olaf, desk.bob)
    receive_shopper_message(conversation_id=desk.conversation.pk, text="Anybody?", client_id="2", now=LATE)
    assert desk.work(LATE + timedelta(days=1)) == []


def test_who_has_it_is_told_alone_and_only_if_they_asked(desk: Desk) -> None:
    assign(**desk.names, to=desk.bob, now=NOW)
    assert desk.work(LATE) == desk.letters_to(desk.bob)


def test_the_team_is_not_told_where_the_assignee_wants_no_letters(desk: Desk) -> None:
    choose_notices(by=desk.bob, kinds=[], language="en", now=NOW)
    assign(**desk.names, to=desk.bob, now=NOW)
    assert desk.work(LATE) == []


def test_the_team_is_told_where_the_assignee_left(desk: Desk) -> None:
    assign(**desk.names, to=desk.bob, now=NOW)
    Member.objects.filter(pk=desk.bob.pk).update(removed_at=NOW)
    assert desk.work(LATE) == desk.letters_to(desk.olaf)


def test_what_was_answered_or_resolved_in_time_is_not_overdue(desk: Desk) -> None:
    post_reply(
        conversation=desk.conversation, author=Author.OPERATOR, member=desk.olaf, text="Hi", draft_key=uuid4(), now=NOW
    )
    assert desk.work(LATE) == []
    receive_shopper_message(conversation_id=desk.conversation.pk, text="And?", client_id="3", now=LATE)
    resolve(**desk.names, now=LATE)
    assert desk.work(LATE + timedelta(days=1)) == []


def test_every_deadline_is_told_of_by_itself(desk: Desk) -> None:
    assert len(desk.work(LATE)) == 2
    post_reply(
        conversation=desk.conversation, author=Author.OPERATOR, member=desk.olaf, text="Hi", draft_key=uuid4(), now=LATE
    )
    receive_shopper_message(conversation_id=desk.conversation.pk, text="And?", client_id="4", now=LATE)
    assert len(desk.work(LATE + timedelta(minutes=61))) == 2


def test_a_snoozed_one_is_told_of_when_it_is_back(desk: Desk) -> None:
    until = DUE + timedelta(hours=3)
    snooze(**desk.names, until=until, now=NOW)
    assert desk.work(LATE) == []
    assert len(desk.work(until + timedelta(minutes=1))) == 2
    snooze(**desk.names, until=until + timedelta(hours=2), now=until + timedelta(minutes=2))
    wake(**desk.names, now=until + timedelta(minutes=3))
    assert desk.work(until + timedelta(days=1)) == []


def test_one_that_is_open_again_is_told_of(desk: Desk) -> None:
    resolve(**desk.names, now=NOW)
    assert desk.work(LATE) == []
    reopen(**desk.names, now=LATE)
    assert len(desk.work(LATE + timedelta(minutes=1))) == 2


def test_a_resolution_that_is_taken_back_leaves_the_deadline(desk: Desk) -> None:
    batch = uuid4()
    resolve(**desk.names, now=DUE - timedelta(minutes=2), batch=str(batch))
    assert desk.work(LATE) == []
    undo(batch=batch, by=desk.olaf, now=LATE)
    assert len(desk.work(LATE + timedelta(minutes=1))) == 2


def test_what_came_after_a_reply_was_written_has_a_deadline_of_its_own(desk: Desk) -> None:
    later = NOW + timedelta(minutes=10)
    receive_shopper_message(conversation_id=desk.conversation.pk, text="Wait", client_id="5", now=later)
    post_reply(
        conversation=desk.conversation,
        author=Author.OPERATOR,
        member=desk.olaf,
        text="Hi",
        draft_key=uuid4(),
        now=later + timedelta(seconds=10),
        written_at=later - timedelta(seconds=10),
    )
    assert desk.work(LATE) == []
    assert len(desk.work(later + timedelta(minutes=61))) == 2


@pytest.mark.parametrize(
    ("language", "subject", "words"),
    [("en", "a reply is overdue", "waits longer for a reply"), ("zh-hans", "回复已超时", "等待回复的时间超过")],
)
def test_the_letter_is_in_the_members_language_and_holds_no_word_of_the_shopper(
    desk: Desk, language: str, subject: str, words: str
) -> None:
    assign(**desk.names, to=desk.bob, now=NOW)
    choose_notices(by=desk.bob, kinds=["overdue"], language=language, now=NOW)
    desk.work(LATE)
    (letter,) = mail.outbox
    assert subject in letter.subject and words in letter.body
    assert f"/inbox/{desk.conversation.public_id}/" in letter.body
    assert "Hello?" not in letter.body and "Li Wei" not in letter.body

"""Open, snoozed, resolved, reopened: by whom, with which traces, and what two deeds at once do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine

from cs_portal.conversations.models import (
    Activity,
    ActivityKind,
    Author,
    Conversation,
    ConversationState,
    Handler,
    Message,
    ResolvedBy,
)
from cs_portal.conversations.services import (
    SILENCE,
    post_reply,
    receive_shopper_message,
    reopen,
    resolve,
    resolve_by_shopper,
    snooze,
    undo,
    wake,
)
from cs_portal.core.errors import Conflict, Invalid, NotAllowed, NotFound
from cs_portal.core.models import AuditEntry, Event, Job
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.merchants.models import Member, Role
from tests.factories import make_conversation, make_member, make_merchant, make_storefront

pytestmark = pytest.mark.django_db

#: A Wednesday, ten o'clock in Shanghai.
NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=5)


@dataclass
class Desk:
    conversation: Conversation
    olaf: Member
    nina: Member

    def again(self) -> Conversation:
        self.conversation.refresh_from_db()
        return self.conversation

    @property
    def id(self) -> UUID:
        return self.conversation.public_id

    def say(self, text: str = "Hello?", *, now: datetime = NOW) -> Message:
        return receive_shopper_message(
            conversation_id=self.conversation.pk, text=text, client_id=str(uuid4()), now=now
        )[0]

    def answer(self, *, now: datetime = NOW, author: Author = Author.OPERATOR) -> Message:
        return post_reply(
            conversation=self.conversation, author=author, member=self.olaf, text="Here.", draft_key=uuid4(), now=now
        )

    def kinds(self) -> list[str]:
        return list(Activity.objects.order_by("id").values_list("kind", flat=True))


@pytest.fixture
def desk() -> Iterator[Desk]:
    merchant = make_merchant()
    make_storefront(merchant)
    olaf, nina = make_member(merchant, name="Olaf"), make_member(merchant, Role.ANALYST, name="Nina")
    with scope(merchant=merchant):
        yield Desk(make_conversation(merchant, now=NOW), olaf, nina)


def work(at: datetime) -> None:
    """Run the jobs of conversations that are due; the bot is not at work here."""
    Job.objects.exclude(kind__in=["wake_conversation", "assume_resolved"]).delete()
    with time_machine.travel(at, tick=False):
        run_due(["fast"], keep=False)


def test_a_snooze_ends_at_its_time(desk: Desk) -> None:
    snooze(conversation_id=desk.id, by=desk.olaf, until=LATER, now=NOW)
    assert (desk.again().state, desk.conversation.snoozed_until) == (ConversationState.SNOOZED, LATER)
    work(LATER - timedelta(seconds=1))
    assert desk.again().state == ConversationState.SNOOZED
    work(LATER)
    assert (desk.again().state, desk.conversation.snoozed_until) == (ConversationState.OPEN, None)
    assert desk.kinds() == [ActivityKind.SNOOZED, ActivityKind.WOKEN]
    actions = list(AuditEntry.objects.order_by("id").values_list("action", "actor_kind"))
    assert actions == [("conversation.snoozed", "member"), ("conversation.woken", "system")]
    names = list(Event.objects.filter(topic="console").order_by("id").values_list("name", flat=True))
    assert names == ["conversation:snoozed", "conversation:woken"]


def test_a_snooze_that_was_moved_ends_at_the_new_time_only(desk: Desk) -> None:
    snooze(conversation_id=desk.id, by=desk.olaf, until=LATER, now=NOW)
    snooze(conversation_id=desk.id, by=desk.olaf, until=LATER + timedelta(days=1), now=NOW)
    work(LATER + timedelta(minutes=1))
    assert desk.again().state == ConversationState.SNOOZED
    work(LATER + timedelta(days=1))
    assert desk.again().state == ConversationState.OPEN


def test_snoozing_to_the_same_time_again_still_wakes(desk: Desk) -> None:
    snooze(conversation_id=desk.id, by=desk.olaf, until=LATER, now=NOW)
    wake(conversation_id=desk.id, by=desk.olaf, now=NOW)
    snooze(conversation_id=desk.id, by=desk.olaf, until=LATER, now=NOW)
    work(LATER)
    assert desk.again().state == ConversationState.OPEN


def test_the_shopper_ends_a_snooze_and_the_job_comes_to_nothing(desk: Desk) -> None:
    snooze(conversation_id=desk.id, by=desk.olaf, until=LATER, now=NOW)
    desk.say(now=NOW + timedelta(minutes=1))
    assert (desk.again().state, desk.conversation.snoozed_until) == (ConversationState.OPEN, None)
    work(LATER)
    assert desk.kinds() == [ActivityKind.SNOOZED, ActivityKind.WOKEN]
    assert Activity.objects.latest("id").data["cause"] == "message"


@pytest.mark.parametrize("deed", [snooze, resolve])
def test_what_the_shopper_just_wrote_does_not_vanish_unread(desk: Desk, deed) -> None:  # type: ignore[no-untyped-def]
    desk.say()
    seen = desk.again().version
    desk.say("And one more thing", now=NOW + timedelta(seconds=1))
    more = {"until": LATER} if deed is snooze else {}
    with pytest.raises(Conflict):
        deed(conversation_id=desk.id, by=desk.olaf, now=NOW, seen=seen, **more)
    assert desk.again().state == ConversationState.OPEN
    deed(conversation_id=desk.id, by=desk.olaf, now=NOW, seen=desk.again().version, **more)
    assert desk.again().state != ConversationState.OPEN


@pytest.mark.parametrize("until", [NOW, NOW - timedelta(hours=1), NOW + timedelta(days=367)])
def test_a_snooze_wants_a_time_to_come(desk: Desk, until: datetime) -> None:
    with pytest.raises(Invalid) as refusal:
        snooze(conversation_id=desk.id, by=desk.olaf, until=until, now=NOW)
    assert refusal.value.field == "until"
    assert not Job.objects.exists()


def test_who_only_reads_changes_no_state(desk: Desk) -> None:
    for deed in (
        lambda: snooze(conversation_id=desk.id, by=desk.nina, until=LATER, now=NOW),
        lambda: resolve(conversation_id=desk.id, by=desk.nina, now=NOW),
        lambda: reopen(conversation_id=desk.id, by=desk.nina, now=NOW),
        lambda: wake(conversation_id=desk.id, by=desk.nina, now=NOW),
        lambda: undo(batch=uuid4(), by=desk.nina, now=NOW),
    ):
        with pytest.raises(NotAllowed):
            deed()
    assert desk.again().state == ConversationState.OPEN
    assert not Activity.objects.exists() and not AuditEntry.objects.exists() and not Job.objects.exists()


def test_deeds_in_the_wrong_state_are_refused(desk: Desk) -> None:
    with pytest.raises(Conflict):
        wake(conversation_id=desk.id, by=desk.olaf, now=NOW)
    with pytest.raises(Conflict):
        reopen(conversation_id=desk.id, by=desk.olaf, now=NOW)
    resolve(conversation_id=desk.id, by=desk.olaf, now=NOW)
    with pytest.raises(Conflict):
        resolve(conversation_id=desk.id, by=desk.olaf, now=NOW)
    with pytest.raises(Conflict):
        snooze(conversation_id=desk.id, by=desk.olaf, until=LATER, now=NOW)


def test_a_stranger_finds_nothing(desk: Desk) -> None:
    other = make_merchant()
    charlie = make_member(other, Role.OWNER)
    with scope(merchant=other), pytest.raises(NotFound):
        resolve(conversation_id=desk.id, by=charlie, now=NOW)
    assert desk.again().state == ConversationState.OPEN


def test_resolving_stops_the_clock_and_asks_for_a_rating(desk: Desk) -> None:
    desk.say()
    resolve(conversation_id=desk.id, by=desk.olaf, now=LATER)
    one = desk.again()
    assert (one.state, one.resolved_at, one.resolved_by) == (ConversationState.RESOLVED, LATER, ResolvedBy.MEMBER)
    assert (one.waiting_since, one.reply_due_at, one.csat_asked_at) == (None, None, LATER)
    told = Event.objects.get(name="conversation:resolved", topic=f"conversation:{one.public_id}")
    assert told.data == {"rate": True}


def test_a_storefront_may_ask_for_no_rating(desk: Desk) -> None:
    type(desk.conversation.storefront).objects.update(asks_csat=False)
    resolve(conversation_id=desk.id, by=desk.olaf, now=NOW)
    assert desk.again().csat_asked_at is None
    assert Event.objects.filter(name="conversation:resolved").first().data["rate"] is False


def test_the_shoppers_word_opens_it_again_and_is_counted(desk: Desk) -> None:
    resolve(conversation_id=desk.id, by=desk.olaf, now=NOW)
    desk.say("It broke again", now=LATER)
    one = desk.again()
    assert (one.state, one.reopened_count, one.resolved_at, one.resolved_by) == (ConversationState.OPEN, 1, None, "")
    assert one.waiting_since == LATER
    assert Activity.objects.latest("id").data == {"cause": "message", "resolved_at": NOW.isoformat()}


def test_a_reply_into_a_resolved_conversation_leaves_it_resolved(desk: Desk) -> None:
    resolve(conversation_id=desk.id, by=desk.olaf, now=NOW)
    desk.answer(now=LATER)
    assert desk.again().state == ConversationState.RESOLVED


def test_a_day_of_silence_after_a_reply_counts_as_resolved(desk: Desk) -> None:
    desk.say()
    desk.answer(now=NOW)
    work(NOW + SILENCE - timedelta(seconds=1))
    assert desk.again().state == ConversationState.OPEN
    work(NOW + SILENCE)
    assert (desk.again().state, desk.conversation.resolved_by) == (ConversationState.RESOLVED, ResolvedBy.ASSUMED)


def test_no_silence_while_the_shopper_answers_or_a_colleague_snoozed_it(desk: Desk) -> None:
    desk.answer(now=NOW)
    desk.say(now=NOW + timedelta(hours=1))
    work(NOW + SILENCE)
    assert desk.again().state == ConversationState.OPEN
    desk.answer(now=NOW + SILENCE)
    snooze(conversation_id=desk.id, by=desk.olaf, until=NOW + timedelta(days=30), now=NOW)
    work(NOW + 2 * SILENCE)
    assert desk.again().state == ConversationState.SNOOZED


def test_a_second_reply_starts_the_silence_anew(desk: Desk) -> None:
    desk.answer(now=NOW)
    desk.answer(now=NOW + timedelta(hours=3))
    work(NOW + SILENCE)
    assert desk.again().state == ConversationState.OPEN
    work(NOW + SILENCE + timedelta(hours=3))
    assert desk.again().state == ConversationState.RESOLVED


def test_the_shopper_may_say_that_it_is_resolved_and_once_more_is_harmless(desk: Desk) -> None:
    resolve_by_shopper(conversation_id=desk.conversation.pk, now=NOW)
    resolve_by_shopper(conversation_id=desk.conversation.pk, now=LATER)
    one = desk.again()
    assert (one.resolved_by, one.resolved_at) == (ResolvedBy.SHOPPER, NOW)
    assert desk.kinds() == [ActivityKind.RESOLVED]
    assert AuditEntry.objects.get().actor_kind == "shopper"


def test_undoing_a_resolution_leaves_no_trace_in_the_figures(desk: Desk) -> None:
    desk.say()
    before = desk.again()
    batch = uuid4()
    Conversation.objects.update(handled_by=Handler.PERSON, needs_person=True)
    resolve(conversation_id=desk.id, by=desk.olaf, now=NOW, batch=str(batch))
    assert undo(batch=batch, by=desk.olaf, now=NOW + timedelta(minutes=1)) == [desk.id]
    one = Conversation.objects.get()
    assert (one.state, one.reopened_count, one.resolved_at, one.csat_asked_at) == (
        ConversationState.OPEN,
        0,
        None,
        None,
    )
    assert (one.waiting_since, one.reply_due_at) == (before.waiting_since, before.reply_due_at)
    assert (one.handled_by, one.needs_person) == (Handler.PERSON, True)


def test_undoing_a_moved_snooze_brings_the_old_time_back(desk: Desk) -> None:
    batch = uuid4()
    snooze(conversation_id=desk.id, by=desk.olaf, until=LATER, now=NOW)
    snooze(conversation_id=desk.id, by=desk.olaf, until=LATER + timedelta(days=2), now=NOW, batch=str(batch))
    undo(batch=batch, by=desk.olaf, now=NOW)
    assert (desk.again().state, desk.conversation.snoozed_until) == (ConversationState.SNOOZED, LATER)


def test_what_moved_on_is_not_taken_back(desk: Desk) -> None:
    batch = uuid4()
    resolve(conversation_id=desk.id, by=desk.olaf, now=NOW, batch=str(batch))
    desk.say()
    assert undo(batch=batch, by=desk.olaf, now=NOW) == []
    assert desk.again().reopened_count == 1
    with pytest.raises(NotFound):
        undo(batch=batch, by=desk.olaf, now=NOW + timedelta(minutes=16))
    with pytest.raises(NotFound):
        undo(batch=uuid4(), by=desk.olaf, now=NOW)

"""Assignment, handing over, notes, tags, ratings, claims and deeds on a selection."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.conf import settings

from cs_portal.conversations.models import (
    Activity,
    ActivityKind,
    Author,
    Conversation,
    ConversationState,
    ConversationTag,
    Handler,
    HandoverReason,
    Message,
    Note,
    Tag,
)
from cs_portal.conversations.selectors.reading import colleagues
from cs_portal.conversations.services import (
    add_note,
    add_tag,
    ask_for_person,
    assign,
    assign_all,
    claim_conversation,
    give_back,
    needs_a_person,
    rate_conversation,
    receive_shopper_message,
    release_conversation,
    remove_tag,
    reopen,
    resolve,
    resolve_all,
    snooze_all,
    tag_all,
    take_over,
    undo,
)
from cs_portal.core.errors import Conflict, Invalid, NotAllowed, NotFound
from cs_portal.core.events import conversation_topic
from cs_portal.core.models import AuditEntry, Event, Job
from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Member, Role, User
from cs_portal.merchants.services.team import remove_member
from tests.factories import make_conversation, make_member, make_merchant, make_storefront

pytestmark = pytest.mark.django_db

#: A Wednesday, ten o'clock in Shanghai.
NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


@dataclass
class Desk:
    conversation: Conversation
    olaf: Member
    ann: Member
    nina: Member

    def again(self) -> Conversation:
        self.conversation.refresh_from_db()
        return self.conversation


@pytest.fixture
def desk() -> Iterator[Desk]:
    merchant = make_merchant()
    make_storefront(merchant)
    people = [
        make_member(merchant, role, name=name)
        for role, name in ((Role.OPERATOR, "Olaf"), (Role.ADMIN, "Ann"), (Role.ANALYST, "Nina"))
    ]
    with scope(merchant=merchant):
        yield Desk(make_conversation(merchant, now=NOW), *people)


def test_assigning_tells_the_assignee_and_is_logged_once(desk: Desk) -> None:
    given = {"conversation_id": desk.conversation.public_id, "by": desk.olaf, "now": NOW}
    assert assign(**given, to=desk.ann)
    assert not assign(**given, to=desk.ann)
    assert desk.again().assignee == desk.ann
    told = Event.objects.get(name="conversation:assigned")
    assert (told.topic, told.data["member"]) == ("console", str(desk.ann.public_id))
    assert AuditEntry.objects.get().data == {"old": "", "to": str(desk.ann.public_id)}
    assert assign(**given, to=None)
    assert desk.again().assignee is None


def test_nobody_who_left_can_be_given_a_conversation(desk: Desk) -> None:
    assert desk.ann in colleagues()
    assign(conversation_id=desk.conversation.public_id, by=desk.olaf, to=desk.ann, now=NOW)
    batch = uuid4()
    assign(conversation_id=desk.conversation.public_id, by=desk.olaf, to=None, now=NOW, batch=str(batch))
    owner = make_member(desk.conversation.merchant, Role.OWNER, name="Mei")
    remove_member(member_id=desk.ann.public_id, by=owner, now=NOW)
    desk.ann.refresh_from_db()

    assert desk.ann not in colleagues()
    with pytest.raises(Invalid):
        assign(conversation_id=desk.conversation.public_id, by=desk.olaf, to=desk.ann, now=NOW)
    undo(batch=batch, by=desk.olaf, now=NOW)
    assert desk.again().assignee is None


def test_a_reader_can_neither_assign_nor_be_assigned(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        assign(conversation_id=desk.conversation.public_id, by=desk.nina, to=desk.nina, now=NOW)
    with pytest.raises(Invalid):
        assign(conversation_id=desk.conversation.public_id, by=desk.olaf, to=desk.nina, now=NOW)
    assert desk.again().assignee is None
    assert not Activity.objects.exists()


def test_while_a_person_handles_it_the_bot_is_not_asked(desk: Desk) -> None:
    take_over(conversation_id=desk.conversation.public_id, by=desk.olaf, now=NOW)
    assert (desk.again().handled_by, desk.conversation.assignee) == (Handler.PERSON, desk.olaf)
    receive_shopper_message(conversation_id=desk.conversation.pk, text="Hi", client_id="c", now=NOW)
    assert not Job.objects.filter(kind="draft_reply").exists()
    assert not Event.objects.filter(name="reply:drafting").exists()
    give_back(conversation_id=desk.conversation.public_id, by=desk.olaf, now=NOW)
    assert desk.again().handled_by == Handler.BOT
    question = Message.objects.get(author="shopper")
    assert Job.objects.get(kind="draft_reply").payload == {"message": question.pk}


@pytest.mark.parametrize(
    ("locale", "joined", "left"),
    [
        ("en", "Olaf has joined the conversation.", "Olaf has left. Our assistant answers again"),
        ("zh-hans", "Olaf 已加入会话。", "Olaf 已离开。接下来由智能助手回复"),
    ],
)
def test_the_shopper_reads_who_joins_and_leaves(desk: Desk, locale: str, joined: str, left: str) -> None:
    Conversation.objects.filter(pk=desk.conversation.pk).update(locale=locale)
    User.objects.filter(pk=desk.olaf.user_id).update(name="Olaf")
    olaf = Member.objects.select_related("user").get(pk=desk.olaf.pk)
    version = desk.again().version
    take_over(conversation_id=desk.conversation.public_id, by=olaf, now=NOW)
    give_back(conversation_id=desk.conversation.public_id, by=olaf, now=NOW)
    lines = list(Message.objects.filter(author="system").order_by("id").values_list("text", flat=True))
    assert lines[0] == joined
    assert lines[1].startswith(left)
    posted = Event.objects.filter(name="message:posted", topic=conversation_topic(desk.conversation.public_id))
    assert posted.count() == 2
    assert desk.again().version == version  # nobody's draft gets stale by it


def test_giving_back_without_a_question_asks_for_nothing(desk: Desk) -> None:
    take_over(conversation_id=desk.conversation.public_id, by=desk.olaf, now=NOW)
    give_back(conversation_id=desk.conversation.public_id, by=desk.olaf, now=NOW)
    assert not Job.objects.exists()


def test_taking_over_twice_or_giving_back_what_the_bot_has_is_refused(desk: Desk) -> None:
    with pytest.raises(Conflict):
        give_back(conversation_id=desk.conversation.public_id, by=desk.olaf, now=NOW)
    take_over(conversation_id=desk.conversation.public_id, by=desk.olaf, now=NOW)
    with pytest.raises(Conflict):
        take_over(conversation_id=desk.conversation.public_id, by=desk.ann, now=NOW)
    assert desk.again().assignee == desk.olaf
    with pytest.raises(NotAllowed):
        give_back(conversation_id=desk.conversation.public_id, by=desk.nina, now=NOW)


def test_resolving_gives_the_next_question_to_the_bot(desk: Desk) -> None:
    take_over(conversation_id=desk.conversation.public_id, by=desk.olaf, now=NOW)
    resolve(conversation_id=desk.conversation.public_id, by=desk.olaf, now=NOW)
    receive_shopper_message(conversation_id=desk.conversation.pk, text="Hi", client_id="c", now=NOW)
    assert Job.objects.filter(kind="draft_reply").count() == 1


def test_reopening_by_hand_lets_unanswered_messages_be_drafted(desk: Desk) -> None:
    receive_shopper_message(conversation_id=desk.conversation.pk, text="Hi", client_id="c", now=NOW)
    Job.objects.all().delete()
    resolve(conversation_id=desk.conversation.public_id, by=desk.olaf, now=NOW)
    reopen(conversation_id=desk.conversation.public_id, by=desk.olaf, now=NOW)
    assert Job.objects.filter(kind="draft_reply").count() == 1
    assert desk.again().waiting_since == NOW


@pytest.mark.parametrize(
    ("hour", "sentence"),
    [(2, "A colleague will answer you here."), (14, "We are closed right now. A colleague will answer you when we")],
)
def test_asking_for_a_person_is_answered_and_known(desk: Desk, hour: int, sentence: str) -> None:
    at = NOW.replace(hour=hour)
    ask_for_person(conversation_id=desk.conversation.pk, now=at)
    ask_for_person(conversation_id=desk.conversation.pk, now=at)
    one = desk.again()
    assert (one.needs_person, one.handover_reason, one.handed_over_at) == (True, "asked_for_person", at)
    assert Message.objects.get().author == Author.SYSTEM
    assert Message.objects.get().text.startswith(sentence)
    assert list(Activity.objects.values_list("kind", flat=True)) == [ActivityKind.HANDED_OVER]


def test_a_new_reason_is_told_and_the_first_time_stays(desk: Desk) -> None:
    later = NOW + timedelta(hours=1)
    needs_a_person(conversation_id=desk.conversation.pk, now=NOW, reason=HandoverReason.NO_KNOWLEDGE)
    needs_a_person(conversation_id=desk.conversation.pk, now=later, reason=HandoverReason.POLICY)
    needs_a_person(conversation_id=desk.conversation.pk, now=later, reason=HandoverReason.POLICY)
    one = desk.again()
    assert (one.handover_reason, one.handed_over_at) == (HandoverReason.POLICY, NOW)
    reasons = [row.data["reason"] for row in Activity.objects.order_by("id")]
    assert reasons == [HandoverReason.NO_KNOWLEDGE, HandoverReason.POLICY]


def test_a_note_is_for_colleagues_and_the_log_holds_no_word_of_it(desk: Desk) -> None:
    note = add_note(conversation_id=desk.conversation.public_id, by=desk.olaf, text=" Secret\x00 ", now=NOW)
    assert note.text == "Secret"
    assert not Event.objects.exclude(topic="console").exists()
    assert "Secret" not in str(list(AuditEntry.objects.values_list("data", "target", "action")))
    for text in ("  ", "x" * 4001):
        with pytest.raises(Invalid):
            add_note(conversation_id=desk.conversation.public_id, by=desk.olaf, text=text, now=NOW)
    with pytest.raises(NotAllowed):
        add_note(conversation_id=desk.conversation.public_id, by=desk.nina, text="Hi", now=NOW)
    assert Note.objects.count() == 1


def test_a_tag_is_put_on_once_and_taken_off_once(desk: Desk) -> None:
    tag = Tag.objects.create(name="VIP")
    given = {"conversation_id": desk.conversation.public_id, "by": desk.olaf, "tag_id": tag.public_id, "now": NOW}
    assert [add_tag(**given), add_tag(**given)] == [True, False]
    assert [remove_tag(**given), remove_tag(**given)] == [True, False]
    kinds = list(Activity.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == [ActivityKind.TAGGED, ActivityKind.UNTAGGED]
    with pytest.raises(NotAllowed):
        add_tag(**{**given, "by": desk.nina})
    with pytest.raises(NotFound):
        add_tag(**{**given, "tag_id": uuid4()})
    assert not ConversationTag.objects.exists()


def test_a_rating_comes_once_per_resolution_and_only_then(desk: Desk) -> None:
    given = {"conversation_id": desk.conversation.pk, "score": 4, "comment": " Fine ", "now": NOW}
    with pytest.raises(Conflict):
        rate_conversation(**given)
    resolve(conversation_id=desk.conversation.public_id, by=desk.olaf, now=NOW)
    for wrong in ({"score": 0}, {"score": 6}, {"comment": "x" * 501}):
        with pytest.raises(Invalid):
            rate_conversation(**{**given, **wrong})
    rate_conversation(**given)
    with pytest.raises(Conflict):
        rate_conversation(**{**given, "score": 1})
    assert (desk.again().csat_score, desk.conversation.csat_comment) == (4, "Fine")
    receive_shopper_message(conversation_id=desk.conversation.pk, text="Hi", client_id="c", now=NOW)
    resolve(conversation_id=desk.conversation.public_id, by=desk.olaf, now=NOW + timedelta(hours=1))
    rate_conversation(**{**given, "score": 2, "now": NOW + timedelta(hours=2)})
    assert desk.again().csat_score == 2


def test_a_claim_warns_and_runs_out(desk: Desk) -> None:
    one = desk.conversation.public_id
    claim_conversation(conversation_id=one, by=desk.olaf, now=NOW)
    assert claim_conversation(conversation_id=one, by=desk.ann, now=NOW).claimed_by == desk.olaf
    release_conversation(conversation_id=one, by=desk.ann, now=NOW)
    assert desk.again().claimed_by == desk.olaf
    late = NOW + timedelta(seconds=settings.CLAIM_SECONDS + 1)
    assert claim_conversation(conversation_id=one, by=desk.ann, now=late).claimed_by == desk.ann
    with pytest.raises(NotAllowed):
        claim_conversation(conversation_id=one, by=desk.nina, now=late)


def _others(desk: Desk, count: int) -> list[Conversation]:
    return [make_conversation(desk.conversation.merchant, now=NOW) for _ in range(count)]


def test_a_deed_on_a_selection_says_how_many_changed_and_is_taken_back_at_once(desk: Desk) -> None:
    rows = _others(desk, 3)
    resolve(conversation_id=rows[0].public_id, by=desk.olaf, now=NOW)
    ids = [row.public_id for row in rows] + [uuid4()]
    done = resolve_all(ids=ids, by=desk.olaf, now=NOW)
    assert (done.changed, done.selected) == (2, 4)
    assert Conversation.objects.filter(state=ConversationState.RESOLVED).count() == 3
    assert set(undo(batch=done.batch, by=desk.olaf, now=NOW)) == {rows[1].public_id, rows[2].public_id}
    assert Conversation.objects.filter(state=ConversationState.RESOLVED).count() == 1


def test_every_deed_on_a_selection_can_be_taken_back(desk: Desk) -> None:
    ids = [row.public_id for row in _others(desk, 2)]
    tag = Tag.objects.create(name="VIP")
    deeds = [
        assign_all(ids=ids, by=desk.olaf, to=desk.ann, now=NOW),
        tag_all(ids=ids, by=desk.olaf, tag_id=tag.public_id, now=NOW),
        snooze_all(ids=ids, by=desk.olaf, until=NOW + timedelta(hours=1), now=NOW),
    ]
    assert [deed.changed for deed in deeds] == [2, 2, 2]
    assert Conversation.objects.filter(assignee=desk.ann, state=ConversationState.SNOOZED).count() == 2
    for deed in deeds:
        assert len(undo(batch=deed.batch, by=desk.olaf, now=NOW)) == 2
    assert Conversation.objects.filter(assignee=None, state=ConversationState.OPEN).count() == 3
    assert not ConversationTag.objects.exists()


@pytest.mark.parametrize("count", [0, 201])
def test_a_selection_has_its_limits(desk: Desk, count: int) -> None:
    with pytest.raises(Invalid):
        resolve_all(ids=[uuid4() for _ in range(count)], by=desk.olaf, now=NOW)


def test_who_only_reads_changes_no_selection(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        resolve_all(ids=[desk.conversation.public_id], by=desk.nina, now=NOW)
    assert desk.again().state == ConversationState.OPEN

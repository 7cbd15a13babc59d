"""An operator's own reply: always possible, sent once, taken back in time, and the bot's draft makes room."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.utils import timezone

from cs_portal.conversations.models import Author, Conversation, ConversationState, Handler, Message, OutgoingReply
from cs_portal.conversations.services import give_back, receive_shopper_message, resolve, take_over, undo
from cs_portal.core.errors import Conflict, Invalid, NotAllowed, NotFound
from cs_portal.core.jobs import LeaseLost, lease_next
from cs_portal.core.models import AuditEntry, Event, Job, JobState
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.drafting.errors import DraftAlreadyDecided, TooLateToUndo
from cs_portal.drafting.models import Decision, Draft, DraftState, Review
from cs_portal.drafting.services.own_words import (
    post_own_reply,
    send_own_reply,
    undo_own_reply,
    waiting_reply,
    wrote_meanwhile,
)
from cs_portal.drafting.services.review import approve_draft
from tests.drafting.conftest import Desk
from tests.factories import make_conversation, make_member, make_merchant, make_product

TEXT = "I looked at it myself: it leaves today."


def _write(desk: Desk, text: str = TEXT, *, now: datetime | None = None, **more: object) -> OutgoingReply:
    now = now or timezone.now() - timedelta(minutes=1)
    return send_own_reply(conversation_id=desk.conversation.public_id, by=desk.olaf, text=text, now=now, **more)


def _work() -> None:
    run_due(["fast"], keep=False)


def _replies() -> list[Message]:
    return list(Message.objects.exclude(author=Author.SHOPPER))


def test_it_is_posted_after_the_undo_window_with_who_wrote_it(desk: Desk) -> None:
    now = timezone.now()
    make_product(desk.merchant, external_id="p-1")
    reply = _write(desk, now=now, cards=[{"kind": "product", "id": "p-1"}])
    assert Job.objects.get(kind="send_own_reply").execute_after == now + timedelta(seconds=settings.UNDO_SECONDS)
    _work()
    assert _replies() == []
    Job.objects.filter(kind="send_own_reply").update(execute_after=now)
    _work()
    (message,) = _replies()
    assert (message.author, message.member, message.text) == (Author.OPERATOR, desk.olaf, TEXT)
    assert (message.draft_key, message.cards) == (reply.public_id, [{"kind": "product", "id": "p-1"}])
    sent = AuditEntry.objects.get(action="reply.sent")
    assert (sent.actor_id, sent.data["reply"]) == (str(desk.olaf.public_id), str(reply.public_id))
    assert TEXT not in str(list(AuditEntry.objects.values_list("data", flat=True)))


def test_the_open_draft_is_withdrawn_at_once(desk: Desk) -> None:
    seen = desk.seen()
    _write(desk)
    desk.draft.refresh_from_db()
    assert desk.draft.state == DraftState.SUPERSEDED
    assert Review.objects.get().decision == Decision.SUPERSEDED
    with pytest.raises(DraftAlreadyDecided):
        approve_draft(draft_id=desk.draft.public_id, by=desk.ann, candidate=1, text="x", seen=seen, now=timezone.now())


def test_an_approved_draft_in_its_undo_window_gives_way_and_never_leaves(desk: Desk) -> None:
    approve_draft(
        draft_id=desk.draft.public_id,
        by=desk.ann,
        candidate=1,
        text="From the draft",
        seen=desk.seen(),
        now=timezone.now() - timedelta(minutes=1),
    )
    _write(desk)
    _work()
    assert [message.text for message in _replies()] == [TEXT]
    assert Job.objects.get(kind="send_reply").state == JobState.CANCELLED


def test_taken_back_nothing_is_sent_and_the_draft_is_there_again(desk: Desk) -> None:
    reply = _write(desk)
    undo_own_reply(reply_id=reply.public_id, by=desk.ann, now=timezone.now())
    _work()
    assert _replies() == []
    desk.draft.refresh_from_db()
    assert desk.draft.state == DraftState.READY
    assert waiting_reply(desk.conversation) is None
    with pytest.raises(TooLateToUndo):
        undo_own_reply(reply_id=reply.public_id, by=desk.ann, now=timezone.now())


def test_too_late_to_take_back_what_is_being_sent(desk: Desk) -> None:
    reply = _write(desk)
    lease = lease_next(["fast"], owner="w", now=timezone.now())
    assert lease is not None
    with pytest.raises(TooLateToUndo):
        undo_own_reply(reply_id=reply.public_id, by=desk.olaf, now=timezone.now())
    post_own_reply(lease=lease, reply_id=reply.pk, now=timezone.now())
    assert len(_replies()) == 1


def test_a_worker_that_lost_its_lease_posts_nothing(desk: Desk) -> None:
    reply = _write(desk)
    stale = lease_next(["fast"], owner="w", now=timezone.now())
    assert stale is not None
    Job.objects.filter(pk=stale.job_id).update(fence=stale.fence + 1)
    with pytest.raises(LeaseLost):
        post_own_reply(lease=stale, reply_id=reply.pk, now=timezone.now())
    assert _replies() == []
    assert waiting_reply(desk.conversation) == reply


def test_a_double_click_sends_once(desk: Desk) -> None:
    _write(desk)
    with pytest.raises(Conflict):
        _write(desk)
    _work()
    assert len(_replies()) == 1
    _write(desk, "And another thing")
    _work()
    assert len(_replies()) == 2


def test_it_goes_although_the_shopper_wrote_meanwhile_who_goes_on_waiting(desk: Desk) -> None:
    desk.conversation.refresh_from_db()
    seen = desk.conversation.version
    _write(desk, now=timezone.now() - timedelta(minutes=1))
    receive_shopper_message(conversation_id=desk.conversation.pk, text="Wait!", client_id="w", now=timezone.now())
    desk.conversation.refresh_from_db()
    assert wrote_meanwhile(desk.conversation, seen=seen)
    Job.objects.filter(kind="draft_reply").delete()
    _work()
    assert len(_replies()) == 1
    desk.conversation.refresh_from_db()
    assert desk.conversation.waiting_since is not None


def test_it_needs_no_draft_and_leaves_a_resolved_conversation_resolved(desk: Desk) -> None:
    other = make_conversation(desk.merchant)
    resolve(conversation_id=other.public_id, by=desk.olaf, now=timezone.now())
    send_own_reply(conversation_id=other.public_id, by=desk.olaf, text=TEXT, now=timezone.now() - timedelta(minutes=1))
    _work()
    other.refresh_from_db()
    assert (other.state, other.last_author) == (ConversationState.RESOLVED, Author.OPERATOR)


@pytest.mark.parametrize("text", ["", " \r\n ", "x" * 4001, "Your order ⟦order number⟧", "Hello {{shopper.name}}"])
def test_a_text_that_is_not_ready_is_refused(desk: Desk, text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        _write(desk, text)
    assert refusal.value.field == "text"
    assert not OutgoingReply.objects.exists() and not Job.objects.exists()
    desk.draft.refresh_from_db()
    assert desk.draft.state == DraftState.READY


def test_readers_and_strangers_send_nothing(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        send_own_reply(conversation_id=desk.conversation.public_id, by=desk.nina, text=TEXT, now=timezone.now())
    other = make_merchant()
    charlie = make_member(other)
    with scope(merchant=other), pytest.raises(NotFound):
        send_own_reply(conversation_id=desk.conversation.public_id, by=charlie, text=TEXT, now=timezone.now())
    assert not OutgoingReply.objects.exists() and not Job.objects.exists()


def test_when_every_attempt_failed_nobody_believes_it_was_sent(desk: Desk) -> None:
    reply = _write(desk)
    Job.objects.filter(kind="send_own_reply").update(attempts=9)
    _work()
    reply.refresh_from_db()
    assert reply.undone_at is not None and reply.executed_at is None
    desk.draft.refresh_from_db()
    assert desk.draft.state == DraftState.READY
    assert Event.objects.filter(name="reply:failed").exists()


def test_taking_over_withdraws_the_draft_and_giving_back_makes_it_anew(desk: Desk) -> None:
    take_over(conversation_id=desk.conversation.public_id, by=desk.olaf, now=timezone.now())
    desk.draft.refresh_from_db()
    assert desk.draft.state == DraftState.SUPERSEDED
    give_back(conversation_id=desk.conversation.public_id, by=desk.olaf, now=timezone.now())
    desk.draft.refresh_from_db()
    assert desk.draft.state == DraftState.READY
    assert Job.objects.get(kind="renew_draft").payload["generation"] == desk.draft.generation + 1


def test_resolving_withdraws_the_draft_and_its_undo_brings_it_back(desk: Desk) -> None:
    batch = uuid4()
    resolve(conversation_id=desk.conversation.public_id, by=desk.olaf, now=timezone.now(), batch=str(batch))
    assert Draft.objects.get().state == DraftState.SUPERSEDED
    undo(batch=batch, by=desk.olaf, now=timezone.now())
    assert Draft.objects.get().state == DraftState.READY


def test_a_draft_under_way_is_dropped_when_a_person_takes_over(desk: Desk) -> None:
    message, _new = receive_shopper_message(
        conversation_id=desk.conversation.pk, text="Hello?", client_id="n", now=timezone.now()
    )
    assert Job.objects.filter(kind="draft_reply", state=JobState.READY).exists()
    take_over(conversation_id=desk.conversation.public_id, by=desk.olaf, now=timezone.now())
    _work()
    assert not Draft.objects.filter(message=message).exists()
    assert Conversation.objects.get(pk=desk.conversation.pk).handled_by == Handler.PERSON
    assert Job.objects.get(kind="draft_reply").state == JobState.DONE

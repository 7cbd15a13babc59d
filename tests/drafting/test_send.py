"""The reply and its action leave together, once, on current facts — or the draft reopens and says why."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from cs_portal.commerce.models import Order, OrderStatus, Refund
from cs_portal.conversations.models import Author, Conversation, HandoverReason, Message
from cs_portal.core.jobs import LeaseLost, lease_next
from cs_portal.core.models import AuditEntry, Job, JobState
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.drafting.models import Draft, DraftState, Review
from cs_portal.drafting.services.review import approve_draft, override_verdict
from cs_portal.drafting.services.send import send_reply
from tests.drafting.conftest import Desk, make_desk

TEXT = "We are sorry that your mug broke. We refund you."


def _approve(desk: Desk, text: str = TEXT) -> Review:
    now = timezone.now() - timedelta(minutes=1)
    return approve_draft(draft_id=desk.draft.public_id, by=desk.olaf, candidate=1, text=text, seen=desk.seen(), now=now)


def _send() -> None:
    assert run_due(["fast"], keep=False) >= 1


def test_the_order_is_cancelled_and_the_reply_posted(desk: Desk) -> None:
    review = _approve(desk)
    _send()
    desk.order.refresh_from_db()
    desk.draft.refresh_from_db()
    review.refresh_from_db()
    assert desk.order.status == OrderStatus.CANCELLED
    assert desk.order.refunded_minor == 8600
    assert (desk.draft.state, review.executed_at is not None) == (DraftState.SENT, True)
    reply = Message.objects.get(draft_key=desk.draft.public_id)
    assert (reply.text, reply.author, reply.member) == (TEXT, Author.BOT, desk.olaf)
    actions = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
    assert actions == ["draft.approved", "order.cancel", "reply.sent"]


def test_an_edited_reply_is_the_operators(desk: Desk) -> None:
    _approve(desk, "My own words.")
    _send()
    assert Message.objects.get(draft_key=desk.draft.public_id).author == Author.OPERATOR


def _reopened(desk: Desk, because: str) -> None:
    desk.draft.refresh_from_db()
    assert desk.draft.state == DraftState.READY
    assert because in desk.draft.reopened_reason
    assert desk.draft.reopened_because["zh-hans"] != desk.draft.reopened_because["en"]
    assert not Message.objects.filter(draft_key=desk.draft.public_id).exists()
    assert not Refund.objects.exists()
    assert Review.objects.get(execute_after__isnull=False).undone_at is not None
    assert Job.objects.get(kind="send_reply").state == JobState.DONE
    assert AuditEntry.objects.order_by("-id").first().action == "draft.reopened"  # type: ignore[union-attr]


def test_nothing_is_sent_when_the_order_moved_after_the_approval(desk: Desk) -> None:
    _approve(desk)
    Order.objects.filter(pk=desk.order.pk).update(status=OrderStatus.SHIPPED, version=2)
    _send()
    _reopened(desk, desk.order.number)


def test_nothing_is_sent_when_the_shopper_wrote_again(desk: Desk) -> None:
    _approve(desk)
    Conversation.objects.filter(pk=desk.conversation.pk).update(version=9)
    _send()
    _reopened(desk, "conversation")


def test_nothing_is_sent_when_the_shop_refuses(desk: Desk) -> None:
    """The money went elsewhere without the order's version growing: the last conditional update still refuses."""
    override_verdict(
        draft_id=desk.draft.public_id,
        by=desk.ann,
        outcome="allow",
        amount_minor=8600,
        reason="test",
        now=timezone.now(),
    )
    Job.objects.filter(kind="renew_draft").delete()
    _approve(desk, "We cancelled it and refund you.")
    desk.order.payments.update(refunded_minor=8600)
    _send()
    _reopened(desk, "hold that much")
    desk.order.refresh_from_db()
    assert desk.order.status == OrderStatus.PENDING


@pytest.mark.django_db
def test_the_rules_are_asked_again_at_the_time_of_sending() -> None:
    """Approved on the seventh day, sent on the eighth: the window closed at midnight."""
    now = timezone.now()
    request = {"action": "return", "reason": "no_longer_needed", "evidence": [], "confirmed": False}
    desk = make_desk(request=request, status=OrderStatus.DELIVERED, delivered_at=now - timedelta(days=6))
    with scope(merchant=desk.merchant):
        assert desk.draft.verdict is not None and desk.draft.verdict["outcome"] == "allow"
        _approve(desk)
        lease = lease_next(["fast"], owner="w", now=now)
        assert lease is not None
        send_reply(lease=lease, review_id=Review.objects.get().pk, now=now + timedelta(days=4))
        _reopened(desk, "decide differently")


def test_a_worker_that_lost_its_lease_sends_nothing(desk: Desk) -> None:
    _approve(desk)
    stale = lease_next(["fast"], owner="w", now=timezone.now())
    assert stale is not None
    Job.objects.update(fence=stale.fence + 1)
    with pytest.raises(LeaseLost):
        send_reply(lease=stale, review_id=Review.objects.get().pk, now=timezone.now())
    desk.order.refresh_from_db()
    assert desk.order.status == OrderStatus.PENDING
    assert not Message.objects.filter(draft_key=desk.draft.public_id).exists()


def test_sending_twice_sends_once(desk: Desk) -> None:
    _approve(desk)
    _send()
    Job.objects.filter(kind="send_reply").update(state=JobState.READY)
    _send()
    assert Message.objects.filter(draft_key=desk.draft.public_id).count() == 1
    desk.order.refresh_from_db()
    assert desk.order.refunded_minor == 8600


def test_a_denied_request_is_answered_without_any_action(db: None) -> None:
    desk = make_desk(status=OrderStatus.SHIPPED)
    with scope(merchant=desk.merchant):
        assert desk.draft.verdict is not None and desk.draft.verdict["outcome"] == "deny"
        _approve(desk)
        _send()
        desk.order.refresh_from_db()
        assert (desk.order.status, desk.order.version) == (OrderStatus.SHIPPED, 1)
        assert Message.objects.filter(draft_key=desk.draft.public_id).count() == 1


def test_an_override_is_carried_out(db: None) -> None:
    request = {"action": "refund", "reason": "damaged", "evidence": [], "confirmed": False}
    desk = make_desk(request=request, status=OrderStatus.DELIVERED)
    with scope(merchant=desk.merchant):
        assert desk.draft.verdict is not None and desk.draft.verdict["outcome"] == "ask"
        override_verdict(
            draft_id=desk.draft.public_id,
            by=desk.ann,
            outcome="allow",
            amount_minor=4300,
            reason="Photo came by e-mail",
            now=timezone.now(),
        )
        _approve(desk, "We refund one mug.")
        _send()
        desk.order.refresh_from_db()
        assert desk.order.refunded_minor == 4300


def test_a_send_that_keeps_failing_brings_the_draft_back(desk: Desk) -> None:
    _approve(desk)
    Job.objects.filter(kind="send_reply").update(attempts=9)
    _send()
    desk.draft.refresh_from_db()
    assert (desk.draft.state, desk.draft.reopened_reason) == (
        DraftState.READY,
        "The reply could not be sent. Try again.",
    )
    assert Job.objects.get(kind="send_reply").state == JobState.FAILED


def test_a_reply_that_promises_a_person_leaves_the_conversation_waiting(desk: Desk) -> None:
    """Whatever the conversation stood at before: the words say that a colleague comes."""
    since = timezone.now() - timedelta(minutes=5)
    Conversation.objects.filter(pk=desk.conversation.pk).update(needs_person=False, waiting_since=since)
    Draft.objects.filter(pk=desk.draft.pk).update(
        handover_reason=HandoverReason.LOW_CONFIDENCE, needs_person=True, order=None, request=None, verdict=None
    )
    _approve(desk)
    _send()
    desk.conversation.refresh_from_db()
    assert (desk.conversation.needs_person, desk.conversation.waiting_since) == (True, since)
    assert desk.conversation.reply_due_at is not None

"""A reply that promises what a remote shop has to do leaves once the shop has done it, and not before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cs_portal.commerce.connectors import webhook
from cs_portal.commerce.models import ActionState, ConnectorKind, Order, OrderAction, OrderStatus, ShopConnection
from cs_portal.conversations.models import Author, Message
from cs_portal.core.jobs import Job, lease_next
from cs_portal.core.models import AuditEntry
from cs_portal.core.secrets import encrypt
from cs_portal.core.workers import run, run_due
from cs_portal.drafting.errors import TooLateToUndo
from cs_portal.drafting.models import DraftState, Review
from cs_portal.drafting.services.review import approve_draft, undo_approval
from cs_portal.drafting.services.supersede import supersede_drafts
from tests.commerce.remote import SECRET, FakeShop, fake_shop
from tests.drafting.conftest import Desk

TEXT = "We are sorry that your mug broke. We refund you."


@pytest.fixture
def shop(desk: Desk, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeShop]:
    settings.OUTBOUND_PRIVATE_HOSTS = ["127.0.0.1"]
    monkeypatch.setattr(webhook, "SECONDS", 2.0)
    with fake_shop() as shop:
        ShopConnection.objects.create(
            kind=ConnectorKind.WEBHOOK,
            address=shop.url,
            secret_encrypted=encrypt(SECRET),
            created_at=timezone.now(),
            updated_at=timezone.now(),
        )
        yield shop


def _approve(desk: Desk) -> Review:
    now = timezone.now() - timedelta(minutes=1)
    return approve_draft(draft_id=desk.draft.public_id, by=desk.olaf, candidate=1, text=TEXT, seen=desk.seen(), now=now)


def _begin() -> None:
    """The reply's own job, not yet the call."""
    lease = lease_next(["fast"], owner="test", now=timezone.now())
    assert lease is not None and lease.kind == "send_reply"
    run(lease)


def _run() -> None:
    for _ in range(3):
        Job.objects.filter(state="ready").update(execute_after=timezone.now())
        run_due(["fast"], keep=False)


def _sent(desk: Desk) -> int:
    return Message.objects.filter(draft_key=desk.draft.public_id).count()


def test_the_reply_leaves_once_the_shop_has_done_it(desk: Desk, shop: FakeShop) -> None:
    review = _approve(desk)
    _run()
    row = OrderAction.objects.get()
    assert (row.state, row.key, row.draft) == (ActionState.DONE, str(review.public_id), desk.draft.public_id)
    assert (row.approved_by_kind, row.approved_by) == ("member", str(desk.olaf.public_id))
    desk.draft.refresh_from_db()
    desk.order.refresh_from_db()
    assert (desk.draft.state, _sent(desk)) == (DraftState.SENT, 1)
    assert (desk.order.status, desk.order.refunded_minor) == (OrderStatus.CANCELLED, 8600)
    reply = Message.objects.get(draft_key=desk.draft.public_id)
    assert (reply.text, reply.author, reply.member) == (TEXT, Author.BOT, desk.olaf)
    assert shop.kinds() == ["order.action"]
    actions = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
    assert actions == ["draft.approved", "action.begun", "action.done", "order.cancel", "reply.sent"]


def test_a_refusal_of_the_shop_reopens_the_draft_and_says_why(desk: Desk, shop: FakeShop) -> None:
    shop.faults = ["refuse"]
    _approve(desk)
    _run()
    desk.draft.refresh_from_db()
    assert (desk.draft.state, _sent(desk)) == (DraftState.READY, 0)
    assert "already_shipped" in desk.draft.reopened_reason
    assert Order.objects.get(pk=desk.order.pk).refunded_minor == 0
    _approve(desk)
    _run()
    assert (_sent(desk), shop.kinds()) == (1, ["order.action", "order.action"])


def test_nothing_is_sent_while_nobody_knows(desk: Desk, shop: FakeShop) -> None:
    shop.faults = ["hang"]
    _approve(desk)
    run_due(["fast"], keep=False)
    desk.draft.refresh_from_db()
    row = desk.draft.action_under_way
    assert row is not None and row.state == ActionState.UNKNOWN
    assert (desk.draft.state, _sent(desk)) == (DraftState.APPROVED, 0)
    with pytest.raises(TooLateToUndo):
        undo_approval(draft_id=desk.draft.public_id, by=desk.olaf, now=timezone.now())
    _run()
    desk.draft.refresh_from_db()
    assert (desk.draft.state, _sent(desk), desk.draft.action_under_way) == (DraftState.SENT, 1, None)
    assert shop.kinds() == ["order.action", "order.action.look_up"]


def test_facts_that_moved_reopen_before_the_shop_is_called(desk: Desk, shop: FakeShop) -> None:
    _approve(desk)
    Order.objects.filter(pk=desk.order.pk).update(version=7)
    _run()
    desk.draft.refresh_from_db()
    assert (desk.draft.state, shop.calls, OrderAction.objects.count()) == (DraftState.READY, [], 0)


def test_what_was_done_is_told_though_the_conversation_went_on(desk: Desk, shop: FakeShop) -> None:
    _approve(desk)
    _begin()
    supersede_drafts(desk.conversation, by=None, now=timezone.now())
    _run()
    desk.draft.refresh_from_db()
    assert (desk.draft.state, _sent(desk)) == (DraftState.SENT, 1)
    assert Review.objects.filter(executed_at__isnull=False, undone_at=None).count() == 1


def test_a_refusal_after_the_conversation_went_on_reopens_nothing(desk: Desk, shop: FakeShop) -> None:
    shop.faults = ["refuse"]
    _approve(desk)
    _begin()
    supersede_drafts(desk.conversation, by=None, now=timezone.now())
    _run()
    desk.draft.refresh_from_db()
    assert (desk.draft.state, _sent(desk)) == (DraftState.SUPERSEDED, 0)


def test_the_review_page_says_that_the_shop_is_asked(desk: Desk, shop: FakeShop, client: Client) -> None:
    client.force_login(desk.olaf.user)
    page = reverse("console:draft", args=[desk.merchant.slug, desk.draft.public_id])
    shop.faults = ["hang"]
    _approve(desk)
    _begin()
    assert "The shop is carrying it out" in client.get(page).content.decode()
    lease = lease_next(["fast"], owner="test", now=timezone.now())
    assert lease is not None
    run(lease)
    shown = client.get(page).content.decode()
    assert "Unknown, checking" in shown
    assert reverse("console:draft_undo", args=[desk.merchant.slug, desk.draft.public_id]) not in shown

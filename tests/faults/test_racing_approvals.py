"""Many processes decide on the same drafts: each is sent once at most, and money moves once."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from cs_portal.commerce.models import Order, Refund
from cs_portal.conversations.models import Author, Message
from cs_portal.core.models import Job
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.drafting.models import Draft, DraftState, Review
from cs_portal.drafting.prepare import decide_on
from cs_portal.drafting.services.review import approve_draft
from cs_portal.drafting.staleness import fingerprint
from cs_portal.merchants.models import Merchant
from cs_portal.policies.engine.shipped import load_shipped
from tests.factories import (
    make_conversation,
    make_draft,
    make_member,
    make_merchant,
    make_order,
    make_ruleset,
    make_shopper,
)
from tests.faults.processes import ROOT, close_connections, environment, running, spawn_worker, wait_for

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

PROCESSES = 6
DRAFTS = 20


def _drafts(count: int) -> Merchant:
    """Drafts that would each cancel a paid order."""
    merchant = make_merchant()
    make_member(merchant)
    ruleset = make_ruleset(merchant, load_shipped("standard").to_dict())
    request = {"action": "cancel", "evidence": [], "confirmed": False}
    for _ in range(count):
        shopper = make_shopper(merchant)
        order = make_order(merchant, shopper, status="pending")
        with scope(merchant=merchant):
            decided = decide_on(order, request, now=timezone.now())
        assert decided is not None
        make_draft(
            merchant,
            make_conversation(merchant, shopper, texts=["Cancel it, please."]),
            order=order,
            request=request,
            verdict=decided[0],
            ruleset=ruleset,
        )
    return merchant


def _race(merchant: Merchant, folder: Path, *, rounds: int, undo: bool, undo_seconds: str) -> list[str]:
    env = environment(folder, UNDO_SECONDS=undo_seconds)
    start = str(time.time() + 6)
    script = str(Path(__file__).with_name("approver.py"))
    arguments = [sys.executable, script, str(merchant.pk), start, str(rounds), "undo" if undo else "keep"]
    children = [subprocess.Popen(arguments, env=env, cwd=ROOT, stdout=subprocess.PIPE) for _ in range(PROCESSES)]
    approved: list[str] = []
    for child in children:
        out, _ = child.communicate(timeout=120)
        assert child.returncode == 0
        approved += json.loads(out)
    return approved


def test_six_processes_approving_send_each_draft_once(tmp_path: Path) -> None:
    merchant = _drafts(DRAFTS)
    close_connections()
    approved = _race(merchant, tmp_path, rounds=1, undo=False, undo_seconds="0")
    assert Counter(approved).most_common(1)[0][1] == 1
    assert len(approved) == DRAFTS
    run_due(["fast"], keep=False)
    with scope(merchant=merchant):
        assert Message.objects.filter(author=Author.OPERATOR).count() == DRAFTS
        assert Refund.objects.count() == DRAFTS
        assert not Order.objects.exclude(refunded_minor=8600).exists()


def test_undo_and_approve_races_send_at_most_once(tmp_path: Path) -> None:
    merchant = _drafts(8)
    close_connections()
    with running(spawn_worker(environment(tmp_path))):
        _race(merchant, tmp_path, rounds=6, undo=True, undo_seconds="0")
        with scope(merchant=merchant):
            standing = Review.objects.filter(undone_at=None, executed_at=None, execute_after__isnull=False)
            wait_for(lambda: not standing.exists(), seconds=30, what="an end of every standing approval")
    with scope(merchant=merchant):
        sent = Draft.objects.filter(state=DraftState.SENT)
        assert Message.objects.exclude(author=Author.SHOPPER).count() == sent.count()
        assert Refund.objects.count() == sent.count()
        for draft in Draft.objects.all():
            executed = Review.objects.filter(draft=draft, executed_at__isnull=False).count()
            assert executed == (1 if draft.state == DraftState.SENT else 0)


def test_two_conversations_about_one_order_pay_once(tmp_path: Path) -> None:
    """Two approved refunds of the same thing leave at the same moment: one is paid, the other comes back."""
    merchant = make_merchant()
    olaf = make_member(merchant)
    ruleset = make_ruleset(merchant, load_shipped("standard").to_dict())
    shopper = make_shopper(merchant)
    order = make_order(merchant, shopper)
    override = {"outcome": "allow", "amount_minor": 2000, "payments": [{"id": "pay-1", "amount_minor": 2000}]}
    request = {"action": "refund", "reason": "damaged", "evidence": [], "confirmed": False}
    with scope(merchant=merchant):
        for _ in range(2):
            draft = make_draft(
                merchant,
                make_conversation(merchant, shopper, texts=["Refund, please."]),
                order=order,
                request=request,
                verdict={"outcome": "ask"},
                override=override,
                ruleset=ruleset,
            )
            approve_draft(
                draft_id=draft.public_id,
                by=olaf,
                candidate=1,
                text="Done.",
                seen=fingerprint(draft),
                now=timezone.now(),
            )
    Job.objects.update(execute_after=timezone.now() + timedelta(seconds=6))
    close_connections()
    env = environment(tmp_path)
    with running(spawn_worker(env)), running(spawn_worker(env)), scope(merchant=merchant):
        standing = Review.objects.filter(undone_at=None, executed_at=None)
        wait_for(lambda: not standing.exists(), seconds=40, what="an end of both approvals")
    with scope(merchant=merchant):
        assert Refund.objects.count() == 1
        assert Order.objects.get().refunded_minor == 2000
        assert sorted(Draft.objects.values_list("state", flat=True)) == ["ready", "sent"]

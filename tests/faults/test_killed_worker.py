"""kill -9 of a worker at random moments: every message ends with exactly one draft, every approval with one reply."""

from __future__ import annotations

import random
import threading
from pathlib import Path

import pytest
from django.utils import timezone

from cs_portal.conversations.models import Author, Message
from cs_portal.conversations.services import receive_shopper_message
from cs_portal.core.models import Job, JobState, Queue
from cs_portal.core.tenancy import scope
from cs_portal.drafting.models import Draft, DraftState
from cs_portal.drafting.services.review import approve_draft
from cs_portal.drafting.staleness import fingerprint
from cs_portal.policies.engine.shipped import load_shipped
from tests.factories import (
    make_conversation,
    make_faq,
    make_member,
    make_merchant,
    make_order,
    make_ruleset,
    make_shopper,
)
from tests.faults.processes import environment, kill, running, spawn_worker, wait_for

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

KILLS = 20
SEED = 20261124


def test_no_draft_is_lost_or_doubled_and_no_reply_either(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    pause = threading.Event()
    merchant = make_merchant()
    olaf = make_member(merchant)
    make_ruleset(merchant, load_shipped("standard").to_dict())
    make_faq(merchant)
    env = environment(tmp_path)
    conversations = []
    for _ in range(KILLS):
        shopper = make_shopper(merchant)
        make_order(merchant, shopper, status="pending")
        conversations.append(make_conversation(merchant, shopper))

    with scope(merchant=merchant):
        worker = spawn_worker(env)
        for number, conversation in enumerate(conversations):
            receive_shopper_message(
                conversation_id=conversation.pk,
                text="Something arrived broken, please cancel my order",
                client_id=f"c-{number}",
                now=timezone.now(),
            )
            if number == 0:
                _wait_until_begun()
            pause.wait(chance.uniform(0, 0.4))
            kill(worker)
            worker = spawn_worker(env)
            _wait_until_begun()
        with running(worker):
            wait_for(lambda: Draft.objects.count() >= KILLS, seconds=60, what="a draft for every message")
            _quiet()
            assert Draft.objects.count() == KILLS
            assert Draft.objects.filter(state=DraftState.READY).count() == KILLS
            for number, draft in enumerate(Draft.objects.order_by("id")):
                approve_draft(
                    draft_id=draft.public_id,
                    by=olaf,
                    candidate=1,
                    text=draft.candidates.get(position=1).text,
                    seen=fingerprint(draft),
                    now=timezone.now(),
                )
                if number % 5 == 4:
                    pause.wait(chance.uniform(0, 0.1))
                    kill(worker)
                    worker = spawn_worker(env)
        with running(worker):
            wait_for(lambda: _replies() >= KILLS, seconds=60, what="a reply for every approval")
            _quiet()
        assert _replies() == KILLS
        assert Draft.objects.filter(state=DraftState.SENT).count() == KILLS
        assert Message.objects.filter(author=Author.SHOPPER).count() == KILLS


def _wait_until_begun() -> None:
    """The worker lives and has taken up what waited, or is at it."""
    wait_for(
        lambda: not Job.objects.filter(state=JobState.READY, kind="draft_reply").exists(),
        seconds=30,
        what="a worker that takes the job",
    )


def _quiet() -> None:
    # Of the queue that the worker serves, and not the job for tomorrow, which looks whether silence followed a reply.
    unfinished = Job.objects.filter(
        queue=Queue.FAST, state__in=[JobState.READY, JobState.LEASED], execute_after__lte=timezone.now()
    )
    wait_for(lambda: not unfinished.exists(), seconds=30, what="an empty job table")


def _replies() -> int:
    return Message.objects.filter(author__in=[Author.BOT, Author.OPERATOR]).count()

"""kill -9 of a worker while operators' own replies leave, and undos race with it: each is posted once, or never."""

from __future__ import annotations

import random
import threading
from pathlib import Path

import pytest
from django.utils import timezone

from cs_portal.conversations.models import Author, Message, OutgoingReply
from cs_portal.core.models import Job, JobState
from cs_portal.core.tenancy import scope
from cs_portal.drafting.errors import TooLateToUndo
from cs_portal.drafting.services.own_words import send_own_reply, undo_own_reply
from tests.factories import make_conversation, make_member, make_merchant
from tests.faults.processes import environment, kill, running, spawn_worker, wait_for

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

REPLIES = 24
KILLS = 4
SEED = 20261125


def test_every_own_reply_is_posted_once_or_was_taken_back(tmp_path: Path, settings) -> None:  # type: ignore[no-untyped-def]
    settings.UNDO_SECONDS = 0
    chance, pause = random.Random(SEED), threading.Event()
    merchant = make_merchant()
    olaf = make_member(merchant)
    env = environment(tmp_path)
    conversations = [make_conversation(merchant, texts=["Hi"]) for _ in range(REPLIES)]
    taken_back: set[int] = set()
    with scope(merchant=merchant):
        worker = spawn_worker(env)
        for number, conversation in enumerate(conversations):
            reply = send_own_reply(
                conversation_id=conversation.public_id, by=olaf, text=f"Reply {number}", now=timezone.now()
            )
            pause.wait(chance.uniform(0, 0.3))
            if number % 3 == 0:
                try:
                    undo_own_reply(reply_id=reply.public_id, by=olaf, now=timezone.now())
                    taken_back.add(conversation.pk)
                except TooLateToUndo:
                    pass
            if number % (REPLIES // KILLS) == 0:
                kill(worker)
                worker = spawn_worker(env)
        with running(worker):
            waiting = Job.objects.filter(kind="send_own_reply", state__in=[JobState.READY, JobState.LEASED])
            wait_for(lambda: not waiting.exists(), seconds=60, what="every reply sent")
        posted = list(Message.objects.filter(author=Author.OPERATOR).values_list("conversation_id", flat=True))
        assert len(posted) == len(set(posted))
        assert set(posted) == {conversation.pk for conversation in conversations} - taken_back
        assert len(posted) > 0
        assert OutgoingReply.objects.filter(undone_at=None, executed_at=None).count() == 0
        assert OutgoingReply.objects.exclude(undone_at=None).count() == len(taken_back)

"""The jobs of drafting. Each takes ids, enters the merchant's scope and calls one service."""

from __future__ import annotations

from django.utils import timezone

from cs_portal.core.jobs import Lease, handler
from cs_portal.core.models import Queue
from cs_portal.drafting import data_tasks as data_tasks  # its handlers register on import
from cs_portal.drafting.services.candidates import add_model_candidates, renew_draft, stop_waiting
from cs_portal.drafting.services.create import create_draft, leave_to_a_person
from cs_portal.drafting.services.own_words import give_up_own_reply, post_own_reply
from cs_portal.drafting.services.question_tests import run_question_test
from cs_portal.drafting.services.rechecking import recheck_drafts
from cs_portal.drafting.services.regression_running import run_regression
from cs_portal.drafting.services.rewording import (
    COMPOSE,
    REWRITE,
    compose_rewording,
    give_up_rewording,
    rewrite_text,
)
from cs_portal.drafting.services.send import give_up_sending, send_reply
from cs_portal.drafting.services.translating import TRANSLATE, give_up_translation, translate_message
from cs_portal.knowledge.services.regression_runs import JOB, LONG_JOB, fail_run
from cs_portal.knowledge.services.trying import fail_test
from cs_portal.merchants.scoping import scope_of


def _hand_over(lease: Lease) -> None:
    with scope_of(lease):
        leave_to_a_person(message_id=lease.payload["message"], now=timezone.now())


@handler("draft_reply", queue=Queue.FAST, on_failed=_hand_over)
def draft(lease: Lease) -> None:
    with scope_of(lease):
        create_draft(lease=lease, message_id=lease.payload["message"], now=timezone.now())


def _stop_waiting(lease: Lease) -> None:
    with scope_of(lease):
        stop_waiting(draft_id=lease.payload["draft"], note="worker")


@handler("renew_draft", queue=Queue.FAST, on_failed=_stop_waiting)
def renew(lease: Lease) -> None:
    with scope_of(lease):
        renew_draft(
            lease=lease,
            draft_id=lease.payload["draft"],
            generation=lease.payload["generation"],
            now=timezone.now(),
        )


@handler("add_candidates", queue=Queue.MODEL, max_attempts=3, on_failed=_stop_waiting)
def candidates(lease: Lease) -> None:
    with scope_of(lease):
        add_model_candidates(
            lease=lease,
            draft_id=lease.payload["draft"],
            generation=lease.payload["generation"],
            now=timezone.now(),
        )


def _give_up_rewording(lease: Lease) -> None:
    with scope_of(lease):
        give_up_rewording(rewording_id=lease.payload["rewording"], now=timezone.now())


@handler(COMPOSE, queue=Queue.FAST, max_attempts=3, on_failed=_give_up_rewording)
def composed_rewording(lease: Lease) -> None:
    with scope_of(lease):
        compose_rewording(lease=lease, rewording_id=lease.payload["rewording"], now=timezone.now())


@handler(REWRITE, queue=Queue.MODEL, max_attempts=3, on_failed=_give_up_rewording)
def rewritten_text(lease: Lease) -> None:
    with scope_of(lease):
        rewrite_text(lease=lease, rewording_id=lease.payload["rewording"], now=timezone.now())


def _give_up_translation(lease: Lease) -> None:
    with scope_of(lease):
        give_up_translation(translation_id=lease.payload["translation"], now=timezone.now())


@handler(TRANSLATE, queue=Queue.MODEL, max_attempts=3, on_failed=_give_up_translation)
def translated(lease: Lease) -> None:
    with scope_of(lease):
        translate_message(lease=lease, translation_id=lease.payload["translation"], now=timezone.now())


def _give_up_sending(lease: Lease) -> None:
    with scope_of(lease):
        give_up_sending(review_id=lease.payload["review"], now=timezone.now())


@handler("send_reply", queue=Queue.FAST, on_failed=_give_up_sending)
def send(lease: Lease) -> None:
    with scope_of(lease):
        send_reply(lease=lease, review_id=lease.payload["review"], now=timezone.now())


@handler("recheck_drafts", queue=Queue.FAST)
def recheck(lease: Lease) -> None:
    with scope_of(lease):
        recheck_drafts(lease=lease, after=lease.payload["after"], now=timezone.now())


def _fail_test(lease: Lease) -> None:
    with scope_of(lease):
        fail_test(test_id=lease.payload["test"], now=timezone.now())


@handler("test_question", queue=Queue.FAST, max_attempts=2, on_failed=_fail_test)
def try_question(lease: Lease) -> None:
    with scope_of(lease):
        run_question_test(lease=lease, test_id=lease.payload["test"], now=timezone.now())


def _fail_run(lease: Lease) -> None:
    with scope_of(lease):
        fail_run(run_id=lease.payload["run"], now=timezone.now())


@handler(LONG_JOB, queue=Queue.BULK, max_attempts=5, on_failed=_fail_run)
@handler(JOB, queue=Queue.FAST, max_attempts=3, on_failed=_fail_run)
def regression(lease: Lease) -> None:
    with scope_of(lease):
        run_regression(lease=lease, run_id=lease.payload["run"], clock=timezone.now)


def _give_up_own_reply(lease: Lease) -> None:
    with scope_of(lease):
        give_up_own_reply(reply_id=lease.payload["reply"], now=timezone.now())


@handler("send_own_reply", queue=Queue.FAST, on_failed=_give_up_own_reply)
def send_own(lease: Lease) -> None:
    with scope_of(lease):
        post_own_reply(lease=lease, reply_id=lease.payload["reply"], now=timezone.now())

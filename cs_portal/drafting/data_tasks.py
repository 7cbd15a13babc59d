"""Jobs behind the settings: retention, exports and questions to the language model."""

from __future__ import annotations

from django.utils import timezone

from cs_portal.conversations import search
from cs_portal.core.jobs import Lease, handler
from cs_portal.core.models import Queue
from cs_portal.drafting.services import answer_checks, erasure, faq_hits, model_trial, shopper_export
from cs_portal.knowledge.services import links, quality_runs
from cs_portal.merchants.scoping import scope_of


def _sweep_tomorrow(lease: Lease) -> None:
    with scope_of(lease):
        erasure.keep_sweeping(now=timezone.now())


@handler(erasure.SWEEP, queue=Queue.BULK, on_failed=_sweep_tomorrow)
def sweep(lease: Lease) -> None:
    with scope_of(lease):
        erasure.sweep_retention(lease=lease, now=timezone.now())


@handler(erasure.PURGE, queue=Queue.BULK)
def purge(lease: Lease) -> None:
    """Squeeze erased words out of the search index; the rows themselves are gone already."""
    search.purge()
    with lease.finishing(now=timezone.now()):
        pass


def _fail_export(lease: Lease) -> None:
    with scope_of(lease):
        shopper_export.fail_export(export_id=lease.payload["export"])


@handler(shopper_export.JOB, queue=Queue.BULK, max_attempts=3, on_failed=_fail_export)
def export(lease: Lease) -> None:
    with scope_of(lease):
        shopper_export.make_export(lease=lease, export_id=lease.payload["export"], now=timezone.now())


@handler(shopper_export.EXPIRE, queue=Queue.BULK)
def expire(lease: Lease) -> None:
    with scope_of(lease):
        shopper_export.drop_expired(lease=lease, now=timezone.now())


def _fail_trial(lease: Lease) -> None:
    with scope_of(lease):
        model_trial.fail_trial(trial_id=lease.payload["trial"])


@handler(model_trial.JOB, queue=Queue.MODEL, max_attempts=2, on_failed=_fail_trial)
def trial(lease: Lease) -> None:
    with scope_of(lease):
        model_trial.run_trial(lease=lease, trial_id=lease.payload["trial"], now=timezone.now())


@handler(faq_hits.RECOUNT, queue=Queue.BULK)
def recount_hits(lease: Lease) -> None:
    with scope_of(lease):
        faq_hits.recount()
        with lease.finishing(now=timezone.now()):
            pass


@handler(quality_runs.JOB, queue=Queue.UPKEEP, max_attempts=3)
def check_answers(lease: Lease) -> None:
    with scope_of(lease):
        answer_checks.check_answers(lease=lease, now=timezone.now())


@handler(links.JOB, queue=Queue.UPKEEP, max_attempts=3)
def check_links(lease: Lease) -> None:
    with scope_of(lease):
        links.check_links(lease=lease, now=timezone.now())

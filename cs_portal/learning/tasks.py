"""The jobs of learning. Each takes ids, enters the merchant's scope and calls one service."""

from __future__ import annotations

from django.utils import timezone

from cs_portal.core.jobs import Lease, handler
from cs_portal.core.models import Queue
from cs_portal.drafting.services import ranking
from cs_portal.knowledge.services import gap_runs, gap_watch
from cs_portal.learning.gaps import running
from cs_portal.learning.reviews.running import learn_from_reviews
from cs_portal.merchants.scoping import scope_of


def _fail(lease: Lease) -> None:
    with scope_of(lease):
        gap_runs.fail(run_id=lease.payload["run"], now=timezone.now())


@handler(gap_runs.MINE, queue=Queue.UPKEEP, max_attempts=3, on_failed=_fail)
def mine(lease: Lease) -> None:
    with scope_of(lease):
        running.run_mining(lease=lease, run_id=lease.payload["run"], now=timezone.now())


@handler(gap_watch.DAILY, queue=Queue.UPKEEP, max_attempts=3)
def mine_daily(lease: Lease) -> None:
    with scope_of(lease):
        running.run_daily_mining(lease=lease, now=timezone.now())


@handler(gap_runs.DRAFT, queue=Queue.BULK, max_attempts=2, on_failed=_fail)
def draft_faq(lease: Lease) -> None:
    with scope_of(lease):
        running.run_draft(lease=lease, run_id=lease.payload["run"], now=timezone.now())


@handler(gap_runs.REPLAY, queue=Queue.BULK, max_attempts=2, on_failed=_fail)
def replay(lease: Lease) -> None:
    with scope_of(lease):
        running.run_replay(lease=lease, run_id=lease.payload["run"], now=timezone.now())


@handler(ranking.LEARN, queue=Queue.BULK, max_attempts=3)
def learn(lease: Lease) -> None:
    with scope_of(lease):
        learn_from_reviews(lease=lease, asked=lease.payload["asked"], now=timezone.now())

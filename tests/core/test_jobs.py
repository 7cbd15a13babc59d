"""Lease, fence and exactly-once effects of the job table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from cs_portal.core import jobs
from cs_portal.core.jobs import HANDLERS, Handler, Lease, LeaseLost, enqueue, lease_next
from cs_portal.core.models import Job, JobState, Queue
from cs_portal.core.workers import run, run_due

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
LATER = NOW + timedelta(seconds=settings.JOB_LEASE_SECONDS + 1)


@pytest.fixture
def effects() -> Iterator[list[int]]:
    """A job kind whose effect is a number in a list."""
    done: list[int] = []

    def work(lease: Lease) -> None:
        with lease.finishing(now=timezone.now()):
            done.append(lease.payload["n"])

    HANDLERS["test"] = Handler("test", Queue.FAST, work, 3, None)
    yield done
    del HANDLERS["test"]


def _enqueue(key: str = "k", n: int = 1, **options: datetime) -> Job:
    return enqueue("test", key=key, merchant_id=None, payload={"n": n}, now=NOW, **options)


def _lease(now: datetime = NOW) -> Lease:
    lease = lease_next(["fast"], owner="w", now=now)
    assert lease is not None
    return lease


def test_the_same_key_is_the_same_job(effects: list[int]) -> None:
    assert _enqueue("k").pk == _enqueue("k").pk
    assert run_due(["fast"], keep=False) == 1
    assert effects == [1]
    _enqueue("k")
    assert run_due(["fast"], keep=False) == 0


def test_jobs_run_in_the_order_of_their_time(effects: list[int]) -> None:
    _enqueue("b", 2, execute_after=NOW + timedelta(seconds=1))
    _enqueue("a", 1)
    run_due(["fast"], keep=False)
    assert effects == [1, 2]


def test_a_job_waits_for_its_time(effects: list[int]) -> None:
    _enqueue(execute_after=NOW + timedelta(seconds=10))
    assert lease_next(["fast"], owner="w", now=NOW + timedelta(seconds=9)) is None
    assert lease_next(["fast"], owner="w", now=NOW + timedelta(seconds=10)) is not None


def test_a_leased_job_is_nobody_elses(effects: list[int]) -> None:
    _enqueue()
    _lease()
    assert lease_next(["fast"], owner="other", now=NOW + timedelta(seconds=1)) is None


def test_a_silent_workers_job_is_taken_over_and_the_silent_worker_fails_on_the_fence(effects: list[int]) -> None:
    _enqueue()
    silent = _lease()
    heir = _lease(LATER)
    assert heir.fence == silent.fence + 1
    with heir.finishing(now=LATER):
        effects.append(1)
    with pytest.raises(LeaseLost), silent.finishing(now=LATER):
        effects.append(99)
    assert effects == [1]


def test_an_effect_that_fails_leaves_the_job_unfinished(effects: list[int]) -> None:
    job = _enqueue()
    lease = _lease()
    with pytest.raises(ZeroDivisionError), lease.finishing(now=NOW):
        _ = 1 / 0
    job.refresh_from_db()
    assert job.state == JobState.LEASED


def test_renewing_keeps_the_lease(effects: list[int]) -> None:
    _enqueue()
    lease = _lease()
    assert lease.renew(until=LATER + timedelta(seconds=5))
    assert lease_next(["fast"], owner="other", now=LATER) is None


def test_a_failure_is_retried_with_backoff_then_handed_over(effects: list[int]) -> None:
    handed: list[int] = []

    def broken(lease: Lease) -> None:
        raise ValueError("secret text of a shopper")

    HANDLERS["test"] = Handler("test", Queue.FAST, broken, 2, lambda lease: handed.append(lease.job_id))
    job = _enqueue()
    run(_lease())
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.READY, "ValueError")
    assert job.execute_after > NOW
    run(_lease(timezone.now() + timedelta(minutes=1)))
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert handed == [job.pk]


def test_a_job_that_kills_its_workers_is_given_up(effects: list[int]) -> None:
    job = _enqueue()
    Job.objects.filter(pk=job.pk).update(attempts=3)
    run(_lease())
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert effects == []


def test_cancelling_wins_only_before_the_lease(effects: list[int]) -> None:
    _enqueue("a")
    assert jobs.cancel(key="a", now=NOW)
    assert lease_next(["fast"], owner="w", now=NOW) is None
    _enqueue("b")
    _lease()
    assert not jobs.cancel(key="b", now=NOW)

"""The durable job table: enqueue in the transaction of the wish, lease with a fence, finish with the effect.

A job's effect happens exactly once because :meth:`Lease.finishing` marks the job done and writes the effect in one
transaction, and does so only while the lease is still this worker's: whoever was killed, paused or overtaken in
between fails on the fence and leaves nothing behind.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q

from cs_portal.core.models import Job, JobState, Queue

logger = logging.getLogger(__name__)

BACKOFF_SECONDS = (1, 5, 30, 120, 600)


class LeaseLost(Exception):
    """Another worker holds the job now; the effect of this one must not be written."""


@dataclass(frozen=True, slots=True)
class Handler:
    """What runs for a kind of job. ``on_failed`` is called once all attempts are used up."""

    kind: str
    queue: Queue
    run: Callable[[Lease], None]
    max_attempts: int
    on_failed: Callable[[Lease], None] | None


HANDLERS: dict[str, Handler] = {}


def handler(
    kind: str, *, queue: Queue, max_attempts: int = 5, on_failed: Callable[[Lease], None] | None = None
) -> Callable[[Callable[[Lease], None]], Callable[[Lease], None]]:
    """Register the function that runs jobs of ``kind``. It must tolerate a rerun."""

    def register(run: Callable[[Lease], None]) -> Callable[[Lease], None]:
        HANDLERS[kind] = Handler(kind, queue, run, max_attempts, on_failed)
        return run

    return register


def enqueue(
    kind: str,
    *,
    key: str,
    merchant_id: int | None,
    payload: Mapping[str, Any],
    now: datetime,
    execute_after: datetime | None = None,
) -> Job:
    """Write the job row (in the caller's transaction) and wake a worker after commit.

    The same ``key`` again returns the job that exists, whatever its state.
    """
    spec = HANDLERS[kind]
    job, created = Job.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "queue": spec.queue,
            "merchant_id": merchant_id,
            "payload": dict(payload),
            "execute_after": execute_after or now,
            "created_at": now,
        },
    )
    if created and job.execute_after <= now:
        transaction.on_commit(lambda: wake(spec.queue))
    return job


def pending(*, key_prefix: str) -> bool:
    """Whether a job whose key begins so waits or runs."""
    return Job.objects.filter(key__startswith=key_prefix, state__in=[JobState.READY, JobState.LEASED]).exists()


def cancel(*, key: str, now: datetime) -> bool:
    """Cancel a job that no worker has begun; False when it is too late."""
    return bool(Job.objects.filter(key=key, state=JobState.READY).update(state=JobState.CANCELLED, finished_at=now))


def wake(queue: str) -> None:
    """Tell a worker of ``queue`` to look at the table. A broker that is down costs a moment, never a job."""
    from kombu.exceptions import OperationalError

    from cs_portal.core.tasks import run_due_jobs

    try:
        run_due_jobs.apply_async(args=(queue,), queue=queue, retry=False, expires=30)
    except (OperationalError, OSError) as error:
        logger.warning("The broker cannot be reached (%s); the sweeper will find the job.", type(error).__name__)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to finish one job, as long as nobody else has leased it since."""

    job_id: int
    kind: str
    merchant_id: int | None
    payload: Mapping[str, Any]
    fence: int
    attempts: int

    def _row(self) -> models.QuerySet[Job]:
        return Job.objects.filter(pk=self.job_id, fence=self.fence, state=JobState.LEASED)

    @contextmanager
    def finishing(self, *, now: datetime) -> Iterator[None]:
        """A transaction that marks the job done and holds the effect; raises :class:`LeaseLost` before any effect."""
        with transaction.atomic():
            if not self._row().update(state=JobState.DONE, finished_at=now, error="", lease_owner=""):
                raise LeaseLost
            yield

    def renew(self, *, until: datetime) -> bool:
        return bool(self._row().update(lease_expires_at=until))

    def retry(self, *, now: datetime, error: str) -> None:
        delay = BACKOFF_SECONDS[min(self.attempts, len(BACKOFF_SECONDS)) - 1]
        self._row().update(
            state=JobState.READY, execute_after=now + timedelta(seconds=delay), error=error[:500], lease_owner=""
        )

    def fail(self, *, now: datetime, error: str) -> None:
        self._row().update(state=JobState.FAILED, finished_at=now, error=error[:500], lease_owner="")


def due(queues: Sequence[str], *, now: datetime) -> models.QuerySet[Job]:
    """Jobs that may be leased: waiting ones whose time has come, and those whose worker went silent."""
    return Job.objects.filter(
        Q(state=JobState.READY, execute_after__lte=now) | Q(state=JobState.LEASED, lease_expires_at__lt=now),
        queue__in=queues,
    )


def lease_next(queues: Sequence[str], *, owner: str, now: datetime) -> Lease | None:
    """Lease the job that has waited longest. Races are settled by the conditional update on the fence."""
    until = now + timedelta(seconds=settings.JOB_LEASE_SECONDS)
    for job in due(queues, now=now).order_by("execute_after", "id")[:8]:
        taken = Job.objects.filter(pk=job.pk, fence=job.fence, state=job.state).update(
            state=JobState.LEASED,
            fence=F("fence") + 1,
            attempts=F("attempts") + 1,
            lease_owner=owner,
            lease_expires_at=until,
        )
        if taken:
            return Lease(job.pk, job.kind, job.merchant_id, job.payload, job.fence + 1, job.attempts + 1)
    return None

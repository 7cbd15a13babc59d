"""Jobs that used up their attempts: who runs the shop sees them, and may try again."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cs_portal.core.errors import Conflict, NotFound
from cs_portal.core.jobs import HANDLERS, wake
from cs_portal.core.models import Job, JobState

#: Older failures are history.
SHOWN_FOR = timedelta(days=7)


def failed_jobs(*, merchant_id: int, now: datetime) -> QuerySet[Job]:
    """The merchant's failed jobs of the last days, the latest first."""
    rows = Job.objects.filter(merchant_id=merchant_id, state=JobState.FAILED, finished_at__gte=now - SHOWN_FOR)
    return rows.order_by("-id")


def put_back(*, job_id: int, merchant_id: int, now: datetime) -> Job:
    """Put a failed job back in the queue with all its attempts, within the caller's transaction.

    Raises :class:`Conflict` when it runs again. :mod:`cs_portal.merchants.services.failed_work` asks who may do so.
    """
    mine = Job.objects.filter(pk=job_id, merchant_id=merchant_id)
    if not mine.exists():
        raise NotFound
    with transaction.atomic():
        row = mine.filter(state=JobState.FAILED)
        if not row.update(state=JobState.READY, attempts=0, execute_after=now, finished_at=None, error=""):
            raise Conflict(_("This job is running again already."))
        job = Job.objects.get(pk=job_id)
        transaction.on_commit(lambda: wake(HANDLERS[job.kind].queue))
    return job

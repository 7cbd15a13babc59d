"""Trying failed jobs again, by those who run the shop."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from cs_portal.core.job_failures import put_back
from cs_portal.core.models import Job
from cs_portal.merchants.models import Member
from cs_portal.merchants.services.roles import log, require_configurer


def retry_job(*, job_id: int, by: Member, now: datetime) -> Job:
    """Raises :class:`NotAllowed`, :class:`NotFound`, and :class:`Conflict` for a job that runs again already."""
    require_configurer(by)
    with transaction.atomic():
        job = put_back(job_id=job_id, merchant_id=by.merchant_id, now=now)
        log(by, "job.retried", f"job:{job.pk}", now, {"kind": job.kind})
    return job

"""The one Celery task: look at the job table."""

from __future__ import annotations

from celery import shared_task

from cs_portal.core.workers import run_due


@shared_task(name="core.run_due_jobs", ignore_result=True)
def run_due_jobs(queue: str) -> None:
    run_due([queue])

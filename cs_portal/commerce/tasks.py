"""The jobs of commerce: checking an uploaded file, writing one that was confirmed, forgetting others."""

from __future__ import annotations

from django.utils import timezone

from cs_portal.commerce.services.import_traces import forget_uploads
from cs_portal.commerce.services.importing import apply_import, check_import, fail_import
from cs_portal.commerce.services.undoing_imports import forget_changes, give_up, take_back
from cs_portal.core.jobs import Lease, handler
from cs_portal.core.models import Queue
from cs_portal.merchants.scoping import scope_of


def _fail(lease: Lease) -> None:
    with scope_of(lease):
        fail_import(run_id=lease.payload["run"], now=timezone.now())


@handler("check_import", queue=Queue.BULK, max_attempts=3, on_failed=_fail)
def check(lease: Lease) -> None:
    with scope_of(lease):
        check_import(run_id=lease.payload["run"], now=timezone.now(), lease=lease)


@handler("apply_import", queue=Queue.BULK, max_attempts=20, on_failed=_fail)
def apply(lease: Lease) -> None:
    with scope_of(lease):
        apply_import(lease=lease, run_id=lease.payload["run"], clock=timezone.now)


def _give_up(lease: Lease) -> None:
    with scope_of(lease):
        give_up(run_id=lease.payload["run"])


@handler("undo_import", queue=Queue.BULK, max_attempts=20, on_failed=_give_up)
def undo(lease: Lease) -> None:
    with scope_of(lease):
        take_back(lease=lease, run_id=lease.payload["run"], clock=timezone.now)


@handler("forget_uploads", queue=Queue.BULK)
def forget(lease: Lease) -> None:
    with scope_of(lease):
        forget_uploads(lease=lease, now=timezone.now())


@handler("forget_import_changes", queue=Queue.BULK)
def forget_rows_before(lease: Lease) -> None:
    with scope_of(lease):
        now = timezone.now()
        with lease.finishing(now=now):
            forget_changes(now=now)

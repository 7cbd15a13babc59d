"""The jobs of knowledge: reading and writing files of FAQs, taking them back, forgetting uploads."""

from __future__ import annotations

from django.utils import timezone

from cs_portal.core.jobs import Lease, handler
from cs_portal.core.models import Queue
from cs_portal.knowledge.services.import_runs import apply_import, check_import, fail_import, forget_uploads
from cs_portal.knowledge.services.undoing_imports import give_up, take_back
from cs_portal.merchants.scoping import scope_of


def _fail(lease: Lease) -> None:
    with scope_of(lease):
        fail_import(run_id=lease.payload["run"], now=timezone.now())


def _give_up(lease: Lease) -> None:
    with scope_of(lease):
        give_up(run_id=lease.payload["run"])


@handler("check_faq_import", queue=Queue.BULK, max_attempts=3, on_failed=_fail)
def check_faqs(lease: Lease) -> None:
    with scope_of(lease):
        check_import(run_id=lease.payload["run"], now=timezone.now(), lease=lease)


@handler("apply_faq_import", queue=Queue.BULK, max_attempts=20, on_failed=_fail)
def apply_faqs(lease: Lease) -> None:
    with scope_of(lease):
        apply_import(lease=lease, run_id=lease.payload["run"], clock=timezone.now)


@handler("undo_faq_import", queue=Queue.BULK, max_attempts=5, on_failed=_give_up)
def undo_faqs(lease: Lease) -> None:
    with scope_of(lease):
        take_back(lease=lease, run_id=lease.payload["run"], clock=timezone.now)


@handler("forget_faq_uploads", queue=Queue.BULK)
def forget_faq_files(lease: Lease) -> None:
    with scope_of(lease):
        forget_uploads(lease=lease, now=timezone.now())

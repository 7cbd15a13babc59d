"""Asking a worker to look for gaps, to draft an FAQ from what colleagues replied, or to ask past questions again.

The handlers are registered by learning, which holds the mining.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cs_portal.core import jobs, ratelimit
from cs_portal.core.errors import Conflict
from cs_portal.core.jobs import Lease
from cs_portal.knowledge.models import Faq, GapRun, GapState, KnowledgeGap, WorkKind, WorkState
from cs_portal.knowledge.services.writing import may_edit
from cs_portal.merchants.models import Member

MINE, DRAFT, REPLAY = "mine_gaps", "draft_gap_faq", "replay_faq"
#: The job that does each kind of work.
JOB_OF = {WorkKind.MINE: MINE, WorkKind.DRAFT: DRAFT, WorkKind.REPLAY: REPLAY}
PER_HOUR = 60
#: Runs are kept for so long.
KEPT = timedelta(days=30)


def ask_for_mining(*, by: Member, now: datetime) -> GapRun:
    """Look for gaps now. A run that waits or is under way already is the answer."""
    may_edit(by)
    ratelimit.hit(scope="gap_runs", subject=str(by.public_id), limit=PER_HOUR, seconds=3600, now=now)
    try:
        with transaction.atomic():
            return _enqueue(GapRun.objects.create(kind=WorkKind.MINE, member=by, created_at=now), MINE, now)
    except IntegrityError:
        under_way = mining_under_way()
        if under_way is None:
            raise
        return under_way


def ask_for_draft(*, gap_id: UUID, by: Member, now: datetime) -> GapRun:
    """Have an FAQ drafted of colleagues' replies. Raises :class:`Conflict` unless the gap is open and has none yet."""
    may_edit(by)
    gap = KnowledgeGap.by_public_id(gap_id)
    if gap.state != GapState.OPEN:
        raise Conflict(_("This gap is closed. Open it again first."))
    if gap.faq_id is not None:
        raise Conflict(_("An FAQ was drafted for this gap already."))
    ratelimit.hit(scope="gap_runs", subject=str(by.public_id), limit=PER_HOUR, seconds=3600, now=now)
    waiting = GapRun.objects.filter(gap=gap, kind=WorkKind.DRAFT, state__in=[WorkState.WAITING, WorkState.RUNNING])
    if (run := waiting.first()) is not None:
        return run
    with transaction.atomic():
        return _enqueue(GapRun.objects.create(kind=WorkKind.DRAFT, gap=gap, member=by, created_at=now), DRAFT, now)


def ask_for_replay(*, faq_id: UUID, gap_id: UUID | None, by: Member, now: datetime) -> GapRun:
    """Have past questions asked again as if the FAQ were published as it is written now."""
    may_edit(by)
    faq = Faq.by_public_id(faq_id)
    gap = KnowledgeGap.by_public_id(gap_id) if gap_id else None
    ratelimit.hit(scope="gap_runs", subject=str(by.public_id), limit=PER_HOUR, seconds=3600, now=now)
    with transaction.atomic():
        run = GapRun.objects.create(kind=WorkKind.REPLAY, faq=faq, gap=gap, member=by, created_at=now)
        return _enqueue(run, REPLAY, now)


def mining_under_way() -> GapRun | None:
    rows = GapRun.objects.filter(kind=WorkKind.MINE, state__in=[WorkState.WAITING, WorkState.RUNNING])
    return rows.order_by("-id").first()


def begin(*, run_id: str, total: int) -> GapRun | None:
    """The run as its worker starts; None when it is over or was erased."""
    rows = GapRun.objects.filter(public_id=run_id).exclude(state__in=[WorkState.DONE, WorkState.FAILED])
    rows.update(state=WorkState.RUNNING, done=0, total=total)
    return rows.select_related("gap", "faq", "member").first()


def progress(*, run_id: str, done: int, total: int) -> None:
    GapRun.objects.filter(public_id=run_id).update(done=done, total=total)


def finish(*, lease: Lease, run_id: str, result: dict[str, Any], now: datetime, faq: Faq | None = None) -> None:
    """Within a transaction with the end of the job."""
    with lease.finishing(now=now):
        close(run_id=run_id, result=result, now=now, faq=faq)


def close(*, run_id: str, result: dict[str, Any], now: datetime, faq: Faq | None = None) -> None:
    values: dict[str, Any] = {"state": WorkState.DONE, "result": result, "finished_at": now}
    GapRun.objects.filter(public_id=run_id).update(**values, **({"faq": faq} if faq else {}))


def fail(*, run_id: str, now: datetime) -> None:
    rows = GapRun.objects.filter(public_id=run_id).exclude(state=WorkState.DONE)
    rows.update(state=WorkState.FAILED, finished_at=now)


def forget_old_runs(*, now: datetime) -> None:
    GapRun.objects.filter(created_at__lt=now - KEPT).delete()


def _enqueue(run: GapRun, kind: str, now: datetime) -> GapRun:
    key = f"{kind}:{run.public_id}"
    jobs.enqueue(kind, key=key, merchant_id=run.merchant_id, payload={"run": str(run.public_id)}, now=now)
    return run

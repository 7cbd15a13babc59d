"""The runs behind the gaps: each reads and computes without a transaction, and ends its job with what it found."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import ngettext

from cs_portal.core import events
from cs_portal.core.jobs import Lease
from cs_portal.core.tenancy import current_merchant
from cs_portal.drafting import engine
from cs_portal.knowledge.models import GapRun, GapState, KnowledgeGap, WorkKind, WorkState
from cs_portal.knowledge.selectors import knowledge_version
from cs_portal.knowledge.services import gap_runs, gap_watch
from cs_portal.knowledge.services.editing import create_faq
from cs_portal.knowledge.services.gaps import keep_drafted
from cs_portal.learning.gaps.answering import write_faq
from cs_portal.learning.gaps.mining import mine
from cs_portal.learning.gaps.replaying import replay
from cs_portal.learning.gaps.settling import settle
from cs_portal.learning.teaching.edits import propose
from cs_portal.learning.teaching.phrasings import suggest
from cs_portal.merchants.models import Member

#: A lease is renewed for so long with every step that is reported.
STEP = timedelta(minutes=5)


def run_mining(*, lease: Lease, run_id: str, now: datetime) -> None:
    """What a member asked for."""
    if gap_runs.begin(run_id=run_id, total=0) is None:
        with lease.finishing(now=now):
            return
    result = _look(lease, run_id, now)
    gap_runs.finish(lease=lease, run_id=run_id, result=result, now=timezone.now())
    _tell(now)


def run_daily_mining(*, lease: Lease, now: datetime) -> None:
    """The day's look, which asks for tomorrow's. While a member's run is under way, that one is the day's."""
    try:
        with transaction.atomic():
            run = GapRun.objects.create(kind=WorkKind.MINE, state=WorkState.RUNNING, created_at=now)
    except IntegrityError:
        _free_dead_runs(now)
        with lease.finishing(now=now):
            gap_watch.ask_for_daily_mining(now=now, at=now + timedelta(days=1))
        return
    run_id = str(run.public_id)
    try:
        result = _look(lease, run_id, now)
    except BaseException:
        gap_runs.fail(run_id=run_id, now=timezone.now())
        raise
    with lease.finishing(now=timezone.now()):
        gap_runs.close(run_id=run_id, result=result, now=timezone.now())
        gap_watch.ask_for_daily_mining(now=now, at=now + timedelta(days=1))
    gap_runs.forget_old_runs(now=now)
    _tell(now)


def _free_dead_runs(now: datetime) -> None:
    """A run whose worker was killed for good holds nobody up for ever."""
    dead = GapRun.objects.filter(kind=WorkKind.MINE, state=WorkState.RUNNING, created_at__lt=now - timedelta(hours=6))
    dead.update(state=WorkState.FAILED, finished_at=now)


def _look(lease: Lease, run_id: str, now: datetime) -> dict[str, Any]:
    """Mine, settle, and learn from edits and questions; the numbers of it."""

    def report(done: int, total: int) -> None:
        gap_runs.progress(run_id=run_id, done=done, total=total)
        lease.renew(until=timezone.now() + STEP)

    bot, version = engine.bot(), knowledge_version()
    mined = mine(bot=bot, now=now, report=report)
    doubtful = list(_unsettled(version))
    settled = settle(doubtful, bot=bot, now=now, report=lambda done: report(done, len(doubtful)))
    proposed = propose(now=now)
    report(len(doubtful), len(doubtful))
    suggested = suggest(bot=bot, now=now)
    return asdict(mined) | {"settled": settled, "proposed": proposed, "suggested": suggested, "knowledge": version}


def _unsettled(version: int) -> QuerySet[KnowledgeGap]:
    """Open gaps that were not held against this version of the knowledge yet, as far as the last run can tell."""
    open_gaps = KnowledgeGap.objects.filter(state=GapState.OPEN).order_by("-recent", "-id")
    last = GapRun.objects.filter(kind=WorkKind.MINE, state=WorkState.DONE).order_by("-id").first()
    if last is None or (last.result or {}).get("knowledge") != version:
        return open_gaps
    return open_gaps.filter(Q(created_at__gte=last.created_at) | Q(reopened_at__gte=last.created_at))


def run_draft(*, lease: Lease, run_id: str, now: datetime) -> None:
    run = gap_runs.begin(run_id=run_id, total=1)
    if run is None or run.gap is None or run.gap.faq_id is not None or run.member is None:
        with lease.finishing(now=now):
            if run is not None:
                gap_runs.close(run_id=run_id, result={"replies": 0}, now=now, faq=run.gap.faq if run.gap else None)
            return
    written = write_faq(run.gap, bot=engine.bot())
    with lease.finishing(now=timezone.now()):
        faq = create_faq(by=run.member, content=written.content, note=_note(written.replies, run.member), now=now).faq
        keep_drafted(gap=run.gap, faq=faq, by=run.member, now=now)
        gap_runs.close(run_id=run_id, result={"replies": written.replies}, now=timezone.now(), faq=faq)


def _note(count: int, _by: Member) -> str:
    if not count:
        return ""
    sentence = ngettext(
        "Drafted from %(count)s reply of colleagues.", "Drafted from %(count)s replies of colleagues.", count
    )
    return sentence % {"count": count}


def run_replay(*, lease: Lease, run_id: str, now: datetime) -> None:
    run = gap_runs.begin(run_id=run_id, total=0)
    if run is None or run.faq is None:
        with lease.finishing(now=now):
            return

    def report(done: int, total: int) -> None:
        if done % 10 == 0:
            gap_runs.progress(run_id=run_id, done=done, total=total)

    result = replay(run.faq, run.gap, bot=engine.bot(), now=now, report=report)
    gap_runs.finish(lease=lease, run_id=run_id, result=result, now=timezone.now())


def _tell(now: datetime) -> None:
    merchant = current_merchant()
    events.publish(merchant_id=merchant.pk, topic=events.CONSOLE, name="gaps:mined", data={}, now=now)

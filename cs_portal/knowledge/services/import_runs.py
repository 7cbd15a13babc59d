"""The worker's side of an import: reading a file, writing it chunk by chunk, and cleaning up.

A chunk is one transaction that holds its FAQs, the run's counts and its cursor, and stands only while the worker still
holds its lease. A killed worker leaves whole chunks behind; the next one goes on from there. A member who stops the
run stops it between two chunks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from cs_portal.commerce.services.uploads import drop, path_of
from cs_portal.core.audit import SYSTEM, Actor, record
from cs_portal.core.errors import Invalid
from cs_portal.core.jobs import Lease, LeaseLost
from cs_portal.knowledge.formats.entries import LOST, OPEN, REFUSED, Contents, Entry, Notice
from cs_portal.knowledge.formats.reading import FileShape, read
from cs_portal.knowledge.models import FaqImport, FaqImportState, faqs_with
from cs_portal.knowledge.services.import_settling import (
    CREATED,
    NOT_TAKEN,
    UNCHANGED,
    UPDATED,
    Settled,
    Writing,
    compared,
    preview_of,
    written,
)
from cs_portal.knowledge.services.regression_runs import ask_afterwards
from cs_portal.knowledge.services.writing import needs_approval

CHUNK = 50
PREVIEWED = 8
#: As many notices are told one by one; further ones are counted.
KEPT_NOTICES = 1000
#: An upload that nobody confirms is deleted after this.
FORGOTTEN_AFTER = timedelta(days=7)
_OPEN_STATES = (FaqImportState.MATCHING, FaqImportState.CHECKING, FaqImportState.READY)
_COUNTED = (CREATED, UPDATED, UNCHANGED, NOT_TAKEN)


def shape_of_run(run: FaqImport) -> FileShape:
    return FileShape(run.format, run.encoding, run.delimiter, tuple(run.columns), tuple(run.mapping), run.headed)


def check_import(*, run_id: int, now: datetime, lease: Lease | None = None) -> None:
    """Read the whole file and say what importing it would do. Writes nothing but the run itself."""
    run = FaqImport.objects.get(pk=run_id)
    if run.state != FaqImportState.CHECKING:
        with _ending(lease, now):
            return
    settled: list[Settled] = []
    try:
        contents = _contents(run)
        for chunk in _chunks(contents.entries):
            settled += compared(chunk, publish=False)
        about_file = list(contents.notices)
        state = FaqImportState.READY if settled else FaqImportState.REFUSED
        if not settled:
            about_file.insert(0, Notice(REFUSED, "no_entries"))
    except Invalid as refusal:
        settled, state = [], FaqImportState.REFUSED
        about_file = [Notice(REFUSED, "unreadable", params={"reason": str(refusal)})]
    shown = [each for each in settled if each.outcome != NOT_TAKEN][:PREVIEWED]
    with _ending(lease, now):
        FaqImport.objects.filter(pk=run.pk, state=FaqImportState.CHECKING).update(
            state=state,
            records=len(settled),
            preview=[preview_of(each) for each in shown],
            **{name: sum(each.outcome == name for each in settled) for name in _COUNTED},
            **_told(about_file, settled),
        )
    if state == FaqImportState.REFUSED:
        let_go(run.pk)


def apply_import(*, lease: Lease, run_id: int, clock: Callable[[], datetime]) -> None:
    """Write what is left of a confirmed file, chunk by chunk, and finish the job."""
    run = FaqImport.objects.select_related("member").get(pk=run_id)
    if run.state == FaqImportState.RUNNING:
        _write_rest(lease, run, clock)
    now = clock()
    with lease.finishing(now=now):
        done = FaqImport.objects.filter(pk=run.pk, state=FaqImportState.RUNNING).update(
            state=FaqImportState.DONE, finished_at=now, preview=[]
        )
        run.refresh_from_db()
        if done:
            log(run, SYSTEM, "faq_import.finished", now, **{name: getattr(run, name) for name in _COUNTED})
        if run.state in {FaqImportState.DONE, FaqImportState.STOPPED}:
            _ask_set(run, now)
    let_go(run.pk)


def _write_rest(lease: Lease, run: FaqImport, clock: Callable[[], datetime]) -> None:
    by = run.member
    if by is None or not by.may_review:
        # Whoever confirmed may not write FAQs any more: nobody answers for the rest.
        fail_import(run_id=run.pk, now=clock())
        return
    contents = _contents(run)
    done = run.cursor
    for chunk in _chunks(contents.entries[done:]):
        now = clock()
        # Where a second pair of eyes is wanted, nothing goes live by a file.
        how = Writing(by, now, run.publish and not needs_approval(by), run.public_id)
        if not _write_chunk(lease, run, chunk, done, how, contents.notices if done == 0 else ()):
            return
        done += len(chunk)


def _write_chunk(
    lease: Lease, run: FaqImport, chunk: Sequence[Entry], done: int, how: Writing, about_file: Sequence[Notice]
) -> bool:
    """False where a member stopped the run."""
    with transaction.atomic():
        # The fence: only the worker that holds the job may move the cursor, and only from where it read.
        if not lease.renew(until=how.now + timedelta(seconds=settings.JOB_LEASE_SECONDS)):
            raise LeaseLost
        here = FaqImport.objects.filter(pk=run.pk, cursor=done)
        if not here.filter(state=FaqImportState.RUNNING).update(cursor=F("cursor") + len(chunk)):
            if FaqImport.objects.filter(pk=run.pk).exclude(state=FaqImportState.RUNNING).exists():
                return False
            raise LeaseLost
        settled = written(chunk, how)
        fresh = FaqImport.objects.get(pk=run.pk)
        told = _told(about_file, settled, before=fresh)
        counts = {name: F(name) + sum(each.outcome == name for each in settled) for name in _COUNTED}
        FaqImport.objects.filter(pk=run.pk).update(**counts, **told)
    return True


def fail_import(*, run_id: int, now: datetime) -> None:
    """Every attempt failed: what was written stays, as the report says, and the file is deleted."""
    unfinished = [FaqImportState.CHECKING, FaqImportState.RUNNING]
    if FaqImport.objects.filter(pk=run_id, state__in=unfinished).update(
        state=FaqImportState.FAILED, finished_at=now, preview=[]
    ):
        let_go(run_id)
        _ask_set(FaqImport.objects.select_related("member").get(pk=run_id), now)


def _ask_set(run: FaqImport, now: datetime) -> None:
    """What a file put before shoppers was asked about nowhere, so the regression set is asked right afterwards."""
    by = run.member
    if run.publish and run.created + run.updated and by is not None and not needs_approval(by):
        ask_afterwards(by=by, now=now)


def forget_uploads(*, lease: Lease, now: datetime) -> None:
    forget_old_uploads(now=now)
    with lease.finishing(now=now):
        pass


def forget_old_uploads(*, now: datetime) -> None:
    """Uploads that nobody confirmed in a week."""
    old = FaqImport.objects.filter(state__in=_OPEN_STATES, created_at__lt=now - FORGOTTEN_AFTER)
    for pk in list(old.values_list("pk", flat=True)[:20]):
        FaqImport.objects.filter(pk=pk, state__in=_OPEN_STATES).update(
            state=FaqImportState.DISCARDED, finished_at=now, preview=[], notices=[]
        )
        let_go(pk)


def let_go(run_pk: int) -> None:
    """Delete the file, then forget its name: killed in between, the name is still there to delete by."""
    run = FaqImport.objects.get(pk=run_pk)
    drop(run.token)
    FaqImport.objects.filter(pk=run_pk).update(token="")


def log(run: FaqImport, actor: Actor, action: str, now: datetime, **data: str | int) -> None:
    target = f"faq_import:{run.public_id}"
    record(merchant_id=run.merchant_id, actor=actor, action=action, target=target, now=now, data=data)


def _contents(run: FaqImport) -> Contents:
    return read(path_of(run.token), shape_of_run(run), language=run.language)


def _chunks(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    rest = iter(entries)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def _told(
    about_file: Sequence[Notice], settled: Sequence[Settled], *, before: FaqImport | None = None
) -> dict[str, Any]:
    """What is kept of notices: what was refused comes first, then what is open; all are counted, and their FAQs."""
    notices = [*about_file, *(notice for each in settled for notice in each.notices)]
    kept = [*(before.notices if before else ()), *(notice.as_json() for notice in notices)]
    order = {REFUSED: 0, OPEN: 1, LOST: 2}
    kept.sort(key=lambda notice: order[notice["kind"]])
    counts = dict(before.counts) if before else {}
    for notice in notices:
        counts[notice.kind] = counts.get(notice.kind, 0) + 1
    for kind in (kind for each in settled for kind in {notice.kind for notice in each.notices}):
        counts[faqs_with(kind)] = counts.get(faqs_with(kind), 0) + 1
    return {"notices": kept[:KEPT_NOTICES], "counts": counts}


def _ending(lease: Lease | None, now: datetime) -> AbstractContextManager[None]:
    return lease.finishing(now=now) if lease else transaction.atomic()

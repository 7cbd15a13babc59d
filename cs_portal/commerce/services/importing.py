"""An import at work: the file checked as a whole, and once it is confirmed written in chunks.

A chunk is one transaction that holds its records, the run's counts and its cursor, and stands only while the worker
still holds its lease. A killed worker leaves whole chunks and a cursor behind; the next one goes on from there, so
that every record is written once. A record that is wrong is refused as a whole and reported; it stops nobody else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import F

from cs_portal.commerce.history import Provenance
from cs_portal.commerce.imports.checks import checked
from cs_portal.commerce.imports.problems import Path, Problem
from cs_portal.commerce.imports.reading import MAX_LINES, Row, Shape, rows_of
from cs_portal.commerce.imports.records import Reading, Record, records_of
from cs_portal.commerce.imports.sources.base import Settings
from cs_portal.commerce.imports.tally import Item, Tally
from cs_portal.commerce.imports.writing import settle
from cs_portal.commerce.models import ImportRun, ImportState, Source
from cs_portal.commerce.services.import_traces import let_go
from cs_portal.commerce.services.undoing_imports import keys_of, look, remember
from cs_portal.commerce.services.uploads import path_of
from cs_portal.commerce.signals import records_imported
from cs_portal.core import jobs
from cs_portal.core.audit import Actor, record
from cs_portal.core.errors import Invalid
from cs_portal.core.jobs import Lease, LeaseLost
from cs_portal.core.tenancy import current_merchant
from cs_portal.merchants.models import Member

CHUNK = 200
#: As many refused rows are told one by one; further ones are counted.
KEPT_PROBLEMS = 1000
PREVIEWED = 8
PREVIEW_CELL = PREVIEW_CELLS = 60


def check_import(*, run_id: int, now: datetime, lease: Lease | None = None) -> None:
    """Read the whole file and say what importing it would do. Writes nothing but the run itself."""
    run = ImportRun.objects.get(pk=run_id)
    if run.state != ImportState.CHECKING:
        with _ending(lease, now):
            return
    preview: list[list[Any]] = []
    total, count = Tally(), 0
    try:
        for chunk in _chunks(_records(run)):
            if len(preview) < PREVIEWED:
                preview += [_previewed(each) for each in chunk[: PREVIEWED - len(preview)]]
            count += len(chunk)
            _merge(total, _settle(run, chunk, write=False, now=now))
        state, note = (ImportState.READY, []) if count else (ImportState.REFUSED, [Problem(1, "", "no_rows")])
    except Invalid:
        state, note = ImportState.REFUSED, [Problem(MAX_LINES, "", "too_many_rows", {"limit": f"{MAX_LINES:,}"})]
    problems = [*note, *total.problems]
    with _ending(lease, now):
        ImportRun.objects.filter(pk=run.pk, state=ImportState.CHECKING).update(
            state=state,
            records=count,
            preview=preview if state == ImportState.READY else [],
            created=total.created,
            updated=total.updated,
            unchanged=total.unchanged,
            refused=total.refused,
            problems=[problem.as_json() for problem in problems[:KEPT_PROBLEMS]],
            problems_count=len(problems),
        )
    if state == ImportState.REFUSED:
        let_go(run.pk)


def apply_import(*, lease: Lease, run_id: int, clock: Callable[[], datetime]) -> None:
    """Write what is left of a confirmed file, chunk by chunk, and finish the job."""
    run = ImportRun.objects.get(pk=run_id)
    if run.state != ImportState.RUNNING:
        with lease.finishing(now=clock()):
            return
    rest = _records(run)
    done = sum(1 for _record in islice(rest, run.cursor))
    for chunk in _chunks(rest):
        _write_chunk(lease, run, chunk, done, clock())
        done += len(chunk)
    now = clock()
    with lease.finishing(now=now):
        ImportRun.objects.filter(pk=run.pk).update(state=ImportState.DONE, finished_at=now, preview=[])
        run.refresh_from_db()
        data = {"created": run.created, "updated": run.updated, "unchanged": run.unchanged, "refused": run.refused}
        log_run(run, None, "import.finished", now, kind=run.kind, **data)
        records_imported.send(sender=ImportRun, kind=run.kind, now=now)
    let_go(run.pk)


def fail_import(*, run_id: int, now: datetime) -> None:
    """Every attempt failed: what was written stays, as the report says, and the file is deleted."""
    unfinished = [ImportState.CHECKING, ImportState.RUNNING]
    if ImportRun.objects.filter(pk=run_id, state__in=unfinished).update(
        state=ImportState.FAILED, finished_at=now, preview=[]
    ):
        let_go(run_id)


def _write_chunk(lease: Lease, run: ImportRun, chunk: list[Record], done: int, now: datetime) -> None:
    with transaction.atomic():
        # The fence: only the worker that holds the job may move the cursor, and only from where it read.
        if not lease.renew(until=now + timedelta(seconds=settings.JOB_LEASE_SECONDS)):
            raise LeaseLost
        if not ImportRun.objects.filter(pk=run.pk, state=ImportState.RUNNING, cursor=done).update(
            cursor=F("cursor") + len(chunk)
        ):
            raise LeaseLost
        tally = _settle(run, chunk, write=True, now=now)
        fresh = ImportRun.objects.get(pk=run.pk)
        kept = [*fresh.problems, *(problem.as_json() for problem in tally.problems)][:KEPT_PROBLEMS]
        ImportRun.objects.filter(pk=run.pk).update(
            created=F("created") + tally.created,
            updated=F("updated") + tally.updated,
            unchanged=F("unchanged") + tally.unchanged,
            refused=F("refused") + tally.refused,
            problems=kept,
            problems_count=F("problems_count") + len(tally.problems),
        )


def _records(run: ImportRun) -> Iterator[Record]:
    shape = Shape(run.format, run.encoding, run.delimiter, tuple(run.columns), tuple(run.mapping))
    rows: Iterator[Row] = rows_of(path_of(run.token), shape)
    titles = {name: title for name, title in zip(run.mapping, run.columns, strict=False) if name}
    return records_of(rows, shape, run.kind, Reading(run.source, Settings(run.currency), titles))


def _chunks(records: Iterator[Record]) -> Iterator[list[Record]]:
    while chunk := list(islice(records, CHUNK)):
        yield chunk


def _settle(run: ImportRun, chunk: list[Record], *, write: bool, now: datetime) -> Tally:
    zone = ZoneInfo(current_merchant().timezone)
    items: list[Item] = []
    wrong = Tally()
    for each in chunk:
        document, problems = checked(each, zone=zone)
        if problems:
            wrong.problems += problems
            wrong.refused += 1
        else:
            items.append((each, document))
    if write:
        keys = keys_of(run.kind, items)
        before = look(keys)
        tally = settle(run.kind, items, write=True, now=now, provenance=Provenance(Source.IMPORT, str(run.public_id)))
        remember(run, before, look(keys))
    else:
        tally = settle(run.kind, items, write=False, now=now)
    _merge(wrong, tally)
    wrong.problems.sort(key=lambda problem: problem.line)
    return wrong


def _merge(total: Tally, part: Tally) -> None:
    total.created += part.created
    total.updated += part.updated
    total.unchanged += part.unchanged
    total.refused += part.refused
    total.problems += part.problems


def _previewed(each: Record) -> list[Any]:
    """The line, and the record's cells under the names that the guide tells, cut short."""
    cells = {each.called(path): text[:PREVIEW_CELL] for path, text in _flattened(each.document, ())}
    return [each.line, dict(islice(cells.items(), PREVIEW_CELLS))]


def _flattened(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _flattened(part, (*path, str(key)))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield from _flattened(value[0], (*path, 0))  # the first stands for all
    elif value not in (None, "", [], {}):
        yield path, ", ".join(str(part) for part in value) if isinstance(value, list) else str(value)


def _ending(lease: Lease | None, now: datetime) -> Any:
    return lease.finishing(now=now) if lease else transaction.atomic()


def start_job(kind: str, run: ImportRun, now: datetime) -> None:
    jobs.enqueue(kind, key=f"{kind}:{run.public_id}", merchant_id=run.merchant_id, payload={"run": run.pk}, now=now)


def log_run(run: ImportRun, by: Member | None, action: str, now: datetime, **data: str | int) -> None:
    actor = Actor("member", str(by.public_id)) if by else Actor("system", "")
    target = f"import:{run.public_id}"
    record(merchant_id=run.merchant_id, actor=actor, action=action, target=target, now=now, data=data)

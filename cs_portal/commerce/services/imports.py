"""One import as its member sees it: uploaded, its columns matched, checked, confirmed or discarded.

What a worker does of it is :mod:`cs_portal.commerce.services.importing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cs_portal.commerce.canonical import CURRENCIES
from cs_portal.commerce.imports.matching import choices, guessed, is_plain, matched_twice, missing
from cs_portal.commerce.imports.reading import Shape, rows_of, shape_of
from cs_portal.commerce.imports.sources import SOURCES, detected
from cs_portal.commerce.imports.sources.base import PORTAL
from cs_portal.commerce.models import ImportKind, ImportRun, ImportState
from cs_portal.commerce.services.import_traces import FORGOTTEN_AFTER, forget_old_uploads, let_go
from cs_portal.commerce.services.importing import check_import, log_run, start_job
from cs_portal.commerce.services.undoing_imports import UNDO_FOR
from cs_portal.commerce.services.uploads import drop, keep, path_of
from cs_portal.core import jobs
from cs_portal.core.errors import Conflict, Invalid, NotAllowed
from cs_portal.merchants.models import Member, Storefront

SAMPLES = 3
#: Files up to this size are checked while the member waits.
AT_ONCE_BYTES = 200_000
_GONE = gettext_lazy("This file is not waiting to be imported any more.")


def start_import(*, kind: str, file_name: str, blocks: Iterable[bytes], by: Member, now: datetime) -> ImportRun:
    """Keep the file, read its header, and have it checked. Raises :class:`Invalid` for what cannot be read at all."""
    _require(by)
    if kind not in ImportKind.values:
        raise Invalid(_("Choose what the file holds."), field="kind")
    forget_old_uploads(now=now)
    token, size = keep(blocks)
    try:
        shape = shape_of(path_of(token))
        source = detected(shape.columns)
        kind = SOURCES[source].kind if source in SOURCES else kind
        with transaction.atomic():
            run = ImportRun.objects.create(
                kind=kind,
                source=source,
                mapping=_first_mapping(shape, source, kind),
                currency=_usual_currency(),
                state=_first_state(shape, source, kind),
                member=by,
                file_name=file_name.replace("\x00", "")[-200:] or "–",
                token=token,
                bytes_count=size,
                format=shape.format,
                encoding=shape.encoding,
                delimiter=shape.delimiter,
                columns=list(shape.columns),
                created_at=now,
            )
            log_run(run, by, "import.uploaded", now, kind=kind, bytes=size)
            _forget_later(run, now)
    except BaseException:
        drop(token)
        raise
    return _have_checked(run, now)


def read_as(
    *, run_id: UUID, source: str, kind: str, currency: str, encoding: str, by: Member, now: datetime
) -> ImportRun:
    """Read an uploaded file as another format than the one that was detected. Raises :class:`Invalid`."""
    _require(by)
    run = ImportRun.by_public_id(run_id)
    if source != PORTAL and source not in SOURCES:
        raise Invalid(_("Choose a format."), field="source")
    kind = SOURCES[source].kind if source in SOURCES else kind
    if kind not in ImportKind.values:
        raise Invalid(_("Choose what the file holds."), field="kind")
    if currency not in CURRENCIES:
        raise Invalid(_("Choose a currency."), field="currency")
    if not run.token:
        raise Conflict(_GONE)
    shape = shape_of(path_of(run.token), encoding)
    if shape.format == "jsonl" and source != PORTAL:
        raise Invalid(_("JSON Lines hold canonical objects; other systems' files are tables."), field="source")
    _move_on(
        run,
        state=_first_state(shape, source, kind),
        source=source,
        kind=kind,
        currency=currency,
        format=shape.format,
        encoding=shape.encoding,
        delimiter=shape.delimiter,
        columns=list(shape.columns),
        mapping=_first_mapping(shape, source, kind),
    )
    return _have_checked(run, now)


def match_columns(*, run_id: UUID, names: Sequence[str], by: Member, now: datetime) -> ImportRun:
    """Say what each column of the file is here, in their order; an empty name passes a column over."""
    _require(by)
    run = ImportRun.by_public_id(run_id)
    if run.source != PORTAL or run.format != "csv":
        raise Conflict(_("The columns of this file are known."))
    if len(names) != len(run.columns) or not set(names) <= {"", *choices(run.kind)}:
        raise Invalid(_("Choose from the columns that are offered."), field="columns")
    if again := matched_twice(names):
        raise Invalid(_("Matched twice: %(names)s.") % {"names": ", ".join(again)}, field="columns")
    if lacking := missing(names, run.kind):
        told = ", ".join(column.name for column in lacking)
        raise Invalid(_("Still missing: %(names)s.") % {"names": told}, field="columns")
    _move_on(run, state=ImportState.CHECKING, mapping=list(names))
    return _have_checked(run, now)


def match_again(*, run_id: UUID, by: Member) -> ImportRun:
    """Go back to matching the columns of a file that was checked."""
    _require(by)
    run = ImportRun.by_public_id(run_id)
    if run.source != PORTAL or run.format != "csv":
        raise Conflict(_("The columns of this file are known."))
    _move_on(run, state=ImportState.MATCHING)
    run.refresh_from_db()
    return run


def samples_of(run: ImportRun) -> list[list[str]]:
    """The first rows of a file whose columns wait to be matched, as they stand; of all others nothing."""
    if run.state != ImportState.MATCHING or not run.token:
        return []
    every = tuple(str(number) for number in range(len(run.columns)))
    shape = Shape(run.format, run.encoding, run.delimiter, tuple(run.columns), every)
    rows = islice(rows_of(path_of(run.token), shape), SAMPLES)
    return [[str(row.cells.get(name, "")).strip() for name in every] for row in rows]


def confirm_import(*, run_id: UUID, by: Member, now: datetime) -> ImportRun:
    """Have a checked file written. Confirming twice is the same wish; a run that went another way is a conflict."""
    _require(by)
    run = ImportRun.by_public_id(run_id)
    with transaction.atomic():
        moved = ImportRun.objects.filter(pk=run.pk, state=ImportState.READY).update(
            state=ImportState.RUNNING,
            confirmed_at=now,
            cursor=0,
            created=0,
            updated=0,
            unchanged=0,
            refused=0,
            problems=[],
            problems_count=0,
        )
        if moved:
            start_job("apply_import", run, now)
            log_run(run, by, "import.confirmed", now, kind=run.kind)
    run.refresh_from_db()
    if not moved and run.state not in {ImportState.RUNNING, ImportState.DONE}:
        raise Conflict(_GONE)
    return run


def discard_import(*, run_id: UUID, by: Member, now: datetime) -> ImportRun:
    """Forget an upload that was not confirmed."""
    _require(by)
    run = ImportRun.by_public_id(run_id)
    with transaction.atomic():
        open_states = [ImportState.MATCHING, ImportState.CHECKING, ImportState.READY]
        if not ImportRun.objects.filter(pk=run.pk, state__in=open_states).update(
            state=ImportState.DISCARDED, finished_at=now, preview=[], problems=[]
        ):
            raise Conflict(_("This file is being imported or was settled already."))
        log_run(run, by, "import.discarded", now, kind=run.kind)
    let_go(run.pk)
    run.refresh_from_db()
    return run


def _move_on(run: ImportRun, **values: Any) -> None:
    """From what was read to how it is to be read; what was found before is void."""
    nothing = dict.fromkeys(("records", "created", "updated", "unchanged", "refused", "problems_count"), 0)
    open_states = [ImportState.MATCHING, ImportState.READY]
    if not ImportRun.objects.filter(pk=run.pk, state__in=open_states).update(
        **nothing, preview=[], problems=[], **values
    ):
        raise Conflict(_GONE)


def _have_checked(run: ImportRun, now: datetime) -> ImportRun:
    """At once while the member waits where the file is small, else by a job."""
    run.refresh_from_db()
    if run.state == ImportState.CHECKING:
        if run.bytes_count > AT_ONCE_BYTES:
            jobs.enqueue(
                "check_import",
                key=f"check_import:{run.public_id}:{now.timestamp()}",
                merchant_id=run.merchant_id,
                payload={"run": run.pk},
                now=now,
            )
        else:
            check_import(run_id=run.pk, now=now)
        run.refresh_from_db()
    return run


def _first_state(shape: Shape, source: str, kind: str) -> str:
    known = shape.format == "jsonl" or source in SOURCES or is_plain(shape.columns, kind)
    return ImportState.CHECKING if known else ImportState.MATCHING


def _first_mapping(shape: Shape, source: str, kind: str) -> list[str]:
    return guessed(shape.columns, kind) if shape.format == "csv" and source == PORTAL else []


def _usual_currency() -> str:
    """That of the merchant's first storefront."""
    storefront = Storefront.objects.filter(is_active=True).order_by("pk").first()
    return storefront.currency if storefront and storefront.currency in CURRENCIES else "CNY"


def _forget_later(run: ImportRun, now: datetime) -> None:
    """An upload that nobody confirms, and what a run remembers of rows, go in time, whoever comes here or not."""
    for kind, after in (("forget_uploads", FORGOTTEN_AFTER), ("forget_import_changes", UNDO_FOR)):
        jobs.enqueue(
            kind,
            key=f"{kind}:{run.public_id}",
            merchant_id=run.merchant_id,
            payload={"run": run.pk},
            now=now,
            execute_after=now + after + timedelta(minutes=1),
        )


def _require(by: Member) -> None:
    if not by.may_configure:
        raise NotAllowed(_("Only an owner or an admin may import."))

"""The member's side of an import: upload, say how the file is to be read, confirm, stop, delete."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cs_portal.commerce.imports.reading import ENCODINGS
from cs_portal.commerce.services.uploads import drop, keep, path_of
from cs_portal.core import jobs
from cs_portal.core.audit import Actor
from cs_portal.core.errors import Conflict, Invalid
from cs_portal.knowledge.formats.columns import NAMES, lacking, matched_twice
from cs_portal.knowledge.formats.reading import CSV, JSONL, RASA, FileShape, samples, shape_of_file
from cs_portal.knowledge.models import FaqImport, FaqImportState
from cs_portal.knowledge.services.import_runs import (
    FORGOTTEN_AFTER,
    check_import,
    forget_old_uploads,
    let_go,
    log,
    shape_of_run,
)
from cs_portal.knowledge.services.writing import may_edit
from cs_portal.merchants.models import Locale, Member

#: Files up to this size are checked while the member waits.
AT_ONCE_BYTES = 100_000
SAMPLES = 3
AUTO = "auto"
#: Formats whose encoding may be overruled.
_TEXT = (CSV, JSONL, RASA)
_GONE = gettext_lazy("This file is not waiting to be imported any more.")


def start_import(*, file_name: str, blocks: Iterable[bytes], by: Member, now: datetime) -> FaqImport:
    """Keep the file, see what it is, and have it checked. Raises :class:`Invalid` for what cannot be read at all."""
    may_edit(by)
    forget_old_uploads(now=now)
    token, size = keep(blocks)
    try:
        shape = shape_of_file(path_of(token))
        with transaction.atomic():
            run = FaqImport.objects.create(
                **_read_as(shape),
                member=by,
                file_name=file_name.replace("\x00", "")[-200:] or "–",
                token=token,
                bytes_count=size,
                created_at=now,
            )
            log(run, _actor(by), "faq_import.uploaded", now, format=run.format, bytes=size)
            jobs.enqueue(
                "forget_faq_uploads",
                key=f"forget_faq_uploads:{run.public_id}",
                merchant_id=run.merchant_id,
                payload={"run": run.pk},
                now=now,
                execute_after=now + FORGOTTEN_AFTER + timedelta(minutes=1),
            )
    except BaseException:
        drop(token)
        raise
    return _have_checked(run, now)


def read_as(*, run_id: UUID, language: str, headed: bool, encoding: str, by: Member, now: datetime) -> FaqImport:
    """Read an uploaded file in another way than it was taken for. Raises :class:`Invalid`."""
    may_edit(by)
    run = FaqImport.by_public_id(run_id)
    if language not in {AUTO, *Locale.values}:
        raise Invalid(_("Choose a language."), field="language")
    if run.format in _TEXT and encoding not in ENCODINGS:
        raise Invalid(_("Choose an encoding."), field="encoding")
    if not run.token:
        raise Conflict(_GONE)
    before = shape_of_run(run)
    shape = shape_of_file(
        path_of(run.token),
        encoding=encoding if run.encoding else "",
        headed=headed if before.is_table else None,
    )
    values = _read_as(shape)
    if (shape.columns, shape.headed, shape.format) == (before.columns, before.headed, before.format):
        # Only the language or the encoding is another: the columns stay matched as they were.
        values |= {"mapping": list(before.names), "state": run.state}
        if run.state == FaqImportState.READY:
            values["state"] = FaqImportState.CHECKING
    _move_on(run, language=language, **values)
    return _have_checked(run, now)


def match_columns(*, run_id: UUID, names: Sequence[str], by: Member, now: datetime) -> FaqImport:
    """Say what each column of the file is here, in their order; an empty name passes a column over."""
    may_edit(by)
    run = FaqImport.by_public_id(run_id)
    if not shape_of_run(run).is_table:
        raise Conflict(_("The columns of this file are known."))
    if len(names) != len(run.columns) or not set(names) <= {"", *NAMES}:
        raise Invalid(_("Choose from the columns that are offered."), field="columns")
    if again := matched_twice(names):
        raise Invalid(_("Matched twice: %(names)s.") % {"names": ", ".join(again)}, field="columns")
    if lacking(names):
        raise Invalid(_("Say which column holds the questions."), field="columns")
    _move_on(run, state=FaqImportState.CHECKING, mapping=list(names))
    return _have_checked(run, now)


def match_again(*, run_id: UUID, by: Member) -> FaqImport:
    """Go back to matching the columns of a file that was checked."""
    may_edit(by)
    run = FaqImport.by_public_id(run_id)
    if not shape_of_run(run).is_table:
        raise Conflict(_("The columns of this file are known."))
    _move_on(run, state=FaqImportState.MATCHING)
    run.refresh_from_db()
    return run


def samples_of(run: FaqImport) -> list[list[str]]:
    """The first rows of a file whose columns wait to be matched, as they stand; of all others nothing."""
    if run.state != FaqImportState.MATCHING or not run.token:
        return []
    return samples(path_of(run.token), shape_of_run(run), count=SAMPLES)


def confirm_import(*, run_id: UUID, publish: bool, by: Member, now: datetime) -> FaqImport:
    """Have a checked file written, as drafts or live where complete. Confirming twice is the same wish."""
    may_edit(by)
    run = FaqImport.by_public_id(run_id)
    nothing = dict.fromkeys(("cursor", "created", "updated", "unchanged", "refused"), 0)
    with transaction.atomic():
        moved = FaqImport.objects.filter(pk=run.pk, state=FaqImportState.READY).update(
            **nothing,
            state=FaqImportState.RUNNING,
            publish=publish,
            member=by,
            confirmed_at=now,
            notices=[],
            counts={},
        )
        if moved:
            _enqueue("apply_faq_import", run, now)
            log(run, _actor(by), "faq_import.confirmed", now, publish=int(publish))
    run.refresh_from_db()
    if not moved and run.state not in {FaqImportState.RUNNING, FaqImportState.DONE}:
        raise Conflict(_GONE)
    return run


def stop_import(*, run_id: UUID, by: Member, now: datetime) -> FaqImport:
    """Write no further FAQ of this file. What was written stays, and can be taken back."""
    may_edit(by)
    run = FaqImport.by_public_id(run_id)
    with transaction.atomic():
        if FaqImport.objects.filter(pk=run.pk, state=FaqImportState.RUNNING).update(
            state=FaqImportState.STOPPED, finished_at=now, preview=[]
        ):
            log(run, _actor(by), "faq_import.stopped", now)
    run.refresh_from_db()
    return run


def discard_import(*, run_id: UUID, by: Member, now: datetime) -> FaqImport:
    """Forget an upload that was not confirmed."""
    may_edit(by)
    run = FaqImport.by_public_id(run_id)
    open_states = [FaqImportState.MATCHING, FaqImportState.CHECKING, FaqImportState.READY]
    with transaction.atomic():
        if not FaqImport.objects.filter(pk=run.pk, state__in=open_states).update(
            state=FaqImportState.DISCARDED, finished_at=now, preview=[], notices=[]
        ):
            raise Conflict(_("This file is being imported or was settled already."))
        log(run, _actor(by), "faq_import.discarded", now)
    let_go(run.pk)
    run.refresh_from_db()
    return run


def _read_as(shape: FileShape) -> dict[str, Any]:
    """The columns of a run that say how its file is read."""
    return {
        "state": FaqImportState.CHECKING if shape.is_clear else FaqImportState.MATCHING,
        "format": shape.format,
        "encoding": shape.encoding,
        "delimiter": shape.delimiter,
        "headed": shape.headed,
        "columns": list(shape.columns),
        "mapping": list(shape.names),
    }


def _move_on(run: FaqImport, **values: Any) -> None:
    """From what was read to how it is to be read; what was found before is void."""
    nothing = dict.fromkeys(("records", "created", "updated", "unchanged", "refused"), 0)
    open_states = [FaqImportState.MATCHING, FaqImportState.READY]
    if not FaqImport.objects.filter(pk=run.pk, state__in=open_states).update(
        **nothing, preview=[], notices=[], counts={}, **values
    ):
        raise Conflict(_GONE)


def _have_checked(run: FaqImport, now: datetime) -> FaqImport:
    """At once while the member waits where the file is small, else by a job."""
    run.refresh_from_db()
    if run.state == FaqImportState.CHECKING:
        if run.bytes_count > AT_ONCE_BYTES:
            _enqueue("check_faq_import", run, now, again=True)
        else:
            check_import(run_id=run.pk, now=now)
        run.refresh_from_db()
    return run


def _enqueue(kind: str, run: FaqImport, now: datetime, *, again: bool = False) -> None:
    key = f"{kind}:{run.public_id}:{now.timestamp()}" if again else f"{kind}:{run.public_id}"
    jobs.enqueue(kind, key=key, merchant_id=run.merchant_id, payload={"run": run.pk}, now=now)


def _actor(by: Member) -> Actor:
    return Actor("member", str(by.public_id))

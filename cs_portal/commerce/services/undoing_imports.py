"""Taking an import back: every row that it made or changed, unless something happened to that row since.

Newest first, so that orders go before their shoppers and products; in chunks of one transaction each, which stand only
while the worker holds its lease. A row that was touched since stays, and the run says which and why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from cs_portal.commerce.history import Provenance
from cs_portal.commerce.imports.checks import Document
from cs_portal.commerce.imports.snapshots import digest, is_used, put_back, row_of, snapshots
from cs_portal.commerce.imports.tally import Item
from cs_portal.commerce.models import ImportChange, ImportKind, ImportRun, ImportState, Kept, Source
from cs_portal.commerce.signals import records_imported
from cs_portal.core import jobs
from cs_portal.core.audit import SYSTEM, Actor, record
from cs_portal.core.errors import Conflict, NotAllowed
from cs_portal.core.jobs import Lease, LeaseLost
from cs_portal.merchants.models import Member

CHUNK = 100
#: How long a run can be taken back.
UNDO_FOR = timedelta(days=30)

Keys = dict[str, list[str]]
Before = dict[str, dict[str, Document]]


def keys_of(kind: str, items: Sequence[Item]) -> Keys:
    """The rows that writing ``items`` may touch, by kind; shoppers whom orders bring along come first."""
    key = "number" if kind == ImportKind.ORDERS else "id"
    buyers = [item.extra.buyer.id for item, _document in items if item.extra.buyer]
    return {**({ImportKind.SHOPPERS.value: buyers} if buyers else {}), kind: [document[key] for _r, document in items]}


def look(keys: Keys) -> Before:
    return {kind: snapshots(kind, wanted) for kind, wanted in keys.items()}


def remember(run: ImportRun, before: Before, after: Before) -> None:
    """Note what a chunk made and changed, in its transaction."""
    ImportChange.objects.bulk_create(
        ImportChange(run=run, kind=kind, key=key, before=before[kind].get(key), after=digest(snapshot))
        for kind, rows in after.items()
        for key, snapshot in rows.items()
        if before[kind].get(key) != snapshot
    )


def can_be_undone(run: ImportRun, *, now: datetime) -> bool:
    """Whether there is anything to take back yet."""
    ended = run.state in {ImportState.DONE, ImportState.FAILED}
    recent = run.created_at > now - UNDO_FOR
    return ended and recent and run.changes.filter(kept="").exists()


def undo_import(*, run_id: UUID, by: Member, now: datetime) -> ImportRun:
    """Have a finished run taken back. Asking twice is the same wish."""
    if not by.may_configure:
        raise NotAllowed(_("Only an owner or an admin may import."))
    run = ImportRun.by_public_id(run_id)
    if run.state in {ImportState.UNDOING, ImportState.UNDONE}:
        return run
    if not can_be_undone(run, now=now):
        raise Conflict(_("There is nothing left of this import that could be taken back."))
    with transaction.atomic():
        moved = ImportRun.objects.filter(pk=run.pk, state=run.state).update(state=ImportState.UNDOING)
        if moved:
            jobs.enqueue(
                "undo_import",
                key=f"undo_import:{run.public_id}",
                merchant_id=run.merchant_id,
                payload={"run": run.pk},
                now=now,
            )
            _log(run, Actor("member", str(by.public_id)), "import.undo_asked", now)
    run.refresh_from_db()
    return run


def take_back(*, lease: Lease, run_id: int, clock: Callable[[], datetime]) -> None:
    """Undo what is left of the run, chunk by chunk, and finish the job."""
    run = ImportRun.objects.get(pk=run_id)
    while run.state == ImportState.UNDOING and (chunk := list(run.changes.filter(kept="").order_by("-id")[:CHUNK])):
        _take_back(lease, run, chunk, clock())
    now = clock()
    with lease.finishing(now=now):
        if ImportRun.objects.filter(pk=run.pk, state=ImportState.UNDOING).update(
            state=ImportState.UNDONE, undone_at=now
        ):
            run.refresh_from_db()
            _log(run, SYSTEM, "import.undone", now, undone=run.undone, kept=run.kept)
            records_imported.send(sender=ImportRun, kind=run.kind, now=now)


def give_up(*, run_id: int) -> None:
    """Every attempt failed: what was taken back stays so, and the rest can be asked for again."""
    ImportRun.objects.filter(pk=run_id, state=ImportState.UNDOING).update(state=ImportState.FAILED)


def forget_changes(*, now: datetime) -> None:
    """What runs remember of the rows before them, once it is too late to take them back."""
    ImportChange.objects.filter(run__created_at__lte=now - UNDO_FOR, kept="").delete()


def forget_rows(keys: Iterable[str]) -> None:
    """Within an erasure: nothing is remembered of the shoppers with these ids, nor of their orders."""
    ids = [key for key in keys if key]
    ImportChange.objects.filter(kind=ImportKind.SHOPPERS, key__in=ids).delete()
    ImportChange.objects.filter(kind=ImportKind.ORDERS, before__shopper__in=ids).delete()


def _take_back(lease: Lease, run: ImportRun, chunk: Sequence[ImportChange], now: datetime) -> None:
    provenance = Provenance(Source.IMPORT, by=str(run.public_id))
    undone = kept = 0
    with transaction.atomic():
        if not lease.renew(until=now + timedelta(seconds=settings.JOB_LEASE_SECONDS)):
            raise LeaseLost
        for change in chunk:
            try:
                # Of its own: what cannot be put back leaves the other rows of the chunk to be.
                with transaction.atomic():
                    why = _undo(change, now=now, provenance=provenance)
            except IntegrityError:
                why = Kept.BLOCKED
            if why:
                ImportChange.objects.filter(pk=change.pk).update(kept=why, before=None)
                kept += 1
            else:
                change.delete()
                undone += 1
        ImportRun.objects.filter(pk=run.pk).update(undone=F("undone") + undone, kept=F("kept") + kept)


def _undo(change: ImportChange, *, now: datetime, provenance: Provenance) -> str:
    """Put one row back, or say why it stays."""
    row = row_of(change.kind, change.key)
    if row is None:
        return Kept.GONE
    if digest(snapshots(change.kind, [change.key])[change.key]) != change.after:
        return Kept.CHANGED
    if change.before is not None:
        put_back(row, change.before, now=now, provenance=provenance)
    elif is_used(row):
        return Kept.USED
    else:
        row.delete()
    return ""


def _log(run: ImportRun, actor: Actor, action: str, now: datetime, **data: int) -> None:
    target = f"import:{run.public_id}"
    record(merchant_id=run.merchant_id, actor=actor, action=action, target=target, now=now, data=data)

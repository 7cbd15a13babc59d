"""Taking an import back: every FAQ that it made or changed becomes as it was before, all of them or none.

An FAQ that somebody changed since, or that something refers to by now, is a conflict; all conflicts are named, and then
nothing is taken back. An FAQ that the import made is removed; one that was live is archived instead, since replies may
rest on it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from django.conf import settings
from django.db import models, transaction
from django.db.models import Max, Min
from django.db.models.fields.reverse_related import ForeignObjectRel
from django.utils.translation import gettext as _

from cs_portal.core import jobs
from cs_portal.core.audit import SYSTEM, Actor
from cs_portal.core.errors import Conflict
from cs_portal.core.jobs import Lease, LeaseLost
from cs_portal.knowledge.content import from_json
from cs_portal.knowledge.models import Cause, Faq, FaqImport, FaqImportState, FaqRevision, FaqState
from cs_portal.knowledge.services.import_runs import log
from cs_portal.knowledge.services.writing import FaqMoved, Step, may_edit, write
from cs_portal.merchants.models import Member

T = TypeVar("T")
CHANGED, USED = "changed", "used"
#: As many conflicts are told.
KEPT_CONFLICTS = 200
_BATCH = 500
_ENDED = (FaqImportState.DONE, FaqImportState.STOPPED, FaqImportState.FAILED)
#: What goes with an FAQ; whatever else would go with it uses it.
_PARTS = frozenset(
    {
        *("faqtext", "faqrevision", "faqphrasing", "faqtag", "faqsearchdocument", "faqfigures"),
        *("qualityfinding", "phrasingsuggestion"),
    }
)


@dataclass(frozen=True, slots=True)
class _Touched:
    """The revisions ``first`` to ``last`` of an FAQ are the import's."""

    faq: Faq
    first: int
    last: int

    @property
    def is_new(self) -> bool:
        return self.first == 1


def can_be_undone(run: FaqImport) -> bool:
    return run.state in _ENDED and FaqRevision.objects.filter(change_id=run.public_id).exists()


def undo_import(*, run_id: UUID, by: Member, now: datetime) -> FaqImport:
    """Have a finished run taken back. Asking twice is the same wish. Raises :class:`Conflict` where nothing is left."""
    may_edit(by)
    run = FaqImport.by_public_id(run_id)
    if run.state in {FaqImportState.UNDOING, FaqImportState.UNDONE}:
        return run
    if not can_be_undone(run):
        raise Conflict(_("There is nothing left of this import that could be taken back."))
    with transaction.atomic():
        if FaqImport.objects.filter(pk=run.pk, state=run.state).update(
            state=FaqImportState.UNDOING, member=by, conflicts=[]
        ):
            jobs.enqueue(
                "undo_faq_import",
                key=f"undo_faq_import:{run.public_id}:{now.timestamp()}",
                merchant_id=run.merchant_id,
                payload={"run": run.pk},
                now=now,
            )
            log(run, Actor("member", str(by.public_id)), "faq_import.undo_asked", now)
    run.refresh_from_db()
    return run


def take_back(*, lease: Lease, run_id: int, clock: Callable[[], datetime]) -> None:
    """Put everything back in one transaction, or name why not, and finish the job."""
    run = FaqImport.objects.select_related("member").get(pk=run_id)
    if run.state == FaqImportState.UNDOING and run.member is not None:
        try:
            _take_back(lease, run, run.member, clock)
            return
        except FaqMoved:
            # Somebody saved one of them at this very moment: it is named below.
            pass
    now = clock()
    with lease.finishing(now=now):
        _give_up(run, _conflicts(_touched(run)))


def _take_back(lease: Lease, run: FaqImport, by: Member, clock: Callable[[], datetime]) -> None:
    now = clock()
    if not lease.renew(until=now + timedelta(seconds=max(settings.JOB_LEASE_SECONDS, 300))):
        raise LeaseLost
    touched = _touched(run)
    conflicts = _conflicts(touched)
    if conflicts:
        with lease.finishing(now=now):
            _give_up(run, conflicts)
        return
    with lease.finishing(now=now):
        change_id = uuid4()
        live = _were_live(touched)
        removed = [each for each in touched if each.is_new and each.faq.pk not in live]
        _remove(removed)
        for each in touched:
            if not each.is_new:
                _put_back(each, by=by, change_id=change_id, now=now)
            elif each.faq.pk in live:
                _archive(each, by=by, change_id=change_id, now=now)
        FaqImport.objects.filter(pk=run.pk).update(state=FaqImportState.UNDONE, undone_at=now)
        log(run, SYSTEM, "faq_import.undone", now, undone=len(touched), removed=len(removed))


def give_up(*, run_id: int) -> None:
    """Every attempt failed: nothing was taken back, and it can be asked for again."""
    _give_up(FaqImport.objects.get(pk=run_id), [])


def _give_up(run: FaqImport, conflicts: Sequence[dict[str, str]]) -> None:
    before = FaqImportState.DONE if run.cursor >= run.records else FaqImportState.STOPPED
    FaqImport.objects.filter(pk=run.pk, state=FaqImportState.UNDOING).update(
        state=before, conflicts=list(conflicts[:KEPT_CONFLICTS])
    )


def _touched(run: FaqImport) -> list[_Touched]:
    rows = FaqRevision.objects.filter(change_id=run.public_id).values("faq_id").order_by("faq_id")
    spans = {row["faq_id"]: row for row in rows.annotate(first=Min("number"), last=Max("number"))}
    faqs = Faq.objects.filter(pk__in=spans.keys()).prefetch_related("texts").order_by("pk")
    return [_Touched(faq, spans[faq.pk]["first"], spans[faq.pk]["last"]) for faq in faqs]


def _conflicts(touched: Sequence[_Touched]) -> list[dict[str, str]]:
    used = _used([each.faq.pk for each in touched if each.is_new])
    found = []
    for each in touched:
        why = CHANGED if each.faq.latest != each.last else USED if each.faq.pk in used else ""
        if why:
            found.append({"faq": str(each.faq.public_id), "key": each.faq.key, "title": each.faq.title, "why": why})
    return found


def _used(pks: Sequence[int]) -> set[int]:
    """Those of new FAQs that something refers to which would be lost with them."""
    found: set[int] = set()
    for relation in Faq._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ForeignObjectRel) or relation.on_delete is not models.CASCADE:
            continue
        model = relation.related_model
        if model._meta.model_name in _PARTS:
            continue
        name = relation.field.name
        for batch in _batches(pks):
            rows = model._base_manager.filter(**{f"{name}__in": batch})
            found |= set(rows.values_list(f"{name}_id", flat=True))
    return found


def _were_live(touched: Sequence[_Touched]) -> set[int]:
    """New FAQs that a revision of the import put before shoppers."""
    new = [each.faq.pk for each in touched if each.is_new]
    found: set[int] = set()
    for batch in _batches(new):
        rows = FaqRevision.objects.filter(faq__in=batch, served__isnull=False)
        found |= set(rows.values_list("faq_id", flat=True))
    return found


def _remove(touched: Sequence[_Touched]) -> None:
    for batch in _batches(touched):
        rows = Faq.objects.filter(pk__in=[each.faq.pk for each in batch])
        if rows.filter(latest=1).count() != len(batch):
            raise FaqMoved
        rows.delete()


def _archive(each: _Touched, *, by: Member, change_id: UUID, now: datetime) -> None:
    content = from_json(*_said(each.faq, each.last))
    step = Step(content, FaqState.ARCHIVED, cause=Cause.UNDONE, source=each.last)
    write(each.faq, [step], seen=each.last, by=by, action="faq.undone", now=now, change_id=change_id)


def _put_back(each: _Touched, *, by: Member, change_id: UUID, now: datetime) -> None:
    """As it was before the import's first revision: what was written, and what was live."""
    old = FaqRevision.objects.get(faq=each.faq, number=each.first - 1)
    steps = []
    if old.served is not None and old.served != old.number:
        live = from_json(*_said(each.faq, old.served))
        steps.append(Step(live, FaqState.PUBLISHED, goes_live=True, cause=Cause.UNDONE, source=old.served))
    content = from_json(old.texts, old.category)
    goes_live = old.served == old.number
    steps.append(Step(content, FaqState(old.state), goes_live=goes_live, cause=Cause.UNDONE, source=old.number))
    write(each.faq, steps, seen=each.last, by=by, action="faq.undone", now=now, change_id=change_id)


def _said(faq: Faq, number: int) -> tuple[dict[str, Any], str]:
    row = FaqRevision.objects.get(faq=faq, number=number)
    return row.texts, row.category


def _batches(rows: Sequence[T]) -> list[Sequence[T]]:
    return [rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH)]

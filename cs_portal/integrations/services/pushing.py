"""Canonical documents from programs into rows: checked as files are, each whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from cs_portal.commerce.history import Provenance
from cs_portal.commerce.imports.checks import check_document
from cs_portal.commerce.imports.columns import KEYS
from cs_portal.commerce.imports.problems import Problem, Report
from cs_portal.commerce.imports.records import Record
from cs_portal.commerce.imports.snapshots import snapshots
from cs_portal.commerce.imports.sources.base import Extra
from cs_portal.commerce.imports.tally import Item
from cs_portal.commerce.imports.writing import settle
from cs_portal.commerce.models import ImportRun
from cs_portal.commerce.signals import records_imported
from cs_portal.core.errors import Conflict
from cs_portal.core.storable import first_unstorable
from cs_portal.core.tenancy import current_merchant
from cs_portal.merchants.models import Merchant

CREATED, UPDATED, UNCHANGED, REFUSED = "created", "updated", "unchanged", "refused"


@dataclass(slots=True)
class Outcome:
    """What became of one document. ``id`` is its natural key, empty where it has none."""

    id: str
    result: str = UNCHANGED
    problems: list[Problem] = field(default_factory=list)


def push(
    *,
    kind: str,
    documents: Sequence[Any],
    provenance: Provenance,
    now: datetime,
    extras: Mapping[int, Extra] | None = None,
) -> list[Outcome]:
    """Create or update the rows of ``documents`` in the caller's transaction; one that is wrong stops nobody else.

    Raises :class:`Conflict` when somebody else made the same row meanwhile.
    """
    outcomes: list[Outcome] = []
    items: list[Item] = []
    seen: set[str] = set()
    for number, data in enumerate(documents):
        record = Record(kind, "", number, {}, text=False, extra=(extras or {}).get(number, Extra()))
        report = Report(record.locate)
        document = _checked(kind, data, report)
        key = document.get(KEYS[kind], "") if not report.problems else _named(kind, data)
        if not report.problems and key in seen:
            report.add((KEYS[kind],), "twice")
        outcomes.append(Outcome(key, REFUSED if report.problems else UNCHANGED, report.problems))
        if not report.problems:
            seen.add(key)
            items.append((record, document))
    _write(kind, items, outcomes, provenance, now)
    return outcomes


def _checked(kind: str, data: Any, report: Report) -> dict[str, Any]:
    if not isinstance(data, dict):
        report.add((), "not_object")
        return {}
    if (where := first_unstorable(data)) is not None:
        report.add(where[:8], "not_storable")
        return {}
    return check_document(kind, data, report)


def _named(kind: str, data: Any) -> str:
    key = data.get(KEYS[kind]) if isinstance(data, dict) else None
    return key[:64] if isinstance(key, str) and first_unstorable(key) is None else ""


def _write(
    kind: str, items: Sequence[Item], outcomes: Sequence[Outcome], provenance: Provenance, now: datetime
) -> None:
    keys = [document[KEYS[kind]] for _record, document in items]
    try:
        with transaction.atomic():
            # One push of a merchant at a time, or two would both say that they made the row. Others may go on
            # referring to the merchant.
            Merchant.objects.select_for_update(no_key=True).get(pk=current_merchant().pk)
            before = snapshots(kind, keys)
            tally = settle(kind, items, write=True, now=now, provenance=provenance)
    except IntegrityError as clash:
        raise Conflict("Somebody else wrote the same row meanwhile. Send the call again.") from clash
    for each in tally.problems:
        outcomes[each.line].result = REFUSED
        outcomes[each.line].problems.append(each)
    after = snapshots(kind, keys)
    for outcome in outcomes:
        if outcome.result == UNCHANGED and after.get(outcome.id) != before.get(outcome.id):
            outcome.result = UPDATED if outcome.id in before else CREATED
    if any(outcome.result in {CREATED, UPDATED} for outcome in outcomes):
        # Whoever counts what goes together counts once an hour, however much comes.
        hour = now.replace(minute=0, second=0, microsecond=0)
        records_imported.send(sender=ImportRun, kind=kind, now=hour)

"""The cases of the regression set: adding, correcting, taking away and bringing back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cs_portal.core.audit import Actor, record
from cs_portal.core.errors import Conflict, Invalid, NotFound
from cs_portal.core.storable import is_storable
from cs_portal.knowledge.content import folded
from cs_portal.knowledge.models import CaseOrigin, Faq, FaqState, RegressionCase
from cs_portal.knowledge.services.writing import may_edit
from cs_portal.merchants.models import Member

MAX_QUESTION = 500
#: Cases that one set may hold; a run over as many takes minutes.
MAX_CASES = 5000
#: What was taken away can be brought back for so long.
KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class NewCase:
    """``faq`` is ``None`` where nothing may answer. ``draft`` is the one whose question it was."""

    question: str
    faq: Faq | None
    draft: UUID | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """``known`` were in the set already and expect the same."""

    added: int
    known: int


def add_case(
    *, question: str, faq_id: UUID | None, by: Member, origin: CaseOrigin = CaseOrigin.HAND, now: datetime
) -> RegressionCase:
    """Raises :class:`Invalid`, :class:`Conflict` for a question that the set holds, :class:`NotFound` for the FAQ."""
    may_edit(by)
    row = _row(NewCase(checked_question(question), _faq_of(faq_id)), by=by, origin=origin, now=now)
    try:
        with transaction.atomic():
            _make_room(1, now=now)
            row.save()
            _log(by, "regression.case_added", f"regression_case:{row.public_id}", now)
    except IntegrityError:
        raise Conflict(_("The set has this question already.")) from None
    return row


def add_cases(*, cases: Sequence[NewCase], by: Member, origin: CaseOrigin, now: datetime) -> Added:
    """All or none. A question that the set holds and that expects something else raises :class:`Conflict`."""
    may_edit(by)
    given = {folded(case.question): case for case in cases}
    try:
        with transaction.atomic():
            known = standing_cases(case.question for case in given.values())
            for key, row in known.items():
                if row.faq_id != _pk(given[key].faq):
                    raise Conflict(_("“%(question)s” is in the set and expects something else.") % {"question": key})
            fresh = [case for key, case in given.items() if key not in known]
            _make_room(len(fresh), now=now)
            RegressionCase.objects.bulk_create(
                [_row(case, by=by, origin=origin, now=now) for case in fresh], batch_size=500
            )
            if fresh:
                _log(by, "regression.cases_added", f"member:{by.public_id}", now, count=len(fresh), origin=str(origin))
    except IntegrityError:
        raise Conflict(_("Somebody changed the set in the meantime. Try again.")) from None
    return Added(len(fresh), len(known))


def change_case(*, case_id: UUID, question: str, faq_id: UUID | None, by: Member, now: datetime) -> RegressionCase:
    """Raises as :func:`add_case`. What the case passed before says nothing any more."""
    may_edit(by)
    row, question, faq = case_of(case_id), checked_question(question), _faq_of(faq_id)
    values = {"question": question, "folded": folded(question), "faq": faq, "passed": None}
    try:
        with transaction.atomic():
            if not RegressionCase.objects.filter(pk=row.pk, removed_at=None).update(**values):
                raise NotFound
            _log(by, "regression.case_changed", f"regression_case:{row.public_id}", now)
    except IntegrityError:
        raise Conflict(_("The set has this question already.")) from None
    for name, value in values.items():
        setattr(row, name, value)
    return row


def remove_cases(*, case_ids: Iterable[UUID], by: Member, now: datetime) -> int:
    """Out of the set; :func:`bring_back` with the same ``now`` returns them within a day."""
    may_edit(by)
    with transaction.atomic():
        RegressionCase.objects.filter(removed_at__lt=now - KEPT).delete()
        removed = RegressionCase.objects.filter(public_id__in=list(case_ids), removed_at=None).update(removed_at=now)
        if removed:
            _log(by, "regression.cases_removed", f"member:{by.public_id}", now, count=removed)
    return removed


def bring_back(*, removed_at: datetime, by: Member, now: datetime) -> int:
    """Raises :class:`Conflict` where the set holds such a question anew, :class:`NotFound` where nothing is left."""
    may_edit(by)
    rows = RegressionCase.objects.filter(removed_at=removed_at)
    if not rows.exists():
        raise NotFound
    try:
        with transaction.atomic():
            count = rows.update(removed_at=None)
            _log(by, "regression.cases_brought_back", f"member:{by.public_id}", now, count=count)
    except IntegrityError:
        raise Conflict(_("The set has one of these questions again, so they cannot be brought back.")) from None
    return count


def forget_cases_of(drafts: Iterable[UUID]) -> None:
    """Erase the cases that hold what the shoppers of these drafts asked, within the caller's transaction."""
    RegressionCase.objects.filter(draft__in=list(drafts)).delete()


def checked_question(question: str) -> str:
    """On one line. Raises :class:`Invalid`."""
    question = " ".join(question.split())
    if not question or not folded(question):
        raise Invalid(_("Type a question."), field="question")
    if len(question) > MAX_QUESTION:
        raise Invalid(_("At most %(limit)s characters.") % {"limit": MAX_QUESTION}, field="question")
    if not is_storable(question):
        raise Invalid(_("This holds characters that cannot be kept."), field="question")
    return question


def standing_cases(questions: Iterable[str]) -> dict[str, RegressionCase]:
    """The cases of the set that ask one of ``questions``, by the folded question."""
    keys = [folded(question) for question in questions]
    rows: dict[str, RegressionCase] = {}
    for start in range(0, len(keys), 500):
        found = RegressionCase.objects.filter(folded__in=keys[start : start + 500], removed_at=None)
        rows |= {row.folded: row for row in found.select_related("faq")}
    return rows


def case_of(case_id: UUID) -> RegressionCase:
    row = RegressionCase.objects.select_related("faq").filter(public_id=case_id, removed_at=None).first()
    if row is None:
        raise NotFound
    return row


def _faq_of(faq_id: UUID | None) -> Faq | None:
    if faq_id is None:
        return None
    faq: Faq = Faq.by_public_id(faq_id)
    if faq.state == FaqState.ARCHIVED:
        raise Invalid(_("This FAQ is archived. Choose another one."), field="faq")
    return faq


def _pk(faq: Faq | None) -> int | None:
    return None if faq is None else faq.pk


def _make_room(count: int, *, now: datetime) -> None:
    RegressionCase.objects.filter(removed_at__lt=now - KEPT).delete()
    if RegressionCase.objects.filter(removed_at=None).count() + count > MAX_CASES:
        raise Invalid(_("A regression set holds at most %(limit)s cases.") % {"limit": MAX_CASES}, field="question")


def _row(case: NewCase, *, by: Member, origin: CaseOrigin, now: datetime) -> RegressionCase:
    return RegressionCase(
        question=case.question,
        folded=folded(case.question),
        faq=case.faq,
        origin=origin,
        draft=case.draft,
        member=by,
        created_at=now,
    )


def _log(by: Member, action: str, target: str, now: datetime, **data: int | str) -> None:
    record(
        merchant_id=by.merchant_id,
        actor=Actor("member", str(by.public_id)),
        action=action,
        target=target,
        now=now,
        data=data,
    )

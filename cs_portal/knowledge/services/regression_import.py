"""Cases from a file: which would be added, which the set has, and which cannot be taken; then the adding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from cs_portal.core.errors import Invalid
from cs_portal.core.public_ids import as_uuid
from cs_portal.knowledge.content import folded
from cs_portal.knowledge.models import CaseOrigin, Faq, FaqPhrasing, FaqState, RegressionCase
from cs_portal.knowledge.regression_files import MAX_REFERENCE, FileCase, Refusal
from cs_portal.knowledge.services.regression_cases import Added, NewCase, add_cases, checked_question, standing_cases
from cs_portal.merchants.models import Member


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a file would do. ``known`` are in the set already and expect the same."""

    new: Sequence[tuple[FileCase, Faq | None]]
    known: Sequence[FileCase]
    refused: Sequence[Refusal]


def weigh(cases: Sequence[FileCase]) -> Weighed:
    """Nothing is written. The number of queries grows with the file in steps of 500 rows."""
    references, standing = _References(cases), standing_cases(case.question for case in cases)
    new, known, refused = list[tuple[FileCase, Faq | None]](), list[FileCase](), list[Refusal]()
    first: dict[str, FileCase] = {}
    for case in cases:
        try:
            question, faq = checked_question(case.question), references.faq(case.faq)
            _refuse_another(case, first.setdefault(folded(question), case), standing.get(folded(question)), faq)
        except Invalid as problem:
            refused.append(Refusal(case.line, case.question[:100], str(problem)))
            continue
        if folded(question) in standing or first[folded(question)] is not case:
            known.append(case)
        else:
            new.append((FileCase(case.line, question, case.faq), faq))
    return Weighed(new, known, refused)


def import_cases(*, cases: Sequence[FileCase], by: Member, now: datetime) -> Added:
    """Add those that :func:`weigh` finds new. Raises :class:`Conflict` when the set changed meanwhile."""
    new = [NewCase(case.question, faq) for case, faq in weigh(cases).new]
    return add_cases(cases=new, by=by, origin=CaseOrigin.FILE, now=now)


def _refuse_another(case: FileCase, first: FileCase, standing: RegressionCase | None, faq: Faq | None) -> None:
    if first is not case and first.faq != case.faq:
        sentence = _("Line %(line)s asks the same and names another FAQ.") % {"line": first.line}
        raise Invalid(sentence, field="faq")
    if standing is not None and standing.faq_id != (faq.pk if faq else None):
        raise Invalid(_("The set has this question already, with another FAQ."), field="faq")


class _References:
    """The FAQs that a file names by key, by id or by a question of theirs."""

    def __init__(self, cases: Sequence[FileCase]) -> None:
        names = list(dict.fromkeys(case.faq for case in cases if case.faq))
        self._by_key: dict[str, Faq] = {}
        self._by_id: dict[UUID, Faq] = {}
        self._by_words: dict[str, list[Faq]] = {}
        for start in range(0, len(names), 500):
            self._look_up(names[start : start + 500])

    def faq(self, name: str) -> Faq | None:
        """``None`` for no name. Raises :class:`Invalid` for one that names no FAQ, several, or an archived one."""
        if not name:
            return None
        found = [faq for faq in (self._by_key.get(name), self._by_id.get(as_uuid(name) or UUID(int=0))) if faq]
        found = found or self._by_words.get(folded(name), [])
        if not found:
            raise Invalid(_("There is no FAQ “%(name)s”.") % {"name": name[:60]}, field="faq")
        if len({faq.pk for faq in found}) > 1:
            raise Invalid(_("Several FAQs have the question “%(name)s”.") % {"name": name[:60]}, field="faq")
        if found[0].state == FaqState.ARCHIVED:
            raise Invalid(_("The FAQ “%(name)s” is archived.") % {"name": name[:60]}, field="faq")
        return found[0]

    def _look_up(self, names: Sequence[str]) -> None:
        self._by_key |= {faq.key: faq for faq in Faq.objects.filter(key__in=names)}
        ids = [public_id for name in names if (public_id := as_uuid(name))]
        self._by_id |= {faq.public_id: faq for faq in Faq.objects.filter(public_id__in=ids)}
        words = [folded(name) for name in names if len(name) <= MAX_REFERENCE]
        rows = FaqPhrasing.objects.filter(folded__in=words).exclude(faq__state=FaqState.ARCHIVED)
        for row in rows.select_related("faq"):
            self._by_words.setdefault(row.folded, []).append(row.faq)

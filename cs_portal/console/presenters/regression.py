"""Runs and results of the regression set, in words and shares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from cs_portal.console.presenters.knowledge import State
from cs_portal.console.presenters.wording import Words
from cs_portal.knowledge.models import (
    Faq,
    FaqState,
    FaqText,
    RegressionCase,
    RegressionResult,
    RegressionRun,
    RunKind,
    RunState,
)
from cs_portal.knowledge.regression import Figures, Outcome
from cs_portal.knowledge.selectors import entries_by_id
from cs_portal.merchants.models import Locale

STATES: dict[str, State] = {
    RunState.WAITING: State("", "clock", _("Waiting")),
    RunState.RUNNING: State("info", "player-play", _("Running")),
    RunState.DONE: State("good", "check", _("Done")),
    RunState.FAILED: State("bad", "alert-triangle", _("Failed")),
}
PASSED = State("good", "check", pgettext_lazy("case", "Passes"))
FAILED = State("bad", "x", pgettext_lazy("case", "Fails"))
UNASKED = State("", "minus", _("Not run yet"))
HOMELESS = State("warn", "alert-triangle", _("Its FAQ is not live"))


@dataclass(frozen=True, slots=True)
class Figure:
    """``hits`` of ``of`` cases; ``before`` where the run compares. ``percent`` is ``None`` where there was no case."""

    label: Words
    hint: Words
    hits: int
    of: int
    before: int | None = None
    before_of: int = 0

    @property
    def percent(self) -> int | None:
        return round(100 * self.hits / self.of) if self.of else None

    @property
    def delta(self) -> int:
        return self.hits - (self.before or 0) if self.before is not None else 0

    @property
    def moved(self) -> str:
        """``+2`` or ``−1``, with a minus that is one."""
        return f"+{self.delta}" if self.delta > 0 else f"\N{MINUS SIGN}{-self.delta}"


@dataclass(frozen=True, slots=True)
class RunView:
    """``percent`` of the progress is ``None`` while no worker has begun. ``faqs`` are those to be published."""

    run: RegressionRun
    state: State
    percent: int | None
    figures: Sequence[Figure]
    passed: int
    cases: int
    better: int
    worse: int
    skipped: int
    faqs: Sequence[Faq]

    @property
    def publishes(self) -> bool:
        return self.run.kind == RunKind.PUBLISHING

    @property
    def failing(self) -> int:
        return self.cases - self.passed


@dataclass(frozen=True, slots=True)
class Found:
    """What a question found: in ``words``, or as an FAQ that came first."""

    faq: Faq | None
    answered: bool
    score: float | None
    rank: int | None
    passed: bool

    @property
    def words(self) -> Words:
        if self.faq is None:
            return _("Nothing")
        return "" if self.answered else _("below the threshold")


@dataclass(frozen=True, slots=True)
class ResultRow:
    case: RegressionCase
    passed: bool
    state: State
    before: Found | None
    after: Found


@dataclass(frozen=True, slots=True)
class CaseRow:
    case: RegressionCase
    state: State
    homeless: bool


def titled(faqs: Iterable[Faq | None]) -> None:
    """Show each FAQ by its question in the reader's language where it has one; one query for any number."""
    rows = [faq for faq in faqs if faq is not None]
    texts = FaqText.objects.filter(faq__in={faq.pk for faq in rows}, locale=get_language() or Locale.EN)
    own = dict(texts.values_list("faq_id", "question"))
    for faq in rows:
        faq.title = own.get(faq.pk) or faq.title


def run_view(run: RegressionRun) -> RunView:
    """Of one run, with the FAQs that it would publish; one query at most."""
    ids = [change["faq"] for change in run.changes]
    known = entries_by_id(ids) if ids else {}
    titled(known.values())
    return _view(run, [known[each] for each in ids if each in known])


def run_views(runs: Iterable[RegressionRun]) -> list[RunView]:
    """One query for any number."""
    runs = list(runs)
    ids = {change["faq"] for run in runs for change in run.changes}
    known = entries_by_id(ids) if ids else {}
    titled(known.values())
    return [_view(run, [known[c["faq"]] for c in run.changes if c["faq"] in known]) for run in runs]


def _view(run: RegressionRun, faqs: Sequence[Faq]) -> RunView:
    after = Figures(**run.figures["after"]) if run.figures else Figures()
    begun = run.state != RunState.WAITING and run.total
    return RunView(
        run=run,
        state=STATES[run.state],
        percent=min(100, 100 * run.done // run.total) if begun else None,
        figures=figures_of(run) if run.figures else [],
        passed=after.passed,
        cases=after.cases,
        better=run.figures.get("better", 0),
        worse=run.figures.get("worse", 0),
        skipped=run.figures.get("skipped", 0),
        faqs=faqs,
    )


def figures_of(run: RegressionRun) -> list[Figure]:
    """Passed, first, among the first three, refused."""
    after = Figures(**run.figures["after"])
    given: dict[str, Any] | None = run.figures.get("before")
    before = Figures(**given) if given else None
    rows = [
        (_("Pass"), _("Answered with the right FAQ, or rightly not at all"), "passed", "cases"),
        (_("Right FAQ first"), _("Whatever its score"), "top1", "expected"),
        (_("Among the first three"), _("Whatever its score"), "top3", "expected"),
        (_("Rightly refused"), _("Of the questions that nothing may answer"), "refused", "nothing"),
    ]
    return [
        Figure(
            label,
            hint,
            getattr(after, hits),
            getattr(after, of),
            getattr(before, hits) if before else None,
            getattr(before, of) if before else 0,
        )
        for label, hint, hits, of in rows
    ]


def result_rows(results: Iterable[RegressionResult]) -> list[ResultRow]:
    """One query for any number of results that came with their cases."""
    results = list(results)
    outcomes = {r.pk: (Outcome.from_json(r.before) if r.before else None, Outcome.from_json(r.after)) for r in results}
    known = entries_by_id({o.found for pair in outcomes.values() for o in pair if o is not None and o.found})
    titled([*known.values(), *(result.case.faq for result in results)])
    return [_row(result, *outcomes[result.pk], known) for result in results]


def _row(result: RegressionResult, before: Outcome | None, after: Outcome, known: Any) -> ResultRow:
    expected = str(result.case.faq.public_id) if result.case.faq else None

    def found(outcome: Outcome) -> Found:
        passed = outcome.passes(expected)
        return Found(known.get(outcome.found), outcome.answered, outcome.score, outcome.rank, passed)

    return ResultRow(
        case=result.case,
        passed=result.passed,
        state=PASSED if result.passed else FAILED,
        before=found(before) if before is not None else None,
        after=found(after),
    )


def case_rows(cases: Iterable[RegressionCase]) -> list[CaseRow]:
    rows, cases = [], list(cases)
    titled(case.faq for case in cases)
    for case in cases:
        homeless = case.faq is not None and case.faq.state != FaqState.PUBLISHED
        state = HOMELESS if homeless else {True: PASSED, False: FAILED, None: UNASKED}[case.passed]
        rows.append(CaseRow(case, state, homeless))
    return rows

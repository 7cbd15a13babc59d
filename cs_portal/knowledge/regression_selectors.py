"""What the pages of the regression set show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from cs_portal.core.errors import NotFound
from cs_portal.knowledge.models import (
    Change,
    Faq,
    FaqState,
    RegressionCase,
    RegressionResult,
    RegressionRun,
    RunKind,
    RunState,
)

FAILING, PASSING, NEW, NOTHING, HOMELESS = "failing", "passing", "new", "nothing", "homeless"


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """``state`` is one of the names above: homeless cases expect an FAQ that is not live."""

    words: str = ""
    state: str = ""
    faq: UUID | None = None


def regression_cases(wanted: CaseFilter) -> QuerySet[RegressionCase]:
    """The cases of the set that fit, unordered."""
    rows = RegressionCase.objects.filter(removed_at=None).select_related("faq", "member__user")
    for word in wanted.words.split()[:8]:
        rows = rows.filter(Q(question__icontains=word) | Q(faq__title__icontains=word))
    if wanted.faq is not None:
        rows = rows.filter(faq__public_id=wanted.faq)
    narrowed = {
        FAILING: Q(passed=False),
        PASSING: Q(passed=True),
        NEW: Q(passed=None),
        NOTHING: Q(faq=None),
        HOMELESS: Q(faq__isnull=False) & ~Q(faq__state=FaqState.PUBLISHED),
    }.get(wanted.state)
    return rows if narrowed is None else rows.filter(narrowed)


def case_counts() -> dict[str, int]:
    """How many cases each state has, and ``all``; one query."""
    homeless = Q(faq__isnull=False) & ~Q(faq__state=FaqState.PUBLISHED)
    counted: dict[str, int] = RegressionCase.objects.filter(removed_at=None).aggregate(
        all=Count("id"),
        failing=Count("id", filter=Q(passed=False)),
        passing=Count("id", filter=Q(passed=True)),
        new=Count("id", filter=Q(passed=None)),
        nothing=Count("id", filter=Q(faq=None)),
        homeless=Count("id", filter=homeless),
    )
    return counted


def cases_of(faqs: Iterable[Faq]) -> dict[int, int]:
    """How many cases expect each of the FAQs, by its id; one query."""
    rows = RegressionCase.objects.filter(removed_at=None, faq__in=[faq.pk for faq in faqs])
    return dict(rows.values_list("faq").annotate(number=Count("id")))


def exported_cases() -> Iterable[tuple[str, str]]:
    rows = RegressionCase.objects.filter(removed_at=None).order_by("id").values_list("question", "faq__key")
    return [(question, key or "") for question, key in rows]


def regression_runs() -> QuerySet[RegressionRun]:
    return RegressionRun.objects.select_related("member__user")


def last_counting_run() -> RegressionRun | None:
    """The newest run that tells how the set stands: over what is live, or one that was published from."""
    counting = Q(kind=RunKind.LIVE) | Q(published_at__isnull=False)
    row: RegressionRun | None = regression_runs().filter(counting, state=RunState.DONE).order_by("-id").first()
    return row


def run_going_on() -> RegressionRun | None:
    """The run over what is live that waits or works."""
    going = [RunState.WAITING, RunState.RUNNING]
    row: RegressionRun | None = regression_runs().filter(kind=RunKind.LIVE, state__in=going).order_by("-id").first()
    return row


def regression_run(run_id: UUID) -> RegressionRun:
    row: RegressionRun | None = regression_runs().filter(public_id=run_id).first()
    if row is None:
        raise NotFound
    return row


def results_of(run: RegressionRun) -> QuerySet[RegressionResult]:
    """Those that count, unordered, each with its case."""
    return RegressionResult.objects.filter(run=run, counts=True).select_related("case__faq")


def changed_results(run: RegressionRun, change: Change) -> list[RegressionResult]:
    """What publishing makes better, or worse."""
    return list(results_of(run).filter(change=change).order_by("id")[:200])


def results_of_case(case: RegressionCase, *, limit: int = 10) -> list[RegressionResult]:
    rows = RegressionResult.objects.filter(case=case, run__state=RunState.DONE)
    return list(rows.select_related("run").order_by("-run_id")[:limit])

"""Findings as lists read them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from cs_portal.core.errors import NotFound
from cs_portal.knowledge.models import Faq, FaqState, LinkCheck, QualityCheck, QualityFinding
from cs_portal.knowledge.quality.kinds import Kind

#: What gives shoppers something wrong comes before what only costs editors time.
GRAVE = (Kind.CONTRADICTION, Kind.RULES, Kind.TRANSLATION, Kind.EXPIRED, Kind.LINK)


def findings(*, kind: str = "", ignored: bool = False) -> QuerySet[QualityFinding]:
    """Standing or ignored ones, with their FAQs, unordered; ``grave`` is 1 for those of :data:`GRAVE`."""
    grave = Case(When(kind__in=GRAVE, then=Value(1)), default=Value(0), output_field=IntegerField())
    rows = QualityFinding.objects.annotate(grave=grave).filter(ignored_at__isnull=not ignored)
    if kind in set(Kind):
        rows = rows.filter(kind=kind)
    return rows.select_related("faq", "other", "ignored_by__user")


def findings_of(faq: Faq) -> list[QualityFinding]:
    """All of one FAQ, in either place of a pair, ignored ones last."""
    rows = QualityFinding.objects.filter(Q(faq=faq) | Q(other=faq)).select_related("faq", "other", "ignored_by__user")
    order = {kind: place for place, kind in enumerate(Kind)}
    return sorted(rows[:100], key=lambda row: (row.ignored_at is not None, order.get(Kind(row.kind), 99), row.pk))


def problems_of(faqs: Iterable[Faq]) -> dict[int, list[str]]:
    """Kinds of standing findings by FAQ; one query."""
    ids = [faq.pk for faq in faqs]
    rows = QualityFinding.objects.filter(Q(faq__in=ids) | Q(other__in=ids), ignored_at=None).order_by("pk")
    found: dict[int, list[str]] = defaultdict(list)
    for faq, other, kind in rows.values_list("faq_id", "other_id", "kind"):
        for pk in {faq, other} & set(ids):
            found[pk].append(kind)
    return found


@dataclass(frozen=True, slots=True)
class Counts:
    """Findings by kind, and how many are ignored."""

    by_kind: dict[str, int]
    ignored: int

    @property
    def standing(self) -> int:
        return sum(self.by_kind.values())


def counts() -> Counts:
    """One query."""
    rows = QualityFinding.objects.values_list("kind").annotate(
        standing=Count("pk", filter=Q(ignored_at=None)), ignored=Count("pk", filter=Q(ignored_at__isnull=False))
    )
    found = list(rows.order_by())
    return Counts({kind: n for kind, n, _ignored in found if n}, sum(n for _kind, _n, n in found))


def finding(public_id: object) -> QualityFinding:
    row = QualityFinding.objects.select_related("faq", "other").filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def last_check() -> QualityCheck | None:
    return QualityCheck.objects.first()


def links_by_url(urls: Iterable[str]) -> dict[str, LinkCheck]:
    return {row.url: row for row in LinkCheck.objects.filter(url__in=list(urls))}


def active_faqs() -> int:
    return int(Faq.objects.exclude(state=FaqState.ARCHIVED).count())

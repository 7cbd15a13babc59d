"""Reading gaps, proposals and suggestions: lists that stay quick, and what a page of one of them shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np
from django.db.models import Count, F, IntegerField, Q, QuerySet
from django.db.models.expressions import CombinedExpression

from cs_portal.core.errors import NotFound
from cs_portal.knowledge.content import searchable
from cs_portal.knowledge.models import (
    Faq,
    FaqPhrasing,
    FaqProposal,
    GapQuestion,
    GapRun,
    GapState,
    KnowledgeGap,
    PhrasingSuggestion,
    ProposalState,
    WorkKind,
    WorkState,
)
from cs_portal.knowledge.services.gap_counts import unpacked
from cs_portal.merchants.models import Member

ALL, ME, NOBODY = "all", "me", "nobody"
#: Weeks of a sparkline: the two windows that a trend compares.
WEEKS = 8
#: Gaps offered for a merge, and questions of each that are compared.
LIKE_IT, COMPARED = 5, 12
#: Words of a search that are looked at, and suggestions that an editor shows per language.
MAX_WORDS, SUGGESTED = 8, 6


@dataclass(frozen=True, slots=True)
class GapFilter:
    """An empty value narrows nothing. ``assignee`` is ``me``, ``nobody`` or a member's public id."""

    words: str = ""
    state: str = GapState.OPEN
    locale: str = ""
    miss: str = ""
    assignee: str = ""


def gaps(wanted: GapFilter, *, member: Member) -> QuerySet[KnowledgeGap]:
    """The gaps that fit, unordered, annotated with ``rise``."""
    rise = CombinedExpression(F("recent"), "-", F("before"), output_field=IntegerField())
    rows = KnowledgeGap.objects.select_related("assignee__user", "faq").annotate(rise=rise)
    rows = rows.exclude(state=GapState.MERGED) if wanted.state == ALL else rows.filter(state=wanted.state)
    for word in searchable(wanted.words).split()[:MAX_WORDS]:
        rows = rows.filter(pk__in=GapQuestion.objects.filter(text__icontains=word).values("gap"))
    if wanted.locale:
        rows = rows.filter(pk__in=GapQuestion.objects.filter(locale=wanted.locale).values("gap"))
    if wanted.miss:
        rows = rows.filter(pk__in=GapQuestion.objects.filter(miss=wanted.miss).values("gap"))
    if wanted.assignee == NOBODY:
        rows = rows.filter(assignee=None)
    elif wanted.assignee:
        who = member.public_id if wanted.assignee == ME else wanted.assignee
        rows = rows.filter(assignee__public_id=who)
    return rows


def gap(gap_id: UUID) -> KnowledgeGap:
    rows = KnowledgeGap.objects.select_related("assignee__user", "faq", "merged_into")
    row = rows.filter(public_id=gap_id).first()
    if row is None:
        raise NotFound
    return row


def any_gap() -> bool:
    return bool(KnowledgeGap.objects.exists())


def questions_of(row: KnowledgeGap) -> QuerySet[GapQuestion]:
    return GapQuestion.objects.filter(gap=row).select_related("nearest").defer("vector")


def weekly(rows: Iterable[KnowledgeGap], *, now: datetime) -> dict[int, list[int]]:
    """Questions per week of each gap, the oldest first, :data:`WEEKS` of them; one query."""
    ids, first = [row.pk for row in rows], now - timedelta(weeks=WEEKS)
    counted: dict[int, list[int]] = {pk: [0] * WEEKS for pk in ids}
    asked = GapQuestion.objects.filter(gap__in=ids, asked_at__gte=first, asked_at__lte=now)
    for pk, at in asked.values_list("gap", "asked_at"):
        counted[pk][min(WEEKS - 1, (at - first).days // 7)] += 1
    return counted


def languages(rows: Iterable[KnowledgeGap]) -> dict[int, set[str]]:
    """The languages that each gap is asked in; one query."""
    found: dict[int, set[str]] = {}
    asked = GapQuestion.objects.filter(gap__in=[row.pk for row in rows]).order_by()
    for pk, locale in asked.values_list("gap", "locale").distinct():
        found.setdefault(pk, set()).add(locale)
    return found


def examples(rows: Iterable[KnowledgeGap], *, each: int = 2) -> dict[int, list[GapQuestion]]:
    """Some late questions of each gap that are worded otherwise than its title; one query."""
    rows = list(rows)
    titles, found = {row.pk: row.title for row in rows}, {row.pk: [] for row in rows}  # type: ignore[var-annotated]
    asked = GapQuestion.objects.filter(gap__in=titles).defer("vector").order_by("gap", "-asked_at", "-id")
    for question in asked.iterator(chunk_size=500):
        held = found[question.gap_id]
        if len(held) < each and question.text not in {titles[question.gap_id], *(one.text for one in held)}:
            held.append(question)
    return found


def like(row: KnowledgeGap) -> list[KnowledgeGap]:
    """Other open gaps, the most similar first: what one may want to merge. Two queries, and no model."""
    late = GapQuestion.objects.filter(Q(gap=row) | Q(gap__state=GapState.OPEN)).order_by("gap", "-asked_at")
    held: dict[int, list[np.ndarray]] = {}
    for pk, vector in late.values_list("gap", "vector")[:4000]:
        if vector and len(mine := held.setdefault(pk, [])) < COMPARED:
            mine.append(unpacked(vector))
    own = held.pop(row.pk, [])
    if not own:
        return []
    centre = np.mean(own, axis=0)
    near = {pk: float(np.mean(them, axis=0) @ centre) for pk, them in held.items() if len(them[0]) == len(centre)}
    best = sorted(near, key=lambda pk: (-near[pk], pk))[:LIKE_IT]
    rows = KnowledgeGap.objects.in_bulk(best)
    return [rows[pk] for pk in best if pk in rows]


def run(run_id: UUID) -> GapRun:
    row = GapRun.objects.select_related("gap", "faq", "member").filter(public_id=run_id).first()
    if row is None:
        raise NotFound
    return row


def last_run(kind: str, *, of: KnowledgeGap | None = None, faq: Faq | None = None) -> GapRun | None:
    """The latest run of this kind that has not failed."""
    rows = GapRun.objects.filter(kind=kind).exclude(state=WorkState.FAILED).select_related("faq", "gap")
    if of is not None:
        rows = rows.filter(gap=of)
    if faq is not None:
        rows = rows.filter(faq=faq)
    return rows.order_by("-id").first()


def last_mined() -> GapRun | None:
    return GapRun.objects.filter(kind=WorkKind.MINE, state=WorkState.DONE).order_by("-id").first()


def questions_by_id(public_ids: Sequence[str]) -> dict[str, GapQuestion]:
    """Those erased since are missing."""
    rows = GapQuestion.objects.filter(public_id__in=public_ids).select_related("gap").defer("vector")
    return {str(row.public_id): row for row in rows}


def proposals(state: str) -> QuerySet[FaqProposal]:
    """With an empty ``state`` all of them; unordered."""
    rows = FaqProposal.objects.select_related("faq", "decided_by__user").prefetch_related("faq__texts")
    return rows.filter(state=state) if state else rows


def proposal(proposal_id: UUID) -> FaqProposal:
    row = proposals("").filter(public_id=proposal_id).first()
    if row is None:
        raise NotFound
    return row


@dataclass(frozen=True, slots=True)
class Suggested:
    """A wording with the number of shoppers who asked so."""

    row: PhrasingSuggestion
    times: int


def suggestions(faq: Faq) -> dict[str, list[Suggested]]:
    """By language; those asked most and least known first. Wordings that an FAQ has by now are left out."""
    rows = PhrasingSuggestion.objects.filter(faq=faq, dismissed_at=None).order_by("similarity", "id")
    taken = set(FaqPhrasing.objects.filter(folded__in=rows.values("folded")).values_list("folded", flat=True))
    counted = dict(rows.order_by().values_list("folded").annotate(n=Count("pk")))
    found: dict[str, dict[str, Suggested]] = {}
    for row in rows[:200]:
        if row.folded not in taken:
            found.setdefault(row.locale, {}).setdefault(row.folded, Suggested(row, counted[row.folded]))
    return {
        locale: sorted(each.values(), key=lambda one: (-one.times, one.row.similarity))[:SUGGESTED]
        for locale, each in found.items()
    }


@dataclass(frozen=True, slots=True)
class Lessons:
    """What an FAQ's editor shows: suggested phrasings by language, open proposals, the gap that it was made for."""

    suggested: dict[str, list[Suggested]]
    proposed: int
    gap: KnowledgeGap | None


def lessons_of(faq: Faq) -> Lessons:
    """Five queries at most."""
    return Lessons(
        suggestions(faq),
        FaqProposal.objects.filter(faq=faq, state=ProposalState.OPEN).count(),
        KnowledgeGap.objects.filter(faq=faq).exclude(state=GapState.MERGED).order_by("-id").first(),
    )

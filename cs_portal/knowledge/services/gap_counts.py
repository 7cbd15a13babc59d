"""Sizes, trends and titles of gaps: counted when questions come, move or go, and daily, since a trend ages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import Count, Max, Min, Q, QuerySet

from bots.retrieval.grouping import Vectors, central
from cs_portal.knowledge.models import GapQuestion, GapState, KnowledgeGap

#: A trend compares the questions of so long with those of as long before.
WINDOW = timedelta(days=28)
MAX_TITLE = 300


def recount(*, now: datetime, among: Iterable[int] | None = None) -> None:
    """Bring what the rows of gaps say about their questions up to date; gaps without questions go.

    A gap keeps its title as long as it has that question. Those that were merged away stay, empty.
    """
    gaps = KnowledgeGap.objects.exclude(state=GapState.MERGED)
    rows = list(_counted(gaps if among is None else gaps.filter(pk__in=list(among)), now))
    questions = GapQuestion.objects.filter(gap__in=[row.pk for row in rows]).values_list("gap", "text")
    titled = {(gap, text[:MAX_TITLE]) for gap, text in questions}
    for row in rows:
        if not row.held:
            row.delete()
            continue
        row.size, row.recent, row.before, row.counted_at = row.held, row.late, row.early, now
        row.first_asked_at, row.last_asked_at = row.began, row.ended
        if (row.pk, row.title) not in titled:
            row.title, row.locale = title_of(GapQuestion.objects.filter(gap=row).order_by("asked_at", "id")[:200])
    fields = ["size", "recent", "before", "counted_at", "first_asked_at", "last_asked_at", "title", "locale"]
    KnowledgeGap.objects.bulk_update([row for row in rows if row.pk], fields, batch_size=200)


def _counted(gaps: QuerySet[KnowledgeGap], now: datetime) -> QuerySet[Any]:
    late, early = now - WINDOW, now - 2 * WINDOW
    return gaps.annotate(
        held=Count("questions"),
        late=Count("questions", filter=Q(questions__asked_at__gte=late)),
        early=Count("questions", filter=Q(questions__asked_at__gte=early, questions__asked_at__lt=late)),
        began=Min("questions__asked_at"),
        ended=Max("questions__asked_at"),
    )


def title_of(questions: Iterable[GapQuestion]) -> tuple[str, str]:
    """The text and the language of the most central of ``questions``, of which there is at least one."""
    rows = list(questions)
    usual = Counter(row.embedder for row in rows).most_common(1)[0][0]
    rows = [row for row in rows if row.embedder == usual]
    middle = rows[central(vectors_of(rows))] if usual else rows[0]
    return middle.text[:MAX_TITLE], middle.locale


def packed(vector: Vectors) -> bytes:
    """As the database holds it: little-endian float16."""
    return bytes(vector.astype("<f2").tobytes())


def unpacked(vector: bytes | memoryview) -> Vectors:
    return np.frombuffer(bytes(vector), dtype="<f2").astype(np.float32)


def vectors_of(rows: Sequence[GapQuestion]) -> Vectors:
    """One row per question, all of one embedder; shape (n, dimension)."""
    return np.stack([unpacked(row.vector) for row in rows])

"""The mining of gaps: new questions go where their like are, or make gaps of their own; answered gaps close.

Incremental and deterministic. What there is keeps its identity: gaps are never made anew, joined or split by this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np
from django.db import transaction

from bots.api import Bot
from bots.retrieval.grouping import Rows, Vectors, central, group
from bots.types import Language, as_language
from cs_portal.knowledge.models import Faq, GapQuestion, GapState, KnowledgeGap, Mined
from cs_portal.knowledge.services.gap_counts import MAX_TITLE, packed, recount, unpacked
from cs_portal.learning.gaps.neutral import Neutraliser, neutraliser
from cs_portal.learning.gaps.reading import Asked, faqs_by_id, questions, read

Report = Callable[[int, int], None]

#: The first run reads so far back; the later ones look again at this many days, since decisions come late.
FIRST, AGAIN = timedelta(days=180), timedelta(days=14)
#: Questions that are embedded and sorted in at a time. The time of sorting is quadratic in it.
BATCH = 400
#: Questions of a gap, the latest ones, that new ones are compared with.
COMPARED = 30
#: Gaps that new questions may join: those that somebody asked about within this time.
ALIVE = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class MinedGaps:
    """``read`` questions, of which ``joined`` went into known gaps; ``made`` are new gaps."""

    read: int
    joined: int
    made: int


def mine(*, bot: Bot, now: datetime, report: Report = lambda done, total: None) -> MinedGaps:
    """Read what came since the last run and sort it in, a batch per transaction: a run cut short goes on from there."""
    row = Mined.objects.first()
    since = now - FIRST if row is None else row.until - AGAIN
    drafts = questions(since=since, until=now)
    found, joined, made = 0, 0, 0
    neutral = neutraliser()
    for start in range(0, len(drafts), BATCH):
        report(start, len(drafts))
        asked = list(read(drafts[start : start + BATCH]))
        done = _sort_in(asked, _embed(asked, neutral, bot), bot=bot, now=now) if asked else (0, 0)
        found, joined, made = found + len(asked), joined + done[0], made + done[1]
    Mined.objects.update_or_create(defaults={"until": now})
    recount(now=now)
    report(len(drafts), len(drafts))
    return MinedGaps(found, joined, made)


def _embed(asked: Sequence[Asked], neutral: Neutraliser, bot: Bot) -> Vectors:
    texts = [neutral(each.text, each.locale) for each in asked]
    vectors = bot.comparable(texts, [as_language(each.locale) for each in asked])
    return vectors.astype(np.float16).astype(np.float32)


def _sort_in(asked: Sequence[Asked], vectors: Vectors, *, bot: Bot, now: datetime) -> tuple[int, int]:
    """How many went into known gaps, and how many gaps were made."""
    asked_in = [as_language(each.locale) for each in asked]
    grouped = group(Rows(vectors, asked_in), _known(bot, now), across=bot.across_languages)
    faqs = faqs_by_id(asked)
    with transaction.atomic():
        for gap_id, rows in grouped.joined.items():
            _add(gap_id, rows, asked, vectors, faqs, bot)
            _wake(gap_id, [asked[row] for row in rows], now)
        for rows in grouped.formed:
            _add(_new_gap(rows, asked, vectors, now).pk, rows, asked, vectors, faqs, bot)
    return sum(map(len, grouped.joined.values())), len(grouped.formed)


def _known(bot: Bot, now: datetime) -> dict[int, Rows]:
    """Vectors of the latest questions of every gap that lives; other embedders' are made anew first."""
    living = KnowledgeGap.objects.exclude(state=GapState.MERGED).filter(last_asked_at__gte=now - ALIVE)
    rows = GapQuestion.objects.filter(gap__in=living).order_by("gap", "-asked_at", "-id")
    _embed_anew(rows.exclude(embedder=bot.embedder_name), bot)
    known: dict[int, list[tuple[Vectors, Language]]] = {}
    for gap_id, vector, locale in rows.values_list("gap", "vector", "locale").iterator(chunk_size=1000):
        if len(held := known.setdefault(gap_id, [])) < COMPARED:
            held.append((unpacked(vector), as_language(locale)))
    return {
        gap_id: Rows(np.stack([vector for vector, _ in held]), [language for _, language in held])
        for gap_id, held in known.items()
    }


def _embed_anew(rows: Iterable[GapQuestion], bot: Bot) -> None:
    stale = list(rows)
    if not stale:
        return
    neutral = neutraliser()
    for start in range(0, len(stale), BATCH):
        part = stale[start : start + BATCH]
        vectors = bot.comparable(
            [neutral(row.text, row.locale) for row in part], [as_language(row.locale) for row in part]
        )
        for row, vector in zip(part, vectors, strict=True):
            row.vector, row.embedder = packed(vector), bot.embedder_name
        GapQuestion.objects.bulk_update(part, ["vector", "embedder"], batch_size=200)


def _add(
    gap_id: int, rows: Sequence[int], asked: Sequence[Asked], vectors: Vectors, faqs: Mapping[UUID, Faq], bot: Bot
) -> None:
    GapQuestion.objects.bulk_create(
        GapQuestion(
            gap_id=gap_id,
            text=asked[row].text,
            locale=asked[row].locale,
            miss=asked[row].miss,
            nearest=None if (faq := asked[row].faq) is None else faqs.get(faq),
            score=asked[row].score,
            conversation=asked[row].conversation,
            draft=asked[row].draft,
            number=asked[row].number,
            vector=packed(vectors[row]),
            embedder=bot.embedder_name,
            asked_at=asked[row].at,
        )
        for row in rows
    )


def _wake(gap_id: int, asked: Sequence[Asked], now: datetime) -> None:
    """A resolved gap that is asked about after it was closed is open again; a dismissed one stays away."""
    last = max(each.at for each in asked)
    gap = KnowledgeGap.objects.filter(pk=gap_id, state=GapState.RESOLVED, closed_at__lt=last)
    gap.update(state=GapState.OPEN, reopened_at=now, closed_at=None)


def _new_gap(rows: Sequence[int], asked: Sequence[Asked], vectors: Vectors, now: datetime) -> KnowledgeGap:
    middle = asked[rows[central(vectors[list(rows)])]]
    return KnowledgeGap.objects.create(
        title=middle.text[:MAX_TITLE],
        locale=middle.locale,
        first_asked_at=min(asked[row].at for row in rows),
        last_asked_at=max(asked[row].at for row in rows),
        counted_at=now,
        created_at=now,
    )

"""What an FAQ would have changed: past questions asked again as if it were published as it is written now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from bots.api import Bot
from cs_portal.knowledge.models import Faq, GapQuestion, GapState, KnowledgeGap
from cs_portal.knowledge.retrieval import ANSWER_THRESHOLD, entries_with, index, index_of
from cs_portal.learning.gaps.asking import Asker

#: Questions of the gap itself, and the latest of all other open gaps.
OF_GAP, OF_OTHERS = 200, 200


def replay(
    faq: Faq, gap: KnowledgeGap | None, *, bot: Bot, now: datetime, report: Callable[[int, int], None]
) -> dict[str, Any]:
    """The result of a run: each question by its public id, with what was found before and with the FAQ; no words."""
    asker, live, with_it = Asker(bot, now=now), index(bot=bot), index_of(entries_with(faq), bot=bot)
    rows = past_questions(gap)
    found = []
    for done, row in enumerate(rows):
        report(done, len(rows))
        before, after = asker.best(row.text, row.locale, among=live), asker.best(row.text, row.locale, among=with_it)
        mine = after is not None and after.faq == str(faq.public_id)
        found.append(
            {
                "question": str(row.public_id),
                "own": gap is not None and row.gap_id == gap.pk,
                "before": before.score if before else 0.0,
                "answered_before": bool(before and before.answers),
                "after": after.score if after else 0.0,
                "answered": bool(after and after.answers and mine),
                "found": mine,
            }
        )
    return {"threshold": ANSWER_THRESHOLD, "revision": faq.latest, "questions": found}


def past_questions(gap: KnowledgeGap | None) -> list[GapQuestion]:
    own = GapQuestion.objects.filter(gap=gap).order_by("-asked_at", "-id")[:OF_GAP] if gap else []
    others = GapQuestion.objects.filter(gap__state=GapState.OPEN).order_by("-asked_at", "-id")
    return [*own, *(others.exclude(gap=gap) if gap else others)[:OF_OTHERS]]

"""Gaps that FAQs published since answer are resolved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime

from django.db.models import F, Max

from bots.api import Bot
from cs_portal.core.audit import SYSTEM, record
from cs_portal.knowledge.models import Faq, FaqRevision, GapQuestion, GapState, KnowledgeGap
from cs_portal.learning.gaps.asking import Asker

#: Questions of a gap that are asked again, the latest ones, and how many of them an FAQ has to answer.
ASKED_AGAIN, ENOUGH = 12, 0.75


def settle(
    gaps: Iterable[KnowledgeGap], *, bot: Bot, now: datetime, report: Callable[[int], None] = lambda done: None
) -> int:
    """Resolve those of the open ``gaps`` that words which went live since their questions answer; returns how many.

    What was live when a shopper asked did not answer them, whatever the search makes of it today.
    """
    live = _went_live()
    newest = max(live.values(), default=None)
    asker, settled = Asker(bot, now=now), 0
    for done, gap in enumerate(gaps):
        report(done)
        if newest is None or newest <= gap.first_asked_at:
            continue
        faq = _answered_by(gap, asker, live)
        if faq is not None and KnowledgeGap.objects.filter(pk=gap.pk, state=GapState.OPEN).update(
            state=GapState.RESOLVED, faq=faq, closed_at=now
        ):
            settled += 1
            record(
                merchant_id=gap.merchant_id,
                actor=SYSTEM,
                action="gap.resolved",
                target=f"gap:{gap.public_id}",
                now=now,
                data={"faq": str(faq.public_id)},
            )
    return settled


def _went_live() -> dict[str, datetime]:
    """When each FAQ's words went live last, by public id; those that nobody changed since they came in are missing."""
    rows = FaqRevision.objects.filter(served=F("number")).order_by()
    found = rows.values_list("faq__public_id").annotate(last=Max("created_at"))
    return {str(public_id): last for public_id, last in found}


def _answered_by(gap: KnowledgeGap, asker: Asker, live: dict[str, datetime]) -> Faq | None:
    """The FAQ that answers most of the gap's latest questions, where enough of them are answered by new words."""
    rows = list(GapQuestion.objects.filter(gap=gap).defer("vector").order_by("-asked_at", "-id")[:ASKED_AGAIN])
    counted: Counter[str] = Counter()
    for row in rows:
        hit = asker.best(row.text, row.locale)
        if hit is not None and hit.answers and hit.faq in live and live[hit.faq] > row.asked_at:
            counted[hit.faq] += 1
    if not rows or counted.total() < ENOUGH * len(rows):
        return None
    return Faq.objects.filter(public_id=counted.most_common(1)[0][0]).first()

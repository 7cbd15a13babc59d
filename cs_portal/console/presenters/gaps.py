"""Gaps as the list and the page of one show them: sizes with a trend, a sparkline, and runs in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cs_portal.console.presenters.knowledge import LANG, LANGUAGE_MARKS, LANGUAGE_NAMES, LanguageMark
from cs_portal.console.presenters.wording import Words
from cs_portal.conversations.models import Conversation
from cs_portal.knowledge.gaps import examples, languages, questions_by_id, weekly
from cs_portal.knowledge.models import Dismissal, GapQuestion, GapRun, GapState, KnowledgeGap, Miss
from cs_portal.merchants.models import Locale

STATES: dict[str, tuple[str, str, Words]] = {
    GapState.OPEN: ("warn", "zoom-question", GapState.OPEN.label),
    GapState.RESOLVED: ("good", "circle-check", GapState.RESOLVED.label),
    GapState.DISMISSED: ("", "ban", GapState.DISMISSED.label),
    GapState.MERGED: ("", "git-compare", GapState.MERGED.label),
}
BAR_WIDTH, BAR_GAP, HEIGHT = 7, 2, 24


@dataclass(frozen=True, slots=True)
class Bar:
    """A week of a sparkline, in the drawing's own units; ``late`` ones are of the last four weeks."""

    x: int
    y: int
    height: int
    late: bool


@dataclass(frozen=True, slots=True)
class Spark:
    bars: Sequence[Bar]
    label: str

    @property
    def width(self) -> int:
        return len(self.bars) * (BAR_WIDTH + BAR_GAP) - BAR_GAP


def spark(weeks: Sequence[int]) -> Spark:
    most = max([*weeks, 1])
    heights = [max(2 if count else 1, round(HEIGHT * count / most)) for count in weeks]
    bars = [
        Bar(place * (BAR_WIDTH + BAR_GAP), HEIGHT - height, height, place >= len(weeks) // 2)
        for place, height in enumerate(heights)
    ]
    label = _("Questions per week, the last eight weeks: %(counts)s") % {"counts": ", ".join(map(str, weeks))}
    return Spark(bars, label)


@dataclass(frozen=True, slots=True)
class Trend:
    """How many were asked in the last four weeks, and how that compares with the four before."""

    icon: str
    tone: str
    text: str


def trend(gap: KnowledgeGap) -> Trend:
    by = gap.recent - gap.before
    if by > 0:
        return Trend("trending-up", "bad", _("%(count)s more than in the four weeks before") % {"count": by})
    if by < 0:
        return Trend("trending-down", "good", _("%(count)s fewer than in the four weeks before") % {"count": -by})
    return Trend("minus", "", _("as many as in the four weeks before"))


@dataclass(frozen=True, slots=True)
class GapRow:
    gap: KnowledgeGap
    lang: str
    state: tuple[str, str, Words]
    languages: Sequence[LanguageMark]
    spark: Spark
    trend: Trend
    examples: Sequence[GapQuestion]


def gap_rows(gaps: Iterable[KnowledgeGap], *, now: datetime) -> list[GapRow]:
    """Three queries, however many rows."""
    gaps = list(gaps)
    weeks, spoken, asked = weekly(gaps, now=now), languages(gaps), examples(gaps)
    return [
        GapRow(
            gap=gap,
            lang=LANG[gap.locale],
            state=STATES[gap.state],
            languages=marks(spoken.get(gap.pk, set())),
            spark=spark(weeks[gap.pk]),
            trend=trend(gap),
            examples=asked[gap.pk],
        )
        for gap in gaps
    ]


def marks(spoken: set[str]) -> list[LanguageMark]:
    return [
        LanguageMark(code, LANGUAGE_MARKS[code], LANGUAGE_NAMES[code], True) for code in Locale.values if code in spoken
    ]


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """``conversation`` is there as long as it is kept."""

    question: GapQuestion
    lang: str
    miss: Words
    conversation: UUID | None


def question_rows(questions: Iterable[GapQuestion]) -> list[QuestionRow]:
    """One query."""
    questions = list(questions)
    wanted = {question.conversation for question in questions}
    there = set(Conversation.objects.filter(public_id__in=wanted).values_list("public_id", flat=True))
    return [
        QuestionRow(
            each, LANG[each.locale], Miss(each.miss).label, each.conversation if each.conversation in there else None
        )
        for each in questions
    ]


def dismissal_of(gap: KnowledgeGap) -> Words:
    return Dismissal(gap.dismissal).label if gap.dismissal else ""


@dataclass(frozen=True, slots=True)
class ReplayRow:
    """``helps``: not answered before, and answered by this FAQ."""

    question: GapQuestion
    lang: str
    own: bool
    before: float
    after: float
    answered: bool
    helps: bool
    verdict: Words


@dataclass(frozen=True, slots=True)
class Replay:
    """What a replay found. ``sentence`` sums it up."""

    rows: Sequence[ReplayRow]
    threshold: float
    sentence: str
    outdated: bool


def replay_of(run: GapRun | None) -> Replay | None:
    """``None`` until it is there. Questions that were erased since are left out."""
    if run is None or run.result is None or run.faq is None:
        return None
    result: dict[str, Any] = run.result
    known = questions_by_id([each["question"] for each in result["questions"]])
    rows = [_replayed(each, known[each["question"]]) for each in result["questions"] if each["question"] in known]
    own = [row for row in rows if row.own]
    others = [row for row in rows if not row.own and row.helps]
    counts = {"answered": sum(row.answered for row in own), "all": len(own)}
    sentence = _("It would answer %(answered)s of the %(all)s questions of this gap.") % counts if own else ""
    if others:
        more = ngettext(
            "%(count)s question of another gap, too.", "%(count)s questions of other gaps, too.", len(others)
        )
        sentence = f"{sentence} {more % {'count': len(others)}}".strip()
    shown = sorted([*own, *others], key=lambda row: (not row.own, -row.after))
    return Replay(shown, result["threshold"], sentence, run.faq.latest != result["revision"])


_NOW = gettext_lazy("Would be answered")
_ALREADY = gettext_lazy("Answered already")
_NOT = gettext_lazy("Still without an answer")


def _replayed(found: dict[str, Any], question: GapQuestion) -> ReplayRow:
    helps = found["answered"] and not found["answered_before"]
    verdict = _NOW if helps else _ALREADY if found["answered"] or found["answered_before"] else _NOT
    return ReplayRow(
        question=question,
        lang=LANG[question.locale],
        own=found["own"],
        before=found["before"],
        after=found["after"],
        answered=found["answered"],
        helps=helps,
        verdict=verdict,
    )

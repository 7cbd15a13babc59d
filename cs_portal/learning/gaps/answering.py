"""An FAQ out of what colleagues replied: the most central of their replies, without anybody's data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bots.api import Bot
from bots.retrieval.grouping import central
from bots.types import as_language
from cs_portal.conversations.redaction import PLACEHOLDER
from cs_portal.knowledge.content import MAX_ANSWER, MAX_QUESTION, FaqContent, LocaleText, content_of, folded
from cs_portal.knowledge.models import GapQuestion, KnowledgeGap
from cs_portal.knowledge.services.gap_counts import vectors_of
from cs_portal.learning.gaps.reading import redacted, replies
from cs_portal.learning.sentences import general
from cs_portal.merchants.models import Locale

#: Questions of a gap that are looked at, the latest ones, and how many of them become phrasings per language.
LOOKED_AT, PHRASINGS = 200, 8
#: Letters that an answer has at least.
SHORTEST = 8


@dataclass(frozen=True, slots=True)
class Written:
    """``replies`` were there to choose from, in all languages."""

    content: FaqContent
    replies: int


def write_faq(gap: KnowledgeGap, *, bot: Bot) -> Written:
    """Question, phrasings and answer in each language that has them. Without replies the answer stays empty."""
    rows = list(GapQuestion.objects.filter(gap=gap).order_by("-asked_at", "-id")[:LOOKED_AT])
    answers: dict[str, list[str]] = {}
    for reply in replies(rows):
        text = general(redacted(reply.text, reply.personal, reply.on), today=reply.on)
        if len(text) >= SHORTEST:
            answers.setdefault(reply.locale, []).append(text)
    texts = []
    for code in Locale.values:
        mine = [row for row in rows if row.locale == code]
        question, *phrasings = questions_of(mine) or [""]
        answer = most_central(answers.get(code, []), code, bot) if question else ""
        texts.append((code, LocaleText(question, answer[:MAX_ANSWER], tuple(phrasings[:PHRASINGS]))))
    return Written(content_of(texts), sum(map(len, answers.values())))


def most_central(texts: Sequence[str], locale: str, bot: Bot) -> str:
    if not texts:
        return ""
    return texts[central(bot.comparable(texts, [as_language(locale)] * len(texts)))]


def questions_of(rows: Sequence[GapQuestion]) -> list[str]:
    """Different wordings, the most central first; those with somebody's data in them only where there are no others."""
    if not rows:
        return []
    clean = [row for row in rows if not PLACEHOLDER.search(row.text)] or list(rows)
    usual = [row for row in clean if row.embedder == clean[0].embedder]
    vectors = vectors_of(usual)
    order = np.argsort(-np.round(vectors @ vectors.sum(axis=0), 6), kind="stable")
    by_words: dict[str, str] = {}
    for place in order:
        text = " ".join(PLACEHOLDER.sub("", usual[place].text).split())[:MAX_QUESTION]
        if key := folded(text):
            by_words.setdefault(key, text)
    return list(by_words.values())

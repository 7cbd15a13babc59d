"""All checks of a merchant's answers in one pass, over texts and days alone."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from cs_portal.knowledge.conditions import answer_to_json
from cs_portal.knowledge.content import FaqContent, folded
from cs_portal.knowledge.listing import SOON
from cs_portal.knowledge.quality.duplicates import Asked, Vectors, duplicates
from cs_portal.knowledge.quality.kinds import Kind
from cs_portal.knowledge.quality.links import links_in
from cs_portal.knowledge.quality.statements import (
    AnswerText,
    Disagreement,
    Statement,
    disagreements,
    statements,
    translations_differ,
)

#: An FAQ that has been live and unchanged for so long and was never used is told.
UNUSED_FOR = timedelta(days=30)
#: Findings of one kind that are kept; who has more mends those first.
MAX_OF_A_KIND = 500


@dataclass(frozen=True, slots=True)
class Checked:
    """One FAQ that is not archived, by its newest content. ``unused``: live, and no draft ever rested on it."""

    id: int
    content: FaqContent
    published: bool
    changed_at: datetime
    unused: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A finding. ``rests_on`` is what makes it another finding when it changes; the detail is, where it is left out."""

    kind: Kind
    faq: int
    other: int | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    rests_on: tuple[object, ...] | None = None

    @property
    def fingerprint(self) -> str:
        rests_on = self.detail if self.rests_on is None else self.rests_on
        text = json.dumps([self.kind, self.faq, self.other, rests_on], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


def check_all(
    faqs: Sequence[Checked],
    *,
    now: datetime,
    today: date,
    vectors: Vectors | None = None,
    broken: Mapping[str, str] | None = None,
    asked_recently: bool = True,
) -> list[Found]:
    """``broken``: addresses that do not work, with what was answered. ``asked_recently``: shoppers did ask the bot."""
    found = [
        *_contradictions(faqs, today),
        *_translations(faqs),
        *_days(faqs, today),
        *_links(faqs, broken or {}),
        *_duplicates(faqs, vectors),
        *_untranslated(faqs),
        *_labels(faqs),
        *(_unused(faqs, now) if asked_recently else ()),
    ]
    kept: Counter[Kind] = Counter()
    limited = []
    for one in found:
        kept[one.kind] += 1
        if kept[one.kind] <= MAX_OF_A_KIND:
            limited.append(one)
    return limited


def answers_of(faq: Checked) -> Iterator[AnswerText]:
    """Every answer of an FAQ, those for some cases with their conditions."""
    for locale, text in faq.content.texts.items():
        if text.answer:
            yield AnswerText(faq.id, locale, text.question, text.answer)
        for answer in faq.content.answers:
            if words := answer.texts.get(locale):
                when = json.dumps(answer_to_json(answer)["when"], sort_keys=True)
                yield AnswerText(faq.id, locale, text.question, words, frozenset({when}))


def _contradictions(faqs: Sequence[Checked], today: date) -> Iterator[Found]:
    current = [faq for faq in faqs if faq.content.holds_on(today)]
    found = disagreements(statement for faq in current for text in answers_of(faq) for statement in statements(text))
    for pair in found:
        detail = _detail(pair)
        yield Found(Kind.CONTRADICTION, pair.first.faq, pair.second.faq, detail)


def _detail(pair: Disagreement) -> dict[str, Any]:
    def side(statement: Statement) -> dict[str, Any]:
        figure = statement.figure
        return {"words": statement.words, "shown": statement.shown, "start": figure.start, "end": figure.end}

    return {
        "topic": pair.first.topic,
        "locale": pair.first.locale,
        "first": side(pair.first),
        "second": side(pair.second),
    }


def _translations(faqs: Sequence[Checked]) -> Iterator[Found]:
    for faq in faqs:
        answers = {code: text.answer for code, text in faq.content.texts.items() if text.answer}
        if differing := translations_differ(answers):
            first, second = list(answers)[:2]
            yield Found(Kind.TRANSLATION, faq.id, detail={first: differing[0], second: differing[1]})


def _days(faqs: Sequence[Checked], today: date) -> Iterator[Found]:
    for faq in faqs:
        until = faq.content.valid_until
        if faq.published and until is not None and until <= today + SOON:
            kind = Kind.EXPIRED if until < today else Kind.EXPIRING
            yield Found(kind, faq.id, detail={"until": until.isoformat()})


def _links(faqs: Sequence[Checked], broken: Mapping[str, str]) -> Iterator[Found]:
    for faq in faqs:
        for url in addresses_of(faq):
            if url in broken:
                yield Found(Kind.LINK, faq.id, detail={"url": url, "note": broken[url]}, rests_on=(url,))


def addresses_of(faq: Checked) -> list[str]:
    return list(dict.fromkeys(url for text in answers_of(faq) for url in links_in(text.answer)))


def _duplicates(faqs: Sequence[Checked], vectors: Vectors | None) -> Iterator[Found]:
    texts = [
        Asked(
            faq.id,
            locale,
            text.question,
            text.answer,
            tuple(one for phrase in (text.question, *text.phrasings) if (one := folded(phrase))),
        )
        for faq in faqs
        for locale, text in faq.content.texts.items()
        if text.question
    ]
    for pair in duplicates(texts, vectors=vectors):
        detail = {"locale": pair.first.locale, "why": pair.why, "shown": pair.shown}
        rests_on = (pair.why, pair.shown, pair.first.question, pair.second.question)
        yield Found(Kind.DUPLICATE, pair.first.faq, pair.second.faq, detail, rests_on)


def _untranslated(faqs: Sequence[Checked]) -> Iterator[Found]:
    for faq in faqs:
        if faq.published and (missing := faq.content.missing):
            yield Found(Kind.UNTRANSLATED, faq.id, detail={"missing": list(missing)})


def _labels(faqs: Sequence[Checked]) -> Iterator[Found]:
    """One finding per way of writing a category that is not the usual one."""
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    holder: dict[str, int] = {}
    for faq in faqs:
        if category := faq.content.category:
            spellings[folded(category).replace("-", " ").replace("_", " ")][category] += 1
            holder.setdefault(category, faq.id)
    for ways in spellings.values():
        usual = max(ways, key=lambda way: (ways[way], way))
        for way in sorted(ways):
            if way != usual:
                detail = {"written": way, "usual": usual, "faqs": ways[way]}
                yield Found(Kind.LABEL, holder[way], detail=detail, rests_on=(way, usual))


def _unused(faqs: Sequence[Checked], now: datetime) -> Iterator[Found]:
    for faq in faqs:
        if faq.published and faq.unused and faq.changed_at <= now - UNUSED_FOR:
            yield Found(Kind.NEVER_HIT, faq.id, detail={"since": faq.changed_at.date().isoformat()}, rests_on=())

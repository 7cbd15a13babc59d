"""FAQs that ask nearly the same: shoppers find now one, now the other, and an editor mends only one of them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cs_portal.core.tokens import words_of
from cs_portal.knowledge.quality.figures import half_width
from cs_portal.knowledge.quality.statements import narrowing, topics_of

#: Texts to vectors of length one; rows in the order of the texts.
Vectors = Callable[[Sequence[str]], NDArray[np.float32]]
#: Cosine of two questions from which they ask the same, if nothing narrows one of them; measured, see ``bench``.
NEAR = 0.95
#: Answers shorter than this may well be the same by chance.
LONG_ANSWER = 40
_BLOCK = 1024
#: Small words that turn a question into another: "which cannot be returned", "after the seven days".
_TURNS = re.compile(
    r"超过|延长|提前|哪些|哪里|为什么|不(?!知)|没|除了|"
    r"\b(?:not|cannot|can't|don't|without|beyond|extend|which|why|except|instead|before|after|who|where)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One language of an FAQ; ``folded`` are its question and phrasings as they count for sameness."""

    faq: int
    locale: str
    question: str
    answer: str
    folded: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two FAQs that ask the same in ``locale``. ``why``: ``phrasing``, ``answer`` or ``question``."""

    first: Asked
    second: Asked
    why: str
    shown: str = ""


def duplicates(texts: Sequence[Asked], *, vectors: Vectors | None = None) -> list[Pair]:
    """Each pair of FAQs once, for the plainest reason. Without ``vectors`` questions are compared by their words."""
    found: dict[tuple[int, int], Pair] = {}
    for pair in (*_same_phrasing(texts), *_same_answer(texts), *_near(texts, vectors)):
        if pair.first.faq != pair.second.faq:
            low, high = sorted((pair.first, pair.second), key=lambda text: text.faq)
            found.setdefault((low.faq, high.faq), Pair(low, high, pair.why, pair.shown))
    return list(found.values())


def _same_phrasing(texts: Iterable[Asked]) -> Iterator[Pair]:
    holders: dict[tuple[str, str], list[Asked]] = defaultdict(list)
    for text in texts:
        for folded in dict.fromkeys(text.folded):
            holders[text.locale, folded].append(text)
    for (_locale, folded), group in holders.items():
        for first, second in pairwise(group):
            yield Pair(first, second, "phrasing", folded)


def _same_answer(texts: Iterable[Asked]) -> Iterator[Pair]:
    holders: dict[tuple[str, str], list[Asked]] = defaultdict(list)
    for text in texts:
        if len(text.answer) >= LONG_ANSWER:
            holders[text.locale, " ".join(text.answer.split()).casefold()].append(text)
    for group in holders.values():
        for first, second in pairwise(group):
            yield Pair(first, second, "answer")


def _near(texts: Sequence[Asked], vectors: Vectors | None) -> Iterator[Pair]:
    """Only questions that name the same topics and that the same words narrow are compared."""
    alike: dict[tuple[object, ...], list[Asked]] = defaultdict(list)
    for text in texts:
        question = half_width(text.question)
        turns = frozenset(turn.lower() for turn in _TURNS.findall(question))
        alike[text.locale, topics_of(question), narrowing(question), turns].append(text)
    groups = [group for group in alike.values() if len(group) > 1]
    if vectors is None:
        for group in groups:
            yield from _by_words(group)
        return
    rows = vectors([text.question for group in groups for text in group])
    at = 0
    for group in groups:
        yield from _by_vectors(group, rows[at : at + len(group)])
        at += len(group)


def _by_words(group: Sequence[Asked]) -> Iterator[Pair]:
    same: dict[frozenset[str], list[Asked]] = defaultdict(list)
    for text in group:
        same[frozenset(words_of(text.question))].append(text)
    for twins in same.values():
        for first, second in pairwise(twins):
            yield Pair(first, second, "question")


def _by_vectors(group: Sequence[Asked], rows: NDArray[np.float32]) -> Iterator[Pair]:
    for start in range(0, len(group), _BLOCK):
        close = np.argwhere(rows[start : start + _BLOCK] @ rows.T >= NEAR)
        for mine, other in close:
            if start + mine < other:
                yield Pair(group[start + mine], group[other], "question")

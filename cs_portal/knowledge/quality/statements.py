"""What an answer states in figures, and two answers that state different figures of the same thing.

A statement is a figure with its topic and with everything that narrows it: named cases (:data:`topics.QUALIFIERS`),
and all words of the question and of its sentence that are none of everyday service talk. Two statements contradict each
other when their figures differ and nothing narrows one that does not narrow the other.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cs_portal.core.tokens import words_of
from cs_portal.knowledge.quality.figures import Bound, Figure, figures, half_width
from cs_portal.knowledge.quality.topics import EVERYDAY, QUALIFIERS, TOPICS, Topic

_SENTENCE = re.compile(r"(?<=[.!?;])\s+|[\n。！？；]+")
_CLAUSE = re.compile(r"[,，、：:（(）)]|\b(?:but|while|whereas|and|for)\b|但|而", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class AnswerText:
    """One answer of an FAQ in one language. ``narrowed`` names the conditions under which it is given, if any."""

    faq: int
    locale: str
    question: str
    answer: str
    narrowed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Statement:
    """``words`` is the sentence in which ``figure`` stands; ``shown`` the figure as it is written."""

    faq: int
    locale: str
    topic: str
    figure: Figure
    shown: str
    words: str
    narrowed: frozenset[str]

    @property
    def subject(self) -> tuple[object, ...]:
        """Statements of one subject are about the same thing, in the same language and unit."""
        return self.locale, self.topic, self.figure.unit, self.narrowed


@dataclass(frozen=True, slots=True)
class Disagreement:
    """``first`` and ``second`` cannot both hold."""

    first: Statement
    second: Statement


def statements(text: AnswerText) -> list[Statement]:
    """In the order in which they stand."""
    question = half_width(text.question)
    found = []
    for sentence in _SENTENCE.split(half_width(text.answer)):
        words = sentence.strip()
        read = figures(words)
        bare = _without(words, read)
        for figure in read:
            if (topic := _topic(words, figure, question)) is None:
                continue
            narrowed = frozenset(narrowing(bare, topic) | narrowing(question, topic) | text.narrowed)
            shown = words[figure.start : figure.end].strip()
            found.append(Statement(text.faq, text.locale, topic.name, figure, shown, words, narrowed))
    return found


def narrowing(text: str, topic: Topic | None = None) -> frozenset[str]:
    """What narrows a text to some cases: named ones, and every word beside those of ``topic`` and everyday ones."""
    named = {name for name, pattern in QUALIFIERS.items() if pattern.search(text)}
    left = text if topic is None else topic.without_words(text)
    return frozenset(named | {word for word in words_of(left) if word not in EVERYDAY})


def topics_of(question: str) -> frozenset[str]:
    """The topics that a question names."""
    return frozenset(topic.name for topic in TOPICS if topic.words.search(question) and topic.fits(question))


def _without(text: str, read: Sequence[Figure]) -> str:
    """``text`` with blanks where its figures stood."""
    for figure in read:
        text = text[: figure.start] + " " * (figure.end - figure.start) + text[figure.end :]
    return text


def disagreements(found: Iterable[Statement]) -> list[Disagreement]:
    """Each pair of FAQs that differ on a subject once, against the value that most FAQs state."""
    by_subject: dict[tuple[object, ...], list[Statement]] = defaultdict(list)
    for statement in found:
        by_subject[statement.subject].append(statement)
    pairs: dict[tuple[int, int, str], Disagreement] = {}
    for group in by_subject.values():
        for first, second in _odd_ones(group):
            low, high = sorted((first, second), key=lambda statement: statement.faq)
            pairs.setdefault((low.faq, high.faq, low.topic), Disagreement(low, high))
    return list(pairs.values())


def differ(first: Figure, second: Figure) -> bool:
    """Whether two figures of one subject exclude each other. "3 to 5 days" and "within 5 days" do not."""
    if first.unit != second.unit or {first.bound, second.bound} == {Bound.AT_MOST, Bound.AT_LEAST}:
        return False
    if first.measure is not second.measure:
        return first.span[1] < second.span[0] or second.span[1] < first.span[0]
    if first.low == first.high and second.low == second.high:
        return first.value != second.value
    narrow, wide = sorted((first, second), key=lambda figure: figure.high - figure.low)
    return not (wide.low <= narrow.low and narrow.high <= wide.high)


def _odd_ones(group: Sequence[Statement]) -> Iterator[tuple[Statement, Statement]]:
    """Those that differ from the usual value of the group. An FAQ that itself states several values proves nothing."""
    values: dict[int, set[tuple[int, int]]] = defaultdict(set)
    for statement in group:
        values[statement.faq].add(statement.figure.value)
    certain = [statement for statement in group if len(values[statement.faq]) == 1]
    if len({statement.faq for statement in certain}) < 2:
        return
    counts: dict[tuple[int, int], set[int]] = defaultdict(set)
    for statement in certain:
        counts[statement.figure.value].add(statement.faq)
    usual = max(counts, key=lambda value: (len(counts[value]), -min(counts[value])))
    model = next(statement for statement in certain if statement.figure.value == usual)
    for statement in certain:
        if statement.faq != model.faq and differ(model.figure, statement.figure):
            yield model, statement


def _topic(words: str, figure: Figure, question: str) -> Topic | None:
    """The topic whose word stands nearest to the figure, in its clause before elsewhere, else that of the question."""
    best: tuple[int, int, int] | None = None
    chosen = None
    for order, topic in enumerate(TOPICS):
        if figure.measure not in topic.measures or not topic.fits(words):
            continue
        for match in topic.words.finditer(words):
            low, high = sorted((figure.start, match.start()))
            distance = (len(_CLAUSE.findall(words[low:high])), high - low, order)
            if best is None or distance < best:
                best, chosen = distance, topic
    if chosen is not None:
        return chosen
    asked = [topic for topic in TOPICS if figure.measure in topic.measures and topic.words.search(question)]
    return asked[0] if len(asked) == 1 else None


# Two languages of one FAQ


def translations_differ(texts: Mapping[str, str]) -> tuple[str, str] | None:
    """The figures by which two languages of one answer differ, as each shows them; None where they agree.

    Only measures of which both languages state equally many figures are compared: a sentence that one language lacks
    is another matter.
    """
    if len(texts) < 2:
        return None
    (_, first), (_, second) = list(texts.items())[:2]
    one, other = half_width(first), half_width(second)
    left, right = figures(one), figures(other)
    for unit in dict.fromkeys(figure.unit for figure in left):
        a = sorted((figure for figure in left if figure.unit == unit), key=lambda figure: figure.span)
        b = sorted((figure for figure in right if figure.unit == unit), key=lambda figure: figure.span)
        if len(a) != len(b):
            continue
        for mine, theirs in zip(a, b, strict=True):
            if mine.value != theirs.value if mine.measure is theirs.measure else differ(mine, theirs):
                return one[mine.start : mine.end], other[theirs.start : theirs.end]
    return None

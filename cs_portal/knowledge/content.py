"""What an FAQ says, apart from any row: its texts per language, when they hold, and what else belongs to it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from cs_portal.knowledge.conditions import AnswerCondition, ConditionalAnswer, answer_from_json, answer_to_json
from cs_portal.merchants.models import Locale

__all__ = [
    "AnswerCondition",
    "ConditionalAnswer",
    "FaqContent",
    "LocaleText",
    "content_of",
    "folded",
    "folded_phrasings",
    "from_json",
    "lines_of",
    "search_text",
    "searchable",
    "settings_from_json",
    "settings_to_json",
    "tags_of",
    "tidy",
    "to_json",
]

MAX_QUESTION = 300
MAX_ANSWER = 4000
MAX_PHRASINGS = 50
MAX_CATEGORY = 60
MAX_TAGS = 20
MAX_TAG = 40
MAX_ANSWERS = 20

_CLOSING = " \t.?!。？！…~～"


@dataclass(frozen=True, slots=True)
class LocaleText:
    """One language of an FAQ. ``phrasings`` are other ways to ask, in the order the operator gave them."""

    question: str = ""
    answer: str = ""
    phrasings: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.question or self.answer or self.phrasings)

    @property
    def is_complete(self) -> bool:
        return bool(self.question and self.answer)


@dataclass(frozen=True, slots=True)
class FaqContent:
    """All languages, empty ones left out, and what holds for all of them.

    ``LocaleText.answer`` is given where none of ``answers`` fits; without one the FAQ answers where one of them fits.
    ``valid_from`` and ``valid_until`` are days of the merchant, both included. ``hand_over``: whoever asks this gets a
    person. ``action`` is the canonical action that the question is about, or empty.
    """

    texts: Mapping[str, LocaleText] = field(default_factory=dict)
    category: str = ""
    tags: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    hand_over: bool = False
    action: str = ""
    answers: tuple[ConditionalAnswer, ...] = ()

    def text(self, locale: str) -> LocaleText:
        return self.texts.get(locale, LocaleText())

    def is_complete(self, locale: str) -> bool:
        """Whether a question in this language can get a reply: an answer that always or sometimes fits, or a person."""
        text = self.text(locale)
        replies = text.answer or self.hand_over or any(answer.texts.get(locale) for answer in self.answers)
        return bool(text.question and replies)

    def holds_on(self, day: date) -> bool:
        """Whether the FAQ answers on this day of the merchant's."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )

    @property
    def served(self) -> FaqContent:
        """Without what shoppers never notice: category and tags."""
        return replace(self, category="", tags=())

    @property
    def title(self) -> str:
        """A question to call the FAQ by: the first language that has one."""
        return next((self.texts[code].question for code in Locale.values if self.text(code).question), "")

    @property
    def missing(self) -> tuple[str, ...]:
        """Languages without a question and an answer, or without one of the answers that another language has."""
        return tuple(code for code in Locale.values if not self.is_complete(code) or self._lacks_translation(code))

    def _lacks_translation(self, locale: str) -> bool:
        if not self.text(locale).answer and any(text.answer for text in self.texts.values()):
            return True
        return any(answer.texts and not answer.texts.get(locale) for answer in self.answers)

    @property
    def phrasings(self) -> int:
        return sum(len(text.phrasings) for text in self.texts.values())


def tidy(text: str) -> str:
    """Without surrounding space, with line breaks of one kind and no control characters (direction marks included)."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    return "".join(c for c in lines if c in "\n\t" or (unicodedata.category(c) not in {"Cc", "Cs"} and c not in _BIDI))


_BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def lines_of(text: str) -> tuple[str, ...]:
    """One phrasing per line, empty lines left out, inner space collapsed."""
    return tuple(line for raw in tidy(text).split("\n") if (line := " ".join(raw.split())))


def folded(text: str) -> str:
    """A phrasing as it counts for sameness: width, case, space and closing punctuation do not."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split()).strip(_CLOSING)[:300]


def distinct(phrasings: Iterable[str], *, question: str) -> tuple[str, ...]:
    """Each phrasing once, as :func:`folded` compares them, and none that is the question itself; the first stays."""
    kept: dict[str, str] = {folded(question): question}
    for phrasing in phrasings:
        kept.setdefault(folded(phrasing), phrasing)
    return tuple(kept.values())[1:]


def searchable(text: str) -> str:
    """A text, or the words somebody looks for, as the list compares them."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def search_text(content: FaqContent, key: str) -> str:
    """All that the list's search looks into, one piece per line."""
    pieces: list[str] = [key, content.category, *content.tags]
    for text in content.texts.values():
        pieces += [text.question, *text.phrasings, text.answer]
    for answer in content.answers:
        pieces += answer.texts.values()
    return "\n".join(searchable(piece) for piece in pieces if piece)


def folded_phrasings(content: FaqContent) -> list[str]:
    """Questions and phrasings of all languages, folded, each once."""
    every = (p for text in content.texts.values() for p in (text.question, *text.phrasings))
    return list(dict.fromkeys(f for p in every if (f := folded(p))))


def tags_of(texts: Iterable[str]) -> tuple[str, ...]:
    """Tags tidied, in lower case, each once, in the order given; empty ones left out."""
    tidied = (" ".join(unicodedata.normalize("NFKC", tidy(text)).casefold().split()) for text in texts)
    return tuple(dict.fromkeys(tag for tag in tidied if tag))


#: Where a revision keeps what is not of one language, beside the languages. Revisions from before have none.
SETTINGS = "settings"


def to_json(content: FaqContent) -> dict[str, Any]:
    """The texts by language, and the settings under one key where there are any; the category is a column."""
    document: dict[str, Any] = {
        code: {"question": text.question, "answer": text.answer, "phrasings": list(text.phrasings)}
        for code, text in content.texts.items()
    }
    if settings := {key: value for key, value in settings_to_json(content).items() if value}:
        document[SETTINGS] = settings
    return document


def from_json(document: Mapping[str, Any], category: str = "") -> FaqContent:
    """What :func:`to_json` wrote, now or before there were settings."""
    content = content_of(
        (
            (code, LocaleText(text["question"], text["answer"], tuple(text["phrasings"])))
            for code, text in document.items()
            if code != SETTINGS
        ),
        category,
    )
    return settings_from_json(content, document.get(SETTINGS) or {})


def settings_to_json(content: FaqContent) -> dict[str, Any]:
    """Every setting, empty ones too; days as ISO 8601."""
    return {
        "tags": list(content.tags),
        "valid_from": content.valid_from.isoformat() if content.valid_from else None,
        "valid_until": content.valid_until.isoformat() if content.valid_until else None,
        "hand_over": content.hand_over,
        "action": content.action,
        "answers": [answer_to_json(answer) for answer in content.answers],
    }


def settings_from_json(content: FaqContent, settings: Mapping[str, Any]) -> FaqContent:
    """``content`` with ``settings``; one that is missing is empty."""
    return replace(
        content,
        tags=tuple(settings.get("tags") or ()),
        valid_from=_day(settings.get("valid_from")),
        valid_until=_day(settings.get("valid_until")),
        hand_over=bool(settings.get("hand_over")),
        action=str(settings.get("action") or ""),
        answers=tuple(answer_from_json(answer) for answer in settings.get("answers") or ()),
    )


def _day(value: str | date | None) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) and value else value or None


def content_of(texts: Iterable[tuple[str, LocaleText]], category: str = "") -> FaqContent:
    """In the order of the product's languages, without empty ones; settings are put in with ``replace``."""
    given = dict(texts)
    return FaqContent(
        {code: given[code] for code in Locale.values if code in given and not given[code].is_empty}, category
    )

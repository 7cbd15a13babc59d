"""What a figure in an answer is about, and what narrows it to some cases: the words of ``topics.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cs_portal.knowledge.quality.figures import Measure

_MEASURES = {
    "time": {Measure.HOURS, Measure.DAYS, Measure.BUSINESS_DAYS, Measure.MONTHS},
    "share": {Measure.PERCENT},
    "money": {Measure.MONEY},
}


@dataclass(frozen=True, slots=True)
class Topic:
    """``words`` name it in a clause. ``beside``: one of those must stand in the same sentence; ``unless``: none may."""

    name: str
    measures: frozenset[Measure]
    words: re.Pattern[str]
    beside: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None

    def fits(self, sentence: str) -> bool:
        if self.beside is not None and not self.beside.search(sentence):
            return False
        return self.unless is None or not self.unless.search(sentence)

    def without_words(self, text: str) -> str:
        """``text`` without what names the topic; what is left may narrow it."""
        left = self.words.sub(" ", text)
        return left if self.beside is None else self.beside.sub(" ", left)


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(words), re.IGNORECASE)


_LEXICON = tomllib.loads(Path(__file__).with_name("topics.toml").read_text(encoding="utf-8"))

#: The narrower before the wider: of those that name a clause equally near, the first counts.
TOPICS = tuple(
    Topic(
        row["name"],
        frozenset().union(*(_MEASURES[name] for name in row["measures"])),
        _pattern(row["words"]),
        _pattern(row["beside"]) if "beside" in row else None,
        _pattern(row["unless"]) if "unless" in row else None,
    )
    for row in _LEXICON["topic"]
)

#: What narrows a figure to some cases. A figure of one case says nothing of another.
QUALIFIERS = {name: _pattern(words) for name, words in _LEXICON["qualifiers"].items()}

#: Words of service talk that narrow nothing.
EVERYDAY = frozenset(word for line in _LEXICON["everyday"].values() for word in line.split())

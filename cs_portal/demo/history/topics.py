"""What shoppers ask about, and the phrases of both sides, read from ``data/history-*.toml``."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from cs_portal.demo.merchants import Language
from cs_portal.demo.tables import table


@dataclass(frozen=True, slots=True)
class Topic:
    """``kind`` names the plot, ``faqs`` the answers that it rests on, ``weight`` its share of free questions."""

    key: str
    kind: str
    intent: str
    faqs: tuple[str, ...]
    weight: int
    openers: Mapping[str, tuple[str, ...]]
    answers: Mapping[str, tuple[str, ...]]

    def opener(self, locale: Language, rng: random.Random) -> tuple[str, str]:
        """One of the openers, and the FAQ that answers it (empty where none does)."""
        openers = self.openers[locale]
        number = rng.randrange(len(openers))
        answers = self.answers.get(locale)
        return openers[number], answers[number] if answers else next(iter(self.faqs), "")


def about(faq: str) -> frozenset[str]:
    """Categories, kinds and tags of the products that a question about this answer is about; empty for any."""
    return frozenset(table("history-topics")["about"].get(faq, ()))


@cache
def topics() -> Mapping[str, Topic]:
    return {
        row["key"]: Topic(
            key=row["key"],
            kind=row["kind"],
            intent=row["intent"],
            faqs=tuple(row["faqs"]),
            weight=row["weight"],
            openers={"en": tuple(row["en"]), "zh-hans": tuple(row["zh-hans"])},
            answers={locale: tuple(answers) for locale, answers in row.get("answers", {}).items()},
        )
        for row in table("history-topics")["topic"]
    }


class Slots(dict[str, str]):
    """Values of a phrase's slots; one that is missing reads as nothing."""

    def __missing__(self, key: str) -> str:
        return ""


def phrase(path: str, locale: Language, slots: Mapping[str, str], rng: random.Random) -> str:
    """One of the phrases under a dotted path of the table, filled; one whose slots have no value is not said."""
    node = table("history-phrases")
    for step in path.split("."):
        node = node[step]
    first = rng.randrange(len(node[locale]))
    turned = [*node[locale][first:], *node[locale][:first]]
    text = next((text for text in turned if all(slots.get(slot) for slot in _slots(text))), turned[0])
    return str(text).format_map(Slots(slots)).strip()


def _slots(text: str) -> Iterator[str]:
    return (slot for _, slot, _, _ in string.Formatter().parse(text) if slot)

"""Personal data in free text, by its shape, by the words around it and by lists of names.

Values that records hold are masked beside it. What this cannot see: names that no list knows and no words point at,
addresses without a number, and whatever is spelled out or broken up on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from bots.expressions.folding import fold
from bots.guard.claims import read_claims
from bots.understanding.entities import find_entities
from bots.understanding.personal_addresses import find_addresses
from bots.understanding.personal_names import find_names
from bots.understanding.personal_patterns import find_shapes

PersonalKind = Literal[
    "NAME", "EMAIL", "PHONE", "ADDRESS", "ORDER", "TRACKING", "ID_NUMBER", "CARD", "IBAN", "ACCOUNT", "URL", "IP"
]
KINDS: tuple[PersonalKind, ...] = get_args(PersonalKind)


@dataclass(frozen=True, slots=True)
class PersonalSpan:
    """``text[start:end]`` tells who somebody is, or leads to them."""

    kind: PersonalKind
    start: int
    end: int


def find_personal(text: str, *, today: date) -> tuple[PersonalSpan, ...]:
    """Spans that do not overlap, in order; of those that do the one found first by the surer reader stays."""
    found: list[PersonalSpan] = []
    folded = fold(text)
    for reader in (_shapes(folded), _orders(folded, today), _addresses(folded), _names(folded), _named(text, today)):
        for span in reader:
            if span.start < span.end and all(span.end <= other.start or other.end <= span.start for other in found):
                found.append(span)
    return tuple(sorted(found, key=lambda span: span.start))


def _shapes(text: str) -> Iterator[PersonalSpan]:
    for kind, start, end in find_shapes(text):
        yield PersonalSpan(kind, start, end)  # type: ignore[arg-type]


def _orders(text: str, today: date) -> Iterator[PersonalSpan]:
    for claim in read_claims(text, today):
        if claim.kind == "order_number":
            yield PersonalSpan("ORDER", claim.start, claim.end)


def _addresses(text: str) -> Iterator[PersonalSpan]:
    for start, end in find_addresses(text):
        yield PersonalSpan("ADDRESS", start, end)


def _names(text: str) -> Iterator[PersonalSpan]:
    for start, end in find_names(text):
        yield PersonalSpan("NAME", start, end)


def _named(text: str, today: date) -> Iterator[PersonalSpan]:
    kinds: dict[str, PersonalKind] = {"order_number": "ORDER", "tracking": "TRACKING", "address": "ADDRESS"}
    for entity in find_entities(text, language="en", products=(), today=today):
        # "Do you ship to Urumqi?" asks about a place; an address has a number in it.
        place = entity.kind == "address" and not any(char.isdigit() for char in text[entity.start : entity.end])
        if entity.kind in kinds and not place:
            yield PersonalSpan(kinds[entity.kind], entity.start, entity.end)

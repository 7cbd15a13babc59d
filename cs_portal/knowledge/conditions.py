"""When one of an FAQ's several answers fits: the products, the order and the storefront that it is for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

#: What an answer of an FAQ may be called by.
ANSWER_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")

#: Whole days, both ends included; ``None`` leaves an end open.
Days = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class AnswerCondition:
    """All parts that are set must fit; within one part any value does. An empty part is no condition.

    ``products`` are the shop's own ids, ``categories`` those of its products, ``order_statuses`` canonical,
    ``storefronts`` public ids. Days count from the moment named to now, in the merchant's days: 0 is today.
    """

    products: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    order_statuses: tuple[str, ...] = ()
    storefronts: tuple[str, ...] = ()
    days_since_paid: Days | None = None
    days_since_shipped: Days | None = None
    days_since_delivered: Days | None = None

    @property
    def is_empty(self) -> bool:
        return not self.parts

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the parts that are set."""
        return tuple(part.name for part in fields(self) if any(v is not None for v in getattr(self, part.name) or ()))

    @property
    def needs_order(self) -> bool:
        return any(part == "order_statuses" or part in DAYS_SINCE for part in self.parts)


#: The parts that count days.
DAYS_SINCE = ("days_since_paid", "days_since_shipped", "days_since_delivered")


@dataclass(frozen=True, slots=True)
class ConditionalAnswer:
    """An answer for some cases. ``id`` is unique within its FAQ and stays with the answer when its words change."""

    id: str
    when: AnswerCondition = AnswerCondition()
    texts: Mapping[str, str] = field(default_factory=dict)


def answer_to_json(answer: ConditionalAnswer) -> dict[str, Any]:
    """Conditions that are not set are left out."""
    return {"id": answer.id, "when": condition_to_json(answer.when), "texts": dict(answer.texts)}


def answer_from_json(document: Mapping[str, Any]) -> ConditionalAnswer:
    return ConditionalAnswer(
        str(document["id"]), condition_from_json(document.get("when") or {}), dict(document.get("texts") or {})
    )


def condition_to_json(when: AnswerCondition) -> dict[str, Any]:
    return {part: list(getattr(when, part)) for part in when.parts}


def condition_from_json(document: Mapping[str, Any]) -> AnswerCondition:
    return AnswerCondition(**{part.name: tuple(document[part.name]) for part in _PARTS if document.get(part.name)})


_PARTS = fields(AnswerCondition)

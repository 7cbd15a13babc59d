"""The conditional answers of an FAQ as rows of its form: read from what a browser sent, changed step by step, checked.

A row keeps what was typed, right or wrong. Fields are named by the answer: ``answer-a1_en``, ``answer-a1-products``,
``answer-a1-days_since_paid-least`` and so on; ``answers`` lists the ids in their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.http import QueryDict
from django.utils.translation import gettext as _

from cs_portal.knowledge.conditions import ANSWER_ID, DAYS_SINCE, AnswerCondition, ConditionalAnswer, Days
from cs_portal.knowledge.content import MAX_ANSWERS, tidy
from cs_portal.merchants.models import Locale

LISTS = ("products", "categories", "order_statuses", "storefronts")


@dataclass(slots=True)
class AnswerRow:
    """``days`` are the two ends of each part as typed. ``find`` is what products are looked for by."""

    id: str
    texts: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    days: dict[str, tuple[str, str]] = field(default_factory=dict)
    find: str = ""
    errors: list[str] = field(default_factory=list)
    text_errors: dict[str, list[str]] = field(default_factory=dict)
    is_new: bool = False

    def answer(self) -> ConditionalAnswer:
        """What is meant; ends that are no numbers are left open, and :meth:`read_errors` names them."""
        parts: dict[str, Any] = {name: tuple(dict.fromkeys(self.lists.get(name, []))) for name in LISTS}
        parts |= {name: _days(*self.days.get(name, ("", ""))) for name in DAYS_SINCE}
        return ConditionalAnswer(
            self.id, AnswerCondition(**parts), {code: text for code, text in self.texts.items() if text}
        )

    def read_errors(self) -> list[str]:
        wrong = [end for ends in self.days.values() for end in ends if end.strip() and _number(end) is None]
        return [_("“%(typed)s” is no number of days.") % {"typed": end[:20]} for end in wrong]


def rows_of_answers(answers: Iterable[ConditionalAnswer]) -> list[AnswerRow]:
    return [
        AnswerRow(
            answer.id,
            texts=dict(answer.texts),
            lists={name: list(getattr(answer.when, name)) for name in LISTS},
            days={name: _ends(getattr(answer.when, name)) for name in DAYS_SINCE},
        )
        for answer in answers
    ]


def rows_of_data(data: QueryDict) -> list[AnswerRow]:
    """As they were sent. Ids that none of our pages makes are left out."""
    ids = [id for id in dict.fromkeys(data.getlist("answers")) if ANSWER_ID.fullmatch(id)][: MAX_ANSWERS + 1]
    return [
        AnswerRow(
            id,
            texts={code: tidy(data.get(f"answer-{id}_{code}", "")) for code in Locale.values},
            lists={name: [v for v in data.getlist(f"answer-{id}-{name}") if v] for name in LISTS},
            days={
                name: (data.get(f"answer-{id}-{name}-least", ""), data.get(f"answer-{id}-{name}-most", ""))
                for name in DAYS_SINCE
            },
            find=data.get(f"answer-{id}-find", "")[:100],
        )
        for id in ids
    ]


def stepped(rows: Sequence[AnswerRow], step: str) -> list[AnswerRow]:
    """After one of the page's buttons: ``add``, ``remove:a1``, ``up:a1``, ``down:a1`` or ``place:a1:2`` (from 1)."""
    rows = list(rows)
    verb, _colon, rest = step.partition(":")
    if verb == "add":
        return [*rows, AnswerRow(uuid4().hex[:8], is_new=True)] if len(rows) < MAX_ANSWERS else rows
    id, _colon, place = rest.partition(":")
    at = next((n for n, row in enumerate(rows) if row.id == id), None)
    if at is None:
        return rows
    row = rows.pop(at)
    if verb == "remove":
        return rows
    to = {"up": at - 1, "down": at + 1, "place": (_number(place) or at + 1) - 1}.get(verb, at)
    rows.insert(min(max(to, 0), len(rows)), row)
    return rows


def _days(least: str, most: str) -> Days | None:
    ends = (_number(least), _number(most))
    return None if ends == (None, None) else ends


def _ends(days: Days | None) -> tuple[str, str]:
    least, most = days or (None, None)
    return ("" if least is None else str(least), "" if most is None else str(most))


def _number(typed: str) -> int | None:
    typed = typed.strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 6 else None

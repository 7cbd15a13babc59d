"""Which of an FAQ's answers a shopper gets: the most specific one that fits. No database; see docs/adr/0015."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cs_portal.knowledge.conditions import DAYS_SINCE, AnswerCondition, ConditionalAnswer, Days
from cs_portal.knowledge.content import FaqContent

#: The id of the answer for everybody whom no conditional one fits.
DEFAULT = ""
ALWAYS = AnswerCondition()


@dataclass(frozen=True, slots=True)
class AnswerContext:
    """What is known of the shopper's case. Days are those of the merchant's time zone; what is unknown is empty.

    ``products`` are the shop's own ids of what the question is about, ``categories`` theirs. ``storefront`` is a public
    id. The order's parts belong to the one order that the question is about.
    """

    products: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    storefront: str = ""
    order_status: str = ""
    paid_on: date | None = None
    shipped_on: date | None = None
    delivered_on: date | None = None


@dataclass(frozen=True, slots=True)
class ChosenAnswer:
    """``id`` is :data:`DEFAULT` or a conditional answer's; ``text`` is empty where it is not translated."""

    id: str
    text: str
    when: AnswerCondition = ALWAYS


def choose_answer(content: FaqContent, context: AnswerContext, locale: str, *, today: date) -> ChosenAnswer | None:
    """The answer of an FAQ in ``locale``, or ``None`` where it has none for this case or does not hold ``today``.

    Of the conditional answers that fit, the one with the most kinds of conditions wins; among equals one that names
    products, then the earlier one. An answer that wins and is not translated is no reason to give a less specific one,
    which would be wrong for this shopper: its text is empty.
    """
    if not content.holds_on(today):
        return None
    fitting = [answer for answer in content.answers if fits(answer.when, context, today=today)]
    if fitting:
        best = max(fitting, key=specificity)
        return ChosenAnswer(best.id, best.texts.get(locale, ""), best.when)
    text = content.text(locale).answer
    return ChosenAnswer(DEFAULT, text) if text or not content.answers else None


def fits(when: AnswerCondition, context: AnswerContext, *, today: date) -> bool:
    """Whether every part that is set fits; what is not known fits nothing."""
    return all(part_fits(when, part, context, today=today) for part in when.parts)


def part_fits(when: AnswerCondition, part: str, context: AnswerContext, *, today: date) -> bool:
    """Whether one part of a condition that is set fits."""
    if part in DAYS_SINCE:
        return _within(getattr(when, part), getattr(context, _MOMENTS[part]), today)
    wanted = getattr(when, part)
    known = {
        "products": context.products,
        "categories": context.categories,
        "order_statuses": (context.order_status,),
        "storefronts": (context.storefront,),
    }[part]
    return any(value and value in wanted for value in known)


def specificity(answer: ConditionalAnswer) -> tuple[int, bool]:
    """What makes an answer win over another that fits, too."""
    parts = answer.when.parts
    return len(parts), "products" in parts


def context_to_json(context: AnswerContext) -> dict[str, Any]:
    """What is known, to be kept with a draft."""
    days = {name: day.isoformat() for name in _MOMENTS.values() if (day := getattr(context, name))}
    known = {
        "products": list(context.products),
        "categories": list(context.categories),
        "storefront": context.storefront,
        "order_status": context.order_status,
    }
    return {name: value for name, value in known.items() if value} | days


def context_from_json(document: Mapping[str, Any]) -> AnswerContext:
    return AnswerContext(
        products=tuple(document.get("products") or ()),
        categories=tuple(document.get("categories") or ()),
        storefront=document.get("storefront") or "",
        order_status=document.get("order_status") or "",
        **{name: date.fromisoformat(document[name]) for name in _MOMENTS.values() if document.get(name)},
    )


_MOMENTS = {
    "days_since_paid": "paid_on",
    "days_since_shipped": "shipped_on",
    "days_since_delivered": "delivered_on",
}


def _within(days: Days, since: date | None, today: date) -> bool:
    if since is None:
        return False
    passed = (today - since).days
    least, most = days
    return (least is None or passed >= least) and (most is None or passed <= most)

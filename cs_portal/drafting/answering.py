"""What was found is fitted to the shopper: which of an FAQ's answers holds for their order, product and day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bots.types import FaqHit, Understanding
from cs_portal.commerce.models import Order, Product
from cs_portal.conversations.models import Conversation
from cs_portal.knowledge.answers import AnswerContext, ChosenAnswer, choose_answer, context_to_json
from cs_portal.knowledge.conditions import condition_to_json
from cs_portal.knowledge.content import FaqContent
from cs_portal.knowledge.markdown import to_plain
from cs_portal.knowledge.models import FaqState
from cs_portal.knowledge.selectors import ServedFaq, served_faqs
from cs_portal.merchants.models import Merchant

#: Answers that a reply looks at, for each question of a message.
PER_QUESTION = 3
#: So many are searched for, because some may not hold for this shopper.
SEARCHED = 8


@dataclass(frozen=True, slots=True)
class Fitted:
    """``hits`` with the words that hold for the case; ``details`` by public id: what evidence keeps of each choice."""

    hits: tuple[FaqHit, ...] = ()
    details: Mapping[str, dict[str, Any]] = field(default_factory=dict)


def fitted_answers(
    hits: Sequence[FaqHit],
    conversation: Conversation,
    *,
    order: Order | None,
    products: Sequence[Product],
    catalogue: Iterable[Product],
    served: Callable[[Iterable[str]], Mapping[str, ServedFaq]] = served_faqs,
    now: datetime,
) -> Fitted:
    """``hits`` as ``served`` gives the FAQs, for this conversation. Two queries, none without hits."""
    if not hits:
        return Fitted()
    context = context_of(conversation, order=order, products=products, catalogue=catalogue)
    return fit_answers(hits, served(hit.entry.id for hit in hits), context, today=local_day(conversation.merchant, now))


def meant_products(
    understanding: Understanding,
    catalogue: Sequence[Product],
    offered: Sequence[Product],
    shown: Sequence[Product],
    *,
    order: Order | None,
) -> Sequence[Product]:
    """What a question is about: the products it names, else the one that its words fit, else those shown before.

    Words that fit several products mean none in particular. Beside an order, what was shown before counts no more.
    """
    named = set(understanding.values("product"))
    if named:
        return [product for product in catalogue if product.external_id in named]
    if len(offered) == 1 and understanding.intent.name != "recommendation":
        return offered
    return [] if order is not None else shown


def context_of(
    conversation: Conversation, *, order: Order | None, products: Sequence[Product], catalogue: Iterable[Product]
) -> AnswerContext:
    """The case as conditions see it. ``products`` are what the question is about; without any, what was ordered."""
    zone = ZoneInfo(conversation.merchant.timezone)
    ids = [product.external_id for product in products]
    if not ids and order is not None:
        ids = list(dict.fromkeys(line.product for line in order.lines.all()))
    category = {product.external_id: product.category for product in [*catalogue, *products]}
    return AnswerContext(
        products=tuple(ids),
        categories=tuple(dict.fromkeys(found for one in ids if (found := category.get(one, "")))),
        storefront=str(conversation.storefront.public_id),
        order_status=order.status if order is not None else "",
        paid_on=_day(order.paid_at if order else None, zone),
        shipped_on=_day(order.shipped_at if order else None, zone),
        delivered_on=_day(order.delivered_at if order else None, zone),
    )


def fit_answers(
    hits: Sequence[FaqHit], served: Mapping[str, ServedFaq], context: AnswerContext, *, today: date
) -> Fitted:
    """Each hit with the answer that holds, best first per question; those that hold for nothing here are left out."""
    kept: list[FaqHit] = []
    details: dict[str, dict[str, Any]] = {}
    found: dict[str, int] = {}
    for hit in hits:
        faq = served.get(hit.entry.id)
        if faq is None or faq.state != FaqState.PUBLISHED or found.get(hit.query, 0) >= PER_QUESTION:
            continue
        chosen = choose_answer(faq.content, context, hit.entry.language, today=today)
        needs_order = chosen is None and waits_for_order(faq.content, context, today=today)
        if not needs_order and not _says_something(chosen, faq.content):
            continue
        found[hit.query] = found.get(hit.query, 0) + 1
        kept.append(_with_words(hit, faq, chosen, needs_order=needs_order))
        details[hit.entry.id] = {
            "answer": chosen.id if chosen else "",
            "when": condition_to_json(chosen.when) if chosen else {},
            "action": faq.content.action,
            "hand_over": faq.content.hand_over,
            "context": context_to_json(context),
        }
    return Fitted(tuple(kept), details)


def waits_for_order(content: FaqContent, context: AnswerContext, *, today: date) -> bool:
    """Whether one of the answers may hold once it is known which order is meant."""
    open_order = not context.order_status
    return open_order and content.holds_on(today) and any(answer.when.needs_order for answer in content.answers)


def _says_something(chosen: ChosenAnswer | None, content: FaqContent) -> bool:
    return chosen is not None and bool(chosen.text.strip() or content.hand_over)


def _with_words(hit: FaqHit, faq: ServedFaq, chosen: ChosenAnswer | None, *, needs_order: bool) -> FaqHit:
    entry = replace(
        hit.entry,
        revision=faq.revision,
        answer=to_plain(chosen.text) if chosen else "",
        hand_over=faq.content.hand_over and not needs_order,
        needs_order=needs_order,
        for_order=chosen is not None and chosen.when.needs_order,
    )
    return replace(hit, entry=entry)


def local_day(merchant: Merchant, now: datetime) -> date:
    """The day on which conditions and validity are read."""
    return now.astimezone(ZoneInfo(merchant.timezone)).date()


def _day(moment: datetime | None, zone: ZoneInfo) -> date | None:
    return moment.astimezone(zone).date() if moment is not None else None

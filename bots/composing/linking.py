"""Which evidence each sentence of a model's reply rests on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from bots.composing.answers import faq_evidence
from bots.composing.order_facts import order_evidence
from bots.composing.product_facts import product_evidence
from bots.expressions.dates import format_date
from bots.expressions.folding import fold, sentences
from bots.expressions.money import format_amount
from bots.guard.evidence import own_orders, usable_answers
from bots.guard.promises import find_promises
from bots.types import ComposeRequest, EvidenceLink, OrderFacts

_TOKEN = re.compile(r"[a-z0-9]+|[\u4e00-\u9fff]")
_SHARED = 0.5  # the share of a sentence's words (characters in Chinese) that an FAQ must hold to count as its source


def link_sentences(text: str, request: ComposeRequest) -> tuple[EvidenceLink, ...]:
    """One link a sentence; its evidence is empty where none was found."""
    return tuple(EvidenceLink(start, end, _evidence(text[start:end], request)) for start, end in sentences(text))


def _evidence(sentence: str, request: ComposeRequest) -> str:
    verdict = request.verdict
    if verdict is not None and verdict.action != "none":
        amount = verdict.amount_minor is not None and verdict.currency
        if amount and format_amount(verdict.amount_minor or 0, verdict.currency) in sentence:
            return f"verdict:{verdict.action}"
        if any(promise.action == verdict.action for promise in find_promises(fold(sentence))):
            return f"verdict:{verdict.action}"
    for order in own_orders(request):
        if any(fact in sentence for fact in _order_facts(order, request)):
            return order_evidence(order)
    for product in request.products:
        if any(title in sentence for title in product.title.values() if title):
            return product_evidence(product)
    tokens = set(_TOKEN.findall(fold(sentence).lower()))
    for hit in usable_answers(request):
        known = set(_TOKEN.findall(fold(hit.entry.answer + hit.entry.question).lower()))
        if tokens and len(tokens & known) >= _SHARED * len(tokens):
            return faq_evidence(hit)
    return ""


def _order_facts(order: OrderFacts, request: ComposeRequest) -> Iterator[str]:
    yield order.number
    yield from (shipment.tracking for shipment in order.shipments if shipment.tracking)
    zone = ZoneInfo(request.timezone)
    for moment in (order.shipped_at, order.delivered_at, order.placed_at):
        if moment is not None:
            yield format_date(moment.astimezone(zone), request.language)

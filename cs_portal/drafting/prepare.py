"""Everything that a draft is made of, gathered for one shopper message. Reads only; no transaction is held."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bots.types import ComposeRequest, FaqHit, Turn, Understanding, VerdictFacts, as_language
from cs_portal.commerce.connectors.base import SUPPORTED
from cs_portal.commerce.models import Order, Product
from cs_portal.commerce.selectors import (
    active_products,
    order_document,
    orders_of,
    product_document,
    products_named,
    shopper_document,
)
from cs_portal.conversations.models import Conversation, Message
from cs_portal.conversations.selectors import messages_after, unanswered_turns
from cs_portal.drafting import engine, evidence
from cs_portal.drafting.facts import order_facts, personal_values, products_facts
from cs_portal.drafting.models import Draft
from cs_portal.drafting.requests import Focus, canonical_request, focus
from cs_portal.knowledge.retrieval import answers
from cs_portal.policies.models import RulesetVersion
from cs_portal.policies.services import decide_request, refuse_foreign_order
from cs_portal.recommendations.matching import matching
from cs_portal.recommendations.selectors import bought_most

#: Turns of the conversation that the engine reads.
MAX_TURNS = 12
WITH_PRODUCTS = {"product_question", "stock", "size_advice", "recommendation", "place_order"}


@dataclass(frozen=True, slots=True)
class Prepared:
    """One turn, understood and decided. ``request`` is what the engine composes from."""

    conversation: Conversation
    message: Message
    understanding: Understanding
    request: ComposeRequest
    order: Order | None
    action: dict[str, Any] | None
    verdict: dict[str, Any] | None
    ruleset: RulesetVersion | None
    evidence: list[dict[str, Any]]
    confidence: float
    seconds: dict[str, float] = field(default_factory=dict)


def prepare(message: Message, *, now: datetime, seed: int = 0) -> Prepared:
    """Understand the shopper's unanswered turns up to ``message``, gather facts and ask for the verdict."""
    clock = _Clock()
    conversation = Conversation.objects.select_related("shopper", "storefront", "merchant").get(
        pk=message.conversation_id
    )
    shopper = conversation.shopper
    history = messages_after(conversation_id=conversation.pk)
    bot = engine.bot()
    catalogue = list(active_products())
    turns = tuple(_turn(m) for m in history[-MAX_TURNS:])
    understanding = bot.understand(
        _merged(turns),
        locale_hint=as_language(conversation.locale),
        products=products_facts(catalogue),
        now=now,
        timezone=conversation.merchant.timezone,
    )
    clock.lap("understand")
    hits = answers(understanding, bot=bot)
    clock.lap("retrieve")
    orders = list(orders_of(shopper=shopper)[:20]) if shopper.is_identified else []
    about = focus(understanding, [m for m in history if m.author == "shopper"], orders)
    action, verdict, ruleset = _decide(conversation, understanding, about, now)
    clock.lap("decide")
    products = _products(understanding, catalogue, conversation, turns)
    request = ComposeRequest(
        language=understanding.language,
        turns=turns,
        understanding=understanding,
        store_name=conversation.merchant.name_in(understanding.language),
        now=now,
        timezone=conversation.merchant.timezone,
        answers=hits,
        orders=tuple(order_facts(order) for order in orders),
        order=order_facts(about.order) if about.order else None,
        verdict=_verdict_facts(verdict, action, about),
        products=products_facts(products),
        catalogue=tuple(title for p in catalogue for title in (p.title_en, p.title_zh) if title),
        personal=personal_values(shopper, orders, email=conversation.email),
        identified=shopper.is_identified,
        seed=seed,
    )
    pieces = evidence.gather(
        hits=hits,
        orders=[about.order] if about.order else orders[:3],
        products=products,
        verdict=verdict,
        action=action["action"] if action else None,
        zone=ZoneInfo(conversation.merchant.timezone),
    )
    return Prepared(
        conversation=conversation,
        message=message,
        understanding=understanding,
        request=request,
        order=about.order,
        action=action,
        verdict=verdict,
        ruleset=ruleset,
        evidence=pieces,
        confidence=_confidence(understanding, hits, decided=verdict is not None or about.order is not None),
        seconds=clock.laps,
    )


def _turn(message: Message) -> Turn:
    author: Any = message.author
    return Turn(author, message.text, tuple(message.attachments))


def _merged(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """Join the shopper's last turns into one: people press Enter in the middle of a question."""
    last = len(turns)
    while last > 0 and turns[last - 1].author == "shopper":
        last -= 1
    tail = turns[last:]
    joined = Turn("shopper", "\n".join(t.text for t in tail), tuple(a for t in tail for a in t.attachments))
    return (*turns[:last], joined)


def _decide(
    conversation: Conversation, understanding: Understanding, about: Focus, now: datetime
) -> tuple[dict[str, Any] | None, dict[str, Any] | None, RulesetVersion | None]:
    if about.foreign and conversation.shopper.is_identified:
        refused = refuse_foreign_order()
        action = {"action": understanding.requested_action or "none"}
        return (action, refused.verdict, refused.version) if refused else (action, None, None)
    if about.order is None:
        return None, None, None
    evidence_given = ["photo"] if _has_photo(conversation) else []
    request = canonical_request(
        understanding, about.order, evidence=evidence_given, earlier=_asked_before(conversation, about.order)
    )
    if request is None:
        return None, None, None
    decided = decide_on(about.order, request, now=now)
    return (request, decided[0], decided[1]) if decided else (request, None, None)


def decide_on(order: Order, request: dict[str, Any], *, now: datetime) -> tuple[dict[str, Any], RulesetVersion] | None:
    """The live ruleset's verdict on ``request`` for ``order`` as it is now; ``None`` without a published ruleset."""
    document = order_document(order)
    decided = decide_request(
        order=document,
        shopper=shopper_document(order.shopper, now=now),
        products=[product_document(p) for p in products_named(external_ids=[x["product"] for x in document["lines"]])],
        request=request,
        now=now,
    )
    return (decided.verdict, decided.version) if decided else None


def _has_photo(conversation: Conversation) -> bool:
    return any("photo" in m.attachments for m in unanswered_turns(conversation_id=conversation.pk))


def _asked_before(conversation: Conversation, order: Order) -> dict[str, Any] | None:
    """The request of the last sent draft, when the merchant asked the shopper for something missing then."""
    last = Draft.objects.filter(conversation=conversation, state="sent").order_by("-id").first()
    if last is None or last.request is None or last.order_id != order.pk:
        return None
    return last.request if (last.verdict or {}).get("outcome") == "ask" else None


def _products(
    understanding: Understanding, catalogue: Sequence[Product], conversation: Conversation, turns: Sequence[Turn]
) -> list[Product]:
    """Products the shopper named; else those that their words fit; for a recommendation, else what sells."""
    if understanding.intent.name not in WITH_PRODUCTS and not understanding.values("product"):
        return []
    named = set(understanding.values("product"))
    found = [product for product in catalogue if product.external_id in named]
    if not found:
        in_stock = [product for product in catalogue if any(v.stock > 0 for v in product.variants.all())]
        choice = in_stock if understanding.intent.name == "recommendation" else catalogue
        found = matching(turns[-1].text, choice)
    if found or understanding.intent.name != "recommendation":
        return found[:3]
    shopper = conversation.shopper if conversation.shopper.is_identified else None
    return bought_most(shopper=shopper)


def _verdict_facts(verdict: dict[str, Any] | None, action: dict[str, Any] | None, about: Focus) -> VerdictFacts | None:
    if verdict is None or action is None:
        return None
    unsupported = verdict["outcome"] == "allow" and action["action"] not in SUPPORTED
    return VerdictFacts(
        action=action["action"],
        # What the connector cannot carry out is a colleague's to do: the reply must not promise it.
        outcome="escalate" if unsupported else verdict["outcome"],
        amount_minor=verdict.get("amount_minor"),
        currency=verdict.get("currency") or "",
        ask=tuple(verdict.get("ask") or ()),
        reasons=verdict.get("reasons") or {},
        order_number=about.order.number if about.order else "",
        refund_to=_methods(about.order, verdict),
    )


def _methods(order: Order | None, verdict: dict[str, Any]) -> tuple[str, ...]:
    """The payment methods that the verdict gives money back to."""
    parts = {part["id"] for part in verdict.get("payments") or ()}
    if order is None:
        return ()
    return tuple(dict.fromkeys(p.method for p in order.payments.all() if p.external_id in parts))


def _confidence(understanding: Understanding, hits: Sequence[FaqHit], *, decided: bool) -> float:
    """The weaker of: how sure the intent is, and how well the reply is supported (a record or rule counts 0.95)."""
    support = 0.95 if decided else (hits[0].score if hits else 0.0)
    return round(min(understanding.intent.probability, support), 4)


class _Clock:
    """Wall time per stage, in seconds."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.monotonic()

    def lap(self, name: str) -> None:
        now = time.monotonic()
        self.laps[name] = round(now - self._last, 4)
        self._last = now

"""Everything that a draft is made of, gathered for one shopper message. Reads only; no transaction is held."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bots.composing.composer import plan_reply
from bots.types import ComposeRequest, FaqHit, LineFacts, Turn, Understanding, VerdictFacts, as_language
from cs_portal.commerce.models import Order, Product
from cs_portal.commerce.selectors import (
    active_products,
    latest_numbers,
    orders_of,
)
from cs_portal.conversations.models import Conversation, Message
from cs_portal.drafting import engine, evidence
from cs_portal.drafting.answering import SEARCHED, fitted_answers, meant_products
from cs_portal.drafting.asked import as_asked, asked_order, decide_asked, wanted_products
from cs_portal.drafting.carrying import carried
from cs_portal.drafting.deciding import decide_on
from cs_portal.drafting.facts import order_facts, personal_values, products_facts
from cs_portal.drafting.models import Draft
from cs_portal.drafting.offering import MAX_PRODUCTS, WITH_PRODUCTS, asks_for_another, offer, shown_before
from cs_portal.drafting.requests import Focus, canonical_request, focus
from cs_portal.drafting.situation import Situation, situation_of
from cs_portal.knowledge.retrieval import answers
from cs_portal.policies.models import RulesetVersion
from cs_portal.policies.services import refuse_foreign_order

#: Turns of the conversation that the engine reads.
MAX_TURNS = 12
#: Order numbers of the shop by which a bare number is known as one.
NUMBER_SAMPLES = 50
#: Questions that the state of an order answers: its card goes with the reply.
WITH_ORDER_CARD = {"order_status", "delivery", "refund_status", "cancel", "change_address", "return_exchange", "refund"}


@dataclass(frozen=True, slots=True)
class Prepared:
    """One turn, understood and decided. ``request`` is what the engine composes from.

    ``verdict`` is the rules', ``override`` an admin's that still stands. ``promised`` is whether the shop carries out
    what the verdict allows: only then does the reply say so. ``unanswered`` are questions that the reply passes over.
    ``found`` are the search's hits before they were fitted to the case, ``details`` what was chosen of them.
    """

    conversation: Conversation
    message: Message
    understanding: Understanding
    found: tuple[FaqHit, ...]
    details: Mapping[str, dict[str, Any]]
    request: ComposeRequest
    order: Order | None
    action: dict[str, Any] | None
    verdict: dict[str, Any] | None
    ruleset: RulesetVersion | None
    override: dict[str, Any] | None
    evidence: list[dict[str, Any]]
    cards: list[dict[str, str]]
    promised: bool = False
    unanswered: tuple[str, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def standing_verdict(self) -> dict[str, Any] | None:
        """The verdict that counts: an admin's override, else the rules'."""
        return _standing(self.verdict, self.override)


def prepare(message: Message, *, now: datetime, seed: int = 0, earlier: Draft | None = None) -> Prepared:
    """Understand the shopper's unanswered turns up to ``message``, gather facts and ask for the verdict.

    ``earlier`` is the draft that is made anew: an admin's override of it stands while it is about the same.
    """
    return prepare_for(situation_of(message), now=now, seed=seed, earlier=earlier)


def prepare_for(situation: Situation, *, now: datetime, seed: int = 0, earlier: Draft | None = None) -> Prepared:
    """As :func:`prepare`, for a conversation that somebody may only imagine."""
    clock = _Clock()
    conversation, history, asked = situation.conversation, situation.history, situation.asked
    shopper = conversation.shopper
    bot = engine.bot()
    catalogue = list(active_products())
    turns = tuple(_turn(m) for m in history[-MAX_TURNS:])
    orders = list(orders_of(shopper=shopper)[:20]) if shopper.is_identified else []
    said = _merged(turns)[-1].text
    understanding = bot.understand(
        _merged(turns),
        locale_hint=as_language(conversation.locale),
        products=products_facts(catalogue),
        now=now,
        timezone=conversation.merchant.timezone,
        order_numbers=[*(order.number for order in orders), *latest_numbers(NUMBER_SAMPLES)],
    )
    shown = shown_before(history, catalogue)
    understanding = asks_for_another(understanding, said, shown)
    # A form that stands alone asks no question that an answer or a product would fit.
    form_alone = False
    if asked is not None:
        form_alone = len(situation.waiting) == 1
        understanding = as_asked(understanding, asked, situation.waiting)
    clock.lap("understand")
    titles = [f"{each.title_en} {each.title_zh}" for each in catalogue]
    knowledge = situation.knowledge
    found: tuple[FaqHit, ...] = ()
    if not form_alone:
        found = answers(understanding, bot=bot, among=knowledge.among, titles=titles, said=said, k=SEARCHED)
    clock.lap("retrieve")
    if asked is not None:
        about = Focus(asked_order(asked, shopper))
        action, verdict, ruleset = decide_asked(asked, about.order, shopper=shopper, bot=bot, now=now)
    else:
        said_before = [m for m in history if m.author == "shopper"]
        about = Focus(situation.order) if situation.order else focus(understanding, said_before, orders, said=said)
        action, verdict, ruleset = _decide(situation, understanding, about, said, now)
    override = _still_overridden(earlier, about.order, action)
    standing = _standing(verdict, override)
    promised = carried(request=action, verdict=standing, order=about.order, shopper=shopper).plan is not None
    clock.lap("decide")
    before = "\n".join(turn.text for turn in _merged(turns)[:-1] if turn.author == "shopper")
    offered = offer(understanding, catalogue, conversation, said=said, before=before, shown=shown, now=now)
    products = wanted_products(asked) if form_alone else [*wanted_products(asked), *offered.products]
    meant = situation.products or meant_products(understanding, catalogue, offered.products, shown, order=about.order)
    fitted = fitted_answers(
        found,
        conversation,
        order=about.order,
        products=meant,
        catalogue=catalogue,
        served=knowledge.served,
        now=now,
    )
    hits = fitted.hits
    request = ComposeRequest(
        language=understanding.language,
        turns=turns,
        understanding=understanding,
        store_name=conversation.merchant.name_in(understanding.language),
        now=now,
        timezone=conversation.merchant.timezone,
        answers=hits,
        orders=tuple(order_facts(order) for order in _with(about.order, orders)),
        order=order_facts(about.order) if about.order else None,
        verdict=_verdict_facts(standing, action, about, overridden=override is not None, promised=promised),
        products=products_facts(products, said),
        catalogue=tuple(title for p in catalogue for title in (p.title_en, p.title_zh) if title),
        personal=personal_values(shopper, orders, email=conversation.email),
        identified=shopper.is_identified,
        price_limit_minor=offered.most_minor,
        price_currency=conversation.storefront.currency,
        seed=seed,
    )
    pieces = evidence.gather(
        hits=hits,
        details=fitted.details,
        orders=[about.order] if about.order else orders[:3],
        products=products,
        verdict=standing,
        action=action["action"] if action else None,
        zone=ZoneInfo(conversation.merchant.timezone),
    )
    unanswered = (*plan_reply(request).unanswered, *_other_orders(understanding, action, about, orders))
    return Prepared(
        conversation=conversation,
        message=situation.message,
        understanding=understanding,
        found=found,
        details=fitted.details,
        request=request,
        order=about.order,
        action=action,
        verdict=verdict,
        ruleset=ruleset,
        override=override,
        evidence=pieces,
        cards=_cards(understanding, about.order, products),
        promised=promised,
        unanswered=unanswered,
        seconds=clock.laps,
    )


def _other_orders(
    understanding: Understanding, action: Mapping[str, Any] | None, about: Focus, orders: Sequence[Order]
) -> tuple[str, ...]:
    """Further orders that a wish names: a reply decides on one, and says nothing of the others."""
    if action is None or about.order is None:
        return ()
    own = {order.number for order in orders} - {about.order.number}
    return tuple(dict.fromkeys(number for number in understanding.values("order_number") if number in own))


def _with(order: Order | None, orders: Sequence[Order]) -> Sequence[Order]:
    """A shopper may ask for an order that is older than those that are read."""
    return orders if order is None or order in orders else [order, *orders]


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
    situation: Situation, understanding: Understanding, about: Focus, said: str, now: datetime
) -> tuple[dict[str, Any] | None, dict[str, Any] | None, RulesetVersion | None]:
    conversation = situation.conversation
    if about.foreign and conversation.shopper.is_identified:
        refused = refuse_foreign_order()
        wished = understanding.requested_action
        # A new order is refused to nobody for naming another shopper's.
        action = {"action": wished if wished and wished != "place_order" else "none"}
        return (action, refused.verdict, refused.version) if refused else (action, None, None)
    if about.order is None:
        return None, None, None
    evidence_given = ["photo"] if any("photo" in m.attachments for m in situation.waiting) else []
    request = canonical_request(
        understanding,
        about.order,
        evidence=evidence_given,
        earlier=_asked_before(conversation, about.order),
        said=said,
    )
    if request is None:
        return None, None, None
    decided = decide_on(about.order, request, now=now)
    return (request, decided[0], decided[1]) if decided else (request, None, None)


def _still_overridden(
    earlier: Draft | None, order: Order | None, action: dict[str, Any] | None
) -> dict[str, Any] | None:
    """The override of ``earlier`` where it decided this very request on this very state of the order."""
    if earlier is None or earlier.override is None or order is None or action is None:
        return None
    same = earlier.order_id == order.pk and earlier.order_version == order.version and earlier.request == action
    return earlier.override if same else None


def _standing(verdict: dict[str, Any] | None, override: dict[str, Any] | None) -> dict[str, Any] | None:
    return {**(verdict or {}), **override} if override is not None else verdict


def _asked_before(conversation: Conversation, order: Order) -> dict[str, Any] | None:
    """The request of the last sent draft, when the merchant asked the shopper for something missing then."""
    last = Draft.objects.filter(conversation_id=conversation.pk, state="sent").order_by("-id").first()
    if last is None or last.request is None or last.order_id != order.pk:
        return None
    return last.request if (last.verdict or {}).get("outcome") == "ask" else None


def _cards(understanding: Understanding, order: Order | None, products: Sequence[Product]) -> list[dict[str, str]]:
    """References to what the reply is about: the order that was asked about, and the products it offers."""
    intents = {intent.name for intent in understanding.intents}
    cards = []
    if order is not None and understanding.intent.name in WITH_ORDER_CARD:
        cards.append({"kind": "order", "number": order.number})
    if intents & WITH_PRODUCTS:
        cards += [{"kind": "product", "id": product.external_id} for product in products[:MAX_PRODUCTS]]
    return cards


def _verdict_facts(
    verdict: dict[str, Any] | None, action: dict[str, Any] | None, about: Focus, *, overridden: bool, promised: bool
) -> VerdictFacts | None:
    if verdict is None or action is None:
        return None
    unsupported = verdict["outcome"] == "allow" and not promised
    return VerdictFacts(
        action=action["action"],
        # What the shop does not carry out is a colleague's to do: the reply must not promise it.
        outcome="escalate" if unsupported else verdict["outcome"],
        amount_minor=verdict.get("amount_minor"),
        currency=verdict.get("currency") or (about.order.currency if overridden and about.order else ""),
        ask=tuple(verdict.get("ask") or ()),
        # The rules' reasons are none for what an admin decided against them; the admin's own is for colleagues.
        reasons={} if overridden else verdict.get("reasons") or {},
        order_number=about.order.number if about.order else "",
        refund_to=_methods(about.order, verdict),
        lines=_lines_of(action, about.order),
    )


def _lines_of(action: dict[str, Any], order: Order | None) -> tuple[LineFacts, ...]:
    """The items that the request names, with the pieces that it is about."""
    wanted = {str(line["id"]): int(line.get("quantity") or 0) for line in action.get("lines") or ()}
    if order is None:
        return ()
    return tuple(
        LineFacts(line.title, wanted[line.external_id] or line.quantity, line.unit_price_minor)
        for line in order.lines.all()
        if line.external_id in wanted
    )


def _methods(order: Order | None, verdict: dict[str, Any]) -> tuple[str, ...]:
    """The payment methods that the verdict gives money back to."""
    parts = {part["id"] for part in verdict.get("payments") or ()}
    if order is None:
        return ()
    return tuple(dict.fromkeys(p.method for p in order.payments.all() if p.external_id in parts))


class _Clock:
    """Wall time per stage, in seconds."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.monotonic()

    def lap(self, name: str) -> None:
        now = time.monotonic()
        self.laps[name] = round(now - self._last, 4)
        self._last = now

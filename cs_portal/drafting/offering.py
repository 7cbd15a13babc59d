"""Which products go with a reply: those the shopper named, those their words fit, and what they may cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bots.types import IntentGuess, Understanding
from cs_portal.commerce.models import Product
from cs_portal.conversations.models import Author, Conversation, Message
from cs_portal.recommendations.matching import matching
from cs_portal.recommendations.selectors import recommend, recommendable
from cs_portal.recommendations.wishes import (
    PriceRange,
    needs,
    price_minor,
    price_range,
    tagged,
    wants_cheaper,
    wants_companion,
    within,
)

WITH_PRODUCTS = {"product_question", "stock", "size_advice", "recommendation", "place_order"}
#: Products offered in one reply.
MAX_PRODUCTS = 3
_SURE_ENOUGH = 0.6


@dataclass(frozen=True, slots=True)
class Offer:
    """``most_minor`` is what the shopper wants to spend at most, whether or not anything costs so little."""

    products: tuple[Product, ...] = ()
    most_minor: int | None = None


def shown_before(history: Sequence[Message], catalogue: Sequence[Product]) -> list[Product]:
    """The products on the cards of the last reply that had any."""
    for message in reversed(history):
        if message.author == Author.SHOPPER:
            continue
        ids = {str(card.get("id")) for card in message.cards if card.get("kind") == "product"}
        if ids:
            return [product for product in catalogue if product.external_id in ids]
    return []


def asks_for_another(understanding: Understanding, said: str, shown: Sequence[Product]) -> Understanding:
    """ "Something cheaper?" after products were shown asks for a recommendation, whatever it was taken for."""
    if not shown or not wants_cheaper(said) or understanding.requested_action or understanding.wants_person:
        return understanding
    guess = IntentGuess("recommendation", max(_SURE_ENOUGH, understanding.intent.probability), said)
    return replace(understanding, intents=(guess,))


def offer(
    understanding: Understanding,
    catalogue: Sequence[Product],
    conversation: Conversation,
    *,
    said: str,
    before: str,
    shown: Sequence[Product],
    now: datetime,
) -> Offer:
    """Products that the shopper named, else those that their words fit; a recommendation keeps to what was wished.

    ``said`` are their unanswered words, ``before`` those of earlier in the conversation.
    """
    intents = {intent.name for intent in understanding.intents}
    named_ids = set(understanding.values("product"))
    if not intents & WITH_PRODUCTS and not named_ids:
        return Offer()
    named = [product for product in catalogue if product.external_id in named_ids]
    if "recommendation" not in intents:
        return Offer(tuple((named or matching(said, catalogue))[:MAX_PRODUCTS]))
    prices = _prices(said, named or shown, currency=conversation.storefront.currency)
    relative = wants_cheaper(said) and not price_range(said, currency=conversation.storefront.currency)
    # "Something cheaper" goes on with what it was for.
    pool = tagged(recommendable(catalogue), needs(f"{before}\n{said}" if relative else said))
    if not prices and len(pool) == len(recommendable(catalogue)):
        return Offer(tuple(_unbounded(understanding, catalogue, conversation, said, named, now)))
    affordable = [product for product in within(pool, prices) if product not in named]
    if relative and not affordable:
        affordable = [product for product in within(recommendable(catalogue), prices) if product not in named]
    if not affordable:
        nearest = sorted(matching(said, pool) or pool, key=lambda product: price_minor(product) or 0)
        return Offer(tuple(nearest[:MAX_PRODUCTS]), prices.most_minor)
    kind = {product.category for product in named or shown} if wants_cheaper(said) else set()
    alike = [product for product in affordable if product.category in kind]
    popular = recommend(
        shopper=conversation.shopper, products=named, locale=understanding.language, limit=len(catalogue), now=now
    )
    liked = [suggestion.product for suggestion in popular if suggestion.product in affordable]
    # What they say outright ("a tea pot") counts more than for whom it is.
    skipped = named if wants_companion(said) or wants_cheaper(said) else []
    within_reach = [product for product in within(recommendable(catalogue), prices) if product not in skipped]
    cared_for = [*matching(said, affordable, described=True), *matching(said, within_reach, described=True)]
    chosen = (
        matching(said, affordable, outright=True)
        or matching(said, within_reach, outright=True)
        or [*cared_for, *alike, *liked, *affordable]
    )
    products = tuple({product.pk: product for product in chosen}.values())[:MAX_PRODUCTS]
    return Offer(products, None if relative else prices.most_minor)


def _prices(said: str, looked_at: Sequence[Product], *, currency: str) -> PriceRange:
    """The range that the words name; "cheaper" alone is cheaper than the cheapest that was looked at."""
    prices = price_range(said, currency=currency)
    if prices or not wants_cheaper(said):
        return prices
    before = [price for product in looked_at if (price := price_minor(product)) is not None]
    return PriceRange(0, min(before) - 1) if before and min(before) > 1 else prices


def _unbounded(
    understanding: Understanding,
    catalogue: Sequence[Product],
    conversation: Conversation,
    said: str,
    named: Sequence[Product],
    now: datetime,
) -> list[Product]:
    """A recommendation without wishes: what the words fit, filled up by what goes with it and what most buy."""
    fitting = [product for product in matching(said, recommendable(catalogue)) if product not in named]
    if fitting and not named:
        return fitting[:MAX_PRODUCTS]
    others = recommend(
        shopper=conversation.shopper, products=named, locale=understanding.language, limit=MAX_PRODUCTS, now=now
    )
    first = [] if wants_companion(said) else recommendable(named)
    offered = [*first, *(suggestion.product for suggestion in others), *fitting]
    return list({product.pk: product for product in offered}.values())[:MAX_PRODUCTS]

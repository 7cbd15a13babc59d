"""The search over everything: the first few of each kind, found by the searches of the lists."""

from __future__ import annotations

from cs_portal.commerce.listing import (
    OrderFilter,
    ProductFilter,
    ShopperFilter,
    orders_matching,
    products_matching,
    shoppers_matching,
)
from cs_portal.commerce.models import Order, Product, Shopper
from cs_portal.conversations.models import Conversation
from cs_portal.conversations.search import matching
from cs_portal.knowledge.listing import KEYS, FaqFilter, FaqOrder, faqs, in_order
from cs_portal.knowledge.models import Faq


def found_orders(query: str, *, limit: int) -> list[Order]:
    return list(orders_matching(OrderFilter(words=query)).order_by("-placed_at", "-id")[:limit])


def found_conversations(query: str, *, limit: int) -> list[Conversation]:
    rows = Conversation.objects.filter(pk__in=matching(query)).select_related("shopper")
    return list(rows.order_by("-last_message_at", "-id")[:limit])


def found_shoppers(query: str, *, limit: int) -> list[Shopper]:
    return list(shoppers_matching(ShopperFilter(words=query)).order_by("-id")[:limit])


def found_faqs(query: str, *, limit: int) -> list[Faq]:
    found = in_order(faqs(FaqFilter(words=query)), FaqOrder.RELEVANCE, words=query)
    return list(found.order_by(*KEYS[FaqOrder.RELEVANCE])[:limit])


def found_products(query: str, *, limit: int) -> list[Product]:
    return list(products_matching(ProductFilter(words=query)).order_by("-id")[:limit])

"""An FAQ with answers for particular products is found by their names, too: "how do I clean the Ridge Tent?"."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

from django.db.models import Q

from cs_portal.commerce.models import Product
from cs_portal.knowledge.content import FaqContent
from cs_portal.merchants.models import Locale

#: Products whose names lead to one FAQ; a category may have thousands.
MAX_PRODUCTS = 60

K = TypeVar("K", bound=Hashable)


def phrasings_for_products(contents: Mapping[K, FaqContent]) -> dict[tuple[K, str], tuple[str, ...]]:
    """By key and language: the question with each product's title behind it. One query, none without conditions."""
    products = {value for content in contents.values() for one in content.answers for value in one.when.products}
    categories = {value for content in contents.values() for one in content.answers for value in one.when.categories}
    if not products and not categories:
        return {}
    rows = list(
        Product.objects.filter(Q(external_id__in=products) | Q(category__in=categories), status="active")
        .order_by("id")
        .only("external_id", "category", "title_en", "title_zh", "merchant_id")
    )
    return {
        (key, locale): phrasings
        for key, content in contents.items()
        if any(one.when.products or one.when.categories for one in content.answers)
        for locale, text in content.texts.items()
        if (phrasings := _phrasings(text.question, locale, content, rows))
    }


def _phrasings(question: str, locale: str, content: FaqContent, products: list[Product]) -> tuple[str, ...]:
    titles = dict.fromkeys(
        title
        for product in products
        if any(
            product.external_id in one.when.products or product.category in one.when.categories
            for one in content.answers
        )
        if (title := product.title_zh if locale == Locale.ZH_HANS else product.title_en)
    )
    return tuple(f"{question} {title}" for title in list(titles)[:MAX_PRODUCTS]) if question else ()

"""Products by the words of a question: a first, lexical answer to "which tent is good for two people?"."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from bots.retrieval.lexical import tokenize
from cs_portal.commerce.models import Product

#: A word of the title says what a product is; one of its description only what is said about it.
TITLE_WEIGHT, DESCRIPTION_WEIGHT = 3.0, 1.0
#: A word that more than this share of the catalogue's titles or descriptions hold tells products apart no more.
COMMON_SHARE = 0.25


def matching(question: str, products: Sequence[Product], *, limit: int = 3) -> list[Product]:
    """Products whose titles share a telling word with ``question``, best first; none when none does.

    Words count by their inverse document frequency over ``products``; ties keep the catalogue's order.
    """
    asked = set(tokenize(question))
    titles = [set(tokenize(f"{p.title_en} {p.title_zh} {p.category}")) for p in products]
    descriptions = [set(tokenize(f"{p.description_en} {p.description_zh}")) for p in products]
    frequency = Counter(token for t, d in zip(titles, descriptions, strict=True) for token in (t | d) & asked)
    weight = {
        token: math.log(len(products) / count)
        for token, count in frequency.items()
        if count <= max(1.0, COMMON_SHARE * len(products))
    }
    scored = []
    for number, (title, description) in enumerate(zip(titles, descriptions, strict=True)):
        by_title = sum(weight.get(token, 0.0) for token in title & asked)
        by_description = sum(weight.get(token, 0.0) for token in description & asked)
        if by_title > 0:
            scored.append((-(TITLE_WEIGHT * by_title + DESCRIPTION_WEIGHT * by_description), number))
    return [products[number] for _, number in sorted(scored)[:limit]]

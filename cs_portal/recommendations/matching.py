"""Products by the words of a question: a first, lexical answer to "which tent is good for two people?"."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence

from bots.retrieval.lexical import tokenize
from bots.retrieval.stopwords import STOPWORDS
from cs_portal.commerce.models import Product

#: A word of the title says what a product is; one of its description only what is said about it.
TITLE_WEIGHT, DESCRIPTION_WEIGHT = 3.0, 1.0
#: A word that more than this share of the catalogue's titles or descriptions hold tells products apart no more.
COMMON_SHARE = 0.25
#: Words of wishing, which descriptions hold by chance.
_WISHING = frozenset(
    {
        *(
            "gift",
            "present",
            "birthday",
            "mother",
            "mum",
            "mom",
            "father",
            "dad",
            "parent",
            "friend",
            "wife",
            "husband",
        ),
        *(
            "look",
            "something",
            "nice",
            "recommend",
            "suggest",
            "under",
            "budget",
            "love",
            "like",
            "want",
            "need",
            "buy",
        ),
        *("good", "best", "people", "person", "home", "new", "great", "cheap", "use", "set"),
    }
)


def matching(
    question: str, products: Sequence[Product], *, limit: int = 3, described: bool = False, outright: bool = False
) -> list[Product]:
    """Products whose titles share a telling word with ``question``, best first; none when none does.

    Words count by their inverse document frequency over ``products``; ties keep the catalogue's order. A "tea pot" is a
    teapot. ``described`` finds those, too, of which only the description holds a word that the shopper cares about;
    ``outright`` leaves words of wishing out ("a gift", "for my mother").
    """
    asked = {word for word in _words(question) if word not in STOPWORDS and not (outright and word in _WISHING)}
    cared = {word for word in asked if word.isascii() and word.isalpha() and word not in _WISHING}
    titles = [_words(f"{p.title_en} {p.title_zh} {p.category}") for p in products]
    descriptions = [_words(f"{p.description_en} {p.description_zh}") for p in products]
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
        cares = described and any(weight.get(token) for token in description & cared)
        if by_title > 0 or cares:
            scored.append((-(TITLE_WEIGHT * by_title + DESCRIPTION_WEIGHT * by_description), number))
    return [products[number] for _, number in sorted(scored)[:limit]]


def _words(text: str) -> set[str]:
    """Search tokens without the plural's s, and neighbouring words written as one."""
    tokens = [_singular(token) for token in tokenize(text)]
    pairs = itertools.pairwise(tokens)
    return {*tokens, *(a + b for a, b in pairs if a.isascii() and b.isascii() and a.isalpha() and b.isalpha())}


def _singular(token: str) -> str:
    return token[:-1] if token.isascii() and len(token) > 3 and token.endswith("s") and token[-2] != "s" else token

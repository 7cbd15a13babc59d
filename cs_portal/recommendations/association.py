"""Which products go together, from baskets alone. Plain Python over identifiers.

Pairs are ranked by the cosine of their columns in the basket matrix, n(a,b) / √(n(a) · n(b)), the measure of
item-to-item collaborative filtering (Linden, Smith and York 2003). A pair counts only with enough support and a lift,
n(a,b) · N / (n(a) · n(b)), above one: what everybody buys goes with nothing in particular.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

#: Two baskets are enough in a small shop; a larger one asks for this share of its baskets, up to a handful.
MIN_TOGETHER, ENOUGH_TOGETHER = 2, 5
MIN_SHARE = 0.0002
#: A basket with more kinds of goods than this is a wholesaler's and says little about what goes together.
MAX_KINDS = 40
KEPT_PER_PRODUCT = 12


@dataclass(frozen=True, slots=True)
class Pair:
    """``other`` goes with ``product``; counts are baskets."""

    product: str
    other: str
    together: int
    confidence: float
    lift: float
    score: float


@dataclass(frozen=True, slots=True)
class Associations:
    """``buyers`` counts the baskets that hold a product, ``baskets`` all of them."""

    pairs: list[Pair]
    buyers: dict[str, int]
    baskets: int


def associate(baskets: Iterable[frozenset[str]]) -> Associations:
    """Both directions of every pair that holds, the best :data:`KEPT_PER_PRODUCT` of each product."""
    buyers: Counter[str] = Counter()
    together: Counter[tuple[str, str]] = Counter()
    count = 0
    for basket in baskets:
        count += 1
        buyers.update(basket)
        if 1 < len(basket) <= MAX_KINDS:
            together.update(combinations(sorted(basket), 2))
    return Associations(_best(_pairs(together, buyers, count)), dict(buyers), count)


def _pairs(together: Counter[tuple[str, str]], buyers: Counter[str], count: int) -> Iterator[Pair]:
    enough = min(ENOUGH_TOGETHER, max(MIN_TOGETHER, math.ceil(MIN_SHARE * count)))
    for (first, second), both in together.items():
        lift = both * count / (buyers[first] * buyers[second])
        if both < enough or lift <= 1:
            continue
        score = both / math.sqrt(buyers[first] * buyers[second])
        for product, other in ((first, second), (second, first)):
            yield Pair(product, other, both, both / buyers[product], lift, score)


def _best(pairs: Iterable[Pair]) -> list[Pair]:
    """Ties are settled by support, then by identifier, so that the same orders always give the same pairs."""
    kept: defaultdict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        kept[pair.product].append(pair)
    return [
        pair
        for product in sorted(kept)
        for pair in heapq.nsmallest(KEPT_PER_PRODUCT, kept[product], key=lambda p: (-p.score, -p.together, p.other))
    ]

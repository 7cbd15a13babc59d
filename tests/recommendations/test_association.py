"""What goes together, by counting baskets."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from cs_portal.recommendations.association import KEPT_PER_PRODUCT, MAX_KINDS, associate

BASKETS = st.lists(st.frozensets(st.sampled_from("abcdefgh"), max_size=5), max_size=60)


def _baskets(*baskets: str) -> list[frozenset[str]]:
    return [frozenset(basket) for basket in baskets]


def test_a_pair_has_its_support_confidence_lift_and_cosine() -> None:
    found = associate(_baskets("ab", "ab", "a", "c", "c", "c"))
    (forth,) = [pair for pair in found.pairs if pair.product == "a"]
    (back,) = [pair for pair in found.pairs if pair.product == "b"]
    assert (forth.other, forth.together, forth.confidence, forth.lift) == ("b", 2, 2 / 3, 2 * 6 / (3 * 2))
    assert forth.score == back.score == 2 / math.sqrt(6)
    assert back.confidence == 1.0
    assert (found.buyers, found.baskets) == ({"a": 3, "b": 2, "c": 3}, 6)


def test_once_is_a_coincidence() -> None:
    assert associate(_baskets("ab", "c", "c", "c")).pairs == []


def test_what_everybody_buys_goes_with_nothing_in_particular() -> None:
    assert associate(_baskets("ab", "ab", "a", "a")).pairs == []


def test_a_wholesalers_basket_tells_nothing() -> None:
    huge = frozenset(f"p{number}" for number in range(MAX_KINDS + 1))
    assert associate([huge, huge, frozenset("x"), frozenset("x"), frozenset("y")]).pairs == []


@given(BASKETS)
def test_pairs_hold_in_both_directions_and_within_their_bounds(baskets: list[frozenset[str]]) -> None:
    found = associate(baskets)
    told = {(pair.product, pair.other): pair for pair in found.pairs}
    for (product, other), pair in told.items():
        assert told[(other, product)].together == pair.together == sum({product, other} <= b for b in baskets) >= 2
        assert 0 < pair.confidence <= 1
        assert 0 < pair.score <= 1
        assert pair.lift > 1
    for product in {pair.product for pair in found.pairs}:
        own = [pair.score for pair in found.pairs if pair.product == product]
        assert own == sorted(own, reverse=True)
        assert len(own) <= KEPT_PER_PRODUCT


@given(BASKETS, st.randoms())
def test_the_order_of_baskets_does_not_matter(baskets: list[frozenset[str]], random: object) -> None:
    shuffled = list(baskets)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert associate(baskets).pairs == associate(shuffled).pairs

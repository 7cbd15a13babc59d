"""What is bought together is no accident: recommendations rest on it."""

import random
from collections import Counter
from itertools import combinations

from cs_portal.demo.baskets import COMPANIONS, companions, pick_products
from cs_portal.demo.catalogue import catalogue
from cs_portal.demo.merchants import MERCHANTS

CHOICE = catalogue("fernhill")


def test_every_companion_is_a_kind_that_somebody_sells() -> None:
    sold = {product.kind for merchant in MERCHANTS for product in catalogue(merchant.slug)}
    assert frozenset().union(*COMPANIONS) <= sold


def test_companions_go_both_ways_and_never_with_themselves() -> None:
    assert "teapot" in companions("mug")
    assert "mug" in companions("teapot")
    assert "mug" not in companions("mug")


def test_a_basket_holds_different_products() -> None:
    rng = random.Random(7)
    for _ in range(200):
        basket = [product.id for product in pick_products(CHOICE, rng)]
        assert 1 <= len(basket) <= 4
        assert len(set(basket)) == len(basket)


def test_what_goes_together_is_bought_together_more_often_than_chance() -> None:
    rng = random.Random(3)
    pairs = Counter(
        second.kind in companions(first.kind)
        for _ in range(600)
        for first, second in combinations(pick_products(CHOICE, rng), 2)
    )
    assert pairs[True] / pairs.total() > 0.4

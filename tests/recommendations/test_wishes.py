"""What a recommendation may cost and what it is for, read from shoppers' words."""

from __future__ import annotations

import pytest

from cs_portal.recommendations.wishes import PriceRange, needs, price_range, wants_cheaper


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("A gift for my mother under ¥100", 0, 10000),
        ("something below 99.90 please", 0, 9990),
        ("no more than 1,200 yuan", 0, 120000),
        ("My budget is about 300", 0, 30000),
        ("预算200左右，送妈妈", 0, 20000),
        ("100元以内的礼物", 0, 10000),
        ("不超过150块", 0, 15000),
        ("between 50 and 100", 5000, 10000),
        ("100-200元的茶具", 10000, 20000),
        ("about 100", 0, 12000),
        ("200元左右", 0, 24000),
        ("500以上的帐篷", 50000, None),
        ("more than 80, at most 120", 8000, 12000),
        ("a tent for 3 people", 0, None),
        ("a mug that holds up to 350 ml", 0, None),
        ("delivered within 3 days", 0, None),
        ("where is order 10533", 0, None),
        ("５０元以内", 0, 5000),
    ],
)
def test_what_it_may_cost(text: str, least: int, most: int | None) -> None:
    assert price_range(text, currency="CNY") == PriceRange(least, most)


def test_currencies_without_minor_units() -> None:
    assert price_range("under 1000 yen", currency="JPY") == PriceRange(0, 1000)


@pytest.mark.parametrize("text", ["Do you have something cheaper?", "有没有便宜一点的", "太贵了", "a bit pricey"])
def test_something_cheaper(text: str) -> None:
    assert wants_cheaper(text)


@pytest.mark.parametrize("text", ["How do I pay?", "The price dropped", "贵公司电话多少"])
def test_nothing_cheaper_is_wanted(text: str) -> None:
    assert not wants_cheaper(text)


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("A gift for my mother under ¥100", ["gift"]),
        ("送妈妈什么好？", ["gift"]),
        ("Which tea has no caffeine?", ["caffeine-free"]),
        ("卖得最好的茶", ["bestseller"]),
        ("Which tent is good in rain?", []),
    ],
)
def test_what_it_is_for(text: str, tags: list[str]) -> None:
    assert needs(text) == tags

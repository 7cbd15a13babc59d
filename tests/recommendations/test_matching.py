"""Products found by the words of a question, in both languages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cs_portal.commerce.models import Product
from cs_portal.core.tenancy import scope
from cs_portal.recommendations.matching import matching
from tests.factories import make_merchant, make_product

pytestmark = pytest.mark.django_db

TITLES = [
    ("Ridge Tent", "山脊帐篷", "A tent for two people."),
    ("Valley Tent", "山谷帐篷", "A tent for four people."),
    ("Alder Armchair", "赤杨单椅", "A chair for the evening."),
    ("Enamel Mug", "搪瓷杯", "Keeps tea warm."),
    ("Wool Throw", "羊毛盖毯", "Warm and soft."),
    ("Pine Soap", "松木皂", "Smells of the woods."),
    ("Garden Lamp", "花园灯", "Light for the garden."),
    ("Seed Mix", "种子", "For the meadow."),
]


@pytest.fixture
def products() -> Iterator[list[Product]]:
    merchant = make_merchant()
    made = [make_product(merchant, title_en=en, title_zh=zh, description_en=text) for en, zh, text in TITLES]
    with scope(merchant=merchant):
        yield made


@pytest.mark.parametrize(
    ("question", "titles"),
    [
        ("Which tent is good for two people?", ["Ridge Tent", "Valley Tent"]),
        ("Is the armchair in stock?", ["Alder Armchair"]),
        ("推荐一款帐篷", ["Ridge Tent", "Valley Tent"]),
        ("这个单椅还有货吗", ["Alder Armchair"]),
        ("I'd like an arm chair", ["Alder Armchair"]),
        ("Do you have mugs?", ["Enamel Mug"]),
        ("Can you recommend something nice?", []),
        ("", []),
    ],
)
def test_words_find_products(products: list[Product], question: str, titles: list[str]) -> None:
    assert [product.title_en for product in matching(question, products)] == titles


def test_what_is_only_described_is_found_where_that_is_asked(products: list[Product]) -> None:
    wish = "Something for my mother who loves tea"
    assert matching(wish, products) == []
    assert [product.title_en for product in matching(wish, products, described=True)] == ["Enamel Mug"]
    assert matching("Light and soft", products, described=True)[0].title_en in {"Wool Throw", "Garden Lamp"}


def test_words_of_wishing_are_no_titles(products: list[Product]) -> None:
    assert matching("A new mug as a gift", products, outright=True) == [products[3]]
    products[0].title_en = "Gift Box"
    assert matching("a gift under 100", products, outright=True) == []
    assert matching("a gift under 100", products) == [products[0]]

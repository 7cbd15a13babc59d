"""Products found by the words of a question, in both languages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cs_portal.commerce.models import OrderLine, Product, Variant
from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Merchant
from cs_portal.recommendations.matching import matching
from cs_portal.recommendations.selectors import bought_most
from tests.factories import make_merchant, make_order, make_product, make_shopper

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
        ("Can you recommend something nice?", []),
        ("", []),
    ],
)
def test_words_find_products(products: list[Product], question: str, titles: list[str]) -> None:
    assert [product.title_en for product in matching(question, products)] == titles


def _sold(merchant: Merchant, product: Product, quantity: int) -> None:
    order = make_order(merchant, quantity=quantity)
    with scope(merchant=merchant):
        OrderLine.objects.filter(order=order).update(product=product.external_id)


def test_what_sells_is_recommended_without_what_the_shopper_owns_or_what_is_sold_out() -> None:
    merchant = make_merchant()
    best, gone, owned, fair = (make_product(merchant) for _ in range(4))
    for product, quantity in ((best, 5), (gone, 9), (owned, 7), (fair, 1)):
        _sold(merchant, product, quantity)
    shopper = make_shopper(merchant)
    order = make_order(merchant, shopper)
    with scope(merchant=merchant):
        OrderLine.objects.filter(order=order).update(product=owned.external_id)
        Variant.objects.filter(product=gone).update(stock=0)
        assert bought_most(shopper=shopper) == [best, fair]

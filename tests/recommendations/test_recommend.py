"""One function decides what is recommended: pins, pairs, popularity; and what never is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django_scopes import scopes_disabled

from cs_portal.commerce.models import OrderStatus, Product, Shopper, Variant
from cs_portal.core.models import Job
from cs_portal.core.workers import run_due
from cs_portal.merchants.models import Merchant
from cs_portal.recommendations.models import PairRefresh, ProductPair
from cs_portal.recommendations.selectors import Reason, Recommendation, recommend, recommendable
from cs_portal.recommendations.services import ask_for_refresh, exclude, pin_product, refresh_pairs, remove_exclusion
from tests.factories import make_order, make_product
from tests.recommendations.conftest import Shop

pytestmark = pytest.mark.django_db


def _asked(shop: Shop, *names: str, shopper: Shopper | None = None, limit: int = 3) -> list[Recommendation]:
    context = [shop[name] for name in names]
    return recommend(shopper=shopper, products=context, locale="en", limit=limit, now=shop.now)


def _titles(found: list[Recommendation]) -> list[tuple[str, str]]:
    return [(offer.product.title_en, str(offer.reason)) for offer in found]


def test_what_is_bought_together_comes_before_what_is_popular(shop: Shop) -> None:
    refresh_pairs(now=shop.now)
    found = _asked(shop, "tent")
    assert _titles(found) == [("mat", "together"), ("tea", "popular"), ("mug", "popular")]
    assert (found[0].because_of, found[0].shoppers) == (shop["tent"], 3)


def test_popularity_is_counted_from_the_orders_before_it_was_ever_made(shop: Shop) -> None:
    assert PairRefresh.objects.count() == 0
    assert {title for title, _ in _titles(_asked(shop, limit=2))} == {"tent", "mat"}


def test_a_shoppers_last_orders_are_the_context_when_none_is_given(shop: Shop) -> None:
    refresh_pairs(now=shop.now)
    newcomer = shop.shoppers[5]
    shop.buys(newcomer, "tent")
    assert _titles(_asked(shop, shopper=newcomer, limit=1)) == [("mat", "together")]


def test_owned_goods_are_recommended_again_only_when_they_are_used_up(shop: Shop) -> None:
    refresh_pairs(now=shop.now)
    titles = [title for title, _ in _titles(_asked(shop, "mug", shopper=shop.shoppers[1], limit=5))]
    assert "tea" in titles
    assert not {"tent", "mat"} & set(titles)


def test_not_even_what_goes_together_or_is_pinned_is_offered_to_who_has_it(shop: Shop) -> None:
    refresh_pairs(now=shop.now)
    pin_product(recommended=shop["lamp"].public_id, with_product=None, by=shop.owner, now=shop.now)
    owner, newcomer = shop.shoppers[0], shop.shoppers[5]
    shop.buys(owner, "lamp")
    assert not {"mat", "lamp"} & {title for title, _ in _titles(_asked(shop, "tent", shopper=owner, limit=5))}
    assert {"mat", "lamp"} <= {title for title, _ in _titles(_asked(shop, "tent", shopper=newcomer, limit=5))}


def test_cancelled_and_returned_orders_count_for_nothing(shop: Shop) -> None:
    for shopper in shop.shoppers[3:5]:
        shop.buys(shopper, "lamp", "mug", status=OrderStatus.CANCELLED)
        shop.buys(shopper, "lamp", "mug", status=OrderStatus.RETURNED)
    refresh_pairs(now=shop.now)
    assert not ProductPair.objects.filter(product=shop["lamp"]).exists()
    assert "lamp" not in [title for title, _ in _titles(_asked(shop, "mug", limit=5))]


def test_orders_older_than_a_year_are_forgotten(shop: Shop) -> None:
    refresh_pairs(now=shop.now + timedelta(days=400))
    assert ProductPair.objects.count() == 0


def test_pins_come_first_in_their_order_and_hold_everywhere_without_a_product(shop: Shop) -> None:
    refresh_pairs(now=shop.now)
    by, now = shop.owner, shop.now
    pin_product(recommended=shop["mug"].public_id, with_product=shop["tent"].public_id, by=by, now=now)
    pin_product(recommended=shop["tea"].public_id, with_product=shop["tent"].public_id, by=by, now=now)
    pin_product(recommended=shop["lamp"].public_id, with_product=None, by=by, now=now)
    assert _titles(_asked(shop, "tent", limit=4)) == [
        ("mug", "pinned"),
        ("tea", "pinned"),
        ("mat", "together"),
        ("lamp", "pinned"),
    ]
    assert _titles(_asked(shop, limit=1)) == [("lamp", "pinned")]


@pytest.mark.parametrize(
    "change",
    [
        lambda shop: Variant.objects.filter(product=shop["mat"]).update(stock=0),
        lambda shop: Product.objects.filter(pk=shop["mat"].pk).update(status="archived"),
        lambda shop: exclude(kind="product", value=shop["mat"].external_id, by=shop.owner, now=shop.now),
        lambda shop: exclude(kind="category", value="cat-mat", by=shop.owner, now=shop.now),
        lambda shop: exclude(kind="tag", value="tag-mat", by=shop.owner, now=shop.now),
    ],
    ids=["sold out", "inactive", "product", "category", "tag"],
)
def test_not_even_a_pin_brings_what_may_not_be_recommended(shop: Shop, change) -> None:
    refresh_pairs(now=shop.now)
    pin_product(recommended=shop["mat"].public_id, with_product=shop["tent"].public_id, by=shop.owner, now=shop.now)
    assert _titles(_asked(shop, "tent", limit=1)) == [("mat", "pinned")]
    change(shop)
    assert "mat" not in [title for title, _ in _titles(_asked(shop, "tent", limit=5))]
    assert shop["mat"] not in recommendable(Product.objects.prefetch_related("variants"))


def test_an_exclusion_taken_back_lets_the_product_return(shop: Shop) -> None:
    refresh_pairs(now=shop.now)
    row = exclude(kind="tag", value="tag-mat", by=shop.owner, now=shop.now)
    remove_exclusion(exclusion_id=row.public_id, by=shop.owner, now=shop.now)
    assert _titles(_asked(shop, "tent", limit=1)) == [("mat", "together")]


def test_titles_in_the_readers_language_come_first(shop: Shop) -> None:
    refresh_pairs(now=shop.now)
    Product.objects.filter(external_id=shop["tea"].external_id).update(title_zh="")
    found = recommend(shopper=None, products=[shop["tent"]], locale="zh-hans", limit=3, now=shop.now)
    assert [offer.product.title_en for offer in found] == ["mat", "mug", "tea"]


def test_another_merchants_orders_count_for_nothing(shop: Shop, other_merchant: Merchant) -> None:
    for _ in range(3):
        make_order(other_merchant)
    assert {offer.product.merchant_id for offer in _asked(shop, limit=9)} == {shop.merchant.pk}


@pytest.fixture
def other_merchant() -> Merchant:
    with scopes_disabled():
        from tests.factories import make_merchant

        merchant = make_merchant()
    make_product(merchant)
    return merchant


def test_the_number_of_queries_does_not_grow(shop: Shop, django_assert_max_num_queries) -> None:
    refresh_pairs(now=shop.now)
    for number in range(20):
        extra = make_product(shop.merchant, title_en=f"extra {number}")
        pin_product(recommended=extra.public_id, with_product=shop["tent"].public_id, by=shop.owner, now=shop.now)
    with django_assert_max_num_queries(12):
        _asked(shop, "tent", "mug", shopper=shop.shoppers[0], limit=30)


def test_the_job_makes_the_pairs_once_and_asks_for_itself_again(shop: Shop) -> None:
    ask_for_refresh(now=shop.now)
    ask_for_refresh(now=shop.now)
    assert run_due(["bulk"], keep=False) == 1
    assert ProductPair.objects.filter(product=shop["tent"], other=shop["mat"]).exists()
    states = dict(Job.objects.filter(kind="refresh_pairs").values_list("state", "key"))
    assert set(states) == {"done", "ready"}


def test_making_the_pairs_again_changes_nothing(shop: Shop) -> None:
    refresh_pairs(now=shop.now)
    first = set(ProductPair.objects.values_list("product", "other", "together", "score"))
    refresh_pairs(now=shop.now)
    assert set(ProductPair.objects.values_list("product", "other", "together", "score")) == first
    assert str(Reason.TOGETHER.label) == "Often bought together"

"""Cards: what is shown of a reference, to whom, and which references a form may send."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.utils import translation

from cs_portal.commerce.cards import (
    MAX_CARDS,
    OrderCard,
    ProductCard,
    card_json,
    reference_text,
    references_from,
    resolve_cards,
    resolve_many,
)
from cs_portal.commerce.models import Product, Shipment, Shopper, Variant
from cs_portal.commerce.pictures import origin_of, picture_origins, web_address
from cs_portal.core.errors import Invalid
from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Merchant
from tests.factories import make_merchant, make_order, make_product, make_shopper

pytestmark = pytest.mark.django_db


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    made = make_merchant()
    with scope(merchant=made):
        yield made


@pytest.fixture
def shopper(merchant: Merchant) -> Shopper:
    return make_shopper(merchant)


def _product(number: str) -> dict[str, str]:
    return {"kind": "product", "id": number}


def _order(number: str) -> dict[str, str]:
    return {"kind": "order", "number": number}


def test_a_product_is_shown_in_the_readers_language(merchant: Merchant, shopper: Shopper) -> None:
    product = make_product(merchant, url="https://shop.example.com/mug", image="https://cdn.example.com/mug.jpg")
    Variant.objects.create(product=product, external_id="v-b", price_minor=9900, currency="CNY", stock=0)
    (card,) = resolve_cards([_product(product.external_id)], locale="zh-hans", shopper=shopper)
    assert card_json(card) == {
        "kind": "product",
        "id": product.external_id,
        "title": "马克杯",
        "image": "https://cdn.example.com/mug.jpg",
        "price": "¥43.00 起",
        "url": "https://shop.example.com/mug",
        "in_stock": True,
        "variant": "",
    }
    (one,) = resolve_cards([{**_product(product.external_id), "variant": "v-b"}], locale="en", shopper=shopper)
    assert isinstance(one, ProductCard)
    assert (one.price, one.in_stock, one.title, one.variant) == ("¥99.00", False, "Mug", "v-b")
    assert translation.get_language() == "en"


def test_an_inactive_product_is_shown_as_not_to_be_had(merchant: Merchant, shopper: Shopper) -> None:
    product = make_product(merchant, status="archived")
    (card,) = resolve_cards([_product(product.external_id)], locale="en", shopper=shopper)
    assert isinstance(card, ProductCard) and not card.in_stock


def test_an_order_is_shown_to_its_own_shopper_alone(merchant: Merchant, shopper: Shopper) -> None:
    order = make_order(merchant, shopper, number="10533")
    Shipment.objects.create(order=order, tracking="SF123", carrier="SF", lines=["l-1"])
    make_product(merchant, external_id="p-1", image="https://cdn.example.com/1.jpg")
    (card,) = resolve_cards([_order("10533")], locale="en", shopper=shopper)
    shown = card_json(card)
    assert shown.pop("placed_at") == order.placed_at.isoformat()
    assert shown == {
        "kind": "order",
        "number": "10533",
        "status": "delivered",
        "status_text": "Delivered",
        "total": "¥86.00",
        "lines": [{"title": "Mug", "quantity": 2, "image": "https://cdn.example.com/1.jpg"}],
        "tracking": [{"carrier": "SF", "number": "SF123"}],
    }
    for other in (make_shopper(merchant), make_shopper(merchant, None), None):
        assert resolve_cards([_order("10533")], locale="en", shopper=other) == []


def test_what_is_gone_foreign_or_nonsense_is_left_out_and_the_order_is_kept(
    merchant: Merchant, shopper: Shopper
) -> None:
    other = make_merchant()
    foreign = make_product(other)
    first, second = make_product(merchant), make_product(merchant)
    wanted = [second.external_id, foreign.external_id, "no-such", first.external_id]
    cards = resolve_cards(
        [*map(_product, wanted), {"kind": "coupon"}, {}, {"kind": "product", "id": None}], locale="en", shopper=shopper
    )
    assert [card.id for card in cards if isinstance(card, ProductCard)] == [second.external_id, first.external_id]


def test_many_messages_cost_a_constant_number_of_queries(
    merchant: Merchant,
    shopper: Shopper,
    django_assert_num_queries,
) -> None:
    orders = [make_order(merchant, shopper) for _ in range(5)]
    products = [make_product(merchant) for _ in range(5)]
    lists = [[_order(o.number), _product(p.external_id)] for o, p in zip(orders, products, strict=True)]
    with django_assert_num_queries(5):
        shown = resolve_many([*lists, []], locale="en", shopper=shopper)
    assert [len(cards) for cards in shown] == [2, 2, 2, 2, 2, 0]
    assert isinstance(shown[0][0], OrderCard)


def test_a_form_sends_references_of_this_merchant_and_orders_of_this_shopper(
    merchant: Merchant, shopper: Shopper
) -> None:
    product, order = make_product(merchant), make_order(merchant, shopper)
    texts = [f"product:{product.external_id}", f"order:{order.number}"]
    references = references_from([*texts, texts[0]], shopper=shopper)
    assert references == [_product(product.external_id), _order(order.number)]
    assert [reference_text(reference) for reference in references] == texts
    stranger = make_order(merchant, make_shopper(merchant))
    foreign = make_product(make_merchant())
    for wrong in (f"order:{stranger.number}", f"product:{foreign.external_id}", "product:", "nonsense", "order:"):
        with pytest.raises(Invalid):
            references_from([wrong], shopper=shopper)


def test_a_reply_carries_few_cards(merchant: Merchant, shopper: Shopper) -> None:
    texts = [f"product:{make_product(merchant).external_id}" for _ in range(MAX_CARDS + 1)]
    assert len(references_from(texts[:-1], shopper=shopper)) == MAX_CARDS
    with pytest.raises(Invalid):
        references_from(texts, shopper=shopper)


@pytest.mark.parametrize(
    ("url", "address", "origin"),
    [
        ("https://cdn.example.com/a.jpg", True, "https://cdn.example.com"),
        ("http://127.0.0.1:8001/a.svg", True, "http://127.0.0.1:8001"),
        ("https://user:secret@cdn.example.com/a.jpg", True, "https://cdn.example.com"),
        ("javascript:alert(1)", False, ""),
        ("data:image/svg+xml,<svg/>", False, ""),
        ("//cdn.example.com/a.jpg", False, ""),
        ("https://evil.example;script-src/*", True, ""),
        ("https://*.example.com/", True, ""),
        ("https://[::1/", False, ""),
        ("", False, ""),
    ],
)
def test_only_plain_web_addresses_become_links_pictures_and_sources(url: str, address: bool, origin: str) -> None:
    assert (web_address(url) == url and bool(url)) is address
    assert origin_of(url) == origin


def test_picture_origins_are_those_of_this_merchants_pictures(merchant: Merchant) -> None:
    cache.clear()
    make_product(make_merchant(), image="https://theirs.example.com/a.jpg")
    for name in ("a", "b"):
        make_product(merchant, image=f"https://cdn.example.com/{name}.jpg")
    Product.objects.filter(title_en="none").delete()
    assert picture_origins() == ["https://cdn.example.com"]


def test_an_order_is_shown_to_nobody_who_is_not_identified(merchant: Merchant, shopper: Shopper) -> None:
    """Somebody forgotten keeps their orders, for the books; whoever still holds the conversation is not shown them."""
    order = make_order(merchant, shopper)
    references = [_order(order.number)]
    assert len(resolve_cards(references, locale="en", shopper=shopper)) == 1
    Shopper.objects.filter(pk=shopper.pk).update(external_id=None)
    shopper.refresh_from_db()
    assert not shopper.is_identified
    assert resolve_cards(references, locale="en", shopper=shopper) == []
    assert resolve_cards(references, locale="en", shopper=None) == []

"""Products, orders, shoppers: found, narrowed, paged; an order with what happened and who approved it."""

from __future__ import annotations

from datetime import datetime, timedelta
from datetime import timezone as tz
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from cs_portal.commerce.models import OrderLine, Payment, Shipment, Variant
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.drafting.services.review import approve_draft
from cs_portal.drafting.staleness import fingerprint
from tests.console.conftest import Cast
from tests.factories import (
    make_conversation,
    make_merchant,
    make_order,
    make_product,
    make_shopper,
)

URL = "/console/mugs/commerce/"


@pytest.fixture(autouse=True)
def _fresh_choices() -> None:
    cache.clear()


def _titles(response: Any, key: str = "title") -> list[str]:
    return [getattr(row, key) for row in response.context["rows"]]


def _get(cast: Cast, path: str, **query: str) -> Any:
    response = cast.client(cast.nina).get(URL + path, query)
    assert response.status_code == 200
    return response


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["Wool Throw", "Ridge Tent", "Enamel Mug"]),
        ({"q": "tent"}, ["Ridge Tent"]),
        ({"q": "TENT ridge"}, ["Ridge Tent"]),
        ({"q": "帐篷"}, ["Ridge Tent"]),
        ({"q": "篷 ridge"}, ["Ridge Tent"]),
        ({"q": "p-77"}, ["Enamel Mug"]),
        ({"q": "v-mug"}, ["Enamel Mug"]),
        ({"q": "tent mug"}, []),
        ({"q": "100%"}, []),
        ({"q": "\x00"}, ["Wool Throw", "Ridge Tent", "Enamel Mug"]),
        ({"category": "kitchen"}, ["Enamel Mug"]),
        ({"status": "archived"}, ["Wool Throw"]),
        ({"stock": "out"}, ["Ridge Tent"]),
        ({"stock": "low"}, ["Enamel Mug"]),
        ({"stock": "in"}, ["Wool Throw", "Enamel Mug"]),
        ({"stock": "in", "category": "kitchen", "q": "搪瓷"}, ["Enamel Mug"]),
    ],
)
def test_products_are_found_by_words_of_both_languages_and_by_filters(
    cast: Cast, query: dict[str, str], found: list[str]
) -> None:
    merchant = cast.merchant
    mug = make_product(merchant, title_en="Enamel Mug", title_zh="搪瓷杯", external_id="p-77", category="kitchen")
    tent = make_product(merchant, title_en="Ridge Tent", title_zh="山脊帐篷")
    make_product(merchant, title_en="Wool Throw", title_zh="羊毛毯", status="archived")
    make_product(make_merchant(), title_en="Ridge Tent of a rival", category="kitchen")
    with scope(merchant=merchant):
        Variant.objects.filter(product=tent).update(stock=0)
        Variant.objects.filter(product=mug).update(stock=3, external_id="v-mug")
    assert _titles(_get(cast, "products/", **query)) == found


def test_common_words_are_found_on_the_way_through_the_list(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cs_portal.commerce.listing.RARE", 2)
    shopper = make_shopper(cast.merchant, name="Wang Fang")
    for number in range(5):
        make_product(cast.merchant, title_en=f"Mug {number}")
        make_order(cast.merchant, shopper, number=f"A{number}", now=cast.now + timedelta(minutes=number))
    assert _titles(_get(cast, "products/", q="mug")) == ["Mug 4", "Mug 3", "Mug 2", "Mug 1", "Mug 0"]
    assert _titles(_get(cast, "orders/", q="a"), "number") == ["A4", "A3", "A2", "A1", "A0"]
    assert len(_titles(_get(cast, "orders/", q="wang fang"), "number")) == 5
    for number in range(3):
        make_shopper(cast.merchant, name=f"Wang {number}")
    assert len(_titles(_get(cast, "shoppers/", q="wang"), "name")) == 4


def test_the_number_of_queries_of_a_list_does_not_grow(cast: Cast, django_assert_max_num_queries: Any) -> None:
    client = cast.client(cast.nina)
    for _ in range(12):
        shopper = make_shopper(cast.merchant)
        make_product(cast.merchant)
        make_order(cast.merchant, shopper)
        make_order(cast.merchant, shopper)
    for path, limit in (("products/", 20), ("orders/", 20), ("shoppers/", 20)):
        client.get(URL + path)
        with django_assert_max_num_queries(limit):
            assert len(client.get(URL + path).context["rows"]) >= 12


def test_a_list_goes_on_where_the_page_before_ended(cast: Cast) -> None:
    for number in range(51):
        make_product(cast.merchant, title_en=f"Mug {number:02}")
    client = cast.client(cast.nina)
    first = client.get(URL + "products/", {"q": "mug"})
    second = client.get(URL + "products/" + first.context["page"].older)
    assert (len(_titles(first)), _titles(second)) == (50, ["Mug 00"])
    assert str(first.context["count"]) == "51"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["C-3", "B-2", "A-1"]),
        ({"q": "b-2"}, ["B-2"]),
        ({"q": "#A-1"}, ["A-1"]),
        ({"q": "li wei"}, ["A-1"]),
        ({"q": "anna@example.com"}, ["C-3", "B-2"]),
        ({"q": "sf-9"}, ["C-3"]),
        ({"q": "s-anna"}, ["C-3", "B-2"]),
        ({"q": "nobody"}, []),
        ({"status": "shipped"}, ["B-2"]),
        ({"storefront": "main"}, ["A-1"]),
        ({"currency": "JPY"}, ["C-3"]),
        ({"product": "p-tent"}, ["C-3"]),
        ({"since": "2026-03-02"}, ["C-3", "B-2"]),
        ({"until": "2026-03-02"}, ["B-2", "A-1"]),
        ({"since": "2026-03-02", "until": "2026-03-02"}, ["B-2"]),
        ({"since": "nonsense", "until": "2026-99-99"}, ["C-3", "B-2", "A-1"]),
        ({"q": "anna", "status": "shipped"}, ["B-2"]),
    ],
)
def test_orders_are_found_by_number_shopper_parcel_and_filters(
    cast: Cast, query: dict[str, str], found: list[str]
) -> None:
    li = make_shopper(cast.merchant, name="Li Wei", email="li@example.com")
    anna = make_shopper(cast.merchant, "s-anna", name="Anna", email="Anna@example.com")

    def at(day: int, hour: int) -> datetime:
        return datetime(2026, 3, day, hour, tzinfo=tz(timedelta(hours=8)))

    make_order(cast.merchant, li, number="A-1", storefront="main", placed_at=at(1, 10))
    make_order(cast.merchant, anna, number="B-2", status="shipped", placed_at=at(2, 0))
    third = make_order(cast.merchant, anna, number="C-3", currency="JPY", placed_at=at(3, 1))
    make_order(make_merchant(), number="B-2x", placed_at=at(2, 0))
    with scope(merchant=cast.merchant):
        Shipment.objects.create(order=third, tracking="SF-9", carrier="SF")
        OrderLine.objects.filter(order=third).update(product="p-tent")
    assert _titles(_get(cast, "orders/", **query), "number") == found


def test_amounts_are_those_of_the_orders_own_currency(cast: Cast) -> None:
    make_order(cast.merchant, number="J-1", currency="JPY", unit_price_minor=500, quantity=3)
    page = _get(cast, "orders/").content.decode()
    assert "JP¥1,500" in page
    assert "15.00" not in page


def test_an_order_shows_money_parcels_address_and_what_is_not_captured(cast: Cast) -> None:
    order = make_order(
        cast.merchant,
        number="10533",
        discount_minor=600,
        shipping_minor=1000,
        address={"name": "Li Wei", "city": "杭州"},
    )
    make_product(cast.merchant, external_id="p-1", image="https://cdn.example.com/1.jpg")
    with scope(merchant=cast.merchant):
        Shipment.objects.create(order=order, tracking="SF123", carrier="SF", lines=["l-1"], shipped_at=cast.now)
        Payment.objects.create(order=order, external_id="pay-2", method="alipay", amount_minor=400)
    conversation = make_conversation(cast.merchant, order.shopper, cast.storefront, preview="Where is it?")
    response = _get(cast, f"orders/{order.public_id}/")
    page = response.content.decode()
    for text in ("−¥6.00", "¥90.00", "SF123", "杭州", "Not captured", "Where is it?", "https://cdn.example.com/1.jpg"):
        assert text in page, text
    assert str(conversation.public_id) in page
    assert "https://cdn.example.com" in response["Content-Security-Policy"]


def test_a_refund_names_who_approved_it_and_the_reply(cast: Cast) -> None:
    draft, order, _conversation = cast.refund_draft(verdict=None, request=None)
    with scope(merchant=cast.merchant):
        draft.override = {
            "outcome": "allow",
            "amount_minor": 8600,
            "payments": [{"id": "pay-1", "amount_minor": 8600}],
            "reason": "-",
        }
        draft.request = {"action": "refund"}
        draft.save()
        text = draft.candidates.get(position=1).text
        approve_draft(
            draft_id=draft.public_id, by=cast.olaf, candidate=1, text=text, seen=fingerprint(draft), now=cast.now
        )
        run_due(["fast"], keep=False, clock=lambda: timezone.now() + timedelta(minutes=1))
    happened = _get(cast, f"orders/{order.public_id}/").context["timeline"]
    assert [(each.sentence, each.by, each.draft) for each in happened][:1] == [
        ("Refunded ¥86.00", "Olaf", draft.public_id)
    ]
    assert [each.sentence for each in happened].count("Refunded ¥86.00") == 1
    assert [each.at for each in happened] == sorted((each.at for each in happened), reverse=True)


def test_a_shoppers_page_adds_up_per_currency(cast: Cast) -> None:
    shopper = make_shopper(cast.merchant)
    make_order(cast.merchant, shopper)
    make_order(cast.merchant, shopper, currency="JPY", unit_price_minor=500, quantity=1)
    make_order(cast.merchant, shopper, status="cancelled", unit_price_minor=0)
    row = _get(cast, f"shoppers/{shopper.public_id}/").context["row"]
    assert (row.orders, row.value) == (2, "¥86.00 + JP¥500")
    listed = _get(cast, "shoppers/").context["rows"][0]
    assert (listed.orders, listed.value) == (2, "¥86.00 + JP¥500")


def test_anonymous_visitors_stay_out_of_the_list_until_they_are_asked_for(cast: Cast) -> None:
    make_shopper(cast.merchant, name="Li Wei")
    stranger = make_shopper(cast.merchant, None)
    assert _titles(_get(cast, "shoppers/"), "name") == ["Li Wei"]
    code = stranger.public_id.hex[:4].upper()
    assert _titles(_get(cast, "shoppers/", kind="anonymous"), "name") == [f"Visitor {code}"]
    assert len(_titles(_get(cast, "shoppers/", kind="all"), "name")) == 2


@pytest.mark.parametrize("path", ["products/", "orders/", "shoppers/", "imports/"])
def test_an_empty_list_teaches_the_first_step(cast: Cast, path: str) -> None:
    page = _get(cast, path).content.decode()
    assert "mport" in page
    assert "empty-state" in page


def test_script_and_addresses_that_run_stay_text(cast: Cast) -> None:
    product = make_product(
        cast.merchant, title_en="<script>alert(1)</script>", url="javascript:alert(1)", image="data:text/html,x"
    )
    page = _get(cast, f"products/{product.public_id}/").content.decode()
    assert "<script>alert" not in page
    assert "javascript:" not in page
    assert "data:text" not in page


def test_cards_are_found_for_the_conversations_own_shopper(cast: Cast) -> None:
    shopper = make_shopper(cast.merchant)
    order = make_order(cast.merchant, shopper, number="10533")
    make_order(cast.merchant, make_shopper(cast.merchant), number="10534")
    product = make_product(cast.merchant, title_en="Enamel Mug")
    conversation = make_conversation(cast.merchant, shopper, cast.storefront)
    url = f"{URL}cards/{conversation.public_id}/"
    client = cast.client(cast.olaf)
    found = client.get(url, {"q": "1053", "form": "composer"}).content.decode()
    assert f'value="order:{order.number}"' in found
    assert "10534" not in found
    assert 'form="composer"' in found
    found = client.get(url, {"q": "mug", "form": "evil' onclick"}).content.decode()
    assert f'value="product:{product.external_id}"' in found
    assert 'form="decision"' in found

"""Cards that were sent, the shopper's orders, and who an anonymous visitor is, as the inbox shows them."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cs_portal.commerce.models import Product, Shopper
from cs_portal.console.presenters.queue import HUES, shopper_name, visitor_hue
from cs_portal.conversations.models import Conversation
from cs_portal.core.tenancy import scope
from tests.console.conftest import Cast
from tests.factories import make_conversation, make_draft, make_message, make_order, make_product, make_shopper


@pytest.fixture
def one(cast: Cast) -> Conversation:
    return make_conversation(
        cast.merchant, make_shopper(cast.merchant), cast.storefront, texts=["Which mug?"], now=cast.now
    )


def thread(cast: Cast, conversation: Conversation, step: str = "thread/", language: str = "en") -> str:
    client = cast.client(cast.nina)
    answer = client.get(f"/console/mugs/inbox/{conversation.public_id}/{step}", headers={"Accept-Language": language})
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def cards_of(page: str) -> list[str]:
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", card)) for card in page.split('class="sent-card"')[1:]]


def test_a_sent_product_shows_its_title_picture_and_price(cast: Cast, one: Conversation) -> None:
    product = make_product(cast.merchant, image="https://shop.example.com/mug.png")
    make_message(one, "This one", author="bot", cards=[{"kind": "product", "id": product.external_id}], now=cast.now)
    page = thread(cast, one)
    (card,) = cards_of(page)
    assert "Mug" in card and "43.00" in card
    assert 'src="https://shop.example.com/mug.png"' in page
    assert f"/console/mugs/commerce/products/{product.public_id}/" in page
    assert product.external_id not in card


def test_a_sent_order_shows_its_number_and_lines(cast: Cast, one: Conversation) -> None:
    order = make_order(cast.merchant, one.shopper, number="10533", now=cast.now)
    make_message(one, "Your order", author="bot", cards=[{"kind": "order", "number": "10533"}], now=cast.now)
    (card,) = cards_of(thread(cast, one))
    with scope(merchant=cast.merchant):
        line = order.lines.get()
    assert "Order 10533" in card and f"{line.quantity} × {line.title}" in card


def test_what_is_gone_or_not_the_shoppers_stands_by_its_number(cast: Cast, one: Conversation) -> None:
    product = make_product(cast.merchant)
    make_order(cast.merchant, make_shopper(cast.merchant), number="777", now=cast.now)
    sent = [{"kind": "product", "id": product.external_id}, {"kind": "order", "number": "777"}]
    make_message(one, "Look", author="bot", cards=sent, now=cast.now)
    with scope(merchant=cast.merchant):
        Product.objects.all().delete()
    gone, foreign = cards_of(thread(cast, one))
    assert f"Product {product.external_id}" in gone and "not to be found any more" in gone
    assert "Order 777" in foreign and "not to be found any more" in foreign


def test_cards_cost_as_many_queries_however_many_they_are(cast: Cast, one: Conversation) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            thread(cast, one)
        return len(caught)

    make_order(cast.merchant, one.shopper, number="1", now=cast.now)
    both = [{"kind": "product", "id": make_product(cast.merchant).external_id}, {"kind": "order", "number": "1"}]
    make_message(one, "First", author="bot", cards=both, now=cast.now)
    thread(cast, one)  # what is read once per process
    few = queries()
    for number in range(2, 8):
        make_order(cast.merchant, one.shopper, number=str(number), now=cast.now)
        product = {"kind": "product", "id": make_product(cast.merchant).external_id}
        make_message(one, "More", author="bot", cards=[product, {"kind": "order", "number": str(number)}], now=cast.now)
    assert queries() == few
    assert len(cards_of(thread(cast, one))) == 14


def test_a_printed_transcript_names_the_cards(cast: Cast, one: Conversation) -> None:
    product = make_product(cast.merchant, title_en="Blue mug")
    make_message(one, "This one", author="bot", cards=[{"kind": "product", "id": product.external_id}], now=cast.now)
    assert "Blue mug · " in thread(cast, one, "transcript/")


def test_the_orders_beside_a_conversation_show_their_lines_at_once(cast: Cast, one: Conversation) -> None:
    make_order(cast.merchant, one.shopper, number="10533", now=cast.now)
    page = thread(cast, one, "")
    beside = page.split('id="evidence"')[1]
    before_the_fold = beside.split("Order 10533")[1].split("<details")[0]
    assert "order-lines" in before_the_fold and "×" in before_the_fold


def test_anonymous_visitors_are_told_apart(cast: Cast) -> None:
    anonymous = [make_shopper(cast.merchant, None) for _ in range(3)]
    names = {shopper_name(each) for each in anonymous}
    assert names == {f"Visitor {each.public_id.hex[:4].upper()}" for each in anonymous} and len(names) == 3
    assert {visitor_hue(each) in range(HUES) for each in anonymous} == {True}
    assert visitor_hue(make_shopper(cast.merchant)) is None
    assert shopper_name(Shopper(email="li@example.com")) == "li@example.com"
    assert visitor_hue(Shopper(email="li@example.com")) is None


def test_a_visitor_goes_by_the_same_code_and_colour_everywhere(cast: Cast) -> None:
    shopper = make_shopper(cast.merchant, None)
    one = make_conversation(cast.merchant, shopper, cast.storefront, texts=["Hello"], now=cast.now)
    draft = make_draft(cast.merchant, one, now=cast.now)
    mark = f'visitor-dot-{visitor_hue(shopper)}" aria-hidden="true"></span>{"{}"}{shopper_name(shopper)}'
    client = cast.client(cast.olaf)
    for path in ("inbox/", f"review/{draft.public_id}/", "commerce/shoppers/?kind=anonymous"):
        page = client.get(f"/console/mugs/{path}").content.decode()
        assert any(mark.format(gap) in page for gap in ("", "\n")), path

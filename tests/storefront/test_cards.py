"""Cards of messages as the widget receives them."""

from __future__ import annotations

from typing import Any

import pytest

from cs_portal.conversations.models import Author, Conversation
from cs_portal.core.tenancy import scopes_disabled
from cs_portal.merchants.models import Merchant
from tests.factories import make_merchant, make_message, make_order, make_product, make_shopper
from tests.storefront.conftest import Widget

pytestmark = pytest.mark.django_db


def post(cards: list[dict[str, Any]]) -> None:
    with scopes_disabled():
        conversation = Conversation.objects.select_related("merchant").get()
    make_message(conversation, "See here.", author=Author.BOT, client_id=None, cards=cards)


def shown(widget: Widget) -> list[dict[str, Any]]:
    cards: list[dict[str, Any]] = widget.call("GET", "messages").json()["messages"][-1]["cards"]
    return cards


def test_a_product_and_the_shoppers_own_order_are_shown(widget: Widget, merchant: Merchant) -> None:
    shopper = make_shopper(merchant, "s-17")
    make_product(merchant, external_id="p-9", title_en="Teapot", url="https://shop.example.com/p-9")
    make_order(merchant, shopper, number="10533")
    widget.open(identity=widget.identity("s-17"))
    post([{"kind": "product", "id": "p-9"}, {"kind": "order", "number": "10533"}])
    product, order = shown(widget)
    assert (product["kind"], product["title"], product["url"]) == ("product", "Teapot", "https://shop.example.com/p-9")
    assert (product["in_stock"], order["kind"], order["number"]) == (True, "order", "10533")
    assert [line["title"] for line in order["lines"]] == ["Mug"]


def test_what_is_not_this_shoppers_is_left_out(widget: Widget, merchant: Merchant) -> None:
    make_order(merchant, make_shopper(merchant), number="10600")
    make_product(make_merchant(), external_id="p-foreign")
    widget.open(identity=widget.identity("s-17"))
    post([{"kind": "order", "number": "10600"}, {"kind": "product", "id": "p-foreign"}, {"kind": "script"}])
    assert shown(widget) == []


def test_an_anonymous_shopper_sees_no_order(widget: Widget, merchant: Merchant) -> None:
    make_order(merchant, make_shopper(merchant), number="10600")
    widget.open()
    post([{"kind": "order", "number": "10600"}])
    assert shown(widget) == []


def test_the_number_of_queries_does_not_grow_with_the_cards(
    widget: Widget, merchant: Merchant, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        make_product(merchant, external_id=f"p-{number}")
    widget.open()
    for number in range(12):
        post([{"kind": "product", "id": f"p-{number}"}])
    with django_assert_max_num_queries(9):
        assert shown(widget)[0]["id"] == "p-11"

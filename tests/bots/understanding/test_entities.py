"""Entities with normalised values, and spans that point at their words."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bots.understanding.entities import find_entities
from tests.bots.requests import ENAMEL_MUG, POLES_FOR_SALE

TODAY = date(2026, 11, 24)  # a Tuesday


def found(text: str, kind: str, language: str = "en") -> list[str]:
    entities = find_entities(text, language=language, products=(ENAMEL_MUG, POLES_FOR_SALE), today=TODAY)  # type: ignore[arg-type]
    return [entity.value for entity in entities if entity.kind == kind]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("where is order 10533", ["10533"]),
        ("where is order #10533?", ["10533"]),
        ("my order number is W2378156", ["W2378156"]),
        ("#W2378156 please", ["W2378156"]),
        ("订单号：10533", ["10533"]),
        ("我的订单10533到哪了", ["10533"]),
        ("10533这个订单", ["10533"]),
        ("10533", ["10533"]),
        ("查下１０５３３", ["10533"]),
        ("cancel orders 10533", ["10533"]),
        ("call me at 13800138000", []),
        ("I paid $1050", []),
        ("delivered in 2026", []),
    ],
)
def test_order_numbers(text: str, values: list[str]) -> None:
    assert found(text, "order_number") == values


@pytest.mark.parametrize(
    ("text", "known", "values"),
    [
        ("Please cancel order US-900.", ["US-501"], ["US-900"]),
        ("Stop us503! Cancel it", ["US-501", "US-503"], ["US-503"]),
        ("帮我看看Y79999这个单子到哪了", ["Y70001", "Y70002"], ["Y79999"]),
        ("70001到哪了", ["Y70001", "Y70002"], ["Y70001"]),
        ("order 70009 please", ["Y70001"], ["70009"]),
        ("TB-2026-000123 和 TB-2026-999", ["TB-2026-000120"], ["TB-2026-000123"]),
        ("My card number is 4111 1111 1111 1111, charge it for US-501", ["US-501"], ["US-501"]),
        ("send US-503 to 12 Oak Ave, Austin TX 78701", ["US-501"], ["US-503"]),
        ("the BUS-5012 stops here, XUS-501", ["US-501"], []),
        ("call 12315", ["Y70001"], []),
    ],
)
def test_order_numbers_in_the_shape_of_the_shops_own(text: str, known: list[str], values: list[str]) -> None:
    entities = find_entities(text, language="en", products=(), today=TODAY, order_numbers=known)
    assert [entity.value for entity in entities if entity.kind == "order_number"] == values


@pytest.mark.parametrize(
    ("text", "language", "values"),
    [
        ("refund ¥86", "zh-hans", ["86.00 CNY"]),
        ("refund $12.5", "en", ["12.50 USD"]),
        ("退我八十六块", "zh-hans", ["86.00 CNY"]),
        ("I paid 1,299 yuan", "en", ["1299.00 CNY"]),
        ("it cost 1200 yen", "en", ["1200 JPY"]),
    ],
)
def test_amounts(text: str, language: str, values: list[str]) -> None:
    assert found(text, "amount", language) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("I bought it yesterday", ["2026-11-23"]),
        ("昨天买的", ["2026-11-23"]),
        ("11月3日下的单", ["2026-11-03"]),
        ("on November 3rd", ["2026-11-03"]),
        ("since 2026-10-31", ["2026-10-31"]),
        ("three days ago", ["2026-11-21"]),
        ("last Friday", ["2026-11-20"]),
        ("on Sunday", ["2026-11-22"]),
        ("上周五", ["2026-11-20"]),
    ],
)
def test_dates(text: str, values: list[str]) -> None:
    assert found(text, "date") == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("I want 3 mugs", ["3"]),
        ("两个杯子", ["2"]),
        ("要10件", ["10"]),
        ("within 7 days", []),
        ("One of the two mugs is broken", ["1", "2"]),
        ("杯子碎了一个", ["1"]),
        ("一个月前买的，有个问题，等了两个星期", []),
    ],
)
def test_quantities(text: str, values: list[str]) -> None:
    assert found(text, "quantity") == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("is the enamel mug dishwasher safe", ["p-mug"]),
        ("the treking poles broke", ["p-poles"]),
        ("登山杖断了", ["p-poles"]),
        ("搪瓷杯和登山杖", ["p-mug", "p-poles"]),
        ("where is my order", []),
    ],
)
def test_products(text: str, values: list[str]) -> None:
    assert found(text, "product") == values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("please change the address of order 10533 to 12 Hill Road, Leeds", "12 Hill Road, Leeds"),
        ("my new address is 5 Green Lane, Boston MA 02110, thanks", "5 Green Lane, Boston MA 02110"),
        ("帮我把地址改成杭州市西湖区文三路100号，谢谢", "杭州市西湖区文三路100号"),
        ("新地址：上海市浦东新区世纪大道1号", "上海市浦东新区世纪大道1号"),
    ],
)
def test_addresses(text: str, value: str) -> None:
    assert found(text, "address") == [value]


@given(
    st.text(max_size=200)
    | st.lists(st.sampled_from(["order", " 10533", "订单", "¥86", "昨天", "3个", "改成", "路", " to "])).map("".join)
)
@settings(max_examples=150, deadline=None)
def test_spans_lie_in_the_text(text: str) -> None:
    for entity in find_entities(text, language="en", products=(ENAMEL_MUG, POLES_FOR_SALE), today=TODAY):
        assert 0 <= entity.start < entity.end <= len(text)
        assert entity.value


SHOPS = ("10833", "10832", "10533")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("再不处理我打12315投诉", []),
        ("12315见", []),
        ("I will call 96118 about this", []),
        ("我拨打10533了", ["10533"]),  # one of the shop's numbers is an order's, wherever it stands
        ("我要投诉 54321", []),
        ("It is 10790", ["10790"]),
        ("10790", ["10790"]),
        ("1079", []),  # not as long as the shop's
        ("4008123123", []),
        ("订单12315到哪了", ["12315"]),  # a cue makes it one
        ("order 12315 please", ["12315"]),
        ("the number 12315 is what I call next", []),
    ],
)
def test_a_bare_number_is_an_orders_when_it_looks_like_the_shops(text: str, values: list[str]) -> None:
    entities = find_entities(text, language="en", products=(), today=TODAY, order_numbers=SHOPS)
    assert [entity.value for entity in entities if entity.kind == "order_number"] == values


def test_without_knowing_the_shop_a_hotline_is_no_order_either() -> None:
    assert found("我会打12315", "order_number") == []
    assert found("12399", "order_number", "zh-hans") == []
    assert found("10533", "order_number") == ["10533"]

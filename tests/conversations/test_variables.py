"""Canned replies speak of the conversation, and of nothing that is not known."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs_portal.commerce.models import OrderStatus, Shipment
from cs_portal.conversations.models import CannedReply
from cs_portal.conversations.variables import (
    VARIABLES,
    Filled,
    check_template,
    fill,
    gaps_in,
    order_of,
    refuse_gaps,
    render,
    samples,
)
from cs_portal.core.errors import Invalid
from cs_portal.core.tenancy import scope
from tests.factories import (
    make_conversation,
    make_member,
    make_merchant,
    make_message,
    make_order,
    make_shopper,
    make_storefront,
)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Hello {{name}}", r"\{\{name\}\}"),
        ("{{shopper.name}} {{ order.colour }} {{x}}", r"\{\{order.colour\}\}, \{\{x\}\}"),
        ("{{ shopper.password }}", "shopper.password"),
        ("{{ shopper.name|safe }}", "safe"),
        ("{{}}", r"\{\{\}\}"),
        ("{{shopper.name}", "braces"),
        ("{shopper.name}}", "braces"),
        ("{{shopper.{{x}}", "x"),
        ("⟦order number⟧", "gaps"),
    ],
)
def test_what_is_no_variable_is_refused_by_name(text: str, names: str) -> None:
    with pytest.raises(Invalid, match=names) as refusal:
        check_template(text, field="text_en")
    assert refusal.value.field == "text_en"


def test_variables_and_lone_braces_may_be_written() -> None:
    check_template("Hi {{shopper.name}}, {{ order.number }} {a} { { ⟦", field="text_en")


def test_values_are_put_in_and_what_is_missing_leaves_a_gap() -> None:
    template = "Hi {{shopper.name}}, your {{ order.number }} ({{order.number}}) {{order.status}}"
    filled = render(template, {"shopper.name": "Ann", "order.status": ""}, locale="en")
    assert filled == Filled(
        "Hi Ann, your ⟦order number⟧ (⟦order number⟧) ⟦order status⟧", "en", ["order number", "order status"]
    )
    assert gaps_in(filled.text) == ["⟦order number⟧", "⟦order status⟧"]
    assert render("{{order.number}}", {}, locale="zh-hans").text == "⟦订单号⟧"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("{{member.name}}", "{member.name}"),
        ("{{{{member.name}}}}", "{member.name}"),
        ("{⟦{member.name}⟧}", "{member.name}"),
        ("⟦Ann⟧", "Ann"),
        ("Ann\n\u202e\x00 Lee", "Ann Lee"),
        ("A" * 500, "A" * 200),
        (r"\g<0>\1", r"\g<0>\1"),
    ],
)
def test_a_value_is_data(name: str, shown: str) -> None:
    assert (
        render("Hi {{shopper.name}}!", {"shopper.name": name, "member.name": "Olaf"}, locale="en").text
        == f"Hi {shown}!"
    )


@given(st.text(st.sampled_from("{}⟦⟧ a.\n\u202e"), max_size=30))
def test_no_value_makes_a_variable_or_a_gap(value: str) -> None:
    filled = render("{{shopper.name}}{{order.number}}", {"shopper.name": value, "order.number": value}, locale="en")
    if not filled.gaps:
        assert gaps_in(filled.text) == []


def test_a_text_with_gaps_cannot_be_sent() -> None:
    for text in ("Your ⟦order number⟧", "Your {{order.number}}"):
        with pytest.raises(Invalid, match="order"):
            refuse_gaps(text)
    refuse_gaps("Your order 10533 costs {5} [more]")


def test_every_variable_has_a_sample_in_both_languages() -> None:
    for locale in ("en", "zh-hans"):
        text = " ".join("{{" + name + "}}" for name in VARIABLES)
        assert render(text, samples(locale), locale=locale).gaps == []


@pytest.mark.django_db
def test_it_reads_the_conversation() -> None:
    merchant = make_merchant("mugs", name="Mugs", name_zh="马克杯")
    storefront = make_storefront(merchant, name="Mugs CN")
    shopper = make_shopper(merchant, name="王小明")
    order = make_order(merchant, shopper, number="10533", status=OrderStatus.SHIPPED)
    member = make_member(merchant, name="Olaf")
    conversation = make_conversation(merchant, shopper, storefront, locale="zh-hans", email="x@example.com")
    canned = CannedReply(
        text_en="{{shopper.email}} {{merchant.name}} {{order.total}}",
        text_zh="{{shopper.name}} {{order.number}} {{order.status}} {{order.tracking}} {{storefront.name}} "
        "{{merchant.name}} {{member.name}}",
    )
    with scope(merchant=merchant):
        for number in ("SF1", "SF2"):
            Shipment.objects.create(order=order, carrier="顺丰", tracking=number)
        filled = fill(canned, conversation=conversation, member=member)
        assert filled.text == "王小明 10533 已发货 顺丰 SF1、顺丰 SF2 Mugs CN 马克杯 Olaf"
        assert fill(canned, conversation=conversation, member=member, locale="en").text == "x@example.com Mugs ¥86.00"
        only_english = CannedReply(text_en="Hello")
        assert fill(only_english, conversation=conversation, member=member) == Filled("Hello", "en")


@pytest.mark.django_db
def test_the_order_is_the_one_that_was_named_last_or_the_newest() -> None:
    merchant = make_merchant("mugs")
    shopper, other = make_shopper(merchant), make_shopper(merchant)
    make_order(merchant, other, number="10599")
    conversation = make_conversation(merchant, shopper)
    with scope(merchant=merchant):
        assert order_of(conversation) is None
    old = make_order(merchant, shopper, number="1053")
    new = make_order(merchant, shopper, number="10533")
    with scope(merchant=merchant):
        assert order_of(conversation) == new
        make_message(conversation, "about 1053, not a10533b or 10599")
        assert order_of(conversation) == old
        make_message(conversation, "订单10533呢")
        assert order_of(conversation) == new


@pytest.mark.django_db
def test_an_order_that_was_looked_up_is_not_looked_up_again(django_assert_num_queries: Any) -> None:
    merchant = make_merchant("mugs")
    conversation = make_conversation(merchant, make_shopper(merchant))
    canned = CannedReply(text_en="{{order.number}}")
    with scope(merchant=merchant):
        member = make_member(merchant)
        with django_assert_num_queries(0):
            assert fill(canned, conversation=conversation, member=member, order=None).gaps == ["order number"]
        with django_assert_num_queries(1):
            fill(canned, conversation=conversation, member=member)


@pytest.mark.django_db
def test_without_an_order_there_is_a_gap() -> None:
    merchant = make_merchant("mugs")
    conversation = make_conversation(merchant, make_shopper(merchant, None))
    with scope(merchant=merchant):
        filled = fill(
            CannedReply(text_en="{{shopper.name}}: {{order.tracking}}"),
            conversation=conversation,
            member=make_member(merchant),
        )
    assert filled.text == "⟦shopper's name⟧: ⟦tracking number⟧"

"""What is offered: within the price that was named, for what it is wanted; and numbers that are no orders."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import timezone

from cs_portal.commerce.models import OrderStatus
from cs_portal.conversations.models import Author, Conversation
from cs_portal.conversations.services import receive_shopper_message
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.drafting.models import Draft
from cs_portal.merchants.models import Merchant
from cs_portal.policies.engine.shipped import load_shipped
from tests.factories import (
    make_conversation,
    make_merchant,
    make_message,
    make_order,
    make_product,
    make_ruleset,
    make_shopper,
)

pytestmark = pytest.mark.django_db
GOODS = (
    ("p-1", "Fern Mug", "蕨纹马克杯", 4300, ["gift"]),
    ("p-2", "Hearth Teapot", "炉边茶壶", 15800, ["gift"]),
    ("p-3", "Cutting Board", "砧板", 5900, []),
    ("p-4", "Wool Throw", "羊毛毯", 9900, ["gift"]),
)


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    merchant = make_merchant()
    make_ruleset(merchant, load_shipped("standard").to_dict())
    for key, english, chinese, price, tags in GOODS:
        make_product(
            merchant,
            external_id=key,
            title_en=english,
            title_zh=chinese,
            price_minor=price,
            tags=tags,
            url=f"https://shop.example.com/{key}",
        )
    with scope(merchant=merchant):
        yield merchant


def draft_of(conversation: Conversation, text: str, client_id: str = "c-1") -> Draft:
    message, _ = receive_shopper_message(
        conversation_id=conversation.pk, text=text, client_id=client_id, now=timezone.now()
    )
    run_due(["fast"], keep=False)
    return Draft.objects.get(message=message)


def cards(draft: Draft) -> set[str]:
    return {card["id"] for card in draft.cards if card["kind"] == "product"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Can you recommend a gift for my mother under ¥100?", "¥100.00"),
        ("推荐一下100元以内送妈妈的礼物", "¥100.00"),
    ],
)
def test_a_recommendation_keeps_to_price_and_need(merchant: Merchant, text: str, said: str) -> None:
    draft = draft_of(make_conversation(merchant), text)
    assert draft.intent == "recommendation"
    assert cards(draft) == {"p-1", "p-4"}
    reply = draft.candidates.get(position=1)
    assert said in reply.text
    assert "158" not in reply.text
    assert "https://" not in reply.text  # the cards carry the links
    assert reply.violations == []


def test_where_nothing_costs_so_little_that_is_said(merchant: Merchant) -> None:
    draft = draft_of(make_conversation(merchant), "Can you recommend a gift under ¥20?")
    reply = draft.candidates.get(position=1)
    assert "We have nothing that fits for up to ¥20.00" in reply.text
    assert "p-1" in cards(draft)
    assert reply.violations == []


@pytest.mark.parametrize("text", ["Do you have something cheaper?", "有没有便宜一点的？"])
def test_cheaper_is_cheaper_than_what_was_shown(merchant: Merchant, text: str) -> None:
    conversation = make_conversation(merchant)
    shown = [{"kind": "product", "id": "p-2"}, {"kind": "product", "id": "p-4"}]
    make_message(conversation, "I need a gift", client_id="c-0")
    make_message(conversation, "You might like these", author=Author.BOT, client_id=None, cards=shown)
    draft = draft_of(conversation, text)
    assert draft.intent == "recommendation"
    assert cards(draft) == {"p-1"}  # and still a gift
    assert "up to" not in draft.candidates.get(position=1).text


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("Can you recommend a tea pot for my mother under ¥200?", {"p-2"}),
        ("Can you recommend a cutting board as a present under ¥100?", {"p-3"}),  # the word counts more than the tag
    ],
)
def test_what_is_named_outright_is_offered(merchant: Merchant, text: str, offered: set[str]) -> None:
    assert cards(draft_of(make_conversation(merchant), text)) == offered


@pytest.mark.parametrize("text", ["What goes well with the Wool Throw?", "羊毛毯搭配什么好看"])
def test_no_product_goes_with_itself(merchant: Merchant, text: str) -> None:
    draft = draft_of(make_conversation(merchant), text)
    assert "p-4" not in cards(draft)
    assert "p-4" not in {piece["ref"].removeprefix("product:") for piece in draft.evidence}


def test_a_hotline_is_no_order(merchant: Merchant) -> None:
    shopper = make_shopper(merchant)
    order = make_order(merchant, shopper, number="10533", status=OrderStatus.PENDING)
    conversation = make_conversation(merchant, shopper)
    draft = draft_of(conversation, "取消订单10533，再不处理我就打12315投诉")
    assert (draft.order, (draft.verdict or {}).get("outcome")) == (order, "allow")
    reply = draft.candidates.get(position=1).text
    assert "12315" not in reply
    assert "转给同事" not in reply


def test_a_complaint_with_a_hotline_alone_names_no_order(merchant: Merchant) -> None:
    shopper = make_shopper(merchant)
    order = make_order(merchant, shopper, number="10533", status=OrderStatus.SHIPPED)
    draft = draft_of(make_conversation(merchant, shopper), "我的快递到哪了？再不到我投诉到12315")
    assert draft.order == order


def test_an_anonymous_shopper_is_told_once_and_then_handed_over(merchant: Merchant) -> None:
    conversation = make_conversation(merchant, make_shopper(merchant, external_id=None))
    first = draft_of(conversation, "Where is my order?")
    told = first.candidates.get(position=1).text
    assert "Please sign in on our shop" in told
    assert first.handover_reason == ""
    make_message(conversation, told, author=Author.BOT, client_id=None)
    Draft.objects.filter(pk=first.pk).update(state="sent")
    second = draft_of(conversation, "But where is my order?", "c-2")
    again = second.candidates.get(position=1).text
    assert second.handover_reason == "unsupported_request"
    assert "passed your question to a colleague" in again
    conversation.refresh_from_db()
    assert conversation.needs_person
    assert not set(told.split(". ")) & set(again.split(". "))


def test_what_proves_the_order_goes_to_a_person(merchant: Merchant) -> None:
    conversation = make_conversation(merchant, make_shopper(merchant, external_id=None))
    first = draft_of(conversation, "Where is my order?")
    make_message(conversation, first.candidates.get(position=1).text, author=Author.BOT, client_id=None)
    Draft.objects.filter(pk=first.pk).update(state="sent")
    second = draft_of(conversation, "10533, a.very.long.name.of.somebody@example.com", "c-2")
    assert "A colleague compares this with the order" in second.candidates.get(position=1).text
    assert second.handover_reason == "unsupported_request"
    assert second.order is None

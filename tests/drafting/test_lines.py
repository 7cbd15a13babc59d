"""A wish for a refund, return or exchange that names no items: asked first, where the order has several."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from cs_portal.commerce.models import Order, OrderLine, Refund
from cs_portal.conversations.models import Author, Conversation
from cs_portal.conversations.services import receive_shopper_message
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.drafting.models import Draft
from cs_portal.merchants.models import Merchant
from cs_portal.policies.engine.shipped import load_shipped
from tests.factories import make_conversation, make_merchant, make_message, make_order, make_ruleset, make_shopper

pytestmark = pytest.mark.django_db


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    merchant = make_merchant()
    make_ruleset(merchant, load_shipped("standard").to_dict())
    with scope(merchant=merchant):
        yield merchant


def order_of_three(merchant: Merchant) -> tuple[Conversation, Order]:
    """Two mugs, a lamp and a rug; the conversation is its shopper's."""
    shopper = make_shopper(merchant)
    order = make_order(merchant, shopper, number="10533")
    for number, title in ((2, "Reading Lamp"), (3, "Wool Rug")):
        OrderLine.objects.create(
            order=order,
            external_id=f"l-{number}",
            product=f"p-{number}",
            variant=f"v-{number}",
            title=title,
            options={},
            quantity=1,
            unit_price_minor=1000,
        )
    Order.objects.filter(pk=order.pk).update(paid_minor=10600)
    order.payments.update(amount_minor=10600)
    return make_conversation(merchant, shopper), order


def draft_of(conversation: Conversation, text: str, client_id: str = "c-1") -> Draft:
    message, _ = receive_shopper_message(
        conversation_id=conversation.pk, text=text, client_id=client_id, now=timezone.now()
    )
    run_due(["fast"], keep=False)
    return Draft.objects.get(message=message)


def outcome(draft: Draft) -> tuple[Any, ...]:
    verdict = draft.verdict or {}
    return verdict.get("outcome"), verdict.get("ask"), verdict.get("amount_minor"), verdict.get("payments")


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("I want to return order 10533, I no longer need it.", "Which of the items is this about?"),
        ("订单10533我要退货，不想要了", "请问是哪一件商品？"),
    ],
)
def test_which_items_is_asked_and_nothing_is_promised(merchant: Merchant, text: str, question: str) -> None:
    conversation, _order = order_of_three(merchant)
    draft = draft_of(conversation, text)
    assert outcome(draft) == ("ask", ["lines"], 0, [])
    reply = draft.candidates.get(position=1)
    assert question in reply.text
    for line in ("• Mug × 2", "• Reading Lamp × 1", "• Wool Rug × 1"):
        assert line in reply.text
    assert reply.violations == []


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("I want to return the lamp of order 10533, I no longer need it.", ["l-2"]),
        ("Return the rug and the mug of order 10533, I no longer need them.", ["l-1", "l-3"]),
        ("I want to return everything in order 10533, I changed my mind.", ["l-1", "l-2", "l-3"]),
        ("订单10533全部退货，不想要了", ["l-1", "l-2", "l-3"]),
    ],
)
def test_named_items_are_decided_on(merchant: Merchant, text: str, lines: list[str]) -> None:
    conversation, _order = order_of_three(merchant)
    draft = draft_of(conversation, text)
    assert draft.request is not None
    assert [line["id"] for line in draft.request["lines"]] == lines
    assert (draft.verdict or {})["outcome"] == "allow"


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("I want to return one of the two mugs of order 10533, I no longer need it.", 1),
        ("I want to return 2 mugs of order 10533, I no longer need them.", 2),
        ("I want to return the mugs of order 10533, I no longer need them.", 2),
        ("I want to return 3 mugs of order 10533, I no longer need them.", 2),
        ("帮我把订单10533的mug退一个，不想要了", 1),
        ("订单10533的mug，一个月前看中的，我要退货，不想要了", 2),
    ],
)
def test_pieces_that_are_counted_are_decided_on(merchant: Merchant, text: str, pieces: int) -> None:
    conversation, _order = order_of_three(merchant)
    draft = draft_of(conversation, text)
    assert draft.request is not None
    assert draft.request["lines"] == [{"id": "l-1", "quantity": pieces}]
    assert (draft.verdict or {})["amount_minor"] == pieces * 4300


def test_a_piece_of_the_only_item_needs_no_name(merchant: Merchant) -> None:
    shopper = make_shopper(merchant)
    make_order(merchant, shopper, number="10533")
    draft = draft_of(make_conversation(merchant, shopper), "我要退货，只退一个，不想要了")
    assert draft.request is not None
    assert draft.request["lines"] == [{"id": "l-1", "quantity": 1}]


def test_the_answer_goes_on_with_the_wish(merchant: Merchant) -> None:
    conversation, _order = order_of_three(merchant)
    asked = draft_of(conversation, "I want to return order 10533, I no longer need it.")
    make_message(conversation, asked.candidates.get(position=1).text, author=Author.BOT, client_id=None)
    Draft.objects.filter(pk=asked.pk).update(state="sent")
    draft = draft_of(conversation, "The lamp, please", "c-2")
    assert draft.request is not None
    assert (draft.request["action"], draft.request["lines"]) == ("return", [{"id": "l-2", "quantity": 1}])
    assert (draft.verdict or {})["amount_minor"] == 1000


def test_a_parcel_that_never_came_is_all_of_its_items(merchant: Merchant) -> None:
    conversation, _order = order_of_three(merchant)
    draft = draft_of(conversation, "Please refund order 10533, it never arrived.")
    assert "lines" not in ((draft.verdict or {}).get("ask") or [])


def test_one_item_that_is_left_needs_no_question(merchant: Merchant) -> None:
    conversation, order = order_of_three(merchant)
    Refund.objects.create(
        order=order,
        external_id="r-1",
        key="r-1",
        amount_minor=9600,
        lines=[{"id": "l-1", "quantity": 2}, {"id": "l-2", "quantity": 1}],
        payments=[{"id": "pay-1", "amount_minor": 9600}],
        created_at=timezone.now(),
    )
    draft = draft_of(conversation, "I want to return order 10533, I no longer need it.")
    assert "lines" not in ((draft.verdict or {}).get("ask") or [])

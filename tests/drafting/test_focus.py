"""Which order a message is about, where it names a thing of one order by a word of its title."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import timezone

from cs_portal.commerce.models import Order, OrderStatus
from cs_portal.conversations.services import receive_shopper_message
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.drafting.models import Draft
from cs_portal.merchants.models import Merchant
from cs_portal.policies.engine.shipped import load_shipped
from tests.factories import make_conversation, make_merchant, make_order, make_ruleset, make_shopper

pytestmark = pytest.mark.django_db


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    merchant = make_merchant()
    make_ruleset(merchant, load_shipped("standard").to_dict())
    with scope(merchant=merchant):
        yield merchant


def draft_of(merchant: Merchant, text: str, *, status: OrderStatus = OrderStatus.SHIPPED) -> Draft:
    """The draft for a shopper with a lamp and a rug under way, each an order of its own."""
    shopper = make_shopper(merchant)
    for number, title in (("10533", "Reading Lamp"), ("10534", "Wool Rug")):
        order = make_order(merchant, shopper, number=number)
        order.lines.update(title=title, product=f"p-{number}")
        Order.objects.filter(pk=order.pk).update(status=status)
    conversation = make_conversation(merchant, shopper)
    message, _ = receive_shopper_message(
        conversation_id=conversation.pk, text=text, client_id="c-1", now=timezone.now()
    )
    run_due(["fast"], keep=False)
    return Draft.objects.get(message=message)


@pytest.mark.parametrize(("text", "number"), [("where is my lamp?", "10533"), ("where is my rug?", "10534")])
def test_a_word_of_one_orders_thing_tells_which_is_meant(merchant: Merchant, text: str, number: str) -> None:
    draft = draft_of(merchant, text)
    assert draft.order is not None
    assert draft.order.number == number


def test_no_deed_rests_on_a_word(merchant: Merchant) -> None:
    assert draft_of(merchant, "please cancel my lamp", status=OrderStatus.PENDING).order is None


@pytest.mark.parametrize("text", ["where is my order?", "where are my lamp and my rug?"])
def test_words_of_both_or_of_none_tell_nothing(merchant: Merchant, text: str) -> None:
    assert draft_of(merchant, text).order is None


def test_an_address_is_asked_for_before_the_rules_are(merchant: Merchant) -> None:
    asked = draft_of(merchant, "please change the delivery address of order 10533", status=OrderStatus.PENDING)
    assert asked.verdict is None


def test_a_change_of_address_is_refused_once_the_parcel_has_left(merchant: Merchant) -> None:
    late = draft_of(merchant, "please change the delivery address of order 10533")
    assert late.verdict is not None
    assert late.verdict["outcome"] == "deny"

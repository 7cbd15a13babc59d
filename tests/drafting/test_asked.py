"""A request that the shopper confirmed in the chat's form becomes the draft's, instead of what its words may mean."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cs_portal.commerce.models import Order, OrderStatus, Variant
from cs_portal.conversations.models import Conversation, Message
from cs_portal.conversations.services import receive_shopper_message
from cs_portal.core.tenancy import scope
from cs_portal.drafting.prepare import Prepared, prepare
from cs_portal.drafting.services.asking import confirm_request, look_at_request
from cs_portal.merchants.models import Merchant
from cs_portal.policies.engine.shipped import load_shipped
from tests.factories import make_conversation, make_merchant, make_order, make_product, make_ruleset, make_shopper

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
ADDRESS = {"name": "Li Wei", "line1": "1 Long Street", "city": "Shanghai"}
NEW_ORDERS = {
    "id": "new-orders",
    "actions": ["place_order"],
    "when": {"fact": "request.confirmed", "op": "is", "value": True},
    "then": {"outcome": "allow", "approver": "operator", "reasons": {"en": "Yes.", "zh-hans": "可以。"}},
}


@pytest.fixture
def merchant(db: None) -> Iterator[Merchant]:
    merchant = make_merchant()
    document = load_shipped("standard").to_dict()
    make_ruleset(merchant, {**document, "rules": [NEW_ORDERS, *document["rules"]]})
    with scope(merchant=merchant):
        yield merchant


@pytest.fixture
def conversation(merchant: Merchant) -> Conversation:
    return make_conversation(merchant, make_shopper(merchant), texts=[], now=NOW)


@pytest.fixture
def order(merchant: Merchant, conversation: Conversation) -> Order:
    return make_order(merchant, conversation.shopper, number="10533", status=OrderStatus.PENDING, now=NOW)


def ask(conversation: Conversation, request: dict[str, Any], order: str = "10533", **more: Any) -> Message:
    seen = look_at_request(shopper=conversation.shopper, order_number=order, data=dict(request), photos=0, now=NOW).seen
    message, created = confirm_request(
        conversation=conversation,
        order_number=order,
        data=dict(request),
        photos=(),
        seen=seen,
        client_id="r-1",
        now=NOW,
        **more,
    )
    assert created
    return message


def say(conversation: Conversation, text: str) -> Message:
    return receive_shopper_message(
        conversation_id=conversation.pk, text=text, client_id=text[:30].replace(" ", "-"), now=NOW
    )[0]


def made(message: Message) -> Prepared:
    return prepare(message, now=NOW + timedelta(minutes=1))


def test_the_drafts_request_is_the_confirmed_one(conversation: Conversation, order: Order) -> None:
    message = ask(conversation, {"action": "cancel", "reason": "ordered_by_mistake"})
    prepared = made(message)
    assert prepared.action == message.request
    assert prepared.action is not None
    assert prepared.action["confirmed"] is True
    assert prepared.order == order
    assert (prepared.verdict or {})["outcome"] == "allow"
    assert (prepared.understanding.intent.name, prepared.understanding.requested_action) == ("cancel", "cancel")
    assert prepared.promised
    assert {piece["kind"] for piece in prepared.evidence} == {"verdict", "order"}


def test_pieces_are_those_that_were_chosen(merchant: Merchant, conversation: Conversation) -> None:
    make_order(merchant, conversation.shopper, number="10540", quantity=3, now=NOW)
    prepared = made(
        ask(
            conversation,
            {"action": "return", "reason": "does_not_fit", "lines": [{"id": "l-1", "quantity": 2}]},
            "10540",
        )
    )
    assert (prepared.action or {})["lines"] == [{"id": "l-1", "quantity": 2}]
    assert (prepared.verdict or {})["outcome"] == "allow"


def test_words_that_come_after_it_do_not_guess_it_away(conversation: Conversation, order: Order) -> None:
    ask(conversation, {"action": "cancel"})
    prepared = made(say(conversation, "Thank you!"))
    assert (prepared.action or {})["action"] == "cancel"
    assert (prepared.action or {})["confirmed"] is True


@pytest.mark.parametrize("text", ["Please do not cancel it, refund me instead", "Stop, I want to keep it after all"])
def test_words_that_may_take_it_back_make_it_unconfirmed(conversation: Conversation, order: Order, text: str) -> None:
    ask(conversation, {"action": "cancel"})
    prepared = made(say(conversation, text))
    assert (prepared.action or {})["action"] == "cancel"
    assert (prepared.action or {})["confirmed"] is False


def test_once_it_is_answered_words_count_again(conversation: Conversation, order: Order) -> None:
    from cs_portal.conversations.models import Author
    from tests.factories import make_message

    ask(conversation, {"action": "cancel"})
    make_message(conversation, "Done.", author=Author.OPERATOR, client_id=None)
    prepared = made(say(conversation, "Where is my order 10533?"))
    assert (prepared.action or {}).get("confirmed") is not True


def test_what_costs_more_by_now_is_not_confirmed(merchant: Merchant, conversation: Conversation) -> None:
    product = make_product(merchant)
    key = product.variants.get().external_id
    wish = {"action": "place_order", "lines": [{"id": "n-1", "quantity": 1, "to_variant": key}], "address": ADDRESS}
    message = ask(conversation, wish, "")
    prepared = made(message)
    assert prepared.order is None
    assert (prepared.action or {})["confirmed"] is True
    assert (prepared.verdict or {})["outcome"] == "allow"
    assert [piece["ref"] for piece in prepared.evidence if piece["kind"] == "product"] == [
        f"product:{product.external_id}"
    ]
    Variant.objects.update(price_minor=9900)
    later = made(message)
    assert (later.action or {})["confirmed"] is False
    assert (later.verdict or {})["outcome"] != "allow"
    assert not later.promised


def test_an_order_that_went_to_somebody_else_is_not_acted_on(
    merchant: Merchant, conversation: Conversation, order: Order
) -> None:
    message = ask(conversation, {"action": "cancel"})
    Order.objects.update(shopper=make_shopper(merchant))
    prepared = made(message)
    assert (prepared.action, prepared.verdict, prepared.order) == (None, None, None)

"""Orders in the chat and what is asked for them: GET orders, order, product; POST requests/preview and requests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cs_portal.commerce.models import Order, OrderLine, OrderStatus, Product, Refund, Shopper, Variant
from cs_portal.conversations.models import Message
from cs_portal.core.models import Job
from cs_portal.core.tenancy import scope, scopes_disabled
from cs_portal.merchants.models import Merchant, Storefront
from cs_portal.policies.engine.shipped import load_shipped
from tests.factories import make_merchant, make_order, make_product, make_ruleset, make_shopper
from tests.storefront.conftest import NOW, Widget

pytestmark = pytest.mark.django_db

NEW_ORDERS = {
    "id": "new-orders",
    "actions": ["place_order"],
    "when": {"fact": "request.confirmed", "op": "is", "value": True},
    "then": {
        "outcome": "allow",
        "approver": "operator",
        "reasons": {"en": "We take the order.", "zh-hans": "可以下单。"},
    },
}
ADDRESS = {"name": "Li Wei", "line1": "1 Long Street", "city": "Shanghai", "country": "CN"}


@pytest.fixture
def shopper(merchant: Merchant) -> Shopper:
    document = load_shipped("standard").to_dict()
    make_ruleset(merchant, {**document, "rules": [NEW_ORDERS, *document["rules"]]})
    return make_shopper(
        merchant, "s-17", name="Li Wei", payment_methods=[{"id": "m-1", "method": "wechat_pay"}], created_at=NOW
    )


@pytest.fixture
def order(merchant: Merchant, shopper: Shopper) -> Order:
    return make_order(merchant, shopper, number="10533", status=OrderStatus.PENDING, now=NOW)


@pytest.fixture
def signed_in(widget: Widget, shopper: Shopper) -> Widget:
    widget.open(identity=widget.identity("s-17"))
    return widget


def look(widget: Widget, request: dict[str, Any], order: str = "10533", **more: Any) -> Any:
    return widget.post("requests/preview", {"order": order, "request": request, **more})


def confirm(
    widget: Widget, request: dict[str, Any], order: str = "10533", *, client_id: str = "c-1", **more: Any
) -> Any:
    photos = {"photos": more.pop("photos")} if "photos" in more else {}
    seen = more.pop("seen", None) or look(widget, request, order, **photos).json()["seen"]
    body = {"client_id": client_id, "order": order, "request": request, "seen": seen, **photos, **more}
    return widget.post("requests", body)


def kept() -> list[Message]:
    with scopes_disabled():
        return list(Message.objects.order_by("id"))


def drafts_asked_for() -> int:
    return Job.objects.filter(kind="draft_reply").count()


CANCEL = {"action": "cancel", "reason": "no_longer_needed"}


# --- reading ----------------------------------------------------------------------------------------------------------


def test_a_shopper_sees_their_orders_with_what_can_be_asked(signed_in: Widget, order: Order) -> None:
    answer = signed_in.call("GET", "orders").json()
    assert answer["identified"]
    assert [(each["number"], each["actions"]) for each in answer["orders"]] == [("10533", ["cancel", "change_address"])]


def test_nobody_else_sees_them(widget: Widget, order: Order) -> None:
    widget.open()
    answer = widget.call("GET", "orders").json()
    assert (answer["identified"], answer["orders"]) == (False, [])
    assert widget.call("GET", "order?number=10533").status_code == 403
    assert look(widget, CANCEL).status_code == 403
    assert confirm(widget, CANCEL, seen="x").status_code == 403
    assert kept() == []


@pytest.mark.parametrize("number", ["10534", "99999", "", "%00"])
def test_another_shoppers_order_is_as_if_there_were_none(
    merchant: Merchant, signed_in: Widget, order: Order, number: str
) -> None:
    make_order(merchant, number="10534", now=NOW)
    foreign = signed_in.call("GET", f"order?number={number}")
    assert (foreign.status_code, foreign.json()["error"]["message"]) == (
        404,
        "We could not find this order in your account.",
    )
    if number in {"10534", "99999"}:
        assert look(signed_in, CANCEL, number).status_code == 404
        assert confirm(signed_in, CANCEL, number, seen="x").status_code == 404
    assert kept() == []


def test_an_order_of_another_merchant_is_none_of_this_one(signed_in: Widget, order: Order) -> None:
    other = make_merchant("other")
    make_order(other, make_shopper(other, "s-17"), number="20001", now=NOW)
    assert signed_in.call("GET", "order?number=20001").status_code == 404
    assert [each["number"] for each in signed_in.call("GET", "orders").json()["orders"]] == ["10533"]


def test_a_form_offers_variants_in_stock_alone(merchant: Merchant, signed_in: Widget, shopper: Shopper) -> None:
    product = _mugs(merchant)
    make_order(merchant, shopper, number="10540", now=NOW)
    with scope(merchant=merchant):
        OrderLine.objects.update(product=product.external_id)
    form = signed_in.call("GET", "order?number=10540").json()
    assert form["actions"] == ["refund", "return", "exchange"]
    assert [(v["id"], v["label"], v["difference"]) for v in form["lines"][0]["variants"]] == [
        ("v-blue", "blue", "¥5.00 more")
    ]
    assert {"value": "damaged", "label": "Damaged"} in form["reasons"]["refund"]
    assert form["methods"] == [{"value": "m-1", "label": "WeChat Pay"}]


def _mugs(merchant: Merchant) -> Product:
    """White ones at ¥43, blue ones at ¥48, red ones sold out."""
    product = make_product(merchant, external_id="p-1")
    with scope(merchant=merchant):
        Variant.objects.filter(product=product).update(external_id="v-1", options={"colour": "white"})
        for key, colour, stock in (("v-blue", "blue", 3), ("v-red", "red", 0)):
            Variant.objects.create(
                merchant=merchant, product=product, external_id=key, options={"colour": colour},
                price_minor=4800, currency="CNY", stock=stock,
            )  # fmt: skip
    return product


# --- what will happen -------------------------------------------------------------------------------------------------


def test_what_the_rules_allow_is_told_to_the_cent(signed_in: Widget, order: Order) -> None:
    found = look(signed_in, CANCEL).json()
    assert (found["outcome"], found["may_confirm"]) == ("allow", True)
    assert found["says"] == [
        "You get ¥86.00 back by WeChat Pay.",
        "We do not send 2 × Mug.",
        "Order 10533 is cancelled.",
    ]
    assert found["text"] == "Please cancel order 10533.\nReason: No longer needed"
    assert kept() == []


def test_in_chinese_it_is_told_in_chinese(widget: Widget, shopper: Shopper, order: Order) -> None:
    widget.open(identity=widget.identity("s-17"), locale="zh-hans")
    assert "¥86.00" in look(widget, CANCEL).json()["says"][0]
    assert not look(widget, CANCEL).json()["says"][0].isascii()


def test_what_is_missing_is_said(merchant: Merchant, signed_in: Widget, shopper: Shopper) -> None:
    make_order(merchant, shopper, number="10540", now=NOW)
    found = look(signed_in, {"action": "refund", "reason": "damaged"}, "10540").json()
    assert (found["outcome"], found["ask"], found["may_confirm"]) == ("ask", ["photo"], False)
    assert found["says"] == ["Add a photo of the items, please: the shop's rules ask for it."]


def test_what_the_rules_deny_is_told_with_their_reason(merchant: Merchant, signed_in: Widget, shopper: Shopper) -> None:
    make_order(merchant, shopper, number="10540", status=OrderStatus.SHIPPED, now=NOW)
    found = look(signed_in, CANCEL, "10540").json()
    assert (found["outcome"], found["may_confirm"]) == ("deny", False)
    assert found["says"] == ["The order can no longer be cancelled; its status is: shipped."]
    answer = confirm(signed_in, CANCEL, "10540", seen=found["seen"])
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "changed")
    assert kept() == []


def test_what_a_colleague_decides_promises_nothing(merchant: Merchant, signed_in: Widget, shopper: Shopper) -> None:
    make_order(merchant, shopper, number="10540", unit_price_minor=90000, now=NOW)
    found = look(signed_in, {"action": "refund", "reason": "other"}, "10540").json()
    assert (found["outcome"], found["may_confirm"]) == ("escalate", True)
    assert found["says"] == ["A colleague decides on this and answers you here."]


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        ({"action": "resend"}, "action"),
        ({"action": "none"}, "action"),
        ({"action": ["cancel"]}, "action"),
        ({"action": "cancel", "evidence": ["photo"]}, "evidence"),
        ({"action": "cancel", "confirmed": True}, "confirmed"),
        ({"action": "cancel", "amount_minor": 1}, "amount_minor"),
        ({"action": "cancel", "reason": "because"}, "reason"),
        ({"action": "refund", "lines": [{"id": "l-9", "quantity": 1}]}, "lines"),
        ({"action": "refund", "lines": [{"id": "l-1", "quantity": 3}]}, "lines"),
        ({"action": "refund", "lines": [{"id": "l-1", "quantity": 2}, {"id": "l-1", "quantity": 1}]}, "lines"),
        ({"action": "refund", "lines": [{"id": "l-1", "quantity": 0}]}, "lines.0.quantity"),
        ({"action": "exchange", "lines": [{"id": "l-1", "quantity": 1}]}, "to_variant"),
        ({"action": "exchange"}, "to_variant"),
        ({"action": "change_address", "address": {"name": "Li"}}, "line1"),
        ({"action": "place_order", "lines": [{"id": "n-1", "to_variant": "v-1"}], "address": ADDRESS}, "order"),
        ("cancel", "request"),
        (None, "request"),
    ],
)
def test_what_the_form_may_not_say_is_refused_by_name(
    signed_in: Widget, order: Order, request_: Any, field: str
) -> None:
    answer = look(signed_in, request_)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)
    assert confirm(signed_in, request_, seen="x").status_code == 422
    assert kept() == []


# --- confirming -------------------------------------------------------------------------------------------------------


def test_a_confirmed_request_is_a_message_with_the_canonical_request(signed_in: Widget, order: Order) -> None:
    answer = confirm(signed_in, CANCEL)
    assert answer.status_code == 201
    (message,) = kept()
    assert message.request == {
        "action": "cancel",
        "reason": "no_longer_needed",
        "evidence": [],
        "confirmed": True,
        "said_at": NOW.isoformat(),
    }
    assert message.request_order == "10533"
    assert message.confirmation["says"][0] == "You get ¥86.00 back by WeChat Pay."
    assert answer.json()["message"]["request"] == {
        "action": "cancel",
        "order": "10533",
        "says": message.confirmation["says"],
    }
    assert answer.json()["state"]["requests"] == [
        {"message": str(message.public_id), "state": "waiting", "text": "A colleague is checking this"}
    ]
    assert drafts_asked_for() == 1
    with scopes_disabled():
        assert Order.objects.get(number="10533").status == OrderStatus.PENDING
        assert not Refund.objects.exists()


def test_a_second_click_is_the_same_request(signed_in: Widget, order: Order) -> None:
    seen = look(signed_in, CANCEL).json()["seen"]
    first, second = confirm(signed_in, CANCEL, seen=seen), confirm(signed_in, CANCEL, seen=seen)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["message"] == second.json()["message"]
    assert (len(kept()), drafts_asked_for()) == (1, 1)


def test_a_second_tab_is_the_same_request(signed_in: Widget, order: Order) -> None:
    first = confirm(signed_in, CANCEL, client_id="c-1")
    second = confirm(signed_in, CANCEL, client_id="c-2")
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json()["message"]["client_id"] == "c-1"
    assert (len(kept()), drafts_asked_for()) == (1, 1)


def test_another_request_waits_until_the_first_is_answered(
    merchant: Merchant, signed_in: Widget, shopper: Shopper, order: Order
) -> None:
    make_order(merchant, shopper, number="10540", status=OrderStatus.PENDING, now=NOW)
    confirm(signed_in, CANCEL)
    answer = confirm(signed_in, CANCEL, "10540", client_id="c-2")
    assert answer.status_code == 409
    assert answer.json()["error"]["message"].startswith("Your last request is still being checked.")
    assert len(kept()) == 1


def test_what_has_changed_since_it_was_looked_at_is_shown_anew(signed_in: Widget, order: Order) -> None:
    seen = look(signed_in, CANCEL).json()["seen"]
    with scopes_disabled():
        Order.objects.update(status=OrderStatus.SHIPPED)
    answer = confirm(signed_in, CANCEL, seen=seen)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "changed")
    assert answer.json()["preview"]["outcome"] == "deny"
    assert kept() == []


def test_requests_are_limited(signed_in: Widget, order: Order) -> None:
    codes = {look(signed_in, CANCEL).status_code for _ in range(40)}
    assert codes == {200, 429}


# --- new orders -------------------------------------------------------------------------------------------------------

WISH = {
    "action": "place_order",
    "lines": [{"id": "n-1", "quantity": 2, "to_variant": "v-blue"}],
    "address": ADDRESS,
    "payment_method": "m-1",
}


def test_a_new_order_is_told_with_its_price(merchant: Merchant, signed_in: Widget) -> None:
    _mugs(merchant)
    form = signed_in.call("GET", "product?id=p-1").json()
    assert [(v["id"], v["difference"]) for v in form["variants"]] == [("v-1", "¥43.00"), ("v-blue", "¥48.00")]
    found = look(signed_in, WISH, "").json()
    assert found["outcome"] == "allow"
    assert found["says"] == [
        "You order 2 × Mug (blue) at ¥48.00 each.",
        "It comes to ¥96.00.",
        "You pay ¥96.00 by WeChat Pay.",
        "We send it to the address that you named.",
    ]
    assert confirm(signed_in, WISH, "").status_code == 201
    (message,) = kept()
    assert message.request is not None
    assert (message.request["amount_minor"], message.request["confirmed"]) == (9600, True)
    assert message.text.startswith("I would like to order:\n2 × Mug (blue)")


def test_a_price_that_moved_is_shown_before_it_counts(merchant: Merchant, signed_in: Widget) -> None:
    _mugs(merchant)
    seen = look(signed_in, WISH, "").json()["seen"]
    with scopes_disabled():
        Variant.objects.filter(external_id="v-blue").update(price_minor=9900)
    answer = confirm(signed_in, WISH, "", seen=seen)
    assert answer.status_code == 409
    assert "It comes to ¥198.00." in answer.json()["preview"]["says"]
    assert kept() == []


@pytest.mark.parametrize("change", [{"stock": 1}, {"stock": 0}])
def test_what_is_not_in_stock_cannot_be_ordered(merchant: Merchant, signed_in: Widget, change: dict[str, int]) -> None:
    _mugs(merchant)
    with scopes_disabled():
        Variant.objects.filter(external_id="v-blue").update(**change)
    found = look(signed_in, WISH, "").json()
    assert (found["outcome"], found["may_confirm"]) == ("refused", False)
    assert found["says"] == ["Not enough of it is in stock."]


def test_a_payment_method_of_somebody_else_is_refused(merchant: Merchant, signed_in: Widget) -> None:
    _mugs(merchant)
    answer = look(signed_in, {**WISH, "payment_method": "m-9"}, "")
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "payment_method")


def test_without_rules_for_them_no_new_orders_are_offered(merchant: Merchant, storefront: Storefront) -> None:
    make_ruleset(merchant, load_shipped("standard").to_dict())
    _mugs(merchant)
    widget = Widget(storefront)
    widget.open(identity=widget.identity("s-99"))
    assert widget.call("GET", "product?id=p-1").status_code == 404


@pytest.mark.parametrize("path", ["orders", "order?number=1", "product?id=1", "photo?id=1"])
def test_reading_needs_a_token_and_no_other_page(widget: Widget, path: str) -> None:
    assert widget.call("GET", path, token="x" * 43).status_code == 401
    stranger = Widget(widget.storefront, Origin="https://evil.example", **{"Sec-Fetch-Site": "cross-site"})
    assert stranger.call("GET", path).status_code == 403
    assert widget.call("DELETE", path).status_code == 405


@pytest.mark.parametrize("path", ["requests", "requests/preview", "photos"])
def test_writing_needs_a_token_and_no_other_page(widget: Widget, path: str) -> None:
    assert widget.post(path, {}, token="x" * 43).status_code == 401
    stranger = Widget(widget.storefront, Origin="https://evil.example", **{"Sec-Fetch-Site": "cross-site"})
    assert stranger.post(path, {}).status_code == 403
    assert widget.call("GET", path).status_code == 405


def test_an_expired_session_asks_for_nothing(signed_in: Widget, order: Order) -> None:
    from cs_portal.storefront.models import ChatSession

    seen = look(signed_in, CANCEL).json()["seen"]
    with scopes_disabled():
        ChatSession.objects.update(expires_at=NOW - timedelta(seconds=1))
    assert confirm(signed_in, CANCEL, seen=seen).status_code == 401
    assert kept() == []

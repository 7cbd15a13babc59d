"""What an action does is what its preview says, to the piece and the cent; and it is told in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cs_portal.commerce.actions.money import split
from cs_portal.commerce.actions.plan import Plan, StepKind
from cs_portal.commerce.actions.words import tell
from cs_portal.commerce.connectors.base import Action, ActionRefused
from cs_portal.commerce.connectors.local import execute, preview
from cs_portal.commerce.models import (
    ActionState,
    Exchange,
    Order,
    OrderAction,
    OrderEvent,
    OrderLine,
    OrderStatus,
    Payment,
    Product,
    Refund,
    Resend,
    Return,
    Shopper,
    Variant,
)
from cs_portal.commerce.selectors import order_document, shopper_document
from cs_portal.commerce.services.exchanges import end_exchange
from cs_portal.core.audit import Actor
from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Merchant
from cs_portal.policies.engine.canonical import parse_order, parse_request
from cs_portal.policies.engine.refundable import (
    lines_refundable_minor,
    refundable_minor,
    requested_lines,
    split_over_payments,
)
from cs_portal.policies.selectors import order_to_decide
from tests.commerce.shops import (
    CARD,
    OTHER_CARD,
    WECHAT,
    foretold,
    make_shop_order,
    orders,
    snapshot,
    variant_of,
    wish_fields,
    wishes,
)
from tests.factories import make_merchant

pytestmark = pytest.mark.django_db
PAYPAL = "m-paypal"
_keys = count(1)
BY = Actor("member", "olaf")


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    merchant = make_merchant()
    with scope(merchant=merchant):
        yield merchant


def _do(order: Order | None, kind: str, **fields: Any) -> OrderAction:
    given = {"key": f"key-{next(_keys)}", **fields}
    with transaction.atomic():
        done = execute(Action(kind=kind, order_id=order.pk if order else None, **given), now=timezone.now())
    if order:
        order.refresh_from_db()
    return done


def _refused(order: Order | None, kind: str, **fields: Any) -> str:
    """The code of the refusal; nothing may have changed."""
    before = snapshot(order) if order else None
    with pytest.raises(ActionRefused) as refusal:
        _do(order, kind, **fields)
    assert (snapshot(order) if order else None) == before
    return refusal.value.code


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shape=orders(), asked=st.lists(wishes(), min_size=1, max_size=3))
def test_what_happens_is_what_the_preview_says(merchant: Merchant, shape: dict[str, Any], asked: list[Any]) -> None:
    order = make_shop_order(**shape)
    for wish in asked:
        before = snapshot(order)
        version = Order.objects.get(pk=order.pk).version
        action = Action(order_id=order.pk, key=f"key-{next(_keys)}", **wish_fields(order, wish))
        try:
            plan = preview(action)
        except ActionRefused:
            _refused(order, **wish_fields(order, wish))
            continue
        assert Plan.from_dict(plan.to_dict()) == plan
        assert tell(plan, reader="operator")
        with transaction.atomic():
            row = execute(action, now=timezone.now(), approved=plan)
        after = snapshot(order)
        assert after == foretold(before, plan, action.address)
        assert (row.state, Plan.from_dict(row.preview)) == (ActionState.DONE, plan)
        order.refresh_from_db()
        assert order.version == version + 1
        assert OrderEvent.objects.filter(order=order, version=order.version).exists()
        # What others are told of the order stays canonical, and its money adds up.
        fresh = Order.objects.prefetch_related("lines", "payments", "refunds", "shipments").get(pk=order.pk)
        parse_order(order_document(fresh))
        assert fresh.refunded_minor == sum(p[2] for p in after["payments"].values()) <= fresh.paid_minor
        assert fresh.paid_minor == sum(amount for _, amount, _, captured in after["payments"].values() if captured)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shape=orders(), part=st.integers(0, 100), method=st.sampled_from([None, WECHAT, CARD]))
def test_money_is_split_as_the_rules_split_it(
    merchant: Merchant, shape: dict[str, Any], part: int, method: str | None
) -> None:
    order = make_shop_order(**shape)
    amount = order.paid_minor * part // 100
    fresh = Order.objects.select_related("shopper").prefetch_related("lines", "payments", "refunds", "shipments").get()
    ours = [(payment.external_id, share) for payment, share in split(fresh.payments.all(), amount, method_id=method)]
    document = parse_order(order_document(fresh, captured_only=True))
    assert ours == [(s.id, s.amount_minor) for s in split_over_payments(document, amount, method_id=method)]
    order.delete()


def test_the_same_key_does_it_once_and_returns_the_same_row(merchant: Merchant) -> None:
    order = make_shop_order()
    first = _do(order, "refund", amount_minor=100, key="k")
    assert _do(order, "refund", amount_minor=100, key="k") == first
    assert (order.refunded_minor, order.version, OrderAction.objects.count()) == (100, 2, 1)


def test_a_plan_that_is_not_the_one_approved_is_refused(merchant: Merchant) -> None:
    order = make_shop_order(lines=[(1, 4300)])
    wish = {"kind": "exchange", "lines": [{"id": "l-1", "to_variant": variant_of(order, 1, "b")}]}
    plan = preview(Action(order_id=order.pk, key="x", **wish))
    Variant.objects.filter(external_id=variant_of(order, 1, "b")).update(price_minor=99_000)
    with pytest.raises(ActionRefused) as refusal, transaction.atomic():
        execute(Action(order_id=order.pk, key="x", **wish), now=timezone.now(), approved=plan)
    assert refusal.value.code == "plan_changed"


# --- refunds ---------------------------------------------------------------------------------------------------------


def test_original_payments_give_back_before_gift_cards(merchant: Merchant) -> None:
    order = make_shop_order(lines=[(1, 10_000)], paid_by=[(CARD, 4000), (WECHAT, 6000)])
    _do(order, "refund", amount_minor=7000, lines=[{"id": "l-1"}])
    assert dict(Payment.objects.values_list("method_id", "refunded_minor")) == {WECHAT: 6000, CARD: 1000}
    assert snapshot(order)["cards"][CARD] == 6000


def test_money_goes_to_the_gift_card_that_was_asked_for(merchant: Merchant) -> None:
    order = make_shop_order()
    _do(order, "refund", amount_minor=3000, payment_method=OTHER_CARD)
    assert snapshot(order)["cards"] == {CARD: 5000, OTHER_CARD: 8000}
    refund = Refund.objects.get()
    assert (refund.to_method, refund.payments) == (OTHER_CARD, [{"id": "pay-1", "amount_minor": 3000}])


def test_pieces_are_settled_once(merchant: Merchant) -> None:
    order = make_shop_order(lines=[(3, 1000)])
    _do(order, "refund", amount_minor=2000, lines=[{"id": "l-1", "quantity": 2}])
    _do(order, "refund", amount_minor=1000, lines=[{"id": "l-1", "quantity": 2}])
    assert OrderLine.objects.get().refunded_quantity == 3
    assert [refund.lines for refund in Refund.objects.all()] == [
        [{"id": "l-1", "quantity": 2}],
        [{"id": "l-1", "quantity": 1}],
    ]


def test_terms_of_a_refund_are_kept(merchant: Merchant) -> None:
    order = make_shop_order(lines=[(1, 5000)], shipping_minor=700)
    _do(order, "refund", amount_minor=5200, shipping_minor=700, restocking_fee_minor=500)
    refund = Refund.objects.get()
    assert (refund.shipping_minor, refund.restocking_fee_minor) == (700, 500)
    assert refund.lines == [{"id": "l-1", "quantity": 1}]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"amount_minor": 8601}, "order_exhausted"),
        ({"payments": [{"id": "pay-1", "amount_minor": 8601}]}, "payment_exhausted"),
        ({"payments": [{"id": "pay-1", "amount_minor": 5000}] * 2}, "payment_exhausted"),
        ({"payments": [{"id": "pay-9", "amount_minor": 1}]}, "payment_exhausted"),
        ({"payments": [{"id": "pay-1", "amount_minor": -5}]}, "payment_exhausted"),
        ({}, "nothing_to_refund"),
        ({"amount_minor": 10, "lines": [{"id": "l-7"}]}, "unknown_line"),
        ({"amount_minor": 10, "lines": [{"id": "l-1", "quantity": 3}]}, "too_many_pieces"),
    ],
)
def test_refunds_that_are_refused(merchant: Merchant, fields: dict[str, Any], code: str) -> None:
    assert _refused(make_shop_order(), "refund", **fields) == code


def test_what_was_never_taken_is_not_given_back(merchant: Merchant) -> None:
    order = make_shop_order()
    Payment.objects.update(captured_at=None)
    assert _refused(order, "refund", payments=[{"id": "pay-1", "amount_minor": 1}]) == "payment_exhausted"


# --- cancellations and returns ---------------------------------------------------------------------------------------


def test_cancelling_gives_money_and_goods_back(merchant: Merchant) -> None:
    order = make_shop_order(lines=[(2, 4300), (1, 100)], status=OrderStatus.PENDING)
    _do(order, "cancel", amount_minor=8700)
    after = snapshot(order)
    assert (after["status"], after["refunded"]) == ("cancelled", 8700)
    assert after["stock"][variant_of(order, 1, "a")] == 7
    assert order.cancelled_at is not None
    assert set(OrderEvent.objects.values_list("kind", flat=True)) == {"cancelled", "refunded"}


def test_cancelling_one_item_leaves_the_order_going_on(merchant: Merchant) -> None:
    order = make_shop_order(lines=[(2, 4300), (1, 100)], status=OrderStatus.PROCESSING)
    _do(order, "cancel", amount_minor=4300, lines=[{"id": "l-1", "quantity": 1}])
    assert (order.status, order.refunded_minor) == (OrderStatus.PROCESSING, 4300)
    _do(order, "cancel", amount_minor=4400)
    assert (order.status, order.refunded_minor) == (OrderStatus.CANCELLED, 8700)
    assert snapshot(order)["stock"][variant_of(order, 1, "a")] == 7


def test_an_unpaid_order_is_cancelled_without_money(merchant: Merchant) -> None:
    order = make_shop_order(status=OrderStatus.PENDING)
    _do(order, "cancel")
    assert (order.status, Refund.objects.count()) == (OrderStatus.CANCELLED, 0)


@pytest.mark.parametrize("kind", ["cancel", "change_items", "change_payment", "change_address"])
def test_what_was_shipped_is_not_changed_any_more(merchant: Merchant, kind: str) -> None:
    fields = {"address": {"line1": "New road 1"}, "payment_method": CARD}
    assert _refused(make_shop_order(status=OrderStatus.SHIPPED), kind, **fields) == "wrong_status"


def test_a_return_promises_the_money_and_names_the_pieces(merchant: Merchant) -> None:
    order = make_shop_order(lines=[(2, 4300)])
    _do(order, "return", amount_minor=4000, restocking_fee_minor=300, lines=[{"id": "l-1", "quantity": 1}])
    assert (order.status, order.refunded_minor) == (OrderStatus.RETURN_REQUESTED, 0)
    row = Return.objects.get()
    assert (row.amount_minor, row.restocking_fee_minor, row.lines) == (
        4000,
        300,
        [{"id": "l-1", "quantity": 1, "owed": 1}],
    )
    assert row.payments == [{"id": "pay-1", "amount_minor": 4000}]


# --- other pieces ----------------------------------------------------------------------------------------------------


def test_an_exchange_moves_stock_and_takes_the_difference(merchant: Merchant) -> None:
    order = make_shop_order(lines=[(2, 4300)])
    wanted = variant_of(order, 1, "b")
    _do(order, "exchange", lines=[{"id": "l-1", "quantity": 2, "to_variant": wanted}], payment_method=CARD)
    after = snapshot(order)
    assert (after["status"], after["stock"][wanted], after["cards"][CARD]) == ("exchange_requested", 3, 3000)
    assert after["payments"]["pay-2"] == [CARD, 2000, 0, True]
    assert after["paid"] == 10_600
    assert Exchange.objects.get().difference_minor == 2000


def test_an_exchanged_piece_is_not_refunded_besides(merchant: Merchant) -> None:
    order = make_shop_order(lines=[(2, 4300), (1, 9900)])
    named = [{"id": "l-1", "quantity": 1}]
    _do(order, "exchange", lines=[{**named[0], "to_variant": variant_of(order, 1, "c")}])
    both = [{"id": "l-1", "quantity": 2}]
    assert _refused(order, "refund", lines=both, amount_minor=8600) == "pieces_settled"
    _do(order, "refund", lines=named, amount_minor=4300)
    assert _refused(order, "refund", lines=named, amount_minor=4300) == "pieces_settled"


def test_the_rules_count_no_piece_of_an_open_exchange_and_the_new_one_once_it_has_ended(merchant: Merchant) -> None:
    """Two mugs of 43.00, one exchanged for one of 38.00 with 5.00 back: the other is worth 43.00, both then 81.00."""
    order = make_shop_order(lines=[(2, 4300)])
    wanted = variant_of(order, 1, "c")
    _do(order, "exchange", lines=[{"id": "l-1", "quantity": 1, "to_variant": wanted}])
    everything = parse_request({"action": "refund"})
    seen = order_to_decide(Order.objects.get(pk=order.pk))
    assert lines_refundable_minor(seen, requested_lines(seen, everything)) == 4300
    assert refundable_minor(seen) == 8100
    with transaction.atomic():
        end_exchange(exchange_id=Exchange.objects.get().public_id, restock=False, by=BY, now=timezone.now())
    seen = order_to_decide(Order.objects.get(pk=order.pk))
    assert [(line.variant, line.quantity, line.unit_price_minor) for line in seen.lines] == [
        (variant_of(order, 1, "a"), 1, 4300),
        (wanted, 1, 3800),
    ]
    assert lines_refundable_minor(seen, requested_lines(seen, everything)) == 8100
    _do(order, "refund", lines=[{"id": "l-1-2"}], amount_minor=3800)


def test_the_rules_count_neither_pieces_nor_money_of_an_open_return(merchant: Merchant) -> None:
    order = make_shop_order(lines=[(2, 4300)])
    _do(order, "return", lines=[{"id": "l-1", "quantity": 1}], amount_minor=4000)
    seen = order_to_decide(Order.objects.get(pk=order.pk))
    assert lines_refundable_minor(seen, requested_lines(seen, parse_request({"action": "refund"}))) == 4300
    assert refundable_minor(seen) == 4600
    assert [share.amount_minor for share in split_over_payments(seen, 4600)] == [4600]


@pytest.mark.parametrize("where", ["line", "order"])
def test_an_exchange_gives_back_no_more_than_was_paid_beyond_the_new_price(merchant: Merchant, where: str) -> None:
    """A piece of 43.00 for which 38.10 was paid, exchanged for one of 38.00: ten cents, not five."""
    order = make_shop_order(lines=[(1, 4300)], paid_by=[(WECHAT, 3810)])
    if where == "line":
        order.lines.update(discount_minor=490)
    else:
        Order.objects.filter(pk=order.pk).update(discount_minor=490)
    _do(order, "exchange", lines=[{"id": "l-1", "to_variant": variant_of(order, 1, "c")}])
    assert snapshot(order)["refunded"] == 10
    assert Exchange.objects.get().difference_minor == -10


def test_an_exchange_for_less_gives_nothing_back_of_what_was_never_paid(merchant: Merchant) -> None:
    order = make_shop_order(lines=[(1, 4300)], paid_by=[(WECHAT, 300)])
    order.lines.update(discount_minor=4000)
    _do(order, "exchange", lines=[{"id": "l-1", "to_variant": variant_of(order, 1, "c")}])
    assert snapshot(order)["refunded"] == 0


def test_an_exchange_for_less_gives_the_difference_back(merchant: Merchant) -> None:
    order = make_shop_order(lines=[(1, 4300)])
    _do(order, "exchange", lines=[{"id": "l-1", "to_variant": variant_of(order, 1, "c")}])
    assert (order.refunded_minor, Exchange.objects.get().difference_minor) == (500, -500)
    assert shopper_document(order.shopper, now=timezone.now())["refunds_90_days"] == 0


@pytest.mark.parametrize(("asked", "where"), [(PAYPAL, PAYPAL), (WECHAT, ""), ("", ""), ("unknown", "")])
def test_a_difference_goes_to_the_method_that_was_asked_for(merchant: Merchant, asked: str, where: str) -> None:
    """Whichever of the shopper's it is: the money of a refund goes back where it came from, a difference need not."""
    order = make_shop_order(lines=[(1, 9000)], paid_by=[(WECHAT, 9000)])
    methods = [*order.shopper.payment_methods, {"id": PAYPAL, "method": "paypal"}]
    Shopper.objects.filter(pk=order.shopper_id).update(payment_methods=methods)
    wish = {"lines": [{"id": "l-1", "to_variant": variant_of(order, 1, "b")}], "payment_method": asked or None}
    Variant.objects.filter(external_id=variant_of(order, 1, "b")).update(price_minor=8000)
    told = tell(preview(Action(kind="exchange", order_id=order.pk, key="x", **wish)), reader="shopper", locale="en")
    assert told[0] == f"You get ¥10.00 back by {'PayPal' if where else 'WeChat Pay'}."
    _do(order, "exchange", **wish)
    refund = Refund.objects.get()
    assert (refund.to_method, refund.payments) == (where, [{"id": "pay-1", "amount_minor": 1000}])


def test_a_card_whose_payment_was_given_back_gets_a_difference_anew(merchant: Merchant) -> None:
    order = make_shop_order(status="pending", lines=[(1, 4000)], paid_by=[(CARD, 4000)])
    _do(order, "change_payment", payment_method=WECHAT)
    Variant.objects.filter(external_id=variant_of(order, 1, "b")).update(price_minor=3000)
    before = snapshot(order)["cards"][CARD]
    lines = [{"id": "l-1", "to_variant": variant_of(order, 1, "b")}]
    _do(order, "change_items", lines=lines, payment_method=CARD)
    assert snapshot(order)["cards"][CARD] == before + 1000
    assert Refund.objects.latest("id").to_method == CARD


@pytest.mark.parametrize(
    ("letter", "changes", "method", "code"),
    [
        ("b", {"stock": 1}, WECHAT, "out_of_stock"),
        ("b", {"currency": "USD"}, WECHAT, "other_currency"),
        ("z", {}, WECHAT, "unknown_variant"),
        ("b", {}, "m-nobody", "no_payment_method"),
        ("b", {"price_minor": 90_000}, CARD, "card_exhausted"),
    ],
)
def test_exchanges_that_are_refused(
    merchant: Merchant, letter: str, changes: dict[str, Any], method: str, code: str
) -> None:
    order = make_shop_order(lines=[(2, 4300)])
    Variant.objects.filter(external_id=variant_of(order, 1, "b")).update(**changes)
    lines = [{"id": "l-1", "to_variant": variant_of(order, 1, letter)}]
    assert _refused(order, "exchange", lines=lines, payment_method=method) == code


def test_items_of_a_pending_order_become_others(merchant: Merchant) -> None:
    order = make_shop_order(lines=[(2, 4300)], status=OrderStatus.PENDING)
    wanted = variant_of(order, 1, "b")
    _do(order, "change_items", lines=[{"id": "l-1", "quantity": 1, "to_variant": wanted}])
    assert order.items_modified
    assert order.status == OrderStatus.PENDING
    assert list(order.lines.values_list("external_id", "variant", "quantity", "unit_price_minor")) == [
        ("l-1", variant_of(order, 1, "a"), 1, 4300),
        ("l-1-2", wanted, 1, 5300),
    ]
    stock = snapshot(order)["stock"]
    assert (stock[wanted], stock[variant_of(order, 1, "a")]) == (4, 6)


def test_another_method_pays_and_the_first_is_paid_back(merchant: Merchant) -> None:
    order = make_shop_order(status=OrderStatus.PENDING, balance=9000)
    _do(order, "change_payment", payment_method=CARD)
    after = snapshot(order)
    assert after["payments"] == {"pay-1": [WECHAT, 8600, 8600, True], "pay-2": [CARD, 8600, 0, True]}
    assert (after["cards"][CARD], after["paid"] - after["refunded"]) == (400, 8600)
    assert shopper_document(order.shopper, now=timezone.now())["refunds_90_days"] == 0
    assert _refused(order, "change_payment", payment_method="m-nobody") == "no_payment_method"


def test_a_gift_card_that_does_not_cover_the_order_does_not_pay_it(merchant: Merchant) -> None:
    order = make_shop_order(status=OrderStatus.PENDING, balance=8599)
    assert _refused(order, "change_payment", payment_method=CARD) == "card_exhausted"


def test_sending_again_takes_stock_and_makes_a_parcel(merchant: Merchant) -> None:
    order = make_shop_order(lines=[(2, 4300)], status=OrderStatus.SHIPPED)
    _do(order, "resend", lines=[{"id": "l-1", "quantity": 1}])
    after = snapshot(order)
    assert (after["shipments"], after["stock"][variant_of(order, 1, "a")], after["refunded"]) == (1, 4, 0)
    assert Resend.objects.get().lines == [{"id": "l-1", "quantity": 1}]
    _do(order, "resend")
    assert _refused(order, "resend") == "pieces_settled"


# --- new orders ------------------------------------------------------------------------------------------------------


def _new_order(order: Order, **fields: Any) -> dict[str, Any]:
    return {
        "shopper_id": order.shopper_id,
        "lines": [{"id": "n-1", "quantity": 2, "to_variant": variant_of(order, 1, "b")}],
        "address": {"line1": "New road 1", "city": "Shanghai"},
        "confirmed": True,
        **fields,
    }


def test_an_order_is_placed_at_the_price_that_was_told(merchant: Merchant) -> None:
    known = make_shop_order(balance=50_000)
    row = _do(None, "place_order", **_new_order(known, payment_method=CARD))
    order = row.order
    assert order is not None and order.shopper_id == known.shopper_id
    assert (order.currency, order.status, order.paid_minor) == ("CNY", OrderStatus.PROCESSING, 10_600)
    assert order.address["city"] == "Shanghai"
    line = OrderLine.objects.get(order=order)
    assert (line.variant, line.quantity, line.unit_price_minor) == (variant_of(known, 1, "b"), 2, 5300)
    after = snapshot(known)
    assert (after["stock"][variant_of(known, 1, "b")], after["cards"][CARD]) == (3, 39_400)
    assert list(OrderEvent.objects.filter(order=order).values_list("kind", flat=True)) == ["placed", "paid"]
    parse_order(order_document(order))


def test_an_order_without_a_method_waits_for_its_payment(merchant: Merchant) -> None:
    order = _do(None, "place_order", **_new_order(make_shop_order())).order
    assert order is not None
    assert (order.status, order.paid_minor, order.paid_at) == (OrderStatus.PENDING, 0, None)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"confirmed": False}, "not_confirmed"),
        ({"address": None}, "no_address"),
        ({"lines": []}, "no_variant"),
        ({"lines": [{"id": "n-1", "to_variant": "v-none"}]}, "unknown_variant"),
        ({"shopper_id": 10**9}, "unknown_shopper"),
        ({"payment_method": "m-none"}, "no_payment_method"),
        ({"payment_method": CARD}, "card_exhausted"),
    ],
)
def test_orders_that_are_not_placed(merchant: Merchant, fields: dict[str, Any], code: str) -> None:
    known = make_shop_order()
    assert _refused(None, "place_order", **_new_order(known, **fields)) == code
    assert Order.objects.count() == 1


def test_what_is_not_sold_any_more_is_not_ordered(merchant: Merchant) -> None:
    known = make_shop_order()
    Product.objects.update(status="archived")
    assert _refused(None, "place_order", **_new_order(known)) == "not_sold"


# --- words -----------------------------------------------------------------------------------------------------------


def test_both_readers_are_told_in_their_words(merchant: Merchant) -> None:
    order = make_shop_order(lines=[(2, 4300)], status=OrderStatus.PENDING)
    plan = preview(Action("cancel", order.pk, "k", amount_minor=8600))
    assert tell(plan, reader="operator") == [
        "¥86.00 goes back by WeChat Pay.",
        "Settled by it: 2 × Mug 1.",
        "Not sent any more: 2 × Mug 1.",
        f"2 pieces of {variant_of(order, 1, 'a')} go back to stock.",
        f"Order {order.number} becomes “Cancelled”.",
    ]
    assert tell(plan, reader="shopper") == [
        "You get ¥86.00 back by WeChat Pay.",
        "We do not send 2 × Mug 1.",
        f"Order {order.number} is cancelled.",
    ]


def test_money_on_another_card_is_not_told_twice(merchant: Merchant) -> None:
    order = make_shop_order()
    plan = preview(Action("refund", order.pk, "k", amount_minor=100, payment_method=OTHER_CARD))
    assert tell(plan, reader="shopper") == ["You get ¥1.00 on your gift card."]
    assert any(plan.of(StepKind.MONEY_BACK))


def test_another_merchants_rows_are_out_of_reach(merchant: Merchant) -> None:
    with scope(merchant=make_merchant()):
        foreign = make_shop_order(status=OrderStatus.PENDING)
    assert Shopper.objects.count() == 0
    for kind in ("cancel", "refund"):
        with pytest.raises(ActionRefused):
            _do(None if kind == "place_order" else Order(pk=foreign.pk), kind, amount_minor=1)

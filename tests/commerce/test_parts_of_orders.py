"""Parts of an order: amounts off, pieces that are on their way back, and what was not paid yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from cs_portal.commerce.actions.plan import Plan, StepKind
from cs_portal.commerce.actions.words import tell
from cs_portal.commerce.connectors.base import Action
from cs_portal.commerce.connectors.local import execute, preview
from cs_portal.commerce.models import Order, OrderEvent, OrderLine, OrderStatus, Return
from cs_portal.commerce.services.returns import receive_return
from cs_portal.core.audit import Actor
from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Merchant
from cs_portal.policies.engine.amounts import granted, parse_amount
from cs_portal.policies.engine.canonical import parse_request, parse_shopper
from cs_portal.policies.engine.case import Case
from cs_portal.policies.engine.missing import Missing, Problem
from cs_portal.policies.selectors import order_to_decide
from tests.commerce.shops import make_shop_order, snapshot, variant_of
from tests.factories import make_merchant

pytestmark = pytest.mark.django_db
ONE_MUG = [{"id": "l-1", "quantity": 1}]


@pytest.fixture(autouse=True)
def merchant() -> Iterator[Merchant]:
    merchant = make_merchant()
    with scope(merchant=merchant):
        yield merchant


def _action(order: Order, kind: str, **fields: Any) -> Action:
    return Action(kind=kind, order_id=order.pk, key=f"key-{OrderEvent.objects.count()}", **fields)


def _do(order: Order, kind: str, **fields: Any) -> Plan:
    with transaction.atomic():
        row = execute(_action(order, kind, **fields), now=timezone.now())
    return Plan.from_dict(row.preview)


def _granted(order: Order, amount: dict[str, Any], **request: Any) -> int | Problem:
    """What a rule that gives ``amount`` grants on the order as the portal knows it."""
    case = Case(
        order=order_to_decide(Order.objects.get(pk=order.pk)),
        shopper=parse_shopper({"id": order.shopper.external_id}),
        products={},
        request=parse_request({"action": "refund", **request}),
        now=timezone.now(),
    )
    found = granted(parse_amount(amount, "amount"), case)
    return found.problem if isinstance(found, Missing) else found.amount_minor


# --- amounts off -----------------------------------------------------------------------------------------------------


def test_an_amount_off_settles_no_piece_and_all_the_money_settles_all() -> None:
    order = make_shop_order(lines=[(2, 1000)], shipping_minor=700)
    _do(order, "refund", amount_minor=300)
    assert OrderLine.objects.get().refunded_quantity == 0
    _do(order, "refund", amount_minor=1700)
    assert OrderLine.objects.get().refunded_quantity == 2


@pytest.mark.parametrize(
    ("amount", "first", "second"),
    [
        ({"percent_of_lines": 50}, 5000, Problem.NOTHING_REFUNDABLE),
        ({"percent_of_lines": 80}, 8000, Problem.NOTHING_REFUNDABLE),
        ({"fixed_minor": 2000, "currency": "CNY"}, 2000, Problem.NOTHING_REFUNDABLE),
        (
            {"everything_refundable": True, "at_most": {"amount_minor": 4000, "currency": "CNY"}},
            4000,
            Problem.NOTHING_REFUNDABLE,
        ),
        ({"everything_refundable": True}, 10000, Problem.NOTHING_REFUNDABLE),
    ],
)
def test_a_share_of_the_whole_order_is_given_once(amount: dict[str, Any], first: int, second: Problem) -> None:
    order = make_shop_order(lines=[(2, 5000)])
    assert _granted(order, amount) == first
    _do(order, "refund", amount_minor=first)
    assert _granted(order, amount) == second


def test_a_share_counts_in_what_went_back_before() -> None:
    order = make_shop_order(lines=[(2, 5000)])
    _do(order, "refund", amount_minor=1000)
    assert _granted(order, {"percent_of_lines": 50}) == 4000
    assert _granted(order, {"percent_of_lines": 50}, amount_minor=500) == 500
    # Of pieces that are named their part of it counts in; who gets all of a piece is bounded by the order anyway.
    assert _granted(order, {"percent_of_lines": 50}, lines=ONE_MUG) == 2000
    assert _granted(order, {"percent_of_lines": 100}, lines=ONE_MUG) == 5000


def test_a_share_of_the_whole_order_is_not_had_again_piece_by_piece() -> None:
    order = make_shop_order(lines=[(2, 5000)])
    _do(order, "refund", amount_minor=5000)
    assert _granted(order, {"percent_of_lines": 50}, lines=ONE_MUG) == Problem.NOTHING_REFUNDABLE


def test_what_an_open_return_keeps_and_promised_of_the_shipping_fee_is_not_refunded_besides() -> None:
    order = make_shop_order(lines=[(2, 10000), (1, 6000)], shipping_minor=1000)
    _do(order, "return", amount_minor=10000, shipping_minor=1000, restocking_fee_minor=1000, lines=ONE_MUG)
    rest = [{"id": "l-1", "quantity": 1}, {"id": "l-2", "quantity": 1}]
    assert _granted(order, {"percent_of_lines": 100, "shipping": "refunded"}, lines=rest) == 16000
    assert _granted(order, {"everything_refundable": True}) == 16000
    with transaction.atomic():
        receive_return(return_id=Return.objects.get().public_id, by=Actor("member", "olaf"), now=timezone.now())
    assert snapshot(order)["refunded"] == 10000
    # Once it is here the fee stays kept.
    assert _granted(order, {"everything_refundable": True}) == 16000
    _do(order, "refund", amount_minor=16000)
    assert [line["refunded"] for line in snapshot(order)["lines"].values()] == [2, 1]


def test_it_is_said_why_items_bring_less_than_they_cost() -> None:
    order = make_shop_order(lines=[(1, 5000)])
    _do(order, "refund", amount_minor=1500)
    plan = preview(_action(order, "refund", amount_minor=3500))
    assert tell(plan, reader="shopper") == [
        "You get ¥35.00 back by WeChat Pay.",
        "We gave you ¥15.00 back before; that is taken off.",
    ]
    assert tell(plan, reader="operator")[1] == (
        "¥15.00 is taken off: that much went back before, for no item in particular."
    )


def test_nothing_is_said_of_it_while_the_order_holds_enough() -> None:
    order = make_shop_order(lines=[(2, 5000)])
    _do(order, "refund", amount_minor=1500)
    assert not list(preview(_action(order, "refund", amount_minor=2500, lines=ONE_MUG)).of(StepKind.OFF_BEFORE))


# --- pieces on their way back ----------------------------------------------------------------------------------------


def test_pieces_on_an_open_return_are_left_out_of_a_refund_and_named() -> None:
    order = make_shop_order(lines=[(3, 2000)])
    _do(order, "return", amount_minor=2000, lines=ONE_MUG)
    plan = _do(order, "refund", amount_minor=4000, lines=[{"id": "l-1", "quantity": 3}])
    assert [(step.what, step.quantity) for step in plan.of(StepKind.REFUNDED, StepKind.LEFT_OUT)] == [
        ("refunded", 2),
        ("left_out", 1),
    ]
    assert "Left out, on a return or an exchange that is still open: 1 × Mug 1." in tell(plan, reader="operator")
    assert "Not part of this, for its return or exchange is still under way: 1 × Mug 1." in tell(plan, reader="shopper")


def test_pieces_that_were_refunded_are_not_called_on_their_way() -> None:
    order = make_shop_order(lines=[(2, 2000)])
    _do(order, "refund", amount_minor=2000, lines=ONE_MUG)
    plan = _do(order, "refund", amount_minor=2000, lines=[{"id": "l-1", "quantity": 2}])
    assert not list(plan.of(StepKind.LEFT_OUT))


# --- what was not paid yet -------------------------------------------------------------------------------------------


def _open(order: Order) -> int:
    return sum(amount for _, amount, _, captured in snapshot(order)["payments"].values() if not captured)


def test_an_open_payment_comes_to_less_when_an_item_is_cancelled() -> None:
    order = make_shop_order(lines=[(2, 4300), (1, 100)], status=OrderStatus.PENDING, last_is_open=True)
    plan = _do(order, "cancel", lines=ONE_MUG)
    assert _open(order) == 4400
    assert "The open payment by WeChat Pay comes to ¥43.00 less." in tell(plan, reader="operator")
    assert "You will pay ¥43.00 less by WeChat Pay." in tell(plan, reader="shopper")
    event = OrderEvent.objects.get()
    assert (event.kind, event.data["lines"]) == ("items_cancelled", ONE_MUG)
    assert snapshot(order)["lines"]["l-1"]["cancelled"] == 1


def test_the_share_of_the_orders_discount_is_not_taken_off_twice() -> None:
    order = make_shop_order(lines=[(2, 5000)], paid_by=[("m-wechat", 9000)], status="pending", last_is_open=True)
    Order.objects.filter(pk=order.pk).update(discount_minor=1000)
    _do(order, "cancel", lines=ONE_MUG)
    assert _open(order) == 4500


def test_what_is_paid_back_is_not_taken_off_the_open_payment_as_well() -> None:
    order = make_shop_order(
        lines=[(2, 5000)], paid_by=[("m-visa", 3000), ("m-wechat", 7000)], status="pending", last_is_open=True
    )
    _do(order, "cancel", amount_minor=3000, lines=ONE_MUG)
    assert (snapshot(order)["refunded"], _open(order)) == (3000, 5000)


def test_an_order_that_is_cancelled_whole_keeps_what_was_never_paid() -> None:
    order = make_shop_order(lines=[(2, 5000)], status="pending", last_is_open=True)
    plan = _do(order, "cancel")
    assert snapshot(order)["status"] == OrderStatus.CANCELLED
    assert not list(plan.of(StepKind.PAYMENT_LOWERED))


@pytest.mark.parametrize(("letter", "due"), [("b", 9600), ("c", 8100)])
def test_a_change_of_an_item_changes_what_is_still_to_be_paid(letter: str, due: int) -> None:
    order = make_shop_order(lines=[(2, 4300)], status="pending", last_is_open=True)
    _do(order, "change_items", lines=[{**ONE_MUG[0], "to_variant": variant_of(order, 1, letter)}])
    after = snapshot(order)
    assert (_open(order), after["paid"], after["refunded"], len(after["payments"])) == (due, 0, 0, 1)

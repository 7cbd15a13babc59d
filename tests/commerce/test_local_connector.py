"""The local shop: actions happen once, and never beyond what the order permits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cs_portal.commerce.connectors.base import Action, ActionRefused
from cs_portal.commerce.connectors.local import execute
from cs_portal.commerce.models import Order, OrderStatus, Payment, Refund
from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Merchant
from tests.factories import make_merchant, make_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    merchant = make_merchant()
    with scope(merchant=merchant):
        yield merchant


def _refund(order: Order, amount: int, key: str = "k") -> None:
    with transaction.atomic():
        execute(Action("refund", order.pk, key, payments=[{"id": "pay-1", "amount_minor": amount}]), now=timezone.now())
    order.refresh_from_db()


def test_a_refund_moves_money_on_payment_and_order(merchant: Merchant) -> None:
    order = make_order(merchant)
    _refund(order, 4300)
    assert (order.refunded_minor, order.version) == (4300, 2)
    assert Payment.objects.get().refunded_minor == 4300
    assert Refund.objects.get().amount_minor == 4300


def test_the_same_key_refunds_once(merchant: Merchant) -> None:
    order = make_order(merchant)
    _refund(order, 4300, "once")
    _refund(order, 4300, "once")
    assert order.refunded_minor == 4300


@pytest.mark.parametrize("amount", [8601, 0])
def test_a_refund_beyond_the_payment_or_of_nothing_is_refused(merchant: Merchant, amount: int) -> None:
    order = make_order(merchant)
    with pytest.raises(ActionRefused):
        _refund(order, amount)
    order.refresh_from_db()
    assert order.refunded_minor == 0
    assert Payment.objects.get().refunded_minor == 0
    assert not Refund.objects.exists()


@given(st.lists(st.integers(min_value=1, max_value=9000), min_size=1, max_size=6))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_refunds_never_exceed_what_was_paid(merchant: Merchant, amounts: list[int]) -> None:
    order = make_order(merchant)
    expected = 0
    for position, amount in enumerate(amounts):
        try:
            with transaction.atomic():
                execute(
                    Action(
                        "refund",
                        order.pk,
                        f"{order.pk}-{position}",
                        payments=[{"id": "pay-1", "amount_minor": amount}],
                    ),
                    now=timezone.now(),
                )
            expected += amount
        except ActionRefused:
            assert expected + amount > order.paid_minor
    order.refresh_from_db()
    assert order.refunded_minor == expected <= order.paid_minor


def test_the_database_itself_refuses_refunds_above_the_payment(merchant: Merchant) -> None:
    order = make_order(merchant)
    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.filter(order=order).update(refunded_minor=8601)
    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(refunded_minor=8601)


def test_cancelling_gives_the_money_back(merchant: Merchant) -> None:
    order = make_order(merchant, status=OrderStatus.PENDING)
    execute(Action("cancel", order.pk, "c", payments=[{"id": "pay-1", "amount_minor": 8600}]), now=timezone.now())
    order.refresh_from_db()
    assert (order.status, order.refunded_minor) == (OrderStatus.CANCELLED, 8600)
    assert order.cancelled_at is not None


@pytest.mark.parametrize("kind", ["cancel", "change_address"])
def test_a_shipped_order_is_not_changed(merchant: Merchant, kind: str) -> None:
    order = make_order(merchant, status=OrderStatus.SHIPPED)
    with pytest.raises(ActionRefused):
        execute(Action(kind, order.pk, "x", address={"line1": "New road 1"}), now=timezone.now())
    order.refresh_from_db()
    assert (order.status, order.version) == (OrderStatus.SHIPPED, 1)


def test_the_address_is_replaced(merchant: Merchant) -> None:
    order = make_order(merchant, status=OrderStatus.PROCESSING, address={"line1": "Old road 1"})
    execute(Action("change_address", order.pk, "a", address={"line1": "New road 1"}), now=timezone.now())
    order.refresh_from_db()
    assert (order.address, order.version) == ({"line1": "New road 1"}, 2)


@pytest.mark.parametrize(
    ("kind", "status"), [("return", OrderStatus.RETURN_REQUESTED), ("exchange", OrderStatus.EXCHANGE_REQUESTED)]
)
def test_returns_and_exchanges_are_registered_on_the_order(merchant: Merchant, kind: str, status: str) -> None:
    order = make_order(merchant)
    execute(Action(kind, order.pk, "r"), now=timezone.now())
    order.refresh_from_db()
    assert order.status == status
    with pytest.raises(ActionRefused):
        execute(Action(kind, order.pk, "r2"), now=timezone.now())


def test_another_merchants_order_is_out_of_reach(merchant: Merchant) -> None:
    foreign = make_order(make_merchant(), status=OrderStatus.PENDING)
    with pytest.raises(ActionRefused):
        execute(Action("cancel", foreign.pk, "x"), now=timezone.now())

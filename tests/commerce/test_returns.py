"""A return that arrives is restocked and paid once, as it was promised."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from cs_portal.commerce.actions.promises import promises
from cs_portal.commerce.actions.words import tell
from cs_portal.commerce.connectors.base import Action, ActionRefused
from cs_portal.commerce.connectors.local import execute
from cs_portal.commerce.models import ConnectorKind, Order, OrderEvent, OrderStatus, Refund, Return, ShopConnection
from cs_portal.commerce.services.returns import close_return, preview_receipt, receive_return
from cs_portal.core.audit import Actor
from cs_portal.core.errors import NotFound
from cs_portal.core.models import AuditEntry
from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Merchant
from tests.commerce.shops import OTHER_CARD, foretold, make_shop_order, snapshot, variant_of
from tests.factories import make_merchant

pytestmark = pytest.mark.django_db
BY = Actor("member", "olaf")


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    merchant = make_merchant()
    with scope(merchant=merchant):
        yield merchant


def _returned(**wish: Any) -> tuple[Order, Return]:
    order = make_shop_order(lines=[(2, 4300)])
    given = {"amount_minor": 4000, "lines": [{"id": "l-1", "quantity": 1}], **wish}
    execute(Action("return", order.pk, f"return-{order.pk}", **given), now=timezone.now())
    return order, Return.objects.get(order=order)


def _receive(row: Return) -> None:
    with transaction.atomic():
        receive_return(return_id=row.public_id, by=BY, now=timezone.now())


def test_what_was_promised_is_paid_and_restocked(merchant: Merchant) -> None:
    order, row = _returned(restocking_fee_minor=300)
    before = snapshot(order)
    plan = preview_receipt(return_id=row.public_id)
    assert tell(plan, reader="shopper")[0] == "You get ¥40.00 back by WeChat Pay."
    _receive(row)
    after = snapshot(order)
    assert after == foretold(before, plan, None)
    # The other mug stays with the shopper, and can go back or be exchanged as well.
    assert (after["status"], after["refunded"]) == (OrderStatus.DELIVERED, 4000)
    assert after["stock"][variant_of(order, 1, "a")] == 6
    refund = Refund.objects.get()
    assert (refund.because, refund.restocking_fee_minor, refund.lines) == (
        "return",
        300,
        [{"id": "l-1", "quantity": 1}],
    )
    kinds = list(OrderEvent.objects.order_by("id").values_list("kind", "by"))
    assert kinds == [("return_opened", ""), ("return_received", "olaf"), ("refunded", "olaf")]
    arrived = OrderEvent.objects.get(kind="return_received")
    assert arrived.data["lines"] == [{"id": "l-1", "quantity": 1}]
    assert AuditEntry.objects.get(action="return.received").data == {"amount": 4000}


def test_an_order_is_returned_once_the_shopper_has_nothing_of_it_any_more(merchant: Merchant) -> None:
    order, row = _returned()
    _receive(row)
    rest = Action("return", order.pk, "rest", amount_minor=4300, lines=[{"id": "l-1", "quantity": 1}])
    execute(rest, now=timezone.now())
    assert snapshot(order)["status"] == OrderStatus.RETURN_REQUESTED
    _receive(Return.objects.get(key="rest"))
    assert (snapshot(order)["status"], snapshot(order)["refunded"]) == (OrderStatus.RETURNED, 8300)


def test_a_return_is_received_once(merchant: Merchant) -> None:
    order, row = _returned()
    _receive(row)
    with pytest.raises(ActionRefused):
        _receive(row)
    assert snapshot(order)["refunded"] == 4000


def test_a_return_without_money_only_restocks(merchant: Merchant) -> None:
    order, row = _returned(amount_minor=None)
    _receive(row)
    assert (snapshot(order)["refunded"], snapshot(order)["stock"][variant_of(order, 1, "a")]) == (0, 6)


def _refuse(action: Action, code: str) -> None:
    before = snapshot(Order.objects.get(pk=action.order_id))
    with pytest.raises(ActionRefused) as refusal, transaction.atomic():
        execute(action, now=timezone.now())
    assert refusal.value.code == code
    assert snapshot(Order.objects.get(pk=action.order_id)) == before


def test_money_and_pieces_of_an_open_return_are_given_back_once(merchant: Merchant) -> None:
    order, _row = _returned()
    both = [{"id": "l-1", "quantity": 2}]
    _refuse(Action("refund", order.pk, "all", amount_minor=8600), "order_exhausted")
    _refuse(Action("refund", order.pk, "both", amount_minor=4600, lines=both), "pieces_settled")
    _refuse(Action("return", order.pk, "again", amount_minor=4000, lines=both), "wrong_status")
    share = [{"id": "pay-1", "amount_minor": 4700}]
    _refuse(Action("refund", order.pk, "share", payments=share), "money_promised")
    execute(
        Action("refund", order.pk, "other", amount_minor=4300, lines=[{"id": "l-1", "quantity": 1}]),
        now=timezone.now(),
    )
    assert snapshot(order)["refunded"] == 4300


def test_what_the_shop_refunded_meanwhile_is_not_paid_again(merchant: Merchant) -> None:
    order, row = _returned()
    order.lines.update(refunded_quantity=2)
    Order.objects.filter(pk=order.pk).update(refunded_minor=8600)
    order.payments.update(refunded_minor=8600)
    before = snapshot(order)
    _receive(row)
    after = snapshot(order)
    assert after["refunded"] == before["refunded"]
    assert (after["status"], after["stock"][variant_of(order, 1, "a")]) == (OrderStatus.DELIVERED, 6)


def test_pieces_that_were_refunded_before_were_not_promised_for(merchant: Merchant) -> None:
    order = make_shop_order(lines=[(2, 4300)])
    named = [{"id": "l-1", "quantity": 1}]
    execute(Action("refund", order.pk, "one", amount_minor=4300, lines=named), now=timezone.now())
    both = [{"id": "l-1", "quantity": 2}]
    execute(Action("return", order.pk, "both", amount_minor=4300, lines=both), now=timezone.now())
    _receive(Return.objects.get(order=order))
    assert snapshot(order)["refunded"] == 8600


def test_a_return_of_two_pieces_of_which_one_was_refunded_since_pays_half(merchant: Merchant) -> None:
    order, row = _returned(amount_minor=8000, lines=[{"id": "l-1", "quantity": 2}])
    order.lines.update(refunded_quantity=1)
    _receive(row)
    assert snapshot(order)["refunded"] == 4000
    with pytest.raises(ActionRefused):
        _receive(row)


def test_what_the_shop_paid_of_a_return_holds_no_other_money(merchant: Merchant) -> None:
    order = make_shop_order(lines=[(1, 4300), (1, 9900)])
    execute(
        Action("return", order.pk, "r", amount_minor=4300, lines=[{"id": "l-1", "quantity": 1}]), now=timezone.now()
    )
    assert promises(Order.objects.get(pk=order.pk)).payments == {"pay-1": 4300}
    Refund.objects.create(
        order=order,
        external_id="shop-1",
        key="shop-1",
        amount_minor=4300,
        lines=[{"id": "l-1", "quantity": 1}],
        payments=[{"id": "pay-1", "amount_minor": 4300}],
        created_at=timezone.now(),
    )
    found = promises(Order.objects.get(pk=order.pk))
    assert (found.total_minor, +found.pieces) == (0, {})


def test_a_return_whose_order_went_on_holds_nothing(merchant: Merchant) -> None:
    order, _row = _returned()
    Order.objects.filter(pk=order.pk).update(status=OrderStatus.RETURNED)
    assert promises(Order.objects.get(pk=order.pk)).total_minor == 0


def _close(row: Return) -> None:
    with transaction.atomic():
        close_return(return_id=row.public_id, by=BY, now=timezone.now())


def test_a_return_that_never_came_is_closed_and_its_pieces_are_free_again(merchant: Merchant) -> None:
    order, row = _returned()
    _close(row)
    after = snapshot(order)
    assert (after["status"], after["refunded"]) == (OrderStatus.DELIVERED, 0)
    assert order.lines.get().returned_quantity == 0
    for again in (_close, _receive):
        with pytest.raises(ActionRefused) as refusal:
            again(row)
        assert refusal.value.code == "received"
    event = OrderEvent.objects.latest("id")
    assert (event.kind, event.by, event.status_after) == ("return_closed", "olaf", "delivered")
    execute(Action("refund", order.pk, "all", amount_minor=8600), now=timezone.now())
    assert snapshot(order)["refunded"] == 8600


def test_the_gift_card_that_was_asked_for_gets_the_money(merchant: Merchant) -> None:
    order, row = _returned(payment_method=OTHER_CARD)
    _receive(row)
    assert snapshot(order)["cards"][OTHER_CARD] == 9000


def test_a_remote_shop_takes_its_returns_in_itself(merchant: Merchant) -> None:
    order, row = _returned()
    ShopConnection.objects.create(
        kind=ConnectorKind.WEBHOOK, address="x", created_at=timezone.now(), updated_at=timezone.now()
    )
    with pytest.raises(ActionRefused) as refusal:
        _receive(row)
    assert refusal.value.code == "remote_shop"
    assert snapshot(order)["refunded"] == 0


def test_another_merchants_return_is_not_there(merchant: Merchant) -> None:
    with scope(merchant=make_merchant()):
        _order, foreign = _returned()
    with pytest.raises(NotFound):
        _receive(foreign)

"""The history of an order: filled from what is known, told once, and never rewritten."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from cs_portal.commerce.counting import recount_lines
from cs_portal.commerce.history import SHOP, Provenance, catch_up
from cs_portal.commerce.models import (
    Happened,
    MoneyBack,
    Order,
    OrderEvent,
    OrderLine,
    OrderStatus,
    Refund,
    Return,
    Shipment,
    Source,
)
from cs_portal.commerce.money import EXPONENTS, decimal_text, format_minor, minor_from_decimal
from cs_portal.core.tenancy import scope, scopes_disabled
from cs_portal.merchants.models import Merchant
from cs_portal.policies.engine.money import MINOR_DIGITS
from tests.factories import make_merchant, make_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    merchant = make_merchant()
    with scope(merchant=merchant):
        yield merchant


def _kinds(order: Order) -> list[str]:
    return list(OrderEvent.objects.filter(order=order).order_by("id").values_list("kind", flat=True))


def test_the_rows_of_a_shop_become_its_history(merchant: Merchant) -> None:
    now = timezone.now()
    order = make_order(merchant, status=OrderStatus.RETURN_REQUESTED, now=now)
    Order.objects.filter(pk=order.pk).update(
        shipped_at=now - timedelta(days=8), delivered_at=now - timedelta(days=6), version=3
    )
    refund = Refund.objects.create(order=order, external_id="r-1", key="k", amount_minor=100, created_at=now)
    assert catch_up([order.pk], provenance=SHOP, now=now) == 6
    events = list(OrderEvent.objects.filter(order=order).order_by("id"))
    assert [(e.kind, e.status_before, e.status_after) for e in events] == [
        ("placed", "", "pending"),
        ("paid", "pending", ""),
        ("shipped", "pending", "shipped"),
        ("delivered", "shipped", "delivered"),
        ("refunded", "delivered", ""),
        ("status_changed", "delivered", "return_requested"),
    ]
    assert {(e.source, e.version) for e in events} == {(Source.SHOP, 3)}
    assert events[1].data == {"payment": "pay-1", "amount_minor": 8600}
    assert events[4].data == {"refund": refund.external_id, "amount_minor": 100}


def test_what_is_told_is_not_told_again_and_news_are_added(merchant: Merchant) -> None:
    now = timezone.now()
    order = make_order(merchant, status=OrderStatus.PROCESSING, now=now)
    catch_up([order.pk], provenance=SHOP, now=now)
    assert catch_up([order.pk], provenance=SHOP, now=now) == 0
    Shipment.objects.create(order=order, tracking="T", carrier="C", shipped_at=now)
    Order.objects.filter(pk=order.pk).update(status=OrderStatus.SHIPPED, shipped_at=now)
    Refund.objects.create(order=order, external_id="r-9", key="k", amount_minor=100, created_at=now)
    later = Provenance(Source.IMPORT, by="run")
    assert catch_up([order.pk], provenance=later, now=now) == 2
    assert sorted(_kinds(order)) == ["paid", "placed", "refunded", "shipped", "status_changed"]
    assert OrderEvent.objects.filter(source=Source.IMPORT, by="run").count() == 2


def test_a_status_that_no_moment_explains_is_told(merchant: Merchant) -> None:
    now = timezone.now()
    order = make_order(merchant, status=OrderStatus.PENDING, now=now)
    catch_up([order.pk], provenance=SHOP, now=now)
    Order.objects.filter(pk=order.pk).update(status=OrderStatus.CLOSED)
    catch_up([order.pk], provenance=SHOP, now=now)
    last = OrderEvent.objects.order_by("id").last()
    assert last is not None
    assert (last.kind, last.status_before, last.status_after) == (Happened.STATUS_CHANGED, "pending", "closed")


@pytest.mark.parametrize("vandal", ["update", "delete"])
def test_history_cannot_be_rewritten(merchant: Merchant, vandal: str) -> None:
    order = make_order(merchant)
    catch_up([order.pk], provenance=SHOP, now=timezone.now())
    rows = OrderEvent.objects.filter(order=order)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows.update(by="nobody") if vandal == "update" else rows.delete()
    assert len(_kinds(order)) == 4


def test_history_outlives_its_order(merchant: Merchant) -> None:
    order = make_order(merchant)
    catch_up([order.pk], provenance=SHOP, now=timezone.now())
    order.delete()
    assert OrderEvent.objects.filter(merchant=merchant).count() == 4


def test_another_merchants_history_is_out_of_reach(merchant: Merchant) -> None:
    foreign = make_order(make_merchant())
    assert catch_up([foreign.pk], provenance=SHOP, now=timezone.now()) == 0
    with scopes_disabled(), pytest.raises(DatabaseError, match="another merchant"), transaction.atomic():
        OrderEvent.objects.create(
            merchant=merchant,
            order=foreign,
            kind=Happened.PLACED,
            at=timezone.now(),
            recorded_at=timezone.now(),
            source=Source.SHOP,
            version=1,
        )


@pytest.mark.parametrize(
    "counts",
    [
        {"refunded_quantity": 3},
        {"refunded_quantity": 1, "exchanged_quantity": 2},
        {"returned_quantity": 1, "exchanged_quantity": 1, "cancelled_quantity": 1},
        {"resent_quantity": 3},
    ],
)
def test_the_database_refuses_pieces_beyond_a_lines_quantity(merchant: Merchant, counts: dict[str, int]) -> None:
    order = make_order(merchant, quantity=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        OrderLine.objects.filter(order=order).update(**counts)


def test_counts_of_lines_follow_the_rows(merchant: Merchant) -> None:
    now = timezone.now()
    order = make_order(merchant, quantity=3)
    lines = [{"id": "l-1", "quantity": 2}]
    Refund.objects.create(order=order, external_id="r", key="a", amount_minor=1, lines=lines, created_at=now)
    Refund.objects.create(
        order=order, external_id="c", key="b", amount_minor=1, lines=lines, because=MoneyBack.CANCEL, created_at=now
    )
    Return.objects.create(order=order, key="c", lines=[{"id": "l-1", "quantity": 9}], created_at=now)
    recount_lines([order.pk])
    line = OrderLine.objects.get()
    assert (line.refunded_quantity, line.cancelled_quantity, line.returned_quantity) == (3, 2, 1)


def test_rules_and_rows_share_one_table_of_currencies() -> None:
    assert EXPONENTS == MINOR_DIGITS


@pytest.mark.parametrize(
    ("amount", "currency", "shown", "plain"),
    [
        (8600, "CNY", "¥86.00", "86.00"),
        (4300, "JPY", "JP¥4,300", "4300"),
        (12345, "KWD", "KWD 12.345", "12.345"),
        (5, "USD", "$0.05", "0.05"),
    ],
)
def test_amounts_have_the_digits_of_their_currency(amount: int, currency: str, shown: str, plain: str) -> None:
    assert format_minor(amount, currency) == shown
    assert decimal_text(amount, currency) == plain
    assert minor_from_decimal(plain, currency) == amount


@pytest.mark.parametrize("text", ["0.5", "x", "NaN", "Infinity", ""])
def test_an_amount_that_the_currency_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=text or "^$"):
        minor_from_decimal(text, "JPY")


@pytest.mark.django_db(transaction=True)
def test_the_migration_fills_histories_and_reverses() -> None:
    merchant = make_merchant()
    order = make_order(merchant, quantity=3)
    with scope(merchant=merchant):
        Refund.objects.create(
            order=order,
            external_id="r-1",
            key="k",
            amount_minor=100,
            lines=[{"id": "l-1", "quantity": 2}],
            created_at=timezone.now(),
        )
    call_command("migrate", "commerce", "0004", verbosity=0)
    assert "commerce_orderevent" not in connection.introspection.table_names()
    call_command("migrate", verbosity=0)  # all of them: rolling back took the tables of apps that refer to orders along
    with scope(merchant=merchant):
        assert _kinds(order) == ["placed", "paid", "shipped", "delivered", "refunded"]
        assert OrderLine.objects.get().refunded_quantity == 2
        assert catch_up([order.pk], provenance=SHOP, now=timezone.now()) == 0

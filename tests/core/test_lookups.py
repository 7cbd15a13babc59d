"""``among``: the same rows as ``in``, whatever the number of values."""

from __future__ import annotations

import pytest

from cs_portal.commerce.models import Order, OrderLine
from cs_portal.core.tenancy import scope
from tests.factories import make_merchant, make_order

pytestmark = pytest.mark.django_db


def test_among_is_in() -> None:
    merchant, other = make_merchant(), make_merchant()
    rows = [make_order(merchant) for _ in range(3)]
    foreign = make_order(other)
    with scope(merchant=merchant):
        wanted = [rows[2].pk, rows[0].pk, rows[0].pk, foreign.pk, 10**12]
        found = Order.objects.filter(id__among=wanted).order_by("id")
        assert list(found) == [rows[0], rows[2]]
        assert list(Order.objects.filter(id__among=[])) == []
        lines = OrderLine.objects.filter(order__among=wanted)
        assert [line.order_id for line in lines] == [rows[0].pk, rows[2].pk]
        assert Order.objects.filter(lines__order__among=wanted, number=rows[2].number).get() == rows[2]


def test_among_takes_more_values_than_a_database_has_parameters() -> None:
    merchant = make_merchant()
    order = make_order(merchant)
    with scope(merchant=merchant):
        assert Order.objects.filter(id__among=range(300_000)).exists() is (order.pk < 300_000)


def test_only_whole_numbers_are_values() -> None:
    merchant = make_merchant()
    with scope(merchant=merchant), pytest.raises(ValueError, match="1 OR 1"):
        Order.objects.filter(id__among=["1 OR 1"])

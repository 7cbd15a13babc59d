"""Whatever happens to an order, in whatever order: nobody gets more for an item than was paid for it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cs_portal.commerce.connectors.base import Action, ActionRefused
from cs_portal.commerce.connectors.local import execute
from cs_portal.commerce.models import Exchange, Order, Return
from cs_portal.commerce.services.exchanges import end_exchange
from cs_portal.commerce.services.returns import close_return, receive_return
from cs_portal.core.audit import Actor
from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Merchant
from cs_portal.policies.engine import Ruleset, decide
from cs_portal.policies.selectors import order_to_decide
from tests.commerce.shops import make_shop_order, variant_of
from tests.factories import make_merchant

pytestmark = pytest.mark.django_db
BY = Actor("member", "olaf")
_keys = count(1)
#: Every request is granted, so that only what is left bounds the money.
GENEROUS = Ruleset.from_dict(
    {
        "name": "generous",
        "rules": [],
        "default": {
            "outcome": "allow",
            "approver": "operator",
            "amount": {"percent_of_lines": 100},
            "reasons": {"en": "Gladly.", "zh-hans": "好的。"},
        },
    }
)
LINES = st.sampled_from(["l-1", "l-2"])
MOVES = st.one_of(
    st.tuples(st.just("refund"), st.lists(LINES, max_size=2, unique=True), st.integers(1, 2)),
    st.tuples(st.just("return"), st.lists(LINES, max_size=2, unique=True), st.integers(1, 2)),
    st.tuples(st.just("exchange"), st.lists(LINES, min_size=1, max_size=1), st.integers(1, 2)),
    st.tuples(st.sampled_from(["receive", "close", "end"]), st.just([]), st.just(0)),
)


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    merchant = make_merchant()
    with scope(merchant=merchant):
        yield merchant


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(MOVES, min_size=2, max_size=7))
def test_no_item_is_paid_for_twice(merchant: Merchant, moves: list[tuple[str, list[str], int]]) -> None:
    _check(make_shop_order(lines=[(2, 4300), (1, 9900)]), moves)


@pytest.mark.parametrize(
    ("moves", "back"),
    [
        ([("refund", ["l-1"], 1)], 4300),
        ([("return", ["l-2"], 1), ("refund", [], 0), ("receive", [], 0)], 9900 + 8600),
        ([("exchange", ["l-2"], 1), ("refund", [], 0)], 500 + 8600),
        ([("exchange", ["l-2"], 1), ("end", [], 0), ("refund", ["l-2"], 1)], 500 + 9400),
        ([("return", ["l-1"], 2), ("close", [], 0), ("refund", ["l-1"], 2)], 8600),
    ],
)
def test_these_moves_do_happen(merchant: Merchant, moves: list[tuple[str, list[str], int]], back: int) -> None:
    assert _check(make_shop_order(lines=[(2, 4300), (1, 9900)]), moves).refunded_minor == back


def _check(order: Order, moves: list[tuple[str, list[str], int]]) -> Order:
    for kind, lines, quantity in moves:
        try:
            with transaction.atomic():
                _move(order, kind, lines, quantity)
        except ActionRefused:
            continue
    order = Order.objects.get(pk=order.pk)
    # What the shopper keeps is worth what they paid net of what went back. An exchange brings its difference
    # first, and its new piece when it has ended.
    keeps = sum(line.unit_price_minor * (line.quantity - line.refunded_quantity) for line in order.lines.all())
    coming = sum(each.difference_minor for each in order.exchanges.filter(ended_at=None))
    assert order.paid_minor - order.refunded_minor >= keeps + coming
    return order


def _move(order: Order, kind: str, lines: list[str], quantity: int) -> None:
    now, order = timezone.now(), Order.objects.get(pk=order.pk)
    if kind == "receive":
        for each in Return.objects.filter(order=order):
            receive_return(return_id=each.public_id, by=BY, now=now)
        return
    if kind == "close":
        for each in Return.objects.filter(order=order):
            close_return(return_id=each.public_id, by=BY, now=now)
        return
    if kind == "end":
        for swap in Exchange.objects.filter(order=order):
            end_exchange(exchange_id=swap.public_id, restock=True, by=BY, now=now)
        return
    wishes: list[dict[str, Any]] = [{"id": key, "quantity": 1 if key == "l-2" else quantity} for key in lines]
    if kind == "exchange":
        wishes = [{**wish, "to_variant": variant_of(order, int(wish["id"][-1]), "c")} for wish in wishes]
    verdict = decide(
        GENEROUS,
        order=order_to_decide(order),
        shopper={"id": order.shopper.external_id},
        products=[],
        request={
            "action": kind,
            "reason": "damaged",
            "evidence": ["photo"],
            "confirmed": True,
            "lines": wishes or None,
        },
        now=now,
    ).to_dict()
    execute(
        Action(
            kind,
            order.pk,
            f"worth-{next(_keys)}",
            lines=wishes,
            amount_minor=verdict["amount_minor"],
            payments=verdict["payments"],
            confirmed=True,
        ),
        now=now,
    )

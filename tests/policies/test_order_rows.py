"""Orders straight from the rows are those of their canonical documents, or take the way over the document."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cs_portal.commerce.models import Order, OrderLine, Payment, Refund, Shipment, Shopper
from cs_portal.commerce.selectors import order_document, shopper_documents
from cs_portal.core.tenancy import scope
from cs_portal.demo.merchants import FERNHILL
from cs_portal.demo.services import load_demo
from cs_portal.merchants.models import Merchant
from cs_portal.policies.engine import CanonicalError, load_shipped, parse_order, parse_shopper
from cs_portal.policies.engine import Order as EngineOrder
from cs_portal.policies.engine.as_of import order_as_of, order_at
from cs_portal.policies.services.order_rows import engine_orders
from cs_portal.policies.services.past import LIKELY_REQUESTS, Asked, Past, Reader
from cs_portal.policies.services.replaying import Replaying
from cs_portal.policies.services.shopper_rows import engine_shoppers
from tests.factories import make_merchant, make_shopper

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 12, 30, 15, 123456, tzinfo=UTC)


@pytest.fixture
def shop(db: None) -> Iterator[Merchant]:
    merchant = make_merchant("rows")
    with scope(merchant=merchant):
        yield merchant


# Orders drawn at random, with what old imports may have left behind ---------------------------------------------------


class Draw:
    def __init__(self, seed: int, *, odd: bool) -> None:
        self.random = random.Random(seed)
        self.odd = odd

    def __call__(self, *usual: Any, odd: tuple[Any, ...] = ()) -> Any:
        """One of the usual values; now and then an odd one."""
        return self.random.choice(odd if self.odd and odd and self.random.random() < 0.04 else usual)

    def moment(self) -> datetime | None:
        return self(None, *(NOW - timedelta(seconds=self.random.randrange(60 * 86400)) for _ in range(3)),
                    odd=(datetime(1802, 5, 1, tzinfo=UTC), datetime(2999, 6, 1, tzinfo=UTC)))  # fmt: skip

    def order(self, shopper: Shopper, number: int) -> Order:
        order = Order.objects.create(
            number=f"n{number}",
            shopper=shopper,
            storefront=self("", "main"),
            currency=self("CNY", "JPY", "USD", odd=("cny", "¥", "XQX")),
            status=self(*Order._meta.get_field("status").choices)[0],
            items_modified=self(True, False),
            placed_at=self.moment() or NOW,
            paid_at=self.moment(),
            shipped_at=self.moment(),
            delivered_at=self.moment(),
            cancelled_at=self(None, None, self.moment()),
            utc_offset_minutes=self(480, 0, -210, 60),
            shipping_minor=self(0, 900),
            discount_minor=self(0, 500),
            tax_minor=self(0, 77, odd=(2**60,)),
            paid_minor=self(0, 8600, odd=(2**62,)),
            address=self({}, {"country": "CN", "city": None}, odd=([], ["x"], {"planet": "Mars"}, {"city": 3})),
            note=self("", "please hurry"),
        )
        for line in range(self(1, 2, 3, odd=(0,))):
            self._line(order, line)
        for payment in range(self(0, 1, 2)):
            self._payment(order, payment)
        for refund in range(self(0, 0, 1, 2)):
            self._refund(order, refund)
        for _ in range(self(0, 1, 2)):
            Shipment.objects.create(
                order=order,
                tracking=self("", "T1"),
                carrier=self("", "SF"),
                lines=self([], ["l-0"], odd=({}, "l-0", [""], [1])),
                shipped_at=self.moment(),
                delivered_at=self.moment(),
            )
        return order

    def _line(self, order: Order, number: int) -> None:
        OrderLine.objects.create(
            order=order,
            external_id=self(f"l-{number}", odd=("",)) if number == 0 else f"l-{number}",
            product=self("p-1", "p-2", odd=("",)),
            variant=self("v-1", odd=("",)),
            title=self("Mug", odd=("",)),
            options=self({}, {"size": "M"}, odd=([], {"size": 3}, {"size": None}, "x")),
            quantity=self(1, 2, 5, odd=(0,)),
            unit_price_minor=self(0, 4300, odd=(2**60,)),
            discount_minor=self(0, 100),
            tags=self([], ["sale"], odd=({}, [""], [1], "sale")),
            final_sale=self(True, False),
        )

    def _payment(self, order: Order, number: int) -> None:
        Payment.objects.create(
            order=order,
            external_id=self(f"pay-{number}", odd=("",)) if number == 0 else f"pay-{number}",
            method_id=self("", "m-1"),
            method=self("alipay", "gift_card", odd=("barter",)),
            amount_minor=self(0, 8600, odd=(2**61,)),
            captured_at=self.moment(),
        )

    def _refund(self, order: Order, number: int) -> None:
        Refund.objects.create(
            order=order,
            external_id=self(f"r-{number}", odd=("",)),
            key=f"{order.pk}-{number}",
            amount_minor=100,
            shipping_minor=self(0, 900),
            lines=self([], [{"id": "l-0", "quantity": 1}],
                       odd=({}, [{"id": "l-0"}], [{"id": "l-0", "quantity": True}], [{"id": "l-0", "quantity": 0}],
                            [{"id": "l-0", "quantity": 1, "note": None}], [[]])),
            payments=self([], [{"id": "pay-0", "amount_minor": 100}],
                          odd=([{"id": "", "amount_minor": 1}], [{"id": "pay-0", "amount_minor": -1}], "x")),
            created_at=self.moment() or NOW,
        )  # fmt: skip

    def shopper(self, merchant: Merchant) -> Shopper:
        return make_shopper(
            merchant,
            self("", None),
            tags=self([], ["vip", "risk:fraud"], odd=({}, [""], "vip")),
            payment_methods=self(
                [], [{"id": "m-1", "method": "gift_card", "balance_minor": 5}, {"id": "m-2", "method": "paypal"}],
                odd=([{"id": "m-1", "method": "barter"}], [{"id": "m", "method": "paypal"}] * 2, {},
                     [{"id": "m-1", "method": "paypal", "name": "x"}],
                     [{"id": "m-1", "method": "paypal", "balance_minor": True}]),
            ),
            created_at=self.moment() or NOW,
        )  # fmt: skip


def canonical(order: Order) -> EngineOrder | None:
    try:
        return parse_order(order_document(order, captured_only=True))
    except CanonicalError:
        return None


@pytest.mark.parametrize("odd", [False, True])
def test_rows_give_the_orders_of_their_documents(shop: Merchant, odd: bool) -> None:
    draw = Draw(5, odd=odd)
    shoppers = [make_shopper(shop), make_shopper(shop, None)]
    orders = [draw.order(draw(*shoppers), number) for number in range(150)]
    found = engine_orders(ids=[order.pk for order in orders])
    read = {order.pk: canonical(order) for order in orders}
    left = {key for key, owned in found.items() if owned.order is None}
    assert {key: owned.owner for key, owned in found.items()} == {order.pk: order.shopper_id for order in orders}
    # Not one that the canonical reader refuses; and hardly one that it takes is left to it.
    assert {key: found[key].order for key in found.keys() - left} == {
        key: order for key, order in read.items() if key not in left
    }
    refused = {key for key, order in read.items() if order is None}
    assert refused <= left
    assert (len(left - refused) < 20, bool(refused)) == (True, odd) if odd else (left == set())


@pytest.mark.parametrize("odd", [False, True])
def test_an_order_at_a_moment_is_that_of_its_document(shop: Merchant, odd: bool) -> None:
    draw, shopper, compared = Draw(6, odd=odd), make_shopper(shop), 0
    for number in range(60):
        order = draw.order(shopper, number)
        read = canonical(order)
        if read is None:
            continue
        document = order_document(order, captured_only=True)
        for days in (0, 1, 7, 20, 45, 90):
            moment = NOW - timedelta(days=days)
            assert order_at(read, moment) == parse_order(order_as_of(document, moment))
            compared += 1
    assert compared > 90


@pytest.mark.parametrize("odd", [False, True])
def test_rows_give_the_shoppers_of_their_documents(shop: Merchant, odd: bool) -> None:
    draw = Draw(7, odd=odd)
    shoppers = [draw.shopper(shop) for _ in range(60)]
    for number in range(60):
        draw.order(draw(*shoppers), number)
    found = engine_shoppers(ids=[row.pk for row in shoppers], now=NOW)
    for key, document in shopper_documents(Shopper.objects.all(), now=NOW).items():
        try:
            assert found[key] == parse_shopper(document)
        except CanonicalError:
            assert found[key] == document
    assert any(isinstance(row, dict) for row in found.values()) is odd


def compare_verdicts(asked: list[Asked]) -> int:
    """Both rulesets' verdicts and their traces, by the rows and by the documents; how many were compared."""
    rules = Replaying(before=load_shipped("standard"), after=load_shipped("generous"))
    compared = 0
    for past in Reader(now=NOW).cases(asked):
        assert isinstance(past.case.order, EngineOrder)
        slow = by_documents(past)
        for fast, other in zip(rules.decided(past.case), rules.decided(slow.case), strict=True):
            assert fast.to_dict() == other.to_dict()
            assert fast.facts_seen() == other.facts_seen()
            compared += 1
    return compared


def by_documents(past: Past) -> Past:
    row = Order.objects.select_related("shopper").get(pk=past.order_id)
    shopper = shopper_documents([row.shopper], now=NOW)[row.shopper_id]
    document = order_document(row, captured_only=True)
    return replace(past, case=replace(past.case, order=document, shopper=shopper))


def test_generated_orders_are_decided_alike(shop: Merchant) -> None:
    draw = Draw(8, odd=False)
    shoppers = [draw.shopper(shop) for _ in range(5)]
    orders = [draw.order(draw(*shoppers), number) for number in range(40)]
    asked = [
        Asked(NOW - timedelta(days=draw(0, 3, 30)), order.pk, order.pk, request)
        for order in orders
        for request in LIKELY_REQUESTS
    ]
    assert compare_verdicts(asked) == 400


def test_the_demo_store_is_decided_alike(db: None, tmp_path: Path) -> None:
    small = replace(FERNHILL, shoppers=dict.fromkeys(FERNHILL.shoppers, 5))
    load_demo(merchants=[small], seed=1, shop_origin="http://shop.example",
              accounts_path=tmp_path / "accounts.json", now=NOW)  # fmt: skip
    with scope(merchant=Merchant.objects.get()):
        keys = list(Order.objects.order_by("id").values_list("id", flat=True))
        assert len(keys) > 20
        asked = [
            Asked(NOW - timedelta(days=days), key, key, request)
            for key in keys
            for request in LIKELY_REQUESTS
            for days in (0, 9)
        ]
        # Each costs a dozen queries on the way over documents: 800 of the several thousand do.
        assert compare_verdicts(random.Random(1).sample(asked, 800)) == 1600

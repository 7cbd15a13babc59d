"""The demo store as canonical JSON: products, shoppers and orders, the same for the same seed and day.

>>> from datetime import UTC, datetime
>>> from cs_portal.demo.merchants import FERNHILL
>>> store = generate(FERNHILL, seed=1, today=datetime(2026, 11, 24, 12, tzinfo=UTC), shop_url="http://shop.example")
>>> len(store.orders) >= 800
True
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cs_portal.demo.baskets import pick_products
from cs_portal.demo.catalogue import CatalogueProduct, catalogue
from cs_portal.demo.merchants import DemoMerchant
from cs_portal.demo.ordering import OrderPlan, PlannedLine, Timeline, build_order, method_id
from cs_portal.demo.people import Person, crowd
from cs_portal.demo.stories import Story, stories, story_plans
from cs_portal.demo.timelines import timeline

#: Above this, the merchant does not take cash at the door (the FAQ "payment-methods" says so).
CASH_MOST_MINOR = 100_000
COUPON_MINOR = 2000
QUANTITIES = {"mug": 4, "enamel_mug": 4, "soap": 5, "seeds": 4, "candle": 3, "socks": 2, "cushion": 3, "chair": 4}
NOTES = {
    "en": ("Please leave it at the reception.", "Please ring twice.", "It is a present, please no price slip."),
    "zh-hans": ("请放快递柜，谢谢", "送到前请先打电话", "送人的，请不要放价格单"),
}
HISTORY_DAYS = 90


@dataclass(frozen=True, slots=True)
class DemoStore:
    """Canonical JSON documents; ``stories`` are the shoppers that the demo shop offers to sign in as."""

    products: tuple[dict[str, Any], ...]
    shoppers: tuple[dict[str, Any], ...]
    orders: tuple[dict[str, Any], ...]
    stories: tuple[Story, ...]


def generate(merchant: DemoMerchant, *, seed: int, today: datetime, shop_url: str) -> DemoStore:
    """Everything that the shop's own system would know. ``today`` is aware; no date in the store lies after it."""
    rng = random.Random(f"{merchant.slug}:{seed}")
    now = today.astimezone(ZoneInfo(merchant.timezone)).replace(second=0, microsecond=0)
    told = stories(merchant, rng=rng)
    people = list(crowd(merchant, first_serial=len(told) + 1, rng=rng))
    plans = story_plans(merchant, told, now=now, rng=rng) + _plans(merchant, people, now=now, rng=rng)
    orders = [build_order(plan, merchant, rng) for plan in sorted(plans, key=lambda plan: plan.timeline.placed_at)]
    everyone = [story.person for story in told] + people
    return DemoStore(
        products=tuple(product.canonical(shop_url=shop_url) for product in catalogue(merchant.slug)),
        shoppers=tuple(_shopper(person, orders, now=now, rng=rng) for person in everyone),
        orders=tuple(orders),
        stories=told,
    )


def _plans(merchant: DemoMerchant, people: Sequence[Person], *, now: datetime, rng: random.Random) -> list[OrderPlan]:
    moments = [
        (status, timeline(status, now=now, rng=rng))
        for status, wanted in merchant.statuses.items()
        for _ in range(wanted)
    ]
    moments.sort(key=lambda moment: moment[1].placed_at)
    return [
        _plan(merchant, f"{merchant.order_prefix}{number}", rng.choice(people), status, when, rng)
        for number, (status, when) in enumerate(moments, start=merchant.first_order)
    ]


def _plan(
    merchant: DemoMerchant, number: str, shopper: Person, status: str, when: Timeline, rng: random.Random
) -> OrderPlan:
    lines = _basket(merchant, shopper, rng)
    goods = sum(line.variant.price_minor * line.quantity for line in lines)
    refunded = {"returned": "goods", "cancelled": "all"}.get(status, "none")
    if status in {"closed", "delivered"} and rng.random() < 0.12 and lines[0].variant.price_minor < goods:
        refunded = "one"
    payments, when = _payment(merchant, shopper, status, when, goods, rng)
    if when.paid_at is None:
        refunded = "none"
    has_coupon = refunded == "none" and goods >= merchant.shipping.free_from + COUPON_MINOR and rng.random() < 0.1
    return OrderPlan(
        number=number,
        shopper=shopper,
        status=status,
        timeline=when,
        lines=lines,
        payments=payments,
        express=shopper.country == merchant.country and rng.random() < 0.12,
        discount_minor=COUPON_MINOR if has_coupon and not any(line.product.final_sale for line in lines) else 0,
        refunded=refunded,  # type: ignore[arg-type]
        items_modified=status == "pending" and rng.random() < 0.15,
        note=rng.choice(NOTES[shopper.locale]) if rng.random() < 0.1 else "",
        storefront=merchant.storefront_for(shopper.locale),
    )


def _basket(merchant: DemoMerchant, shopper: Person, rng: random.Random) -> tuple[PlannedLine, ...]:
    at_home = shopper.country == merchant.country
    choice = [product for product in catalogue(merchant.slug) if at_home or product.ships_abroad()]
    return tuple(_planned_line(product, rng) for product in pick_products(choice, rng))


def _planned_line(product: CatalogueProduct, rng: random.Random) -> PlannedLine:
    quantity = rng.randint(1, QUANTITIES.get(product.kind, 1))
    variant = rng.choice(product.variants)
    # Clearance goods were at times sold below today's price.
    reduced = quantity == 1 and "clearance" in product.tags and rng.random() < 0.5
    return PlannedLine(product, variant, quantity, variant.price_minor // 10 if reduced else 0)


def _payment(
    merchant: DemoMerchant, shopper: Person, status: str, when: Timeline, goods: int, rng: random.Random
) -> tuple[tuple[str, ...], Timeline]:
    """How an order was paid, and its timeline with the payment put in."""
    paid_at = when.placed_at + timedelta(minutes=rng.randint(1, 12))
    dice = rng.random()
    if status in {"pending", "cancelled"} and dice < 0.3:
        method = "bank_transfer" if dice < 0.1 else rng.choice(merchant.payment_methods)
        return (method,), _with(when, paid_at=None, refunded_at=None)
    cash = shopper.country == "CN" == merchant.country and goods <= CASH_MOST_MINOR - merchant.shipping.express
    if cash and 0.3 <= dice < 0.38 and status != "cancelled":
        return ("cash_on_delivery",), _with(when, paid_at=when.delivered_at)
    if dice < 0.48:
        return ("gift_card", rng.choice(merchant.payment_methods)), _with(when, paid_at=paid_at)
    return (rng.choice(merchant.payment_methods),), _with(when, paid_at=paid_at)


def _with(when: Timeline, **changes: datetime | None) -> Timeline:
    fields = {name: getattr(when, name) for name in Timeline.__dataclass_fields__}
    return Timeline(**(fields | changes))


def _shopper(person: Person, orders: Sequence[dict[str, Any]], *, now: datetime, rng: random.Random) -> dict[str, Any]:
    own = [order for order in orders if order["shopper"] == person.id]
    methods = dict.fromkeys(payment["method"] for order in own for payment in order["payments"])
    since = now - timedelta(days=HISTORY_DAYS)
    refunds = [refund for order in own for refund in order["refunds"]]
    captured = [payment for order in own for payment in order["payments"] if payment["captured_at"]]
    spent = sum(payment["amount_minor"] for payment in captured) - sum(
        share["amount_minor"] for refund in refunds for share in refund["payments"]
    )
    first = min((datetime.fromisoformat(order["placed_at"]) for order in own), default=now - timedelta(hours=2))
    return {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "phone": person.phone,
        "locale": person.locale,
        "tags": ["fern-member"] if spent >= 200_000 else [],
        "created_at": (first - timedelta(minutes=rng.randint(10, 40_000))).isoformat(),
        "orders_count": len(own),
        "refunds_90_days": sum(datetime.fromisoformat(refund["created_at"]) >= since for refund in refunds),
        "lifetime_value_minor": spent,
        "payment_methods": [_payment_method(person, method, rng) for method in methods],
    }


def _payment_method(person: Person, method: str, rng: random.Random) -> dict[str, Any]:
    kept: dict[str, Any] = {"id": method_id(person, method), "method": method}
    if method == "gift_card":
        kept["balance_minor"] = rng.randrange(0, 30) * 1000
    return kept

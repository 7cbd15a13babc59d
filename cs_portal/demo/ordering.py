"""Builds one order as canonical JSON from a plan of what happened to it.

What always holds: the payments sum up to the total, refunds stay within the payments, and moments come in the order in
which they happen.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Literal

from cs_portal.demo.catalogue import CatalogueProduct, CatalogueVariant
from cs_portal.demo.merchants import STOREFRONT, DemoMerchant
from cs_portal.demo.people import Person

Refunded = Literal["none", "one", "goods", "all"]
GIFT_CARD_SHARE_MOST = 10000
LINES_GO_TWO_WAYS = 2


@dataclass(frozen=True, slots=True)
class PlannedLine:
    product: CatalogueProduct
    variant: CatalogueVariant
    quantity: int
    discount_minor: int = 0


@dataclass(frozen=True, slots=True)
class Timeline:
    """When things happened, in the shop's own offset; what has not happened is None."""

    placed_at: datetime
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    cancelled_at: datetime | None = None
    refunded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OrderPlan:
    """``payments`` are canonical methods; with two, the first is the gift card. ``refunded`` says what was given back:
    one piece of the first line, all goods without the delivery fee, or all that was paid."""

    number: str
    shopper: Person
    status: str
    timeline: Timeline
    lines: tuple[PlannedLine, ...]
    payments: tuple[str, ...]
    express: bool = False
    discount_minor: int = 0
    refunded: Refunded = "none"
    items_modified: bool = False
    note: str = ""
    storefront: str = STOREFRONT


def at(day: datetime, days_ago: int, hour: int, minute: int) -> datetime:
    """``hour:minute`` on the day that lies ``days_ago`` calendar days before ``day``, in the same offset."""
    return datetime.combine(day.date() - timedelta(days=days_ago), time(hour, minute), tzinfo=day.tzinfo)


def build_order(plan: OrderPlan, merchant: DemoMerchant, rng: random.Random) -> dict[str, Any]:
    """Canonical JSON of the order."""
    lines = [_line(position, line, plan.shopper.locale) for position, line in enumerate(plan.lines, start=1)]
    goods = sum(line["unit_price_minor"] * line["quantity"] - line["discount_minor"] for line in lines)
    goods -= plan.discount_minor
    shipping = _shipping(goods, plan, merchant)
    tax = goods * merchant.tax_percent // 100
    when = plan.timeline
    payments = _payments(goods + shipping + tax, plan)
    return {
        "number": plan.number,
        "shopper": plan.shopper.id,
        "storefront": plan.storefront,
        "currency": merchant.currency,
        "status": plan.status,
        "items_modified": plan.items_modified,
        "placed_at": when.placed_at.isoformat(),
        "paid_at": _iso(when.paid_at),
        "shipped_at": _iso(when.shipped_at),
        "delivered_at": _iso(when.delivered_at),
        "cancelled_at": _iso(when.cancelled_at),
        "lines": lines,
        "shipping_minor": shipping,
        "discount_minor": plan.discount_minor,
        "tax_minor": tax,
        "payments": payments,
        "refunds": _refunds(plan, lines, payments, shipping),
        "shipments": _shipments(plan, merchant, rng),
        "address": dict(plan.shopper.address),
        "note": plan.note,
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _line(position: int, line: PlannedLine, locale: str) -> dict[str, Any]:
    return {
        "id": f"l-{position}",
        "product": line.product.id,
        "variant": line.variant.id,
        "title": line.product.title.get(locale, line.product.title["en"]),
        "options": dict(line.variant.options),
        "quantity": line.quantity,
        "unit_price_minor": line.variant.price_minor,
        "discount_minor": line.discount_minor,
        "tags": list(line.product.tags),
        "final_sale": line.product.final_sale,
    }


def _shipping(goods: int, plan: OrderPlan, merchant: DemoMerchant) -> int:
    fees = merchant.shipping
    if plan.shopper.country == "HK":
        return fees.near
    if plan.shopper.country != merchant.country:
        return fees.abroad
    if plan.express:
        return fees.express
    return 0 if goods >= fees.free_from else fees.standard


def _payments(total: int, plan: OrderPlan) -> list[dict[str, Any]]:
    amounts = [total]
    if len(plan.payments) == LINES_GO_TWO_WAYS:
        card = min(GIFT_CARD_SHARE_MOST, total // 2)
        amounts = [card, total - card]
    return [
        {
            "id": f"pay-{plan.number}-{position}",
            "method_id": method_id(plan.shopper, method),
            "method": method,
            "amount_minor": amount,
            "captured_at": _iso(plan.timeline.paid_at),
        }
        for position, (method, amount) in enumerate(zip(plan.payments, amounts, strict=True), start=1)
    ]


def method_id(shopper: Person, method: str) -> str:
    return f"m-{shopper.id.removeprefix('s-')}-{method.replace('_', '-')}"


def _refunds(
    plan: OrderPlan, lines: Sequence[dict[str, Any]], payments: Sequence[dict[str, Any]], shipping: int
) -> list[dict[str, Any]]:
    if plan.refunded == "none" or plan.timeline.refunded_at is None:
        return []
    if plan.refunded == "one":
        amount, given = lines[0]["unit_price_minor"], [{"id": lines[0]["id"], "quantity": 1}]
    else:
        paid = sum(payment["amount_minor"] for payment in payments)
        amount = paid if plan.refunded == "all" else paid - shipping
        given = [{"id": line["id"], "quantity": line["quantity"]} for line in lines]
    return [
        {
            "id": f"r-{plan.number}-1",
            "lines": given,
            "payments": _shares(amount, payments),
            "shipping_minor": shipping if plan.refunded == "all" else 0,
            "created_at": plan.timeline.refunded_at.isoformat(),
        }
    ]


def _shares(amount: int, payments: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Money goes back to the last payment first, so that a gift card is topped up only with what is left."""
    shares = []
    for payment in reversed(payments):
        part = min(amount, payment["amount_minor"])
        if part:
            shares.append({"id": payment["id"], "amount_minor": part})
            amount -= part
    return shares


def _shipments(plan: OrderPlan, merchant: DemoMerchant, rng: random.Random) -> list[dict[str, Any]]:
    """Furniture travels apart from small goods. Only a parcel of an order that is delivered as a whole has arrived,
    but of an order under way in two parcels the small one may be there already."""
    if plan.timeline.shipped_at is None:
        return []
    large = [position for position, line in enumerate(plan.lines, start=1) if line.product.category == "furniture"]
    small = [position for position in range(1, len(plan.lines) + 1) if position not in large]
    parcels = [(carrier_of(plan, merchant, large=group is large), group) for group in (small, large) if group]
    return [
        {
            "tracking": f"{prefix}{rng.randrange(10**9, 10**10)}",
            "carrier": carrier,
            "lines": [f"l-{position}" for position in group],
            "shipped_at": plan.timeline.shipped_at.isoformat(),
            "delivered_at": _iso(plan.timeline.delivered_at),
        }
        for (prefix, carrier), group in parcels
    ]


def carrier_of(plan: OrderPlan, merchant: DemoMerchant, *, large: bool) -> tuple[str, str]:
    """Prefix of the tracking number and name of the (invented) carrier, in the shopper's language."""
    chinese = plan.shopper.locale == "zh-hans"
    if large:
        return "HM", "暖居送装" if chinese else "Hearthmove"
    if plan.shopper.country != merchant.country:
        return "BK", "蓝鸢国际" if chinese else "Bluekite"
    if plan.express or merchant.country != "CN":
        return "SL", "疾叶速运" if chinese else "Swiftleaf"
    return "NG", "北门快递" if chinese else "Northgate"

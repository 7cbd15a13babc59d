"""Orders, shoppers and products as others see them: scoped query sets and canonical documents.

The canonical documents are those of the import, the API and the policy engine; times are given in the order's own
offset, because the rules count calendar days in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from django.db.models import Count, Q, QuerySet

from cs_portal.commerce.models import (
    MoneyBack,
    Order,
    OrderLine,
    OrderStatus,
    Payment,
    Product,
    Refund,
    Shipment,
    Shopper,
)
from cs_portal.commerce.money import sum_of, sum_parts


def orders_of(*, shopper: Shopper) -> QuerySet[Order]:
    """The shopper's orders, newest first, with everything that a document needs."""
    return (
        Order.objects.filter(shopper=shopper)
        .select_related("shopper")
        .prefetch_related("lines", "payments", "refunds", "shipments")
        .order_by("-placed_at", "-id")
    )


def latest_numbers(limit: int) -> list[str]:
    """The numbers of the newest orders: what an order number of this shop looks like."""
    return list(Order.objects.order_by("-placed_at", "-id").values_list("number", flat=True)[:limit])


def products_named(*, external_ids: Iterable[str]) -> QuerySet[Product]:
    return Product.objects.filter(external_id__in=set(external_ids)).prefetch_related("variants")


def active_products() -> QuerySet[Product]:
    return Product.objects.filter(status="active").prefetch_related("variants").order_by("id")


def total_minor(order: Order) -> int:
    """What the shopper pays: lines less discounts, plus shipping and tax on top."""
    lines = sum(line.quantity * line.unit_price_minor - line.discount_minor for line in order.lines.all())
    return max(0, lines - order.discount_minor + order.shipping_minor + order.tax_minor)


def order_document(order: Order, *, captured_only: bool = False) -> dict[str, Any]:
    """The canonical order. The rules get ``captured_only`` payments: what was never taken cannot be given back."""
    return _order_document(
        order,
        shopper=order.shopper.external_id or str(order.shopper.public_id),
        lines=order.lines.all(),
        payments=order.payments.all(),
        refunds=order.refunds.all(),
        shipments=order.shipments.all(),
        captured_only=captured_only,
    )


def order_documents(*, ids: Collection[int], captured_only: bool = False) -> dict[int, dict[str, Any]]:
    """The canonical orders by primary key, in six queries however many they are, and without their model instances."""
    rows = Order.objects.filter(pk__in=ids).order_by().values_list(*_ORDER_COLUMNS, named=True)
    orders = list(rows)
    found = Shopper.objects.filter(pk__in={row.shopper_id for row in orders})
    shoppers = {
        pk: code or str(public_id) for pk, code, public_id in found.values_list("pk", "external_id", "public_id")
    }
    parts = [_parts_of_orders(model, columns, ids) for model, columns in _PARTS]
    return {
        row.id: _order_document(
            row,
            shopper=shoppers[row.shopper_id],
            lines=parts[0].get(row.id, ()),
            payments=parts[1].get(row.id, ()),
            refunds=parts[2].get(row.id, ()),
            shipments=parts[3].get(row.id, ()),
            captured_only=captured_only,
        )
        for row in orders
    }


def _parts_of_orders(model: Any, columns: tuple[str, ...], ids: Collection[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    rows = model.objects.filter(order_id__in=ids).values_list("order_id", *columns, named=True)
    for row in rows:
        found.setdefault(row.order_id, []).append(row)
    return found


_ORDER_COLUMNS = (
    *("id", "shopper_id", "number", "storefront", "currency", "status", "items_modified", "utc_offset_minutes"),
    *("placed_at", "paid_at", "shipped_at", "delivered_at", "cancelled_at"),
    *("shipping_minor", "discount_minor", "tax_minor", "address", "note"),
)
_PARTS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (
        OrderLine,
        (
            *("external_id", "product", "variant", "title", "options", "quantity"),
            *("unit_price_minor", "discount_minor", "tags", "final_sale"),
        ),
    ),
    (Payment, ("external_id", "method_id", "method", "amount_minor", "captured_at")),
    (Refund, ("external_id", "lines", "payments", "shipping_minor", "created_at")),
    (Shipment, ("tracking", "carrier", "lines", "shipped_at", "delivered_at")),
)


def _order_document(
    order: Any,
    *,
    shopper: str,
    lines: Iterable[Any],
    payments: Iterable[Any],
    refunds: Iterable[Any],
    shipments: Iterable[Any],
    captured_only: bool,
) -> dict[str, Any]:
    """``order`` and its parts may be model instances or rows with the same attributes."""
    zone, written = timezone(timedelta(minutes=order.utc_offset_minutes)), dict[datetime, str]()

    def local(at: datetime | None) -> str | None:
        if at is None:
            return None
        if at not in written:
            written[at] = at.astimezone(zone).isoformat()
        return written[at]

    return {
        "number": order.number,
        "shopper": shopper,
        "storefront": order.storefront,
        "currency": order.currency,
        "status": order.status,
        "items_modified": order.items_modified,
        "placed_at": local(order.placed_at),
        "paid_at": local(order.paid_at),
        "shipped_at": local(order.shipped_at),
        "delivered_at": local(order.delivered_at),
        "cancelled_at": local(order.cancelled_at),
        "lines": [
            {
                "id": line.external_id,
                "product": line.product,
                "variant": line.variant,
                "title": line.title,
                "options": line.options,
                "quantity": line.quantity,
                "unit_price_minor": line.unit_price_minor,
                "discount_minor": line.discount_minor,
                "tags": line.tags,
                "final_sale": line.final_sale,
            }
            for line in lines
        ],
        "shipping_minor": order.shipping_minor,
        "discount_minor": order.discount_minor,
        "tax_minor": order.tax_minor,
        "payments": [
            {
                "id": payment.external_id,
                "method_id": payment.method_id,
                "method": payment.method,
                "amount_minor": payment.amount_minor,
                "captured_at": local(payment.captured_at),
            }
            for payment in payments
            if payment.captured_at is not None or not captured_only
        ],
        "refunds": [
            {
                "id": refund.external_id,
                "lines": refund.lines,
                "payments": refund.payments,
                "shipping_minor": refund.shipping_minor,
                "created_at": local(refund.created_at),
            }
            for refund in refunds
        ],
        "shipments": [
            {
                "tracking": shipment.tracking,
                "carrier": shipment.carrier,
                "lines": shipment.lines,
                "shipped_at": local(shipment.shipped_at),
                "delivered_at": local(shipment.delivered_at),
            }
            for shipment in shipments
        ],
        "address": order.address or None,
        "note": order.note,
    }


def shopper_document(shopper: Shopper, *, now: datetime) -> dict[str, Any]:
    """The canonical shopper, with figures computed from the orders."""
    return shopper_documents([shopper], now=now)[shopper.pk]


@dataclass(frozen=True, slots=True)
class Figures:
    """What a shopper's orders come to: those not cancelled, money that stayed with the shop, refunds of late."""

    orders: int = 0
    value_minor: int = 0
    refunds_90_days: int = 0


def shopper_figures(*, ids: Collection[int], now: datetime) -> Mapping[int, Figures]:
    """By primary key, in two queries however many they are; a shopper without orders has none."""
    orders = Order.objects.filter(shopper__among=ids).order_by().values("shopper_id")
    # Money that only changed its way is no refund of the shopper's.
    counted = [MoneyBack.REFUND, MoneyBack.CANCEL, MoneyBack.RETURN]
    since = now - timedelta(days=90)
    recent = orders.filter(refunds__created_at__gte=since, refunds__because__in=counted).annotate(n=Count("refunds"))
    refunds = {row["shopper_id"]: row["n"] for row in recent}
    found = defaultdict[int, Figures](Figures)
    for row in orders.annotate(
        orders=Count("id", filter=~Q(status=OrderStatus.CANCELLED)),
        **sum_parts("paid", "paid_minor"),
        **sum_parts("refunded", "refunded_minor"),
    ):
        key = row["shopper_id"]
        found[key] = Figures(row["orders"], sum_of(row, "paid") - sum_of(row, "refunded"), refunds.get(key, 0))
    return found


def shopper_documents(shoppers: Iterable[Shopper], *, now: datetime) -> dict[int, dict[str, Any]]:
    """The canonical shoppers by primary key, in two queries however many they are."""
    rows = {shopper.pk: shopper for shopper in shoppers}
    figures = shopper_figures(ids=rows, now=now)
    return {key: _shopper_document(shopper, figures[key]) for key, shopper in rows.items()}


def _shopper_document(shopper: Shopper, figures: Figures) -> dict[str, Any]:
    return {
        "id": shopper.external_id or str(shopper.public_id),
        "name": shopper.name,
        "email": shopper.email,
        "phone": shopper.phone,
        "locale": shopper.locale,
        "tags": shopper.tags,
        "created_at": shopper.created_at.isoformat(),
        "orders_count": figures.orders,
        "refunds_90_days": figures.refunds_90_days,
        "lifetime_value_minor": figures.value_minor,
        "payment_methods": shopper.payment_methods,
    }


def product_document(product: Product) -> dict[str, Any]:
    """The canonical product."""
    return {
        "id": product.external_id,
        "title": {"en": product.title_en, "zh-hans": product.title_zh},
        "category": product.category,
        "tags": product.tags,
        "status": product.status,
        "consumable": product.consumable,
        "url": product.url,
        "image": product.image,
        "variants": [
            {
                "id": variant.external_id,
                "options": variant.options,
                "price_minor": variant.price_minor,
                "currency": variant.currency,
                "stock": variant.stock,
            }
            for variant in product.variants.all()
        ],
    }

"""Orders, shoppers and products as others see them: scoped query sets and canonical documents.

The canonical documents are those of the import, the API and the policy engine; times are given in the order's own
offset, because the rules count calendar days in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from cs_portal.commerce.models import Order, OrderStatus, Product, Shopper


def orders_of(*, shopper: Shopper) -> QuerySet[Order]:
    """The shopper's orders, newest first, with everything that a document needs."""
    return (
        Order.objects.filter(shopper=shopper)
        .select_related("shopper")
        .prefetch_related("lines", "payments", "refunds", "shipments")
        .order_by("-placed_at", "-id")
    )


def products_named(*, external_ids: Iterable[str]) -> QuerySet[Product]:
    return Product.objects.filter(external_id__in=set(external_ids)).prefetch_related("variants")


def active_products() -> QuerySet[Product]:
    return Product.objects.filter(status="active").prefetch_related("variants").order_by("id")


def total_minor(order: Order) -> int:
    """What the shopper pays: lines less discounts, plus shipping and tax on top."""
    lines = sum(line.quantity * line.unit_price_minor - line.discount_minor for line in order.lines.all())
    return max(0, lines - order.discount_minor + order.shipping_minor + order.tax_minor)


def order_document(order: Order) -> dict[str, Any]:
    """The canonical order."""
    zone = timezone(timedelta(minutes=order.utc_offset_minutes))

    def local(at: datetime | None) -> str | None:
        return None if at is None else at.astimezone(zone).isoformat()

    return {
        "number": order.number,
        "shopper": order.shopper.external_id or str(order.shopper.public_id),
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
            for line in order.lines.all()
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
            for payment in order.payments.all()
        ],
        "refunds": [
            {
                "id": refund.external_id,
                "lines": refund.lines,
                "payments": refund.payments,
                "shipping_minor": refund.shipping_minor,
                "created_at": local(refund.created_at),
            }
            for refund in order.refunds.all()
        ],
        "shipments": [
            {
                "tracking": shipment.tracking,
                "carrier": shipment.carrier,
                "lines": shipment.lines,
                "shipped_at": local(shipment.shipped_at),
                "delivered_at": local(shipment.delivered_at),
            }
            for shipment in order.shipments.all()
        ],
        "address": order.address or None,
        "note": order.note,
    }


def shopper_document(shopper: Shopper, *, now: datetime) -> dict[str, Any]:
    """The canonical shopper, with figures computed from the orders."""
    figures = Order.objects.filter(shopper=shopper).aggregate(
        orders=Count("id", distinct=True, filter=~Q(status=OrderStatus.CANCELLED)),
        paid=Sum("paid_minor", default=0),
        refunded=Sum("refunded_minor", default=0),
    )
    refunds = Order.objects.filter(shopper=shopper, refunds__created_at__gte=now - timedelta(days=90)).aggregate(
        n=Count("refunds")
    )
    return {
        "id": shopper.external_id or str(shopper.public_id),
        "name": shopper.name,
        "email": shopper.email,
        "phone": shopper.phone,
        "locale": shopper.locale,
        "tags": shopper.tags,
        "created_at": shopper.created_at.isoformat(),
        "orders_count": figures["orders"],
        "refunds_90_days": refunds["n"],
        "lifetime_value_minor": figures["paid"] - figures["refunded"],
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

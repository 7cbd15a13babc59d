"""The shopper's records as the engine sees them: facts, and the personal values that must not leave the house."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bots.types import (
    LineFacts,
    OrderFacts,
    PersonalValues,
    ProductFacts,
    RefundFacts,
    ShipmentFacts,
)
from cs_portal.commerce.models import Order, Product, Shopper
from cs_portal.commerce.selectors import total_minor
from cs_portal.drafting.wanted_variants import named_variants


def order_facts(order: Order) -> OrderFacts:
    return OrderFacts(
        number=order.number,
        status=order.status,
        currency=order.currency,
        total_minor=total_minor(order),
        refundable_minor=order.paid_minor - order.refunded_minor,
        placed_at=order.placed_at,
        paid_at=order.paid_at,
        shipped_at=order.shipped_at,
        delivered_at=order.delivered_at,
        cancelled_at=order.cancelled_at,
        lines=tuple(
            LineFacts(line.title, line.quantity, line.unit_price_minor, line.options) for line in order.lines.all()
        ),
        shipments=tuple(
            ShipmentFacts(shipment.carrier, shipment.tracking, shipment.shipped_at, shipment.delivered_at)
            for shipment in order.shipments.all()
        ),
        refunds=tuple(RefundFacts(refund.amount_minor, refund.created_at) for refund in order.refunds.all()),
        payment_methods=tuple(payment.method for payment in order.payments.all()),
        address=order.address or {},
    )


def product_facts(product: Product, said: str = "") -> ProductFacts:
    """A product at its cheapest variant; ``stock`` is the sum over its variants, or over those that ``said`` names."""
    variants, named = named_variants(list(product.variants.all()), said)
    cheapest = min(variants, key=lambda variant: variant.price_minor)
    options = f" ({', '.join(named)})" if named else ""
    return ProductFacts(
        id=product.external_id,
        title={"en": product.title_en + options, "zh-hans": (product.title_zh or product.title_en) + options},
        price_minor=cheapest.price_minor,
        currency=cheapest.currency,
        stock=sum(variant.stock for variant in variants),
        url=product.url,
        category=product.category,
        description={"en": product.description_en, "zh-hans": product.description_zh},
    )


def products_facts(products: Iterable[Product], said: str = "") -> tuple[ProductFacts, ...]:
    return tuple(product_facts(product, said) for product in products if product.variants.all())


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value.strip() for value in values if value and value.strip()))


def personal_values(shopper: Shopper, orders: Sequence[Order], *, email: str = "") -> PersonalValues:
    """Everything that the shopper's record and their orders hold about them."""
    addresses = [order.address for order in orders if order.address]
    return PersonalValues(
        names=_distinct([shopper.name, *(address.get("name", "") for address in addresses)]),
        emails=_distinct([shopper.email, email]),
        phones=_distinct([shopper.phone, *(address.get("phone", "") for address in addresses)]),
        addresses=_distinct(
            address.get(part, "") for address in addresses for part in ("line1", "line2", "postal_code")
        ),
        order_numbers=_distinct(order.number for order in orders),
        trackings=_distinct(shipment.tracking for order in orders for shipment in order.shipments.all()),
    )

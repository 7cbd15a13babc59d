"""Rows of products and orders as the shop's templates read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext

from cs_portal.commerce.models import Order, OrderLine, OrderStatus, Product, Variant
from cs_portal.commerce.money import format_minor
from cs_portal.commerce.selectors import total_minor
from cs_portal.demo.catalogue import label

LOW_STOCK = 5


@dataclass(frozen=True, slots=True)
class Card:
    id: str
    title: str
    price: str
    from_price: bool
    picture: str
    badge: str
    choices: str
    sold_out: bool


@dataclass(frozen=True, slots=True)
class Choice:
    label: str
    url: str
    current: bool
    sold_out: bool


def price(amount_minor: int, currency: str) -> str:
    """As on a price tag: ``¥43``, ``¥43.50``."""
    return format_minor(amount_minor, currency).removesuffix(".00")


def picture_url(variant_id: str) -> str:
    return reverse("shop:picture", args=[variant_id])


def title(product: Product, locale: str) -> str:
    return product.title_zh if locale == "zh-hans" else product.title_en


def description(product: Product, locale: str) -> str:
    return product.description_zh if locale == "zh-hans" else product.description_en


def options_text(options: Mapping[str, str], locale: str) -> str:
    return " · ".join(label("value", value, locale) for value in options.values())


def card(product: Product, locale: str) -> Card:
    variants = list(product.variants.all())
    prices = {variant.price_minor for variant in variants}
    return Card(
        id=product.external_id,
        title=title(product, locale),
        price=price(min(prices), variants[0].currency),
        from_price=len(prices) > 1,
        picture=picture_url(variants[0].external_id),
        badge=_badge(product),
        choices=_choices_text(variants, locale),
        sold_out=all(variant.stock == 0 for variant in variants),
    )


def _badge(product: Product) -> str:
    for tag, text in (
        ("clearance", gettext("Clearance")),
        ("new", gettext("New")),
        ("bestseller", gettext("Bestseller")),
    ):
        if tag in product.tags:
            return text
    return ""


def _choices_text(variants: list[Variant], locale: str) -> str:
    """The values of the first option that offers a choice: "Forest, Cream, Ocean"."""
    for name in variants[0].options:
        values = list(dict.fromkeys(variant.options[name] for variant in variants))
        if len(values) > 1:
            comma = "、" if locale == "zh-hans" else ", "
            return comma.join(label("value", value, locale) for value in values)
    return ""


def choices(product: Product, current: Variant, locale: str) -> list[tuple[str, list[Choice]]]:
    """Per option its name and values; each leads to the variant that differs from ``current`` in that value only."""
    variants = list(product.variants.all())
    rows = []
    for name in current.options:
        values = dict.fromkeys(variant.options[name] for variant in variants)
        picked = [(value, _with_value(variants, current, name, value)) for value in values]
        rows.append(
            (
                label("option", name, locale),
                [
                    Choice(
                        label=label("value", value, locale),
                        url=f"{reverse('shop:product', args=[product.external_id])}?variant={variant.external_id}",
                        current=variant.pk == current.pk,
                        sold_out=variant.stock == 0,
                    )
                    for value, variant in picked
                ],
            )
        )
    return rows


def _with_value(variants: list[Variant], current: Variant, name: str, value: str) -> Variant:
    wanted = {**current.options, name: value}
    return next(variant for variant in variants if variant.options == wanted)


@dataclass(frozen=True, slots=True)
class LineView:
    title: str
    options: str
    quantity: int
    amount: str
    picture: str
    product: str


@dataclass(frozen=True, slots=True)
class Step:
    label: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OrderView:
    number: str
    status: str
    status_code: str
    lines: list[LineView]
    steps: list[Step]
    parcels: list[tuple[str, str]]
    payments: list[str]
    total: str
    refunded: str
    address: str


def order_view(order: Order, locale: str) -> OrderView:
    refunded = order.refunded_minor
    return OrderView(
        number=order.number,
        status=str(OrderStatus(order.status).label),
        status_code=order.status,
        lines=[_line(line, order.currency, locale) for line in order.lines.all()],
        steps=_steps(order),
        parcels=[(parcel.carrier, parcel.tracking) for parcel in order.shipments.all()],
        payments=[str(payment.get_method_display()) for payment in order.payments.all()],
        total=price(total_minor(order), order.currency),
        refunded=price(refunded, order.currency) if refunded else "",
        address=address_text(order.address, locale),
    )


def _line(line: OrderLine, currency: str, locale: str) -> LineView:
    return LineView(
        title=line.title,
        options=options_text(line.options, locale),
        quantity=line.quantity,
        amount=price(line.quantity * line.unit_price_minor - line.discount_minor, currency),
        picture=picture_url(line.variant),
        product=line.product,
    )


def _steps(order: Order) -> list[Step]:
    moments = (
        (gettext("Placed"), order.placed_at),
        (gettext("Paid"), order.paid_at),
        (gettext("Shipped"), order.shipped_at),
        (gettext("Delivered"), order.delivered_at),
        (gettext("Cancelled"), order.cancelled_at),
    )
    return [Step(name, at) for name, at in moments if at is not None]


def address_text(address: Mapping[str, str], locale: str) -> str:
    """One line, from large to small in Chinese and from small to large in English."""
    parts = [address.get(key, "") for key in ("line1", "line2", "city", "region", "postal_code")]
    if locale == "zh-hans":
        line1, line2, city, region, postal_code = parts
        place = city if city == region else f"{region} {city}"
        return " ".join(part for part in (place, line1, line2, postal_code, address.get("name", "")) if part)
    shown = list(dict.fromkeys(part for part in (address.get("name", ""), *parts) if part))
    return ", ".join(shown)

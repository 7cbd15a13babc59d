"""What a draft rests on, as the operator reads it: each piece in both languages, with a reference that links use."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bots.types import FaqHit
from cs_portal.commerce.models import Order, OrderStatus, PaymentMethod, Product
from cs_portal.commerce.money import format_minor
from cs_portal.commerce.selectors import total_minor
from cs_portal.merchants.models import Locale

Texts = dict[str, str]
Field = dict[str, Any]


def in_both(render: Callable[[], object]) -> Texts:
    """Render a text once per language."""
    texts: Texts = {}
    for locale in Locale.values:
        with translation.override(locale):
            texts[locale] = str(render())
    return texts


def order_fields(order: Order, zone: ZoneInfo) -> list[Field]:
    """The facts of an order that may change under a draft, in a stable order."""

    def at(moment: datetime) -> Texts:
        return in_both(lambda: date_format(moment.astimezone(zone), "SHORT_DATETIME_FORMAT"))

    fields: list[Field] = [
        {
            "key": "status",
            "label": in_both(lambda: _("Status")),
            "value": in_both(lambda: OrderStatus(order.status).label),
        }
    ]
    for key, label, moment in (
        ("placed_at", lambda: _("Placed"), order.placed_at),
        ("paid_at", lambda: _("Paid"), order.paid_at),
        ("shipped_at", lambda: _("Shipped"), order.shipped_at),
        ("delivered_at", lambda: _("Delivered"), order.delivered_at),
        ("cancelled_at", lambda: _("Cancelled"), order.cancelled_at),
    ):
        if moment is not None:
            fields.append({"key": key, "label": in_both(label), "value": at(moment)})
    amounts = [
        ("total", lambda: _("Total"), total_minor(order)),
        ("refunded", lambda: _("Refunded"), order.refunded_minor),
    ]
    for key, label, minor in amounts:
        if minor:
            text = format_minor(minor, order.currency)
            fields.append({"key": key, "label": in_both(label), "value": dict.fromkeys(Locale.values, text)})
    for payment in order.payments.all():
        text = format_minor(payment.amount_minor, order.currency)
        fields.append(
            {
                "key": f"payment:{payment.external_id}",
                "label": in_both(lambda payment=payment: PaymentMethod(payment.method).label),  # type: ignore[misc]
                "value": dict.fromkeys(Locale.values, text),
            }
        )
    for shipment in order.shipments.all():
        text = f"{shipment.carrier} {shipment.tracking}".strip()
        fields.append(
            {
                "key": f"shipment:{shipment.tracking}",
                "label": in_both(lambda: _("Shipment")),
                "value": dict.fromkeys(Locale.values, text),
            }
        )
    return fields


def _faq(hit: FaqHit, details: Mapping[str, Any]) -> dict[str, Any]:
    """``details``: which of the FAQ's answers it is, for whom it was written, and the case that it was chosen for."""
    entry = hit.entry
    return {
        **details,
        "ref": f"faq:{entry.id}:{entry.revision}",
        "kind": "faq",
        "title": dict.fromkeys(Locale.values, entry.question),
        "text": dict.fromkeys(Locale.values, entry.answer),
        "score": round(hit.score, 3),
        "phrasing": hit.phrasing,
        "locale": entry.language,
        "fields": [],
    }


def _order(order: Order, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "ref": f"order:{order.number}",
        "kind": "order",
        "title": in_both(lambda: _("Order %(number)s") % {"number": order.number}),
        "fields": order_fields(order, zone),
        "lines": [
            {"title": line.title, "quantity": line.quantity, "options": line.options} for line in order.lines.all()
        ],
    }


def _product(product: Product) -> dict[str, Any]:
    variants = list(product.variants.all())
    cheapest = min(variants, key=lambda variant: variant.price_minor)
    stock = sum(variant.stock for variant in variants)
    price = format_minor(cheapest.price_minor, cheapest.currency)
    return {
        "ref": f"product:{product.external_id}",
        "kind": "product",
        "title": {"en": product.title_en, "zh-hans": product.title_zh or product.title_en},
        "url": product.url,
        "fields": [
            {"key": "price", "label": in_both(lambda: _("Price")), "value": dict.fromkeys(Locale.values, price)},
            {"key": "stock", "label": in_both(lambda: _("Stock")), "value": {loc: str(stock) for loc in Locale.values}},
        ],
    }


def gather(
    *,
    hits: Iterable[FaqHit],
    details: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
    orders: Sequence[Order],
    products: Iterable[Product],
    verdict: dict[str, Any] | None,
    action: str | None,
    zone: ZoneInfo,
) -> list[dict[str, Any]]:
    """Evidence in the order in which an operator looks: the verdict, the order, answers, products."""
    pieces: list[dict[str, Any]] = []
    if verdict is not None:
        pieces.append(
            {
                "ref": f"verdict:{action}",
                "kind": "verdict",
                "title": in_both(lambda: _("Verdict")),
                "text": verdict.get("reasons", {}),
                "fields": [],
            }
        )
    pieces += [_order(order, zone) for order in orders]
    pieces += [_faq(hit, details.get(hit.entry.id, {})) for hit in hits]
    pieces += [_product(product) for product in products if product.variants.all()]
    return pieces

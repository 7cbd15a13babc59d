"""Shopify's JSON into canonical documents: pure, strict, and without a word to the database.

Ids are Shopify's own as text; :mod:`cs_portal.integrations.services.webhooks` puts those in their place that a CSV
brought before. Raises :class:`Malformed` for what is not what Shopify documents.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cs_portal.commerce.canonical import moment_or_none
from cs_portal.commerce.imports.sources.base import UNTRACKED_STOCK, Buyer, locale_of, minor_of
from cs_portal.commerce.imports.sources.shopify import method_of, order_number

_PAID = {"paid", "partially_refunded", "refunded", "partially_paid"}
#: The CSV numbers an order's payment so, too: refunds that were imported go on pointing at it.
PAYMENT = "p-1"


class Malformed(ValueError):
    """The payload lacks something, or holds something else than Shopify says it does."""


@dataclass(frozen=True, slots=True)
class ShopOrder:
    """``skus`` are the SKUs of the lines by line id; ``refunds`` may repeat or lack what is known here."""

    document: dict[str, Any]
    refunds: list[dict[str, Any]]
    buyer: Buyer
    updated_at: datetime
    skus: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ShopProduct:
    """``skus`` by variant id; ``handle`` is what a CSV calls the product."""

    document: dict[str, Any]
    handle: str
    skus: Mapping[str, str]
    updated_at: datetime


def order_of(data: Mapping[str, Any], *, storefront: str = "") -> ShopOrder:
    currency = _text(data, "currency").upper()
    number = order_number(_text(data, "name"))
    lines = [_line(item, currency) for item in _items(data, "line_items")]
    buyer = _buyer(data, number)
    document: dict[str, Any] = {
        "number": number,
        "shopper": buyer.id,
        "storefront": storefront,
        "currency": currency,
        "status": _status(data),
        "placed_at": _text(data, "created_at"),
        "cancelled_at": data.get("cancelled_at"),
        "lines": lines,
        **_amounts(data, lines, currency),
        "payments": _payments(data, currency),
        "shipments": list(_shipments(data, {line["id"] for line in lines})),
        "address": _address(data.get("shipping_address")),
        "note": str(data.get("note") or "")[:4000],
    }
    captured = [payment["captured_at"] for payment in document["payments"] if payment["captured_at"]]
    sent = [each["shipped_at"] for each in document["shipments"]]
    document["paid_at"] = captured[0] if captured else None
    document["shipped_at"] = min(sent, key=_moment) if sent else None
    refunds = [refund_of(each, currency) for each in _items(data, "refunds", required=False)]
    skus = {str(item["id"]): str(item.get("sku") or "") for item in _items(data, "line_items")}
    return ShopOrder(document, [r for r in refunds if r["payments"]], buyer, _moment(_text(data, "updated_at")), skus)


def refund_of(data: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """A canonical refund; without payments where no money moved (goods were only taken back)."""
    amount = 0
    for transaction in _items(data, "transactions", required=False):
        if transaction.get("kind") == "refund" and transaction.get("status") == "success":
            amount += _minor(transaction.get("amount"), currency)
    pieces: dict[str, int] = {}
    for item in _items(data, "refund_line_items", required=False):
        line = str(item.get("line_item_id") or "")
        pieces[line] = pieces.get(line, 0) + _pieces(item, 0)
    return {
        "id": _text(data, "id"),
        "lines": [{"id": line, "quantity": count} for line, count in pieces.items() if line and count > 0],
        "payments": [{"id": PAYMENT, "amount_minor": amount}] if amount > 0 else [],
        "created_at": _text(data, "created_at"),
    }


def product_of(data: Mapping[str, Any], *, currency: str) -> ShopProduct:
    title = _text(data, "title")[:200]
    names = [str(each.get("name") or "") for each in _items(data, "options", required=False)]
    variants = list(_items(data, "variants"))
    image = data.get("image")
    document = {
        "id": _text(data, "id"),
        "title": {"zh-hans": title} if locale_of(title) == "zh-hans" else {"en": title},
        "category": str(data.get("product_type") or "")[:60],
        "tags": [tag for part in str(data.get("tags") or "").split(",") if (tag := part.strip()[:40])][:50],
        "status": {"unlisted": "draft"}.get(text := str(data.get("status") or "active"), text),
        "image": str(image.get("src") or "") if isinstance(image, dict) else "",
        "variants": [_variant(each, names, currency) for each in variants],
    }
    skus = {str(each["id"]): str(each.get("sku") or "") for each in variants}
    return ShopProduct(document, str(data.get("handle") or ""), skus, _moment(_text(data, "updated_at")))


def _variant(data: Mapping[str, Any], names: list[str], currency: str) -> dict[str, Any]:
    values = [str(data.get(f"option{number}") or "") for number in (1, 2, 3)]
    named = [(n[:60], v[:120]) for n, v in zip(names, values, strict=False) if n and v]
    tracked = bool(data.get("inventory_management"))
    stock = data.get("inventory_quantity")
    return {
        "id": _text(data, "id"),
        "options": {} if named == [("Title", "Default Title")] else dict(named),
        "price_minor": _minor(data.get("price"), currency),
        "currency": currency,
        "stock": max(0, stock) if tracked and isinstance(stock, int) else 0 if tracked else UNTRACKED_STOCK,
    }


def _line(data: Mapping[str, Any], currency: str) -> dict[str, Any]:
    off = sum(_minor(each.get("amount"), currency) for each in _items(data, "discount_allocations", required=False))
    variant = str(data.get("variant_id") or data.get("sku") or data.get("title") or "")[:64]
    return {
        "id": _text(data, "id"),
        "product": str(data.get("product_id") or variant),
        "variant": variant,
        "title": (str(data.get("name") or "") or _text(data, "title"))[:200],
        "quantity": _pieces(data),
        "unit_price_minor": _minor(data.get("price"), currency),
        "discount_minor": off,
    }


def _amounts(data: Mapping[str, Any], lines: list[dict[str, Any]], currency: str) -> dict[str, int]:
    worth = sum(line["quantity"] * line["unit_price_minor"] - line["discount_minor"] for line in lines)
    subtotal = _minor(data.get("subtotal_price") or "0", currency)
    shipping = sum(_minor(each.get("price"), currency) for each in _items(data, "shipping_lines", required=False))
    taxes = 0 if data.get("taxes_included") else _minor(data.get("total_tax") or "0", currency)
    return {"discount_minor": max(0, worth - subtotal), "shipping_minor": shipping, "tax_minor": taxes}


def _payments(data: Mapping[str, Any], currency: str) -> list[dict[str, Any]]:
    state = str(data.get("financial_status") or "")
    amount = _minor(data.get("total_price"), currency)
    if state == "partially_paid":
        amount = max(0, amount - _minor(data.get("total_outstanding") or "0", currency))
    if amount == 0 or state == "voided":
        return []
    gateways = data.get("payment_gateway_names") or []
    if not isinstance(gateways, list):
        raise Malformed("payment_gateway_names")
    captured = data.get("processed_at") or data.get("created_at")
    return [
        {
            "id": PAYMENT,
            "method": method_of(" + ".join(map(str, gateways))),
            "amount_minor": amount,
            "captured_at": captured if state in _PAID else None,
        }
    ]


def _shipments(data: Mapping[str, Any], known: set[str]) -> Iterator[dict[str, Any]]:
    for each in _items(data, "fulfillments", required=False):
        if each.get("status") == "success":
            held = [str(item.get("id")) for item in _items(each, "line_items", required=False)]
            yield {
                "tracking": str(each.get("tracking_number") or "")[:64],
                "carrier": str(each.get("tracking_company") or "")[:60],
                "lines": [line for line in held if line in known],
                "shipped_at": _text(each, "created_at"),
                "delivered_at": _text(each, "updated_at") if each.get("shipment_status") == "delivered" else None,
            }


def _status(data: Mapping[str, Any]) -> str:
    if data.get("cancelled_at"):
        return "cancelled"
    parcels = [each for each in _items(data, "fulfillments", required=False) if each.get("status") == "success"]
    fulfilment = data.get("fulfillment_status")
    if fulfilment == "fulfilled":
        delivered = parcels and all(each.get("shipment_status") == "delivered" for each in parcels)
        return "delivered" if delivered else "shipped"
    return "processing" if fulfilment == "partial" else "pending"


def _buyer(data: Mapping[str, Any], number: str) -> Buyer:
    person = data.get("customer") if isinstance(data.get("customer"), dict) else {}
    assert isinstance(person, dict)
    email = str(person.get("email") or data.get("email") or "").lower()
    name = " ".join(str(person.get(part) or "") for part in ("first_name", "last_name")).strip()
    known = str(person.get("id") or "") or email or f"guest-{number}"
    phone = str(person.get("phone") or data.get("phone") or "")
    return Buyer(known[:64], name[:120], email, phone[:40], locale_of(name))


def _address(data: Any) -> dict[str, str] | None:
    if not isinstance(data, dict):
        return None
    names = {
        "name": "name",
        "line1": "address1",
        "line2": "address2",
        "city": "city",
        "region": "province",
        "postal_code": "zip",
        "country": "country_code",
        "phone": "phone",
    }
    return {ours: str(data.get(theirs) or "")[:200] for ours, theirs in names.items()}


def _items(data: Mapping[str, Any], key: str, *, required: bool = True) -> list[dict[str, Any]]:
    value = data.get(key)
    if value is None and not required:
        return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise Malformed(key)
    return value


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    if isinstance(value, bool) or not isinstance(value, (str, int)) or value == "":
        raise Malformed(key)
    return str(value)


def _pieces(data: Mapping[str, Any], absent: int | None = None) -> int:
    value = data.get("quantity")
    if value is None:
        value = absent
    if isinstance(value, bool) or not isinstance(value, int):
        raise Malformed("quantity")
    return value


def _minor(value: Any, currency: str) -> int:
    minor = minor_of(str(value), currency) if isinstance(value, (str, int, float)) else None
    if minor is None or minor < 0:
        raise Malformed("amount")
    return minor


def _moment(text: str) -> datetime:
    at = moment_or_none(text)
    if at is None:
        raise Malformed("time")
    return at

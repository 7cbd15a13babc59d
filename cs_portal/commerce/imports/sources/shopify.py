"""Shopify's CSV exports: products over several rows by handle, orders over several rows by name.

Only an order's first row carries its totals. The file knows no line ids, so lines are numbered; no product ids, so they
are looked up by SKU; and no date of a refund, so that the last date that the order has stands for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from cs_portal.commerce.imports.reading import Row
from cs_portal.commerce.imports.sources.base import (
    Buyer,
    Converted,
    Extra,
    Settings,
    Source,
    cells_of,
    grouped_by,
    latest_of,
    listed,
    locale_of,
    minor_of,
    money,
    options_cell,
    pieces_of,
    stock_of,
    title_cells,
)
from cs_portal.commerce.models import ImportKind, PaymentMethod

# --- products ------------------------------------------------------------------------------------------------------

#: Columns under the names of the newer export, and under those that this module reads.
_RENAMED = {
    "url handle": "handle",
    "sku": "variant sku",
    "price": "variant price",
    "inventory quantity": "variant inventory qty",
    "inventory tracker": "variant inventory tracker",
    "product image url": "image src",
    "published on online store": "published",
}


def _product_rows(rows: Iterable[Row]) -> Iterable[Row]:
    for row in rows:
        yield Row(
            row.line, {_RENAMED.get(name, name): value for name, value in row.cells.items()}, row.broken, row.unstorable
        )


def _products(rows: Sequence[Row], settings: Settings) -> Converted:
    found: list[Row] = []
    first = cells_of(rows[0])
    names = [first.get(f"option{n} name", "") for n in (1, 2, 3)]
    for number, row in enumerate(rows):
        cells = cells_of(row)
        own = _product_cells(cells) if number == 0 else {}
        values = [cells.get(f"option{n} value", "") for n in (1, 2, 3)]
        if cells.get("variant price") or any(values):
            own |= _variant_cells(cells, list(zip(names, values, strict=True)), settings)
        found.append(Row(row.line, {"id": first.get("handle", ""), **own}, row.broken, row.unstorable))
    return Converted(found)


def _product_cells(cells: Mapping[str, str]) -> dict[str, str]:
    published = cells.get("published", "").lower()
    status = cells.get("status", "").lower() or ("draft" if published == "false" else "active")
    return {
        **title_cells(cells.get("title", "")),
        "category": (cells.get("type") or cells.get("product category", "").rpartition(" > ")[2])[:60],
        "tags": listed(cells.get("tags", "")),
        "status": "draft" if status == "unlisted" else status,
        "image": cells.get("image src", ""),
    }


def _variant_cells(cells: Mapping[str, str], options: list[tuple[str, str]], settings: Settings) -> dict[str, str]:
    given = [(name, value) for name, value in options if (name, value) != ("Title", "Default Title")]
    suffix = "/".join(value for _name, value in given if value)
    own = "/".join(part for part in (cells.get("handle", ""), suffix) if part)
    tracked = bool(cells.get("variant inventory tracker"))
    return {
        "variant_id": (cells.get("variant sku") or own)[:64],
        "options": options_cell(given),
        **money("price_minor", cells.get("variant price", ""), settings.currency),
        "currency": settings.currency,
        "stock": stock_of(cells.get("variant inventory qty", "") if tracked else "", tracked=tracked),
    }


PRODUCTS = Source(
    name="shopify_products",
    kind=ImportKind.PRODUCTS,
    label=_("Shopify products"),
    signature=frozenset({"handle", "title", "variant price"}),
    group=lambda rows: grouped_by("handle")(_product_rows(rows)),
    convert=_products,
    names={
        "id": "Handle",
        "title_en": "Title",
        "title_zh_hans": "Title",
        "tags": "Tags",
        "status": "Status",
        "image": "Image Src",
        "variant_id": "Variant SKU",
        "price_minor": "Variant Price",
        "price": "Variant Price",
        "stock": "Variant Inventory Qty",
        "options": "Option1 Value",
    },
    wants_currency=True,
)
NEW_PRODUCTS = Source(
    name="shopify_products_2",
    kind=ImportKind.PRODUCTS,
    label=_("Shopify products (new columns)"),
    signature=frozenset({"url handle", "title", "price", "sku"}),
    group=PRODUCTS.group,
    convert=_products,
    names={**PRODUCTS.names, "id": "URL handle", "variant_id": "SKU", "price_minor": "Price", "price": "Price"},
    wants_currency=True,
)

# --- orders --------------------------------------------------------------------------------------------------------

_OFFSET = re.compile(r" ([+-]\d{2}):?(\d{2})$")
_METHODS = (
    ("gift", PaymentMethod.GIFT_CARD),
    ("paypal", PaymentMethod.PAYPAL),
    ("alipay", PaymentMethod.ALIPAY),
    ("wechat", PaymentMethod.WECHAT_PAY),
    ("cash on delivery", PaymentMethod.CASH_ON_DELIVERY),
    ("bank", PaymentMethod.BANK_TRANSFER),
    ("debit", PaymentMethod.DEBIT_CARD),
    ("shopify payments", PaymentMethod.CREDIT_CARD),
    ("card", PaymentMethod.CREDIT_CARD),
    ("stripe", PaymentMethod.CREDIT_CARD),
)
_PAID = {"paid", "partially_refunded", "refunded", "partially_paid"}


def moment_of(text: str) -> str:
    """``2026-11-01 10:00:00 +0800`` as ISO 8601."""
    return _OFFSET.sub(r"\1:\2", text.strip())


def method_of(name: str) -> str:
    """Our method for Shopify's name of a gateway. Several at once say not how much each paid."""
    known = name.lower().replace("_", " ")
    if "+" in known:
        return PaymentMethod.OTHER
    return next((method for word, method in _METHODS if word in known), PaymentMethod.OTHER)


def order_number(name: str) -> str:
    """``#1001`` is how the shop shows ``1001``."""
    return name.removeprefix("#")


def _orders(rows: Sequence[Row], settings: Settings) -> Converted:
    first = cells_of(rows[0])
    currency = first.get("currency", "").upper()
    lines = [_line(cells_of(row), number, currency) for number, row in enumerate(rows, start=1)]
    cells = {
        "number": order_number(first.get("name", "")),
        "currency": currency,
        **_state(first),
        **_amounts(first, rows, currency),
        **_address(first),
        "note": first.get("notes", "")[:4000],
        **_payment(first, currency),
    }
    buyer = _buyer(first)
    cells["shopper"] = buyer.id
    found = [
        Row(row.line, {"number": cells["number"], **(cells if n == 0 else {}), **line}, row.broken, row.unstorable)
        for n, (row, line) in enumerate(zip(rows, lines, strict=True))
    ]
    return Converted(found, Extra(buyer, *_refunded(first, currency), by_variant=True))


def _line(cells: Mapping[str, str], number: int, currency: str) -> dict[str, str]:
    name = cells.get("lineitem name", "")
    if not name:
        return {}
    variant = (cells.get("lineitem sku") or name)[:64]
    return {
        "line_id": f"l-{number}",
        "line_product": variant,
        "line_variant": variant,
        "line_title": name[:200],
        "line_quantity": cells.get("lineitem quantity", ""),
        **money("line_unit_price_minor", cells.get("lineitem price", ""), currency),
        **money("line_discount_minor", cells.get("lineitem discount", ""), currency),
    }


def _state(first: Mapping[str, str]) -> dict[str, str]:
    cancelled, fulfilled = first.get("cancelled at", ""), first.get("fulfilled at", "")
    fulfilment = first.get("fulfillment status", "").lower()
    status = "shipped" if fulfilment == "fulfilled" else "processing" if fulfilment == "partial" else "pending"
    return {
        "status": "cancelled" if cancelled else status,
        "placed_at": moment_of(first.get("created at", "")),
        "paid_at": moment_of(first.get("paid at", "")),
        "shipped_at": moment_of(fulfilled) if fulfilment == "fulfilled" else "",
        "cancelled_at": moment_of(cancelled),
    }


def _amounts(first: Mapping[str, str], rows: Sequence[Row], currency: str) -> dict[str, str]:
    """The discount is what is missing between lines and subtotal; taxes are on top where the total says so."""
    subtotal, shipping, taxes, total = (
        minor_of(first.get(name, "") or "0", currency) for name in ("subtotal", "shipping", "taxes", "total")
    )
    cells = money("shipping_minor", first.get("shipping", ""), currency)
    if subtotal is None or shipping is None or taxes is None or total is None:
        return cells | money("tax_minor", first.get("taxes", ""), currency)
    worth = 0
    for row in map(cells_of, rows):
        price = minor_of(row.get("lineitem price", "") or "0", currency)
        off = minor_of(row.get("lineitem discount", "") or "0", currency)
        pieces = pieces_of(row.get("lineitem quantity", ""))
        if price is not None and off is not None and pieces is not None:
            worth += price * pieces - off
    on_top = taxes if total >= subtotal + shipping + taxes else 0
    return cells | {"discount_minor": str(max(0, worth - subtotal)), "tax_minor": str(on_top)}


def _payment(first: Mapping[str, str], currency: str) -> dict[str, str]:
    total, left = first.get("total", ""), minor_of(first.get("outstanding balance", "") or "0", currency) or 0
    amount = minor_of(total, currency)
    if amount == 0 or not total:
        return {}
    state = first.get("financial status", "").lower()
    if amount is not None and state == "partially_paid":
        amount = max(0, amount - left)
    captured = first.get("paid at", "") or (first.get("created at", "") if state in _PAID else "")
    return {
        "payment_id": "p-1",
        "payment_method_id": (first.get("payment id") or first.get("payment reference", ""))[:64],
        "payment_method": method_of(first.get("payment method", "")),
        **({"payment_amount_minor": str(amount)} if amount is not None else {"payment_amount": total}),
        "payment_captured_at": moment_of(captured),
    }


def _address(first: Mapping[str, str]) -> dict[str, str]:
    def of(*names: str) -> str:
        return next((first[f"shipping {name}"] for name in names if first.get(f"shipping {name}")), "")

    return {
        "address_name": of("name"),
        "address_line1": of("address1", "street"),
        "address_line2": of("address2"),
        "address_city": of("city"),
        "address_region": of("province name", "province"),
        "address_postal_code": of("zip"),
        "address_country": of("country"),
        "address_phone": of("phone"),
    }


def _buyer(first: Mapping[str, str]) -> Buyer:
    email = first.get("email", "").lower()
    name = first.get("billing name") or first.get("shipping name", "")
    phone = first.get("phone") or first.get("billing phone", "")
    known = email or phone or f"guest-{order_number(first.get('name', ''))}"
    return Buyer(known[:64], name[:120], email, phone[:40], locale_of(name))


def _refunded(first: Mapping[str, str], currency: str) -> tuple[int, datetime | None]:
    amount = minor_of(first.get("refunded amount", "") or "0", currency) or 0
    names = ("created at", "paid at", "fulfilled at", "cancelled at")
    return max(0, amount), latest_of(moment_of(first.get(name, "")) for name in names)


ORDERS = Source(
    name="shopify_orders",
    kind=ImportKind.ORDERS,
    label=_("Shopify orders"),
    signature=frozenset({"name", "financial status", "lineitem name", "lineitem quantity", "lineitem price"}),
    group=grouped_by("name"),
    convert=_orders,
    names={
        "number": "Name",
        "shopper": "Email",
        "currency": "Currency",
        "status": "Fulfillment Status",
        "placed_at": "Created at",
        "paid_at": "Paid at",
        "shipped_at": "Fulfilled at",
        "cancelled_at": "Cancelled at",
        "shipping_minor": "Shipping",
        "shipping": "Shipping",
        "tax_minor": "Taxes",
        "tax": "Taxes",
        "discount_minor": "Discount Amount",
        "line_quantity": "Lineitem quantity",
        "line_title": "Lineitem name",
        "line_variant": "Lineitem sku",
        "line_product": "Lineitem sku",
        "line_unit_price_minor": "Lineitem price",
        "line_unit_price": "Lineitem price",
        "line_discount_minor": "Lineitem discount",
        "line_discount": "Lineitem discount",
        "payment_amount_minor": "Total",
        "payment_amount": "Total",
        "payment_method": "Payment Method",
        "payment_captured_at": "Paid at",
        "address_name": "Shipping Name",
    },
)

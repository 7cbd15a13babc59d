"""Reads canonical JSON into the frozen documents of `documents.py`, or says exactly what is wrong with it.

Unknown keys are refused by name, required ones demanded; money is whole minor units, times carry their offset.
A key that is null counts as left out. Raises `CanonicalError`, whose text starts with the path
(``order.lines[0].quantity: must be ...``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

from .documents import (
    Address,
    Order,
    OrderLine,
    Payment,
    PaymentMethod,
    PaymentShare,
    Product,
    Refund,
    RefundedLine,
    Request,
    RequestLine,
    Shipment,
    Shopper,
    Variant,
)
from .reading import CanonicalError, ObjectReader
from .vocabulary import ACTIONS, PAYMENT_METHODS, REASONS, STATUSES


def parse_order(data: object, path: str = "order") -> Order:
    read = _reader(data, path, Order)
    order = Order(
        number=read.string("number"),
        shopper=read.string("shopper"),
        storefront=read.optional_string("storefront"),
        currency=read.currency("currency"),
        status=read.choice("status", STATUSES),
        items_modified=read.boolean("items_modified"),
        placed_at=read.moment("placed_at"),
        paid_at=read.optional_moment("paid_at"),
        shipped_at=read.optional_moment("shipped_at"),
        delivered_at=read.optional_moment("delivered_at"),
        cancelled_at=read.optional_moment("cancelled_at"),
        lines=tuple(_order_line(item, at) for item, at in _required_items(read, "lines")),
        shipping_minor=read.optional_integer("shipping_minor") or 0,
        discount_minor=read.optional_integer("discount_minor") or 0,
        tax_minor=read.optional_integer("tax_minor") or 0,
        payments=tuple(_payment(item, at) for item, at in _required_items(read, "payments")),
        refunds=tuple(_refund(item, at) for item, at in read.items("refunds")),
        shipments=tuple(_shipment(item, at) for item, at in read.items("shipments")),
        address=_address(read),
        note=read.optional_string("note"),
    )
    if not order.lines:
        raise read.fail("lines", "must hold at least one line")
    _refuse_twins(read, "lines", (line.id for line in order.lines))
    _refuse_twins(read, "payments", (payment.id for payment in order.payments))
    return order


def parse_shopper(data: object, path: str = "shopper") -> Shopper:
    read = _reader(data, path, Shopper)
    shopper = Shopper(
        id=read.string("id"),
        name=read.optional_string("name"),
        email=read.optional_string("email"),
        phone=read.optional_string("phone"),
        locale=read.optional_string("locale"),
        tags=read.strings("tags"),
        created_at=read.optional_moment("created_at"),
        orders_count=read.optional_integer("orders_count"),
        refunds_90_days=read.optional_integer("refunds_90_days"),
        lifetime_value_minor=read.optional_integer("lifetime_value_minor"),
        payment_methods=tuple(_payment_method(item, at) for item, at in read.items("payment_methods")),
    )
    _refuse_twins(read, "payment_methods", (method.id for method in shopper.payment_methods))
    return shopper


def parse_product(data: object, path: str = "product") -> Product:
    read = _reader(data, path, Product)
    read.value("title")
    title = read.string_map("title")
    for language in title:
        if language not in ("en", "zh-hans"):
            raise read.fail(f"title.{language}", "unknown key")
    if not title:
        raise read.fail("title", "must hold at least one language")
    product = Product(
        id=read.string("id"),
        title=title,
        category=read.optional_string("category"),
        tags=read.strings("tags"),
        status=read.optional_string("status"),
        consumable=read.boolean("consumable"),
        url=read.optional_string("url"),
        image=read.optional_string("image"),
        variants=tuple(_variant(item, at) for item, at in _required_items(read, "variants")),
    )
    _refuse_twins(read, "variants", (variant.id for variant in product.variants))
    return product


def parse_products(data: Iterable[object], path: str = "products") -> tuple[Product, ...]:
    products = tuple(parse_product(item, f"{path}[{index}]") for index, item in enumerate(data))
    seen: set[str] = set()
    for index, product in enumerate(products):
        if product.id in seen:
            raise CanonicalError(f"{path}[{index}].id", f'"{product.id}" occurs twice')
        seen.add(product.id)
    return products


def parse_request(data: object, path: str = "request") -> Request:
    read = _reader(data, path, Request)
    return Request(
        action=read.choice("action", ACTIONS),
        reason=read.optional_choice("reason", REASONS),
        lines=tuple(_request_line(item, at) for item, at in read.items("lines")),
        amount_minor=read.optional_integer("amount_minor"),
        payment_method=read.optional_string("payment_method"),
        address=_address(read),
        evidence=read.strings("evidence"),
        confirmed=read.boolean("confirmed"),
        said_at=read.optional_moment("said_at"),
    )


# The canonical keys and the documents' fields are the same words.
_KNOWN: dict[type, tuple[str, ...]] = {
    document: tuple(item.name for item in fields(document))
    for document in (
        Order, OrderLine, Payment, Refund, RefundedLine, PaymentShare, Shipment, Address, Shopper, PaymentMethod,
        Product, Variant, Request, RequestLine,
    )
}  # fmt: skip


def _reader(data: object, path: str, document: type) -> ObjectReader:
    return ObjectReader(data, path, known=_KNOWN[document], error=CanonicalError)


def _required_items(read: ObjectReader, key: str) -> list[tuple[object, str]]:
    read.value(key)
    return read.items(key)


def _refuse_twins(read: ObjectReader, key: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for index, identity in enumerate(ids):
        if identity in seen:
            raise read.fail(f"{key}[{index}].id", f'"{identity}" occurs twice')
        seen.add(identity)


def _order_line(data: object, path: str) -> OrderLine:
    read = _reader(data, path, OrderLine)
    return OrderLine(
        id=read.string("id"),
        product=read.string("product"),
        variant=read.string("variant"),
        title=read.string("title"),
        options=read.string_map("options"),
        quantity=read.integer("quantity", least=1),
        unit_price_minor=read.integer("unit_price_minor"),
        discount_minor=read.optional_integer("discount_minor") or 0,
        tags=read.strings("tags"),
        final_sale=read.boolean("final_sale"),
    )


def _payment(data: object, path: str) -> Payment:
    read = _reader(data, path, Payment)
    return Payment(
        id=read.string("id"),
        method_id=read.optional_string("method_id"),
        method=read.choice("method", PAYMENT_METHODS),
        amount_minor=read.integer("amount_minor"),
        captured_at=read.optional_moment("captured_at"),
    )


def _refund(data: object, path: str) -> Refund:
    read = _reader(data, path, Refund)
    return Refund(
        id=read.string("id"),
        lines=tuple(_refunded_line(item, at) for item, at in read.items("lines")),
        payments=tuple(_payment_share(item, at) for item, at in read.items("payments")),
        shipping_minor=read.optional_integer("shipping_minor") or 0,
        created_at=read.optional_moment("created_at"),
    )


def _refunded_line(data: object, path: str) -> RefundedLine:
    read = _reader(data, path, RefundedLine)
    return RefundedLine(id=read.string("id"), quantity=read.integer("quantity", least=1))


def _payment_share(data: object, path: str) -> PaymentShare:
    read = _reader(data, path, PaymentShare)
    return PaymentShare(id=read.string("id"), amount_minor=read.integer("amount_minor"))


def _shipment(data: object, path: str) -> Shipment:
    read = _reader(data, path, Shipment)
    return Shipment(
        tracking=read.optional_string("tracking"),
        carrier=read.optional_string("carrier"),
        lines=read.strings("lines"),
        shipped_at=read.optional_moment("shipped_at"),
        delivered_at=read.optional_moment("delivered_at"),
    )


def _address(parent: ObjectReader) -> Address | None:
    if not parent.has("address"):
        return None
    read = _reader(parent.value("address"), parent.at("address"), Address)
    return Address(**{key: read.optional_string(key) for key in _KNOWN[Address]})


def _payment_method(data: object, path: str) -> PaymentMethod:
    read = _reader(data, path, PaymentMethod)
    return PaymentMethod(
        id=read.string("id"),
        method=read.choice("method", PAYMENT_METHODS),
        balance_minor=read.optional_integer("balance_minor"),
    )


def _variant(data: object, path: str) -> Variant:
    read = _reader(data, path, Variant)
    return Variant(
        id=read.string("id"),
        options=read.string_map("options"),
        price_minor=read.integer("price_minor"),
        currency=read.currency("currency"),
        stock=read.integer("stock", least=-(10**9)),
    )


def _request_line(data: object, path: str) -> RequestLine:
    read = _reader(data, path, RequestLine)
    return RequestLine(
        id=read.string("id"),
        quantity=read.optional_integer("quantity", least=1),
        to_variant=read.optional_string("to_variant"),
    )

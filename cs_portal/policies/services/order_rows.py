"""The engine's orders straight from the rows, for thousands at once: no documents, and no checks of what rows ensure.

A row that the canonical reader might refuse or read otherwise (a JSON column of another shape, an empty title, an
amount beyond what JSON keeps) is left out, and its order has to take the way over the canonical document. So both
ways give the same verdicts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import timedelta, timezone
from typing import Any

from django.db.models import QuerySet

from cs_portal.commerce import models
from cs_portal.policies.engine import Order, PaymentShare
from cs_portal.policies.engine.documents import Address, OrderLine, Payment, Refund, RefundedLine, Shipment
from cs_portal.policies.engine.vocabulary import PAYMENT_METHODS, STATUSES
from cs_portal.policies.services.row_values import Local, Unusual, clock, minor, nothing, pairs, texts, words

Row = tuple[Any, ...]
_ADDRESS = frozenset(field.name for field in fields(Address))
_CAPITALS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")

_ORDERS = (
    *("id", "shopper_id", "number", "storefront", "currency", "status", "items_modified", "utc_offset_minutes"),
    *("placed_at", "paid_at", "shipped_at", "delivered_at", "cancelled_at"),
    *("shipping_minor", "discount_minor", "tax_minor", "address", "note"),
)
_LINES = (
    *("order_id", "external_id", "product", "variant", "title", "options", "quantity"),
    *("unit_price_minor", "discount_minor", "tags", "final_sale"),
)
_PAYMENTS = ("order_id", "external_id", "method_id", "method", "amount_minor", "captured_at")
_REFUNDS = ("order_id", "external_id", "lines", "payments", "shipping_minor", "created_at")
_SHIPMENTS = ("order_id", "tracking", "carrier", "lines", "shipped_at", "delivered_at")


@dataclass(frozen=True, slots=True)
class OwnedOrder:
    """``owner`` is the primary key of the shopper; ``order`` is None where the row is unusual."""

    owner: int
    order: Order | None


def engine_orders(*, ids: Collection[int]) -> dict[int, OwnedOrder]:
    """By primary key, in six queries; payments that were never taken are left out, as everywhere for the rules."""
    rows = list(models.Order.objects.filter(id__among=ids).order_by().values_list(*_ORDERS))
    shoppers = _names({row[1] for row in rows})
    parts = [
        _by_order(models.OrderLine.objects.all(), _LINES, ids),
        _by_order(models.Payment.objects.filter(captured_at__isnull=False), _PAYMENTS, ids),
        _by_order(models.Refund.objects.all(), _REFUNDS, ids),
        _by_order(models.Shipment.objects.all(), _SHIPMENTS, ids),
    ]
    zones = _Zones()
    return {
        row[0]: OwnedOrder(row[1], _usual(row, shoppers[row[1]], [part.get(row[0], ()) for part in parts], zones))
        for row in rows
    }


class _Zones(dict[int, timezone]):
    def __missing__(self, minutes: int) -> timezone:
        self[minutes] = zone = timezone(timedelta(minutes=minutes))
        return zone


def _names(keys: set[int]) -> dict[int, str]:
    rows = models.Shopper.objects.filter(id__among=keys).order_by().values_list("id", "external_id", "public_id")
    return {key: name or str(public_id) for key, name, public_id in rows}


def _by_order(rows: QuerySet[Any], columns: tuple[str, ...], ids: Collection[int]) -> Mapping[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows.filter(order__among=ids).values_list(*columns):
        found[row[0]].append(row)
    return found


def _usual(row: Row, shopper: str, parts: list[Iterable[Row]], zones: _Zones) -> Order | None:
    try:
        return _order(row, shopper, parts, zones[row[7]])
    except Unusual:
        return None


def _order(row: Row, shopper: str, parts: list[Iterable[Row]], zone: timezone) -> Order:
    _key, _owner, number, storefront, currency, status, modified, _minutes, *rest = row
    placed_at, paid_at, shipped_at, delivered_at, cancelled_at, shipping, discount, tax, address, note = rest
    if not number or len(currency) != 3 or not _CAPITALS.issuperset(currency) or status not in STATUSES:
        raise Unusual
    local = clock(zone)
    lines = tuple([_line(each) for each in parts[0]])
    payments = tuple([_payment(each, local) for each in parts[1]])
    if not lines or _twins(lines) or _twins(payments) or not placed_at:
        raise Unusual
    placed = local(placed_at)
    assert placed is not None
    return Order(
        number,
        shopper,
        currency,
        status,
        placed,
        lines,
        payments,
        storefront,
        modified,
        local(paid_at),
        local(shipped_at),
        local(delivered_at),
        local(cancelled_at),
        minor(shipping),
        minor(discount),
        minor(tax),
        tuple([_refund(each, local) for each in parts[2]]),
        tuple([_shipment(each, local) for each in parts[3]]),
        _address(address) if address else None,
        note,
    )


def _twins(parts: tuple[OrderLine, ...] | tuple[Payment, ...]) -> bool:
    return len(parts) > 1 and len({part.id for part in parts}) < len(parts)


def _line(row: Row) -> OrderLine:
    _key, name, product, variant, title, options, quantity, price, discount, tags, final_sale = row
    if not (name and product and variant and title and quantity):
        raise Unusual
    return OrderLine(
        name,
        product,
        variant,
        title,
        minor(quantity),
        minor(price),
        minor(discount),
        texts(options) if options else nothing(options, {}),
        words(tags) if tags else nothing(tags, []) or (),
        final_sale,
    )


def _payment(row: Row, local: Local) -> Payment:
    _key, name, method_id, method, amount, captured_at = row
    if not name or method not in PAYMENT_METHODS:
        raise Unusual
    return Payment(name, method, minor(amount), method_id, local(captured_at))


def _refund(row: Row, local: Local) -> Refund:
    _key, name, lines, payments, shipping, created_at = row
    if not name:
        raise Unusual
    return Refund(
        name,
        tuple([RefundedLine(*each) for each in pairs(lines, "quantity", least=1)]),
        tuple([PaymentShare(*each) for each in pairs(payments, "amount_minor", least=0)]),
        minor(shipping),
        local(created_at),
    )


def _shipment(row: Row, local: Local) -> Shipment:
    _key, tracking, carrier, lines, shipped_at, delivered_at = row
    named = words(lines) if lines else nothing(lines, []) or ()
    return Shipment(tracking, carrier, named, local(shipped_at), local(delivered_at))


def _address(value: Any) -> Address:
    known = type(value) is dict and _ADDRESS.issuperset(value)
    if not known or not all(text is None or type(text) is str for text in value.values()):
        raise Unusual
    return Address(**value)

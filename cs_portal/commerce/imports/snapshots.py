"""Rows as they were, as JSON, and put back so: what taking an import back rests on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

from django.db.models.fields.reverse_related import ForeignObjectRel

from cs_portal.commerce.history import Provenance
from cs_portal.commerce.imports.checks import Document
from cs_portal.commerce.imports.order_writing import as_document, restore_order
from cs_portal.commerce.imports.writing import update_product
from cs_portal.commerce.models import ImportKind, Order, OrderLine, Product, Shopper
from cs_portal.commerce.selectors import product_document
from cs_portal.commerce.signals import shoppers_renamed

_SHOPPER = ("name", "email", "phone", "locale", "tags", "payment_methods", "created_at")
#: Parts of an order that go with it; whatever else refers to one uses it.
_PARTS = frozenset({"orderline", "payment", "refund", "shipment", "orderevent"})


def snapshots(kind: str, keys: Iterable[str]) -> dict[str, Document]:
    """Of the rows that are there, by key. An order's version is part of it: whatever happens to an order moves it."""
    wanted = list(keys)
    if kind == ImportKind.PRODUCTS:
        products = Product.objects.filter(external_id__in=wanted).prefetch_related("variants")
        return {row.external_id: product_document(row) for row in products}
    if kind == ImportKind.SHOPPERS:
        shoppers = Shopper.objects.filter(external_id__in=wanted)
        return {str(row.external_id): _json({name: getattr(row, name) for name in _SHOPPER}) for row in shoppers}
    orders = Order.objects.filter(number__in=wanted).select_related("shopper")
    orders = orders.prefetch_related("lines", "payments", "refunds", "shipments")
    return {row.number: _order(row) for row in orders}


def _order(row: Order) -> Document:
    zone = timezone(timedelta(minutes=row.utc_offset_minutes))
    return _json({**as_document(row), "placed_at": row.placed_at.astimezone(zone), "version": row.version})


def _json(document: Document) -> Document:
    return json.loads(json.dumps(document, default=datetime.isoformat))


def digest(snapshot: Document) -> str:
    return hashlib.sha256(json.dumps(snapshot, sort_keys=True).encode()).hexdigest()


def row_of(kind: str, key: str) -> Any:
    """The row itself, an order locked; ``None`` where it is gone."""
    if kind == ImportKind.PRODUCTS:
        return Product.objects.filter(external_id=key).first()
    if kind == ImportKind.SHOPPERS:
        return Shopper.objects.filter(external_id=key).first()
    row = Order.objects.filter(number=key).select_for_update().first()
    return row and Order.objects.select_related("shopper").get(pk=row.pk)


def is_used(row: Any) -> bool:
    """Whether something refers to the row that would not go with it."""
    if isinstance(row, Product) and OrderLine.objects.filter(product=row.external_id).exists():
        return True
    fields = row._meta.get_fields(include_hidden=True)
    for relation in (each for each in fields if isinstance(each, ForeignObjectRel)):
        model = relation.related_model
        own = isinstance(row, Order) and model._meta.app_label == "commerce" and model._meta.model_name in _PARTS
        if own or (isinstance(row, Product) and model._meta.model_name == "variant"):
            continue
        if model._base_manager.filter(**{relation.field.name: row}).exists():
            return True
    return False


def put_back(row: Any, before: Document, *, now: datetime, provenance: Provenance) -> None:
    """The row as ``before`` says it was, in the caller's transaction."""
    if isinstance(row, Product):
        update_product(row, before)
    elif isinstance(row, Shopper):
        for name in _SHOPPER:
            setattr(row, name, datetime.fromisoformat(before[name]) if name == "created_at" else before[name])
        row.save(update_fields=_SHOPPER)
        shoppers_renamed.send(sender=Shopper, ids=[row.pk])
    else:
        restore_order(row, _with_moments(before), now=now, provenance=provenance)


def _with_moments(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _with_moments(part, name) for name, part in value.items()}
    if isinstance(value, list):
        return [_with_moments(part) for part in value]
    return datetime.fromisoformat(value) if key.endswith("_at") and isinstance(value, str) else value

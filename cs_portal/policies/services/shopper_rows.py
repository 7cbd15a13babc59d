"""The engine's shoppers straight from the rows, for thousands at once; unusual ones as canonical documents."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from cs_portal.commerce import models
from cs_portal.commerce.selectors import Figures, shopper_documents, shopper_figures
from cs_portal.policies.engine import CanonicalError, Shopper, parse_shopper
from cs_portal.policies.engine.documents import PaymentMethod
from cs_portal.policies.engine.vocabulary import PAYMENT_METHODS
from cs_portal.policies.services.row_values import Unusual, clock, minor, nothing, words

_COLUMNS = (
    *("id", "public_id", "external_id", "name", "email", "phone", "locale", "tags", "created_at"),
    "payment_methods",
)
_KEYS = ({"id", "method"}, {"id", "method", "balance_minor"})
_local = clock(UTC)


def engine_shoppers(*, ids: Collection[int], now: datetime) -> dict[int, Shopper | Mapping[str, Any]]:
    """By primary key, with figures as of ``now``. A document is one that is not canonical any more."""
    figures = shopper_figures(ids=ids, now=now)
    found: dict[int, Shopper | Mapping[str, Any]] = {}
    unusual = []
    for key, *row in models.Shopper.objects.filter(id__among=ids).order_by().values_list(*_COLUMNS):
        try:
            found[key] = _shopper(row, figures[key])
        except Unusual:
            unusual.append(key)
    return found | _read(unusual, now)


def _read(keys: Collection[int], now: datetime) -> dict[int, Shopper | Mapping[str, Any]]:
    if not keys:
        return {}
    documents = shopper_documents(models.Shopper.objects.filter(id__among=keys), now=now)
    return {key: _parsed(document) for key, document in documents.items()}


def _parsed(document: Mapping[str, Any]) -> Shopper | Mapping[str, Any]:
    try:
        return parse_shopper(document)
    except CanonicalError:
        return document


def _shopper(row: list[Any], figures: Figures) -> Shopper:
    public_id, name, called, email, phone, locale, tags, created_at, methods = row
    return Shopper(
        name or str(public_id),
        called,
        email,
        phone,
        locale,
        words(tags) if tags else nothing(tags, []) or (),
        _local(created_at),
        minor(figures.orders),
        minor(figures.refunds_90_days),
        minor(figures.value_minor),
        _methods(methods) if methods else nothing(methods, []) or (),
    )


def _methods(value: Any) -> tuple[PaymentMethod, ...]:
    if type(value) is not list:
        raise Unusual
    found = tuple(_method(each) for each in value)
    if len({each.id for each in found}) < len(found):
        raise Unusual
    return found


def _method(value: Any) -> PaymentMethod:
    if type(value) is not dict or value.keys() not in _KEYS:
        raise Unusual
    name, method, balance = value["id"], value["method"], value.get("balance_minor")
    if type(name) is not str or not name or type(method) is not str or method not in PAYMENT_METHODS:
        raise Unusual
    if balance is not None and type(balance) is not int:
        raise Unusual
    return PaymentMethod(name, method, None if balance is None else minor(balance))

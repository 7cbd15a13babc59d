"""Canonical documents, checked: what comes back holds only values that the rows can hold, and only the keys given.

The shape is that of :mod:`cs_portal.commerce.canonical`; what no schema can say (ids that come twice, refunds within
what was paid) is checked here, for files and calls alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from django.core.exceptions import ValidationError as InvalidEmail
from django.core.validators import validate_email
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from cs_portal.commerce.canonical import MAX_TOTAL_MINOR, Order, Product, Shopper
from cs_portal.commerce.imports.cells import values_of
from cs_portal.commerce.imports.columns import COMPUTED
from cs_portal.commerce.imports.problems import Path, Problem, Report
from cs_portal.commerce.imports.records import Record
from cs_portal.commerce.models import ImportKind
from cs_portal.core.storable import first_unstorable

Document = dict[str, Any]
MODELS: dict[str, type[BaseModel]] = {
    ImportKind.PRODUCTS: Product,
    ImportKind.SHOPPERS: Shopper,
    ImportKind.ORDERS: Order,
}
#: What a key that was left out, or is null, means in a row.
_LEFT_OUT: Document = {
    **dict.fromkeys(("storefront", "note", "method_id", "tracking", "carrier", "name", "email", "phone"), ""),
    **dict.fromkeys(("category", "url", "image", "line1", "line2", "city", "region", "postal_code", "country"), ""),
    **dict.fromkeys(("shipping_minor", "discount_minor", "tax_minor"), 0),
    **dict.fromkeys(("items_modified", "final_sale", "consumable"), False),
    "status": "active",
    "locale": "en",
}
_LISTS = frozenset({"tags", "lines", "payments", "refunds", "shipments", "payment_methods"})


def checked(record: Record, *, zone: tzinfo) -> tuple[Document, list[Problem]]:
    """The record's document with typed values, and everything that is wrong with it. Times are datetimes."""
    if record.problems:
        return {}, record.problems
    report = Report(record.locate)
    data = record.document
    if record.text:
        data = values_of(data, zone=zone)
        if record.kind == ImportKind.ORDERS:
            data.setdefault("payments", [])
        if (where := first_unstorable(data)) is not None:  # a cell of JSON can write what no file can hold
            report.add(where[:8], "not_storable")
            return {}, report.problems
    return check_document(record.kind, data, report), report.problems


def check_document(kind: str, data: Mapping[str, Any], report: Report) -> Document:
    """The document of ``kind`` as the rows take it; what is wrong goes into ``report``, and the result is then void."""
    try:
        model = MODELS[kind].model_validate(data)
    except ValidationError as refusal:
        for error in refusal.errors(include_url=False):
            _tell(error, report)
        return {}
    given = model.model_fields_set - COMPUTED
    document = {key: value for key, value in _filled(model).items() if key in given}
    _CROSS_CHECKS[kind](document, report)
    return document


def _filled(model: BaseModel) -> Document:
    """The model as a dict, with what was left out as the rows have it."""
    values = {name: _plain(name, getattr(model, name)) for name in type(model).model_fields}
    if "balance_minor" in values and values["balance_minor"] is None:
        del values["balance_minor"]
    if "zh_hans" in values:
        values["zh-hans"] = values.pop("zh_hans")
    return values


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, BaseModel):
        filled = _filled(value)
        return filled if name != "address" or any(filled.values()) else {}
    if isinstance(value, list):
        if value and isinstance(value[0], BaseModel):
            return [_filled(item) for item in value]
        return list(dict.fromkeys(value))
    if value is None:
        return [] if name in _LISTS else {} if name in {"options", "address"} else _LEFT_OUT.get(name)
    return value


# --- what the schema refuses, in our words ------------------------------------------------------------------------

_EMPTY_LISTS = {"lines": "no_lines", "variants": "no_variants", "title": "no_title"}
_OBJECTS = {"options": "not_pairs"}
_CODES = {
    "missing": "required",
    "string_too_short": "required",
    "extra_forbidden": "unknown_key",
    "string_type": "not_text",
    "bool_type": "not_flag",
    "list_type": "not_list",
    "dict_type": "not_object",
    "model_type": "not_object",
    "model_attributes_type": "not_object",
    "less_than_equal": "too_large",
    "not_moment": "not_moment",
    "too_long": "too_many",
}


def _tell(error: ErrorDetails, report: Report) -> None:
    path, code, params = error_of(error)
    report.add(path, code, **params)


def error_of(error: ErrorDetails) -> tuple[Path, str, dict[str, object]]:
    """Where, which of our codes, and what its sentence wants to know."""
    path: list[str | int] = list(error["loc"])
    if "options" in path:
        path = path[: path.index("options") + 1]
    field, kind, context = str(path[-1]) if path else "", error["type"], error.get("ctx", {})
    if error["input"] is None or (kind == "missing"):
        kind = "missing"
    if len(path) == 1 and field in _EMPTY_LISTS and kind in {"missing", "too_short"}:
        return path, _EMPTY_LISTS[field], {}
    if kind == "literal_error":
        choices = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
        return (path, "not_currency", {}) if field == "currency" else (path, "not_choice", {"choices": choices})
    if kind in {"int_type", "int_from_float", "int_parsing"}:
        return path, "not_whole" if field.endswith("_minor") else "not_number", {}
    if kind == "greater_than_equal":
        least = context.get("ge", 0)
        negative = isinstance(error["input"], int) and error["input"] < 0
        return path, "negative" if negative else "too_small", {"least": least}
    if kind == "string_too_long":
        return path, "too_long", {"limit": context.get("max_length", "")}
    if kind == "too_long":
        return path, "too_many", {"limit": context.get("max_length", "")}
    if kind == "string_pattern_mismatch":
        return path, "not_address" if field in {"url", "image"} else "required", {}
    if kind == "extra_forbidden":
        return [*path[:-1], field[:40]], "unknown_key", {}
    if field in _OBJECTS:
        return path, _OBJECTS[field], {}
    return path, _CODES.get(kind, "not_choice"), {} if kind in _CODES else {"choices": "–"}


# --- what no schema can say ---------------------------------------------------------------------------------------


def _product(document: Document, report: Report) -> None:
    if not any(document["title"].values()):
        report.add(("title",), "no_title")
    _once(report, "variants", document["variants"])


def _shopper(document: Document, report: Report) -> None:
    if document.get("created_at", 0) is None:
        del document["created_at"]
    _once(report, "payment_methods", document.get("payment_methods", []))
    if document.get("email") and not is_email(document["email"]):
        report.add(("email",), "not_email")


def is_email(text: str) -> bool:
    try:
        validate_email(text)
    except InvalidEmail:
        return False
    return True


def _order(document: Document, report: Report) -> None:
    lines, payments, refunds = document["lines"], document["payments"], document.get("refunds", [])
    for name, items in (("lines", lines), ("payments", payments), ("refunds", refunds)):
        _once(report, name, items)
    if sum(line["quantity"] * line["unit_price_minor"] for line in lines) > MAX_TOTAL_MINOR:
        report.add(("lines",), "total_too_large")
    if sum(payment["amount_minor"] for payment in payments) > MAX_TOTAL_MINOR:
        report.add(("payments",), "total_too_large")
    for number, line in enumerate(lines):
        if line["discount_minor"] > line["quantity"] * line["unit_price_minor"]:
            report.add(("lines", number, "discount_minor"), "discount_too_large")
    for number, refund in enumerate(refunds):
        if sum(share["amount_minor"] for share in refund["payments"]) <= 0:
            report.add(("refunds", number, "payments"), "refund_of_nothing")
    named = {line["id"] for line in lines}
    for number, shipment in enumerate(document.get("shipments", [])):
        if set(shipment["lines"]) - named:
            report.add(("shipments", number, "lines"), "no_such_line")
    for number, code in refund_faults(lines, payments, refunds):
        report.add(("refunds", number, "id"), code)


def _once(report: Report, name: str, items: Sequence[Document]) -> None:
    seen: set[str] = set()
    for number, item in enumerate(items):
        if item["id"] in seen:
            report.add((name, number, "id"), "twice")
        seen.add(item["id"])


def refund_faults(lines: list[Document], payments: list[Document], refunds: list[Document]) -> list[tuple[int, str]]:
    """Number of the refund and code. Only money that was captured can be given back."""
    left = {each["id"]: each["amount_minor"] if each["captured_at"] else 0 for each in payments}
    pieces = {each["id"]: each["quantity"] for each in lines}
    faults = []
    for number, refund in enumerate(refunds):
        for share in refund["payments"]:
            if share["id"] not in left:
                faults.append((number, "no_such_payment"))
                continue
            left[share["id"]] -= share["amount_minor"]
            if left[share["id"]] < 0:
                faults.append((number, "refund_exceeds_payment"))
        for line in refund["lines"]:
            if line["id"] not in pieces:
                faults.append((number, "no_such_line"))
                continue
            pieces[line["id"]] -= line["quantity"]
            if pieces[line["id"]] < 0:
                faults.append((number, "refund_exceeds_line"))
    return faults


_CROSS_CHECKS: dict[str, Callable[[Document, Report], None]] = {
    ImportKind.PRODUCTS: _product,
    ImportKind.SHOPPERS: _shopper,
    ImportKind.ORDERS: _order,
}


def offset_minutes(at: datetime) -> int:
    offset = at.utcoffset()
    return int(offset.total_seconds() // 60) if offset is not None else 0

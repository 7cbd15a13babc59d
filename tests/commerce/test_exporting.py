"""Property: what goes out as a file comes in unchanged, whatever it holds."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cs_portal.commerce.canonical import METHODS, STATUSES
from cs_portal.commerce.imports.checks import checked
from cs_portal.commerce.imports.exporting import as_csv, as_json_lines
from cs_portal.commerce.imports.reading import rows_of, shape_of
from cs_portal.commerce.imports.records import records_of
from cs_portal.core.spreadsheets import FORMULA_STARTS, guarded, unguarded

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12).map(str.strip)
words = st.lists(texts.filter(bool), unique=True, max_size=3)
options = st.dictionaries(texts.filter(bool), texts, max_size=3)
ids = st.text("abc123-=+@'", min_size=1, max_size=6)
minors = st.integers(0, 10**9)
stamp = st.datetimes(datetime(1971, 1, 1), datetime(2199, 1, 1), timezones=st.just(ZoneInfo("Asia/Shanghai"))).map(
    datetime.isoformat
)
stamps = st.none() | stamp


def _of(least: int = 0, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    items = st.fixed_dictionaries(fields)
    return st.lists(items, min_size=least, max_size=3, unique_by=lambda item: item["id"])


products = st.fixed_dictionaries(
    {
        "id": ids,
        "title": st.fixed_dictionaries({"en": texts.filter(bool), "zh-hans": texts}),
        "category": texts,
        "tags": words,
        "status": st.sampled_from(["active", "draft"]),
        "consumable": st.booleans(),
        "url": st.sampled_from(["", "https://shop.example.com/=1"]),
        "image": st.just(""),
        "variants": _of(1, id=ids, options=options, price_minor=minors, currency=st.just("JPY"), stock=minors),
    }
)
shoppers = st.fixed_dictionaries(
    {
        "id": ids,
        "name": texts,
        "email": st.sampled_from(["", "a@example.com"]),
        "phone": texts,
        "locale": st.sampled_from(["en", "zh-hans"]),
        "tags": words,
        "created_at": stamp,
        "payment_methods": _of(id=texts.filter(bool), method=st.sampled_from(METHODS)),
    }
)


@st.composite
def orders(draw: st.DrawFn) -> dict[str, Any]:
    lines = draw(
        _of(
            1,
            id=ids,
            product=ids,
            variant=ids,
            title=texts.filter(bool),
            options=options,
            quantity=st.integers(1, 9),
            unit_price_minor=minors,
            discount_minor=st.just(0),
            tags=words,
            final_sale=st.booleans(),
        )
    )
    payments = draw(
        _of(id=ids, method_id=texts, method=st.sampled_from(METHODS), amount_minor=minors, captured_at=stamps)
    )
    captured = [payment for payment in payments if payment["captured_at"] and payment["amount_minor"]]
    refunds = [
        {
            "id": f"r-{number}",
            "lines": [{"id": lines[0]["id"], "quantity": 1}],
            "payments": [{"id": payment["id"], "amount_minor": 1} for payment in captured],
            "shipping_minor": 0,
            "created_at": draw(stamp),
        }
        for number in range(1 if captured else 0)
    ]
    shipment = st.fixed_dictionaries(
        {
            "tracking": texts.filter(bool),
            "carrier": texts,
            "lines": st.lists(st.sampled_from([line["id"] for line in lines]), unique=True),
            "shipped_at": stamps,
            "delivered_at": stamps,
        }
    )
    parts = ("name", "line1", "line2", "city", "region", "postal_code", "country", "phone")
    return {
        "number": draw(ids),
        "shopper": draw(ids),
        "storefront": draw(texts),
        "currency": "CNY",
        "status": draw(st.sampled_from(STATUSES)),
        "items_modified": draw(st.booleans()),
        "placed_at": draw(stamp),
        **{name: draw(stamps) for name in ("paid_at", "shipped_at", "delivered_at", "cancelled_at")},
        "lines": lines,
        **{name: draw(minors) for name in ("shipping_minor", "discount_minor", "tax_minor")},
        "payments": payments,
        "refunds": refunds,
        "shipments": draw(st.lists(shipment, max_size=2)),
        "address": draw(st.none() | st.fixed_dictionaries(dict.fromkeys(parts, texts))),
        "note": draw(texts),
    }


DOCUMENTS = {"products": products, "shoppers": shoppers, "orders": orders()}


def _read(path: Path, kind: str) -> list[Any]:
    shape = shape_of(path)
    found = []
    for record in records_of(rows_of(path, shape), shape, kind):
        document, problems = checked(record, zone=ZoneInfo("UTC"))
        assert problems == []
        found.append(document)
    return found


def _told(documents: list[Any]) -> str:
    """A table without a row for a refund, or a parcel, says that there is none."""
    return json.dumps([{"refunds": [], "shipments": [], **each} for each in documents], default=str, sort_keys=True)


@pytest.mark.parametrize("kind", DOCUMENTS)
@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
def test_csv_and_json_lines_say_the_same_and_come_back(kind: str, data: st.DataObject, tmp_path: Path) -> None:
    documents = data.draw(
        st.lists(DOCUMENTS[kind], min_size=1, max_size=3, unique_by=lambda d: d.get("id", d.get("number")))
    )
    lines, table = tmp_path / "lines", tmp_path / "table"
    lines.write_bytes(as_json_lines(documents).encode())
    table.write_bytes(as_csv(kind, documents).encode("utf-8-sig"))
    there = _read(lines, kind)
    assert len(there) == len(documents)
    assert _told(there) == _told(_read(table, kind))


@given(st.text("'=+-@＝＋－＠\t\r\n \u00a0ab", max_size=8))
def test_a_guarded_cell_is_no_formula_and_comes_back(text: str) -> None:
    assert not guarded(text).lstrip().startswith(FORMULA_STARTS)
    assert unguarded(guarded(text)) == text

"""Reading files: encodings, delimiters, headers, rows; and what is said about what is wrong, by line and column."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cs_portal.commerce.imports.checks import checked
from cs_portal.commerce.imports.columns import COLUMNS, COMPUTED, template_csv
from cs_portal.commerce.imports.matching import guessed, is_plain, matched_twice, missing
from cs_portal.commerce.imports.problems import SENTENCES, sentence
from cs_portal.commerce.imports.reading import rows_of, shape_of
from cs_portal.commerce.imports.records import records_of
from cs_portal.commerce.money import EXPONENTS, format_minor
from cs_portal.core.errors import Invalid
from cs_portal.core.spreadsheets import FORMULA_STARTS, guarded

ZONE = ZoneInfo("Asia/Shanghai")
PRODUCT = "id,title_en,variant_id,price_minor,currency,stock\n"
ORDER = (
    "number,shopper,currency,status,placed_at,line_id,line_product,line_variant,line_title,line_quantity,"
    "line_unit_price_minor,payment_id,payment_method,payment_amount_minor,payment_captured_at,"
    "refund_id,refund_payment,refund_amount_minor,refund_lines,refund_created_at\n"
)


def _read(path: Path, kind: str) -> tuple[list[dict[str, Any]], list[tuple[int, str, str]]]:
    """The documents that are right, and (line, column, code) of what is wrong."""
    shape = shape_of(path)
    documents, wrong = [], []
    for record in records_of(rows_of(path, shape), shape, kind):
        document, problems = checked(record, zone=ZONE)
        wrong += [(problem.line, problem.column, problem.code) for problem in problems]
        for problem in problems:
            assert sentence(problem.code, problem.params)
        if not problems:
            documents.append(document)
    return documents, wrong


@pytest.fixture
def put(tmp_path: Path):
    def write(text: str | bytes, encoding: str = "utf-8") -> Path:
        path = tmp_path / "file"
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    return write


@pytest.mark.parametrize("kind", list(COLUMNS))
def test_the_template_can_be_imported_as_it_is(put, kind: str) -> None:
    documents, wrong = _read(put(template_csv(kind)), kind)
    assert wrong == []
    assert len(documents) == 1
    header = next(csv.reader(io.StringIO(template_csv(kind))))
    assert set(header) == {column.name for column in COLUMNS[kind]} - COMPUTED


@pytest.mark.parametrize(
    ("encoding", "told"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("gb18030", "gb18030"), ("utf-16", "utf-16")],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_detected(put, encoding: str, told: str, delimiter: str) -> None:
    rows = [["id", "title_zh_hans", "variant_id", "price_minor", "currency", "stock"]]
    rows.append(["p-1", "搪瓷杯，白色", "v-1", "4300", "CNY", "3"])
    text = "\r\n".join(delimiter.join(row) for row in rows)
    path = put(text, encoding)
    shape = shape_of(path)
    assert (shape.encoding, shape.delimiter) == (told, delimiter)
    (document,), wrong = _read(path, "products")
    assert (document["title"]["zh-hans"], wrong) == ("搪瓷杯，白色", [])


@pytest.mark.parametrize(
    "blob", [b"", b"\n\n \n", b"\x00\x01\x02\x00", b"id,title_en\xff\xff\xff", b"\xef\xbb\xbf\xff"]
)
def test_what_is_no_text_is_refused(put, blob: bytes) -> None:
    with pytest.raises(Invalid):
        shape_of(put(blob))


@pytest.mark.parametrize("start", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x1f\x8b\x08"])
def test_spreadsheets_and_archives_are_refused_unopened(put, start: bytes) -> None:
    with pytest.raises(Invalid, match="Save the table as CSV"):
        shape_of(put(start + b"A" * 10_000_000))


@pytest.mark.parametrize(
    ("header", "names", "lacking"),
    [
        ("id,title_en,variant_id,price_minor,currency,stok", "id,title_en,variant_id,price_minor,currency,stock", []),
        ("id,title_en,variant_id,price_minor,currency", "id,title_en,variant_id,price_minor,currency", ["stock"]),
        ("Product ID;Name;SKU;Price;Currency;Quantity;Colour", "id,title_en,variant_id,price,currency,stock,", []),
        ("商品编号\t商品名称\t规格编号\t价格\t币种\t库存", "id,title_zh_hans,variant_id,price,currency,stock", []),
        (
            "id,id,title_en,variant_id,price_minor,currency,stock",
            "id,,title_en,variant_id,price_minor,currency,stock",
            [],
        ),
    ],
)
def test_columns_of_other_names_are_guessed(put, header: str, names: str, lacking: list[str]) -> None:
    columns = shape_of(put(f"{header}\n1,2,3")).columns
    assert not is_plain(columns, "products")
    chosen = guessed(columns, "products")
    assert chosen == names.split(",")
    assert [column.name for column in missing(chosen, "products")] == lacking


@pytest.mark.parametrize(
    ("kind", "title", "name"),
    [
        ("orders", "lines.id", "line_id"),
        ("orders", "line.id", "line_id"),
        ("orders", "lines[0].unit_price_minor", "line_unit_price_minor"),
        ("orders", "lines/0/unit price", "line_unit_price"),
        ("orders", "payments.amount", "payment_amount"),
        ("orders", "refunds.created_at", "refund_created_at"),
        ("orders", "shipments.lines", "shipment_lines"),
        ("orders", "address.city", "address_city"),
        ("orders", "lines.", ""),
        ("orders", "lines.nonsense", ""),
        ("products", "title.zh-hans", "title_zh_hans"),
        ("products", "variants.price_minor", "price_minor"),
    ],
)
def test_columns_named_as_in_the_canonical_json_are_understood(kind: str, title: str, name: str) -> None:
    assert guessed([title], kind) == [name]


@pytest.mark.parametrize("kind", list(COLUMNS))
def test_every_column_is_understood_by_its_path(kind: str) -> None:
    paths = [".".join((column.group, *column.path) if column.group else column.path) for column in COLUMNS[kind]]
    assert guessed(paths, kind) == [column.name for column in COLUMNS[kind]]


def test_what_turns_words_about_does_not_come_in(put) -> None:
    mug = PRODUCT + "p-1\u202e,\u202eMug\u202c \u2066שלום\u2069,v-1,4300,CNY,3\np-1,,v-2,4500,CNY,0\n"
    (product,), wrong = _read(put(mug), "products")
    assert (wrong, product["id"], product["title"]["en"]) == ([], "p-1", "Mug שלום")
    assert [variant["id"] for variant in product["variants"]] == ["v-1", "v-2"]
    _products, wrong = _read(put(PRODUCT + "p-1,\u202e\u202c,v-1,4300,CNY,3\n"), "products")
    assert [code for _line, _column, code in wrong] == ["no_title"]


def test_keys_that_look_alike_are_one(put) -> None:
    text = json.dumps({"id": "s-1", "name": "A"}) + "\n" + json.dumps({"id": "s-1\u202e", "name": "B"}) + "\n"
    documents, wrong = _read(put(text), "shoppers")
    assert [document["name"] for document in documents] == ["A"]
    assert wrong == [(2, "id", "again")]


def test_parts_are_called_as_the_guide_calls_their_columns(put) -> None:
    shape = shape_of(path := put(template_csv("orders")))
    (order,) = records_of(rows_of(path, shape), shape, "orders")
    for column in COLUMNS["orders"]:
        place = (column.group, 0, *column.path) if column.group else column.path
        assert order.called(place) == column.name
    assert order.called(("refunds", 0, "payments", 0, "id")) == "refund_payment"
    assert order.called(("refunds", 0, "payments", 0, "amount_minor")) == "refund_amount_minor"
    shape = shape_of(path := put(json.dumps({"number": "1", "lines": [{"id": "l-1"}]}) + "\n"))
    (order,) = records_of(rows_of(path, shape), shape, "orders")
    assert order.called(("lines", 0, "id")) == "lines.id"


def test_an_amount_and_its_plain_form_are_one_column() -> None:
    assert matched_twice(["id", "price", "price_minor", "", ""]) == ["price_minor"]


def test_rows_of_one_product_become_its_variants(put) -> None:
    text = PRODUCT + "p-1,Mug,v-1,4300,CNY,3\np-1,,v-2,4500,CNY,0\n\np-2,Pot,v-3,900,JPY,1\n"
    (mug, pot), wrong = _read(put(text), "products")
    assert wrong == []
    assert [(v["id"], v["price_minor"], v["stock"]) for v in mug["variants"]] == [("v-1", 4300, 3), ("v-2", 4500, 0)]
    assert pot["variants"][0]["currency"] == "JPY"


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("p-1,Mug,v-1,-5,CNY,3", (2, "price_minor", "negative")),
        ("p-1,Mug,v-1,43.00,CNY,3", (2, "price_minor", "not_whole")),
        ("p-1,Mug,v-1,,CNY,3", (2, "price_minor", "required")),
        ("p-1,Mug,v-1,4300,XYZ,3", (2, "currency", "not_currency")),
        ("p-1,Mug,v-1,4300,CNY,many", (2, "stock", "not_number")),
        ("p-1,Mug,v-1,99999999999999999999,CNY,3", (2, "price_minor", "too_large")),
        ("p-1,,v-1,4300,CNY,3", (2, "title_en", "no_title")),
        (",Mug,v-1,4300,CNY,3", (2, "id", "required")),
        ("p-1,Mug,,4300,CNY,3", (2, "variant_id", "no_variants")),
        ("p-1,Mug,v-1,4300,CNY,3,extra", (2, "", "cells")),
        ("p-1,Mug,v-1,4300,CNY,3\np-1,Cup,v-2,1,CNY,1", (3, "title_en", "differs")),
        ("p-1,Mug,v-1,4300,CNY,3\np-1,Mug,v-1,1,CNY,1", (3, "variant_id", "twice")),
        ("p-1,Mug,v-1,4300,CNY,3\np-1,Mug,v-2,x,CNY,1", (3, "price_minor", "not_whole")),
        ("p-1,Mug,v-1,4300,CNY,3\np-2,Pot,v-2,1,CNY,1\np-1,Mug,v-3,1,CNY,1", (4, "id", "again")),
        (f"p-1,{'x' * 201},v-1,4300,CNY,3", (2, "title_en", "too_long")),
    ],
)
def test_what_is_wrong_is_told_by_line_and_column(put, rows: str, told: tuple[int, str, str]) -> None:
    _documents, wrong = _read(put(PRODUCT + rows), "products")
    assert told in wrong


@pytest.mark.parametrize(
    ("price", "currency", "minor"),
    [
        ("43", "CNY", 4300),
        ("43.5", "CNY", 4350),
        ("1,299.00", "USD", 129900),
        ("500", "JPY", 500),
        ("1.234", "KWD", 1234),
    ],
)
def test_prices_as_people_write_them(put, price: str, currency: str, minor: int) -> None:
    text = f'id,title_en,variant_id,price,currency,stock\np-1,Mug,v-1,"{price}",{currency},1\n'
    (document,), wrong = _read(put(text), "products")
    assert (document["variants"][0]["price_minor"], wrong) == (minor, [])


@pytest.mark.parametrize(
    ("price", "currency"),
    [("1,29", "EUR"), ("1.299,00", "EUR"), ("43.001", "CNY"), ("0.5", "JPY"), ("¥43", "CNY"), ("1e3", "CNY")],
)
def test_a_price_that_could_mean_two_things_is_refused(put, price: str, currency: str) -> None:
    text = f'id,title_en,variant_id,price,currency,stock\np-1,Mug,v-1,"{price}",{currency},1\n'
    assert _read(put(text), "products") == ([], [(2, "price", "not_amount")])


def _order(first: str = "", *more: str) -> str:
    start = "10533,s-1,CNY,delivered,2026-11-01T10:00:00+08:00,l-1,p-1,v-1,Mug,2,4300"
    return ORDER + start + (first or ",pay-1,wechat_pay,8600,2026-11-01T10:02:00+08:00,,,,,") + "\n" + "\n".join(more)


def _refund(amount: int, payment: str = "pay-1", lines: str = "", key: str = "r-1") -> str:
    return f"10533,,,,,,,,,,,,,,,{key},{payment},{amount},{lines},2026-11-06T11:00:00+08:00"


def test_an_order_is_put_together_from_its_rows(put) -> None:
    rows = [
        "10533,,,,,l-2,p-2,v-2,Pot,1,900,pay-2,gift_card,1000,2026-11-01,,,,,",
        _refund(4300, lines="l-1:1"),
        _refund(1000, "pay-2"),
    ]
    (order,), wrong = _read(put(_order("", *rows)), "orders")
    assert wrong == []
    assert [line["id"] for line in order["lines"]] == ["l-1", "l-2"]
    assert [(p["id"], p["amount_minor"]) for p in order["payments"]] == [("pay-1", 8600), ("pay-2", 1000)]
    (refund,) = order["refunds"]
    assert refund["payments"] == [{"id": "pay-1", "amount_minor": 4300}, {"id": "pay-2", "amount_minor": 1000}]
    assert refund["lines"] == [{"id": "l-1", "quantity": 1}]
    assert order["payments"][1]["captured_at"].isoformat() == "2026-11-01T00:00:00+08:00"


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([_refund(8601)], "refund_exceeds_payment"),
        ([_refund(5000), _refund(5000, key="r-2")], "refund_exceeds_payment"),
        ([_refund(100, "pay-9")], "no_such_payment"),
        ([_refund(0)], "refund_of_nothing"),
        ([_refund(-5)], "negative"),
        ([_refund(100, lines="l-1:3")], "refund_exceeds_line"),
        ([_refund(100, lines="l-9:1")], "no_such_line"),
        ([_refund(100, lines="nonsense")], "not_list"),
    ],
)
def test_refunds_stay_within_what_was_paid(put, rows: list[str], code: str) -> None:
    documents, wrong = _read(put(_order("", *rows)), "orders")
    assert documents == []
    assert code in [code for _line, _column, code in wrong]


def test_money_that_was_never_captured_cannot_be_given_back(put) -> None:
    _documents, wrong = _read(put(_order(",pay-1,wechat_pay,8600,,,,,,", _refund(100))), "orders")
    assert [code for _line, _column, code in wrong] == ["refund_exceeds_payment"]


def test_json_lines_are_read_strictly(put) -> None:
    variant = '{"id": "v-1", "price_minor": 43, "currency": "CNY", "stock": 1}'
    good = '{"id": "p-1", "title": {"en": "Mug"}, "variants": [' + variant + "]}"
    lines = [
        good,
        "",
        good.replace("p-1", "p-2").replace('"stock": 1', '"stock": "1"'),
        good.replace("p-1", "p-3").replace('"id": "p-3"', '"id": "p-3", "colour": "red"'),
        "[1, 2]",
        '{"id": "p-4", "title": "Mug", "variants": {}}',
        "[" * 100_000,
    ]
    (document,), wrong = _read(put("\n".join(lines)), "products")
    assert document["title"] == {"en": "Mug", "zh-hans": ""}
    assert wrong[:3] == [
        (3, "variants.0.stock", "not_number"),
        (4, "colour", "unknown_key"),
        (5, "", "not_json"),
    ]
    assert {line for line, _column, _code in wrong} == {3, 4, 5, 6, 7}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"unit_price_minor": 10**12 + 1}, (1, "lines.0.unit_price_minor", "too_large")),
        ({"unit_price_minor": 10**12, "quantity": 101}, (1, "lines", "total_too_large")),
        ({"unit_price_minor": 10**12, "quantity": 100}, None),
    ],
)
def test_amounts_stay_where_they_can_be_added_up(
    put, change: dict[str, int], told: tuple[int, str, str] | None
) -> None:
    line = {"id": "l-1", "product": "p", "variant": "v", "title": "T", "quantity": 1, "unit_price_minor": 1, **change}
    order = {"number": "1", "shopper": "s", "currency": "USD", "status": "shipped", "placed_at": "2026-11-01T00:00:00Z"}
    payments = [{"id": f"p-{n}", "method": "credit_card", "amount_minor": 10**12} for n in range(100)]
    _documents, wrong = _read(put(json.dumps({**order, "lines": [line], "payments": payments})), "orders")
    assert wrong == ([told] if told else [])
    payments.append({**payments[0], "id": "p-100"})
    line["unit_price_minor"] = 1
    _documents, wrong = _read(put(json.dumps({**order, "lines": [line], "payments": payments})), "orders")
    assert (1, "payments", "total_too_large") in wrong


@pytest.mark.parametrize("text", ["\\ud800", "a\\u0000b"])
def test_text_that_no_database_keeps_is_refused_by_place(put, text: str) -> None:
    variant = '{"id": "v", "price_minor": 1, "currency": "CNY", "stock": 1}'
    good = '{"id": "p", "title": {"en": "Mug"}, "variants": [' + variant + "]}"
    lines = [
        good.replace("Mug", text),
        good.replace('"v"', f'"{text}"'),
        good.replace('"currency"', f'"{text}": 1, "currency"'),
        good.replace('"title"', f'"{text}": 1, "title"'),
        good.replace('"title"', '"tags": ' + "[" * 100 + "]" * 100 + ', "title"'),
    ]
    path = put("\n".join(lines))
    documents, wrong = _read(path, "products")
    assert not documents
    assert {code for _line, _column, code in wrong} == {"not_storable"}
    columns = [column for _line, column, _code in wrong]
    assert columns[:4] == ["title.en", "variants.0.id", "variants.0", ""]
    assert columns[4].startswith("tags.0.0.")
    shape = shape_of(path)
    assert [record.document for record in records_of(rows_of(path, shape), shape, "products")] == [{}] * 5


def test_a_row_that_holds_a_nul_is_refused_by_line_and_column(put) -> None:
    text = PRODUCT + "p-1,Mu\x00g,v-1,4300,CNY,3\np-2,Pot,v-2,900,JPY,1\n"
    documents, wrong = _read(put(text), "products")
    assert ([document["id"] for document in documents], wrong) == (["p-2"], [(2, "title_en", "not_storable")])
    lines = '{"id": "p\x00"}\n' + '{"id": "p-2"}\n' * 2
    path = put(lines)
    assert [row.broken for row in rows_of(path, shape_of(path))] == ["not_storable", "", ""]


def test_a_header_is_judged_in_one_pass_and_has_a_bound(put) -> None:
    with pytest.raises(Invalid, match="more than 200 columns"):
        shape_of(put(PRODUCT.strip() + "," + ",".join(f"c{n}" for n in range(200_000)) + "\n"))


def test_every_problem_has_its_sentence() -> None:
    for code, text in SENTENCES.items():
        assert sentence(code, {}) == str(text)


@given(st.text(max_size=40))
def test_no_exported_cell_is_a_formula_and_the_import_gives_it_back(text: str) -> None:
    cell = guarded(text)
    assert not cell.startswith(FORMULA_STARTS)
    if text.startswith(FORMULA_STARTS):
        assert cell == f"'{text}"


@given(
    cells=st.lists(
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).map(str.strip).filter(bool),
        min_size=1,
        max_size=5,
        unique=True,
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_titles_survive_a_round_through_csv(put, cells: list[str]) -> None:
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(["id", "title_en", "variant_id", "price_minor", "currency", "stock"])
    for number, cell in enumerate(cells):
        writer.writerow([f"p-{number}", guarded(cell), f"v-{number}", "1", "CNY", "1"])
    documents, wrong = _read(put(target.getvalue(), "utf-8-sig"), "products")
    assert wrong == []
    assert [document["title"]["en"] for document in documents] == cells


@given(blob=st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
def test_no_bytes_break_the_reader(put, blob: bytes) -> None:
    for start in (b"", PRODUCT.encode(), b'{"id": '):
        with contextlib.suppress(Invalid):
            _read(put(start + blob), "products")


@given(minor=st.integers(0, 10**12), currency=st.sampled_from(["CNY", "JPY", "KWD", "USD", "EUR", "ISK"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80, deadline=None)
def test_amounts_are_read_as_they_are_shown(put, minor: int, currency: str) -> None:
    shown = re.sub(r"^[^0-9]+", "", format_minor(minor, currency))
    digits = EXPONENTS.get(currency, 2)
    assert len(shown.partition(".")[2]) == digits
    text = f'id,title_en,variant_id,price,currency,stock\np-1,Mug,v-1,"{shown}",{currency},1\n'
    (document,), wrong = _read(put(text), "products")
    assert (document["variants"][0]["price_minor"], wrong) == (minor, [])

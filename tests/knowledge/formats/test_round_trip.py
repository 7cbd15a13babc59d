"""What is exported imports again unchanged; what a format cannot hold is named."""

from __future__ import annotations

import csv
import io
import json
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from cs_portal.core.errors import Invalid
from cs_portal.core.spreadsheets import FORMULA_STARTS
from cs_portal.knowledge.content import FaqContent, LocaleText
from cs_portal.knowledge.formats.documents import checked
from cs_portal.knowledge.formats.entries import REFUSED
from cs_portal.knowledge.formats.writing import FORMATS
from tests.knowledge.formats.contents import contents_in, faqs, kept, taken
from tests.knowledge.formats.large import with_large_answers

Faqs = list[tuple[str, str, FaqContent]]


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=30)
@given(given_faqs=faqs)
def test_what_is_exported_imports_again_unchanged(name: str, given_faqs: Faqs) -> None:
    written = FORMATS[name].write(given_faqs)
    with tempfile.TemporaryDirectory() as folder:
        shape, found = taken(kept(Path(folder), written.data))
    assert (shape.format, shape.is_clear) == (name, True)
    named = {notice.item for notice in written.lost}
    assert {n.code for n in written.lost} <= ({"looks_marked"} if name == "rasa" else set())
    refused = [notice for entry in found.entries for notice in entry.notices if notice.kind == REFUSED]
    assert (refused, [entry.derived for entry in found.entries]) == ([], [False] * len(given_faqs))
    again = contents_in(found)
    assert list(again) == [key for key, _state, _content in given_faqs]
    for key, _state, content in given_faqs:
        if key not in named:
            assert again[key] == content


@settings(max_examples=30)
@given(given_faqs=faqs)
def test_no_cell_of_a_table_runs_as_a_formula(given_faqs: Faqs) -> None:
    text = FORMATS["csv"].write(given_faqs).data.decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    sheet = load_workbook(io.BytesIO(FORMATS["xlsx"].write(given_faqs).data)).active
    found = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in found} == {"s"}
    for cell in [*cells, *(str(cell.value) for cell in found)]:
        assert not cell.lstrip().startswith(FORMULA_STARTS) and not cell.startswith(("\t", "\r", "\n"))


def test_formulas_are_neutral_in_the_file_and_the_same_again(tmp_path: Path) -> None:
    evil = '=HYPERLINK("http://evil.example","x")'
    faq = FaqContent({"en": LocaleText(evil, "@SUM(A1)", ("-1+1", "+49 30"))}, category="=x")
    for name in ("csv", "xlsx"):
        data = FORMATS[name].write([("k", "draft", faq)]).data
        raw = data if name == "csv" else zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")
        assert b"'=HYPERLINK" in raw and b"<f>" not in raw
        _shape, found = taken(kept(tmp_path, data))
        assert contents_in(found) == {"k": faq}


@pytest.mark.parametrize(("name", "limit", "length"), [("xlsx", 32_767, 1000), ("csv", 131_072, 4000)])
def test_a_cell_that_a_table_cannot_hold_is_named(name: str, limit: int, length: int, tmp_path: Path) -> None:
    faq = with_large_answers(length)
    written = FORMATS[name].write([("large", "", faq)])
    told = [(n.code, n.item, n.column, n.params) for n in written.lost]
    assert told == [("cell_limit", "large", "answers", {"limit": limit})]
    _shape, found = taken(kept(tmp_path, written.data))
    assert contents_in(found) == {"large": replace(faq, answers=())}


@settings(max_examples=60)
@given(st.sampled_from(sorted(FORMATS)), st.binary(max_size=12), st.floats(0, 1), st.integers(0, 30))
def test_a_broken_file_is_refused_or_read_and_never_more(name: str, junk: bytes, place: float, cut: int) -> None:
    faq = FaqContent({"en": LocaleText("Do you ship?", "Yes.", ("abroad?",))}, "delivery", tags=("fast",))
    whole = FORMATS[name].write([("ship", "draft", faq), ("wash", "", faq)]).data
    at = int(place * len(whole))
    with tempfile.TemporaryDirectory() as folder:
        try:
            _shape, found = taken(kept(Path(folder), whole[:at] + junk + whole[at + cut :]))
        except Invalid:
            return
    for notice in [*found.notices, *(each for entry in found.entries for each in entry.notices)]:
        text = json.dumps(notice.as_json())
        assert "\\u0000" not in text and "\\ud8" not in text


def test_words_of_a_notice_can_be_kept_by_any_database() -> None:
    _document, told = checked({"texts": {}, "x\x00\ud800": 1}, where="1", key="a")
    assert [notice.as_json()["column"] for notice in told] == ["x"]

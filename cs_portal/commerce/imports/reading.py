"""Files as people bring them: which encoding, which delimiter, and their rows, one at a time, with line numbers."""

from __future__ import annotations

import codecs
import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from cs_portal.core.errors import Invalid

MAX_BYTES = 20 * 1024 * 1024
MAX_LINES = 200_000
MAX_COLUMNS = 200
DELIMITERS = (",", ";", "\t", "|")
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "utf-16")
_NUL = "\x00"
#: How archives begin, spreadsheets among them.
_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Shape:
    """How a file is written. ``columns`` are its header in lower case without margins, empty for JSON Lines.

    ``names`` says under which name each column is read, empty for one that is passed over; left out, under its own.
    ``headed``: the first row names the columns; a table without names begins with data.
    """

    format: str
    encoding: str
    delimiter: str = ""
    columns: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    headed: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """A row of cells by column (CSV) or a document (JSON Lines); ``broken`` is the code of what could not be read.

    ``unstorable`` names the columns, as the file calls them, whose cells held a NUL, which no database keeps; the
    cells are given without it.
    """

    line: int
    cells: Mapping[str, Any]
    broken: str = ""
    unstorable: tuple[str, ...] = ()


def shape_of(path: Path, encoding: str = "") -> Shape:
    """Look at the whole file once. Raises :class:`Invalid` for what is no such file, in words for people."""
    encoding = _given(path, encoding) if encoding else _encoding(path)
    first = _first_line(path, encoding)
    if first.startswith(("{", "[")):
        return Shape("jsonl", encoding)
    delimiter, header = _header(first)
    if len(header) > MAX_COLUMNS:
        raise Invalid(_("The file has more than %(limit)s columns.") % {"limit": MAX_COLUMNS}, field="file")
    return Shape("csv", encoding, delimiter, tuple(header))


def _given(path: Path, encoding: str) -> str:
    if encoding in ENCODINGS and _decodes(path, encoding):
        return encoding
    raise Invalid(_("The file is not written in this encoding."), field="encoding")


def rows_of(path: Path, shape: Shape) -> Iterator[Row]:
    """Rows in their order. Empty rows are passed over. Raises :class:`Invalid` beyond :data:`MAX_LINES`."""
    with path.open(encoding=shape.encoding, newline="") as file:
        rows = _objects(file) if shape.format == "jsonl" else _cells(file, shape)
        for number, row in enumerate(rows):
            if number >= MAX_LINES:
                raise Invalid(_("The file has more than %(limit)s rows. Split it.") % {"limit": f"{MAX_LINES:,}"})
            yield row


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith(_ARCHIVES):
        raise Invalid(_("This is a spreadsheet or an archive. Save the table as CSV and upload that."), field="file")
    for mark, name in _MARKS:
        if start.startswith(mark):
            if _decodes(path, name):
                return name
            break
    else:
        for name in ("utf-8", "gb18030"):
            if _decodes(path, name):
                return name
    raise Invalid(_("The file is neither UTF-8 nor GB18030 text."), field="file")


def _decodes(path: Path, encoding: str) -> bool:
    """Whether the file is text in this encoding. A NUL here and there is a matter of its row; in UTF-16 that is read as
    something else there is at least one for every line break."""
    nuls = breaks = length = 0
    try:
        with path.open(encoding=encoding, newline="") as file:
            while block := file.read(1 << 18):
                nuls += block.count(_NUL)
                breaks += block.count("\n") or block.count("\r")
                length += len(block)
    except UnicodeError:
        return False
    return not (1 < nuls >= breaks) and nuls * 10 <= length


def _first_line(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, newline=None) as file:
        for _number, line in zip(range(20), file, strict=False):
            if line.strip():
                return line.strip("\r\n ")
    raise Invalid(_("The file is empty."), field="file")


def _header(line: str) -> tuple[str, list[str]]:
    """The delimiter under which most columns have a name of their own; the first of :data:`DELIMITERS` among equals."""

    def split(delimiter: str) -> list[str]:
        try:
            cells = next(csv.reader([line], delimiter=delimiter), [])
        except csv.Error:
            return []
        return [cell.replace(_NUL, "").strip().lower() for cell in cells]

    best = max(DELIMITERS, key=lambda delimiter: len(set(split(delimiter)) - {""}))
    return best, split(best)


def _cells(file: Any, shape: Shape) -> Iterator[Row]:
    reader = csv.reader(file, delimiter=shape.delimiter, strict=False)
    while shape.headed and not any(cell.strip() for cell in next(reader, ["end"])):
        pass
    names = shape.names or shape.columns
    titles = dict(zip(names, shape.columns, strict=False))
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Row(line, {}, "cell_too_large")
            continue
        if not any(cell.strip() for cell in cells):
            continue
        broken = "cells" if any(cell.strip() for cell in cells[len(shape.columns) :]) else ""
        named = {name: cell for name, cell in zip(names, cells, strict=False) if name}
        unstorable = tuple(titles.get(name, name) for name, cell in named.items() if _NUL in cell)
        for name in named if unstorable else ():
            named[name] = named[name].replace(_NUL, "")
        yield Row(line, named, broken, unstorable)


def _objects(file: Any) -> Iterator[Row]:
    for line, text in enumerate(file, start=1):
        if not text.strip():
            continue
        if _NUL in text:
            yield Row(line, {}, "not_storable")
            continue
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            document = None
        yield Row(line, document) if isinstance(document, dict) else Row(line, {}, "not_json")

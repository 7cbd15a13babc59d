"""Rows into canonical documents: rows of one record that follow each other become one document.

Values stay as they were written; :mod:`checks` reads them. A document knows where each of its parts came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cs_portal.commerce.imports.columns import COLUMNS, COMPUTED, KEYS, Column
from cs_portal.commerce.imports.problems import Path, Problem
from cs_portal.commerce.imports.reading import Row, Shape
from cs_portal.commerce.imports.sources import SOURCES
from cs_portal.commerce.imports.sources.base import DAMAGED, PORTAL, Extra, Settings, Source, minor_of
from cs_portal.core.bidi import without_controls
from cs_portal.core.spreadsheets import unguarded
from cs_portal.core.storable import first_unstorable

#: The part of a row that adds an item to a list, told by the item's own column.
_ITEM_KEYS = {"variants": "variant_id", "lines": "line_id", "payments": "payment_id", "refunds": "refund_id"}
_SHIPMENT = ("shipment_tracking", "shipment_carrier", "shipment_lines", "shipment_shipped_at", "shipment_delivered_at")


@dataclass(frozen=True, slots=True)
class Reading:
    """As what a file is read: its format, what the format leaves open, and the file's own names for our columns."""

    source: str = PORTAL
    settings: Settings = field(default_factory=Settings)
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Record:
    """One document. ``problems`` are those of its rows as rows; ``text`` says that values are cells of text.

    ``names`` are the file's own names for our columns, and ``extra`` is what a file of another system says besides.
    """

    kind: str
    key: str
    line: int
    document: dict[str, Any]
    text: bool
    problems: list[Problem] = field(default_factory=list)
    item_lines: dict[tuple[str, int], int] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    extra: Extra = field(default_factory=Extra)

    def locate(self, path: Path) -> tuple[int, str]:
        """Line and column of a part of the document, as the file names them."""
        if not self.text:
            return self.line, ".".join(str(step) for step in path)
        line = (
            self.item_lines.get((str(path[0]), int(path[1])), self.line) if len(path) > 1 and _is_item(path) else None
        )
        column = _column_of(self.kind, path)
        return line or self.line, self.names.get(column, column)

    def called(self, path: Path) -> str:
        """A part of the document by our own column for it; in a file of JSON by its place, without an item's number."""
        return _column_of(self.kind, path) if self.text else ".".join(step for step in path if isinstance(step, str))


def _is_item(path: Path) -> bool:
    return isinstance(path[1], int)


def _column_of(kind: str, path: Path) -> str:
    group = str(path[0]) if len(path) > 1 and _is_item(path) else ""
    steps = tuple(str(step) for step in (path[2:] if group else path))
    if group == "refunds" and steps[:1] == ("payments",):  # one row is one share
        steps = ("payment",) if steps[-1] in {"payments", "id"} else ("amount_minor",)
    for column in COLUMNS[kind]:
        if column.group == group and column.path[: len(steps)] == steps[: len(column.path)]:
            return column.name
    return _ITEM_KEYS.get(str(path[0]), str(path[0]))


def records_of(rows: Iterable[Row], shape: Shape, kind: str, reading: Reading | None = None) -> Iterator[Record]:
    """Records in their order. A key that came before, elsewhere in the file, is a problem of the later record."""
    seen: dict[str, int] = {}
    reading = reading or Reading()
    if reading.source in SOURCES:
        found = _converted(rows, SOURCES[reading.source], reading.settings)
    else:
        found = _documents(rows, kind) if shape.format == "jsonl" else _grouped(rows, kind, reading.names)
    for record in found:
        if record.key in seen:
            line, column = record.locate((KEYS[kind],))
            record.problems.append(Problem(line, column, "again", {"line": str(seen[record.key])}))
        elif record.key:
            seen[record.key] = record.line
        yield record


def _converted(rows: Iterable[Row], source: Source, settings: Settings) -> Iterator[Record]:
    for _key, group in source.group(rows):
        made = source.convert(group, settings)
        key = made.rows[0].cells.get(KEYS[source.kind], "")
        record = Record(source.kind, key, made.rows[0].line, {}, text=True, names=source.names, extra=made.extra)
        if DAMAGED.match(key):
            line, column = record.locate((KEYS[source.kind],))
            record.problems.append(Problem(line, column, "damaged"))
        for row in made.rows:
            _add(record, row)
        yield record


def _documents(rows: Iterable[Row], kind: str) -> Iterator[Record]:
    for row in rows:
        if (where := first_unstorable(row.cells)) is not None:
            column = ".".join(str(step) for step in where)[:60]
            yield Record(kind, "", row.line, {}, text=False, problems=[Problem(row.line, column, "not_storable")])
            continue
        key = row.cells.get(KEYS[kind])
        key = without_controls(key) if isinstance(key, str) else ""
        record = Record(kind, key, row.line, dict(row.cells), text=False)
        if row.broken:
            record.problems.append(Problem(row.line, "", row.broken))
        yield record


def _grouped(rows: Iterable[Row], kind: str, names: Mapping[str, str]) -> Iterator[Record]:
    record: Record | None = None
    for raw in rows:
        row = Row(
            raw.line,
            {name: _plain(cell) for name, cell in raw.cells.items() if name not in COMPUTED},
            raw.broken,
            raw.unstorable,
        )
        key = str(row.cells.get(KEYS[kind], ""))
        if record is None or key != record.key or not key:
            if record is not None:
                yield record
            record = Record(kind, key, row.line, {}, text=True, names=names)
        _add(record, row)
    if record is not None:
        yield record


def _add(record: Record, row: Row) -> None:
    if row.broken:
        record.problems.append(Problem(row.line, "", row.broken))
    record.problems += [Problem(row.line, column, "not_storable") for column in row.unstorable]
    cells = _in_minor_units(record, row)
    for column in COLUMNS[record.kind]:
        if not column.group and column.name in cells:
            _put(record, column, cells[column.name], row.line)
    for group in dict.fromkeys(column.group for column in COLUMNS[record.kind] if column.group):
        if _begins(group, cells):
            _add_item(record, group, cells, row.line)


def _in_minor_units(record: Record, row: Row) -> dict[str, Any]:
    """The row's cells, with amounts that were written as people write money turned into minor units."""
    cells = dict(row.cells)
    currency = str(cells.get("currency") or record.document.get("currency") or "").upper()
    for column in COLUMNS[record.kind]:
        if not column.is_money or column.plain not in cells:
            continue
        text = cells.pop(column.plain)
        if text and not cells.get(column.name):
            minor = minor_of(text, currency)
            if minor is None:
                name = record.names.get(column.plain, column.plain)
                record.problems.append(Problem(row.line, name, "not_amount", {"currency": currency or "–"}))
            cells[column.name] = "" if minor is None else str(minor)
    return cells


def _plain(cell: str) -> str:
    """Without what an export of ours put before a formula, and without what would make two keys of one."""
    return unguarded(without_controls(cell).strip())


def _put(record: Record, column: Column, cell: str, line: int) -> None:
    """A field of the record itself: empty cells say nothing, and what further rows say must be the same."""
    target = record.document
    for step in column.path[:-1]:
        target = target.setdefault(step, {})
    name = column.path[-1]
    if name not in target or target[name] == "":
        target[name] = cell
    elif cell and cell != target[name]:
        record.problems.append(Problem(line, record.names.get(column.name, column.name), "differs"))


def _begins(group: str, cells: dict[str, Any]) -> bool:
    if group == "shipments":
        return any(cells.get(name) for name in _SHIPMENT)
    return bool(cells.get(_ITEM_KEYS[group]))


def _add_item(record: Record, group: str, cells: dict[str, Any], line: int) -> None:
    item = {
        column.path[0]: cells[column.name]
        for column in COLUMNS[record.kind]
        if column.group == group and column.name in cells
    }
    items: list[dict[str, Any]] = record.document.setdefault(group, [])
    if group == "refunds":
        _add_refund(record, items, item, line)
        return
    record.item_lines[(group, len(items))] = line
    items.append(item)


def _add_refund(record: Record, items: list[dict[str, Any]], item: dict[str, Any], line: int) -> None:
    """Rows with the same refund are its shares of several payments."""
    share = {"id": item.pop("payment", ""), "amount_minor": item.pop("amount_minor", "")}
    for known in items:
        if known["id"] == item["id"]:
            known["payments"].append(share)
            return
    record.item_lines[("refunds", len(items))] = line
    items.append({**item, "payments": [share]})

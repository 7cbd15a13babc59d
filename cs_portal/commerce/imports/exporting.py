"""Canonical documents as files that :mod:`cs_portal.commerce.imports` reads again unchanged."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Any

from cs_portal.commerce.imports.cells import text_of
from cs_portal.commerce.imports.columns import COLUMNS, COMPUTED, KEYS, Column
from cs_portal.core.spreadsheets import guarded

FORMATS = ("csv", "jsonl")
Document = dict[str, Any]


def as_json_lines(documents: Iterable[Document]) -> str:
    return "".join(json.dumps(document, ensure_ascii=False) + "\n" for document in documents)


def as_csv(kind: str, documents: Iterable[Document]) -> str:
    """Under our own columns, with one row for each variant, or line, payment, refund and parcel side by side."""
    target = io.StringIO()
    names = [column.name for column in COLUMNS[kind] if column.name not in COMPUTED]
    writer = csv.DictWriter(target, names, restval="", lineterminator="\r\n")
    writer.writeheader()
    for document in documents:
        writer.writerows({name: guarded(cell) for name, cell in row.items()} for row in rows_of(kind, document))
    return target.getvalue()


def rows_of(kind: str, document: Document) -> Iterator[dict[str, str]]:
    """The rows of one document; each begins with its key, the first holds what is said once."""
    columns = [column for column in COLUMNS[kind] if column.name not in COMPUTED]
    whole = {column.name: _cell(document, column) for column in columns if not column.group}
    key = {KEYS[kind]: whole[KEYS[kind]]}
    groups = dict.fromkeys(column.group for column in columns if column.group)
    lists = [[_item(columns, group, item) for item in _items(group, document)] for group in groups]
    for number, parts in enumerate(zip_longest(*lists, fillvalue={}) if any(lists) else [()]):
        row = dict(whole) if number == 0 else dict(key)
        for part in parts:
            row |= part
        yield row


def _items(group: str, document: Document) -> list[Document]:
    """A refund is told by each payment that it came from."""
    if group != "refunds":
        return document[group]
    return [
        {**{name: value for name, value in refund.items() if name != "payments"}, "share": share}
        for refund in document[group]
        for share in refund["payments"]
    ]


def _item(columns: list[Column], group: str, item: Document) -> dict[str, str]:
    if "share" in item:
        item = {**item, "payment": item["share"]["id"], "amount_minor": item["share"]["amount_minor"]}
    return {column.name: _cell(item, column) for column in columns if column.group == group}


def _cell(document: Document, column: Column) -> str:
    value: Any = document
    for step in column.path:
        value = (value or {}).get(step)
    return text_of(value, key=column.path[-1], group=column.group)

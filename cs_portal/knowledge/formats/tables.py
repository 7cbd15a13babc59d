"""CSV and XLSX: rows under matched columns, rows of one key put together."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cs_portal.commerce.imports.reading import MAX_COLUMNS, Shape
from cs_portal.commerce.imports.reading import rows_of as text_rows
from cs_portal.core.spreadsheets import guarded, unguarded
from cs_portal.knowledge.content import FaqContent
from cs_portal.knowledge.formats import workbooks
from cs_portal.knowledge.formats.columns import KEY, LOCALE, SETTINGS, WRITTEN, raw_of, row_of
from cs_portal.knowledge.formats.documents import checked, laid_over
from cs_portal.knowledge.formats.entries import LOST, REFUSED, Contents, Entry, Notice, Written
from cs_portal.knowledge.formats.keys import key_for, key_of
from cs_portal.knowledge.formats.languages import locale_named, locale_of_text
from cs_portal.merchants.models import Locale

#: FAQs that one file may hold.
MAX_FAQS = 20_000
#: What the reader of CSV takes for one cell.
MAX_CSV_CELL = csv.field_size_limit()


@dataclass(frozen=True, slots=True)
class Line:
    """Cells in the order of the columns; ``broken`` is a code, ``unstorable`` are the columns that held a NUL."""

    number: int
    cells: Sequence[str]
    broken: str = ""
    unstorable: tuple[int, ...] = ()


def lines_of_csv(path: Path, shape: Shape, *, width: int) -> Iterator[Line]:
    """``width``: how many columns the table has."""
    numbers = _numbers(width)
    plain = Shape("csv", shape.encoding, shape.delimiter, numbers, numbers, shape.headed)
    for row in text_rows(path, plain):
        cells = [str(row.cells.get(name, "")) for name in numbers]
        yield Line(row.line, cells, row.broken, tuple(map(int, row.unstorable)))


def _numbers(width: int) -> tuple[str, ...]:
    return tuple(str(number) for number in range(width))


def lines_of_xlsx(path: Path, *, headed: bool, width: int) -> Iterator[Line]:
    rows = workbooks.rows_of(path, max_rows=MAX_FAQS * len(Locale.values), max_columns=min(width, MAX_COLUMNS))
    for at, (number, cells) in enumerate(rows):
        if at or not headed:
            yield Line(number, cells)


@dataclass(slots=True)
class _Group:
    """The rows of one key."""

    line: int
    raw: dict[str, Any]
    derived: bool
    notices: list[Notice] = field(default_factory=list)


def contents_of(lines: Iterable[Line], names: Sequence[str], *, language: str) -> Contents:
    """Entries of a table whose columns are called ``names``, empty for those passed over.

    ``language`` is that of texts without one, ``auto`` to tell it by each row's own characters.
    """
    groups: dict[str, _Group] = {}
    refused: list[Entry] = []
    for line in lines:
        notice = _taken_up(line, names, language, groups)
        if notice is not None:
            refused.append(Entry(notice.where, notice.item, notices=(notice,)))
    entries = [_entry(key, group) for key, group in groups.items()]
    return Contents(tuple(sorted((*entries, *refused), key=lambda entry: int(entry.where))))


def _taken_up(line: Line, names: Sequence[str], language: str, groups: dict[str, _Group]) -> Notice | None:
    """Put a row into the group of its key, or say why not."""
    where = str(line.number)
    cells = {name: unguarded(cell).strip(" \t\r") for name, cell in zip(names, line.cells, strict=False) if name}
    title = next((cell for name, cell in cells.items() if name.startswith("question") and cell), "")
    item = key_of(cells.get(KEY, "")) or title[:60]
    if line.broken:
        return Notice(REFUSED, line.broken, where, item)
    if held := [names[at] for at in line.unstorable if names[at]]:
        return Notice(REFUSED, "not_storable", where, item, held[0])
    locale = locale_named(cells[LOCALE]) if cells.get(LOCALE) else _language(cells, language)
    if not locale:
        return Notice(REFUSED, "language_unknown", where, item, LOCALE, {"language": cells[LOCALE][:20]})
    raw = raw_of(cells, locale=locale)
    if not cells.get(KEY) and not title:
        return Notice(REFUSED, "question_missing", where, item)
    key = key_of(cells.get(KEY, "")) or key_for(title)
    group = groups.get(key)
    if group is None:
        groups[key] = _Group(line.number, raw, derived=not cells.get(KEY))
        return None
    return _joined(group, raw, where=where, key=key)


def _language(cells: dict[str, str], language: str) -> str:
    if language in Locale.values:
        return language
    return locale_of_text(cells.get("question") or cells.get("answer", ""))


def _joined(group: _Group, raw: dict[str, Any], *, where: str, key: str) -> Notice | None:
    """Another row of the same FAQ: another language, and settings that say the same or nothing."""
    texts = group.raw["texts"]
    if texts.keys() & raw["texts"].keys() or not raw["texts"]:
        return Notice(REFUSED, "again", where, key, KEY, {"line": group.line})
    for name in SETTINGS:
        if name in raw and group.raw.setdefault(name, raw[name]) != raw[name]:
            group.notices.append(Notice(REFUSED, "differs", where, key, name, {"line": group.line}))
    texts |= raw["texts"]
    return None


def _entry(key: str, group: _Group) -> Entry:
    document, notices = checked(group.raw, where=str(group.line), key=key)
    return Entry(str(group.line), key, document, (*group.notices, *notices), group.derived)


def as_csv(faqs: Iterable[tuple[str, str, FaqContent]]) -> Written:
    """Key, state and content of each; with a byte order mark, without which spreadsheets misread Chinese."""
    target, lost = io.StringIO(), list[Notice]()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(WRITTEN)
    for row in _fitting(faqs, MAX_CSV_CELL, lost):
        writer.writerow([guarded(cell) for cell in row])
    return Written(target.getvalue().encode("utf-8-sig"), tuple(lost))


def as_xlsx(faqs: Iterable[tuple[str, str, FaqContent]]) -> Written:
    lost = list[Notice]()
    return Written(workbooks.workbook(WRITTEN, _fitting(faqs, workbooks.MAX_CELL, lost), title="FAQs"), tuple(lost))


def _fitting(faqs: Iterable[tuple[str, str, FaqContent]], limit: int, lost: list[Notice]) -> Iterator[list[str]]:
    """Rows; a cell that would be too long stays empty, and is told."""
    for row in _rows(faqs):
        for at, cell in enumerate(row):
            if len(cell) >= limit:
                lost.append(Notice(LOST, "cell_limit", item=row[0], column=WRITTEN[at], params={"limit": limit}))
                row[at] = ""
        yield row


def _rows(faqs: Iterable[tuple[str, str, FaqContent]]) -> Iterator[list[str]]:
    for key, state, content in faqs:
        row = row_of(key, content, state=state)
        yield [row[name] for name in WRITTEN]


def template() -> list[tuple[str, str, FaqContent]]:
    """What a template holds beside its header: one FAQ in both languages, which can be imported as it is."""
    raw = {
        "key": "shipping-abroad",
        "texts": {
            Locale.EN.value: {
                "question": "Do you ship abroad?",
                "answer": "Yes, to 40 countries:\n\n- Europe: 5 to 7 days\n- Elsewhere: 10 to 14 days",
                "phrasings": ["Can you send it to Canada?", "international delivery"],
            },
            Locale.ZH_HANS.value: {
                "question": "可以寄到国外吗？",
                "answer": "可以，支持 40 个国家和地区：\n\n- 欧洲：5–7 天\n- 其他地区：10–14 天",
                "phrasings": ["能发加拿大吗", "支持国际配送吗"],
            },
        },
        "category": "delivery",
        "tags": ["shipping", "abroad"],
    }
    return [("shipping-abroad", "", laid_over(FaqContent(), raw))]

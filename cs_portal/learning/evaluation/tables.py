"""Tables to be measured on: CSV with a header row, or JSON Lines, read whole or refused with the line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bots.types import Language, as_language
from cs_portal.learning.evaluation.files import BadFile, read_json_lines, read_text

#: Of these endings a file is JSON Lines; any other is CSV.
JSON_LINES = (".jsonl", ".ndjson", ".json")
MAX_TEXT = 4_000

#: By column name, white space at both ends taken away.
Row = Mapping[str, str]


def read_table(path: Path, columns: Sequence[str], optional: Sequence[str] = ()) -> list[tuple[int, Row]]:
    """The line on which each row starts, and its ``columns``; other columns are passed over. Raises `BadFile`.

    A CSV may lack ``optional`` columns; they are empty then.
    """
    if path.suffix.lower() in JSON_LINES:
        return list(_json_rows(path, (*columns, *optional)))
    return list(_csv_rows(path, columns, optional))


def required(path: Path, line: int, row: Row, column: str) -> str:
    """A value that may be neither empty nor longer than `MAX_TEXT` characters."""
    return at_most(path, line, {column: filled(path, line, row, column)}, column)


def filled(path: Path, line: int, row: Row, column: str) -> str:
    """A value that may not be empty."""
    if not row[column]:
        raise BadFile(path, f"{column}: is required", line)
    return row[column]


def at_most(path: Path, line: int, row: Row, column: str) -> str:
    if len(row[column]) > MAX_TEXT:
        raise BadFile(path, f"{column}: has more than {MAX_TEXT:,} characters", line)
    return row[column]


def locale_of(path: Path, line: int, row: Row) -> Language:
    try:
        return as_language(row["locale"])
    except ValueError:
        raise BadFile(path, f"locale: {row['locale']!r} is neither en nor zh-hans", line) from None


def _csv_rows(path: Path, columns: Sequence[str], optional: Sequence[str]) -> Iterator[tuple[int, Row]]:
    reader = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    line = 1
    try:
        header = next(reader, None)
        if header is None:
            raise BadFile(path, f"is empty; a header row with {', '.join(columns)} is required", 1)
        places = _places(path, header, columns, optional)
        line = reader.line_num + 1
        for cells in reader:
            if cells and len(cells) != len(header):
                raise BadFile(path, f"has {len(cells)} cells, the header row has {len(header)}", line)
            if any(cell.strip() for cell in cells):
                yield line, dict.fromkeys(optional, "") | {name: cells[at].strip() for name, at in places.items()}
            line = reader.line_num + 1
    except csv.Error as error:
        raise BadFile(path, f"is no CSV: {error}", line) from None


def _places(path: Path, header: list[str], columns: Sequence[str], optional: Sequence[str]) -> dict[str, int]:
    names = [name.strip() for name in header]
    columns = (*columns, *(name for name in optional if name in names))
    for column in columns:
        if names.count(column) != 1:
            found = "is missing from" if column not in names else "stands twice in"
            raise BadFile(path, f"column {column} {found} the header row", 1)
    return {column: names.index(column) for column in columns}


def _json_rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, Row]]:
    for line, value in read_json_lines(path):
        if not isinstance(value, dict):
            raise BadFile(path, "must be an object", line)
        row = {column: "" if value.get(column) is None else value[column] for column in columns}
        for column, text in row.items():
            if not isinstance(text, str):
                raise BadFile(path, f"{column}: must be a text", line)
        yield line, {column: text.strip() for column, text in row.items()}

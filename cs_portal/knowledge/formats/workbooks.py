"""XLSX: one table out of a workbook, and a workbook of one table.

A workbook is a zip archive of XML: it is unpacked under the limits of :mod:`archives`, and one with a document type
(the door of entity bombs and foreign files) is refused before anything parses it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils.exceptions import InvalidFileException

from cs_portal.core.errors import Invalid
from cs_portal.core.spreadsheets import guarded
from cs_portal.knowledge.formats.archives import BROKEN, Archive

MAX_CELL = 32_767
_DOCTYPES = tuple("<!DOCTYPE".encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be"))
#: How XLSX writes characters that XML cannot; text that looks so is written so itself.
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def is_workbook(archive: Archive) -> bool:
    return any(member.name == "[Content_Types].xml" for member in archive.members) and any(
        member.name.startswith("xl/") for member in archive.members
    )


def rows_of(path: Path, *, max_rows: int, max_columns: int) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of each row of the first sheet that shows, as text; empty rows are passed over.

    Formulas count by the value they had when the file was saved. Raises :class:`Invalid` for what is no workbook, and
    beyond ``max_rows``.
    """
    _refuse_doctypes(path)
    try:
        # By an open file: by its name openpyxl would judge it.
        with path.open("rb") as file:
            yield from _rows(file, max_rows, max_columns)
    except _BROKEN as error:
        raise Invalid(_("This workbook cannot be read. Save it again as XLSX, or as CSV."), field="file") from error


def _rows(file: IO[bytes], max_rows: int, max_columns: int) -> Iterator[tuple[int, list[str]]]:
    book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
    try:
        sheet = next(each for each in book.worksheets if each.sheet_state == "visible")
        sheet.reset_dimensions()  # what a file says of its own size is not to be trusted
        rows = sheet.iter_rows(max_row=max_rows + 2, max_col=max_columns, values_only=True)
        for number, values in enumerate(rows, 1):
            if number > max_rows + 1:
                raise Invalid(_("The file has more than %(limit)s rows. Split it.") % {"limit": f"{max_rows:,}"})
            cells = [_text(value) for value in values]
            if any(cell.strip() for cell in cells):
                yield number, cells
    finally:
        book.close()


#: What openpyxl and the XML parser raise for files that are not as they should be.
_BROKEN = (
    *(InvalidFileException, TypeError, IndexError, AttributeError, StopIteration, SyntaxError, AssertionError),
    *BROKEN,
)


def _refuse_doctypes(path: Path) -> None:
    with Archive(path) as archive:
        for member in archive.members:
            if not member.name.lower().endswith((".xml", ".rels", ".vml")):
                continue
            before = b""
            for block in archive.blocks(member.name):
                if any(mark in before + block for mark in _DOCTYPES):
                    raise Invalid(_("This workbook holds a document type, which no spreadsheet writes."), field="file")
                before = block[-20:]


def _text(value: Any) -> str:
    """A number as a person would type it, a day without its midnight."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return _ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), str(value)).replace("\x00", "")


def workbook(header: Sequence[str], rows: Iterable[Sequence[str]], *, title: str) -> bytes:
    """A file of one sheet: the header in bold and always in sight, cells as text, none of which runs as a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    for number in range(1, len(header) + 1):
        sheet.column_dimensions[_letter(number)].width = 32
    sheet.append([_cell(sheet, name, Font(bold=True)) for name in header])
    for row in rows:
        sheet.append([_cell(sheet, guarded(cell)) if cell else None for cell in row])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _letter(number: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(number))


def _cell(sheet: Any, text: str, font: Font | None = None) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=re.sub(r"_x(?=[0-9A-Fa-f]{4}_)", "_x005F_x", text))
    cell.data_type = "s"  # never a formula, never a number
    cell.number_format = "@"
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if font is not None:
        cell.font = font
    return cell

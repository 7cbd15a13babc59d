"""Files of any kind: what one is, and what it says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext as _

from cs_portal.commerce.imports.reading import Shape, shape_of
from cs_portal.core.errors import Invalid
from cs_portal.knowledge.formats import dialogflow, jsonlines, rasa, rasa_markdown, rasa_yaml, tables, workbooks
from cs_portal.knowledge.formats.archives import Archive
from cs_portal.knowledge.formats.columns import guessed, is_header, lacking, without_header
from cs_portal.knowledge.formats.entries import Contents

CSV, XLSX, JSONL, DIALOGFLOW, RASA = "csv", "xlsx", "jsonl", "dialogflow", "rasa"
#: Formats whose columns can be matched.
TABLES = frozenset({CSV, XLSX})
MAX_COLUMNS = 200
#: Text in which YAML or markdown is looked for.
_SNIFFED = 200_000
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class FileShape:
    """How a file is read. ``names`` says what each column is, ``headed`` whether the first row names them."""

    format: str
    encoding: str = ""
    delimiter: str = ""
    columns: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    headed: bool = True

    @property
    def is_table(self) -> bool:
        return self.format in TABLES

    @property
    def is_clear(self) -> bool:
        """Whether nobody has to be asked what the columns are."""
        known = [title for title, name in zip(self.columns, self.names, strict=True) if title and not name]
        return not self.is_table or (self.headed and not known and not lacking(self.names))


def shape_of_file(path: Path, *, encoding: str = "", headed: bool | None = None) -> FileShape:
    """Look at a file, by its content and never by its name. Raises :class:`Invalid` for what cannot be read at all.

    ``encoding`` and ``headed`` overrule what was found.
    """
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith(b"PK"):
        return _packed(path, headed)
    if start == _OLD_WORKBOOK:
        raise Invalid(_("This is a workbook of the old kind (XLS). Save it as XLSX or CSV."), field="file")
    shape = shape_of(path, encoding)
    if shape.format == "jsonl":
        return FileShape(JSONL, shape.encoding)
    first = _first_cells(path, shape)
    text = _beginning(path, shape.encoding)
    # A cell of a table may hold anything, so its header comes before what looks like Rasa within.
    if not is_header(first) and (rasa_yaml.is_rasa_yaml(text) or rasa_markdown.is_rasa_markdown(text)):
        return FileShape(RASA, shape.encoding)
    return _table(CSV, first, headed, shape.encoding, shape.delimiter)


def _beginning(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, newline=None) as file:
        return file.read(_SNIFFED)


def _first_cells(path: Path, shape: Shape) -> list[str]:
    """The first row as it stands, a cell with line breaks whole."""
    plain = Shape("csv", shape.encoding, shape.delimiter, (), tuple(map(str, range(MAX_COLUMNS))), headed=False)
    first = next(tables.lines_of_csv(path, plain, width=MAX_COLUMNS), None)
    cells = [cell.strip() for cell in first.cells] if first else []
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _packed(path: Path, headed: bool | None) -> FileShape:
    with Archive(path) as archive:
        if workbooks.is_workbook(archive):
            rows = workbooks.rows_of(path, max_rows=tables.MAX_FAQS * 2, max_columns=MAX_COLUMNS)
            first = next(rows, (1, []))[1]
            while first and not first[-1].strip():
                first.pop()
            return _table(XLSX, [cell.strip() for cell in first], headed)
        if dialogflow.is_agent(archive):
            return FileShape(DIALOGFLOW)
        if _rasa_files(archive):
            return FileShape(RASA)
        if archive.packed:
            raise Invalid(_("This archive holds another archive. Unpack it and upload what is inside."), field="file")
    raise Invalid(
        _("This archive is neither a workbook, nor an agent of Dialogflow ES, nor data of Rasa."), field="file"
    )


def _table(
    format: str, first: Sequence[str], headed: bool | None, encoding: str = "", delimiter: str = ""
) -> FileShape:
    if not first:
        raise Invalid(_("The file is empty."), field="file")
    has_header = is_header(first) if headed is None else headed
    if has_header:
        columns = tuple(" ".join(cell.lower().split())[:100] for cell in first)
        return FileShape(format, encoding, delimiter, columns, tuple(guessed(columns)))
    count = len(first)
    return FileShape(format, encoding, delimiter, ("",) * count, tuple(without_header(count)), headed=False)


def _rasa_files(archive: Archive) -> list[str]:
    """Files that may hold training data, by their endings; what they are is seen by what they say."""
    endings = {".yml", ".yaml", ".md"}
    return [member.name for member in archive.members if PurePosixPath(member.name).suffix.lower() in endings]


def read(path: Path, shape: FileShape, *, language: str) -> Contents:
    """Everything that the file says. ``language``: of texts that do not name theirs, ``auto`` to look at them.

    Raises :class:`Invalid` for what turns out to be unreadable as a whole.
    """
    if shape.is_table:
        return tables.contents_of(_lines(path, shape), shape.names, language=language)
    if shape.format == JSONL:
        return jsonlines.contents_of(path, shape.encoding, language=language)
    if shape.format == DIALOGFLOW:
        with Archive(path) as archive:
            return dialogflow.contents_of(archive)
    return rasa.contents_of(_texts(path, shape), language=language)


def _texts(path: Path, shape: FileShape) -> list[tuple[str, str]]:
    if shape.encoding:
        return [("", path.read_text(encoding=shape.encoding))]
    texts: list[tuple[str, str]] = []
    with Archive(path) as archive:
        for name in _rasa_files(archive):
            try:
                text = archive.read(name).decode("utf-8-sig")
            except UnicodeDecodeError:
                continue
            if rasa_yaml.is_rasa_yaml(text) or rasa_markdown.is_rasa_markdown(text):
                texts.append((name, text))
    if not texts:
        raise Invalid(
            _("This archive is neither a workbook, nor an agent of Dialogflow ES, nor data of Rasa."), field="file"
        )
    return texts


def samples(path: Path, shape: FileShape, *, count: int) -> list[list[str]]:
    """The first rows of a table, as they stand."""
    return [[cell.strip() for cell in line.cells] for line in islice(_lines(path, shape), count)]


def _lines(path: Path, shape: FileShape) -> Iterator[tables.Line]:
    width = len(shape.columns)
    if shape.format == XLSX:
        return tables.lines_of_xlsx(path, headed=shape.headed, width=width)
    plain = Shape("csv", shape.encoding, shape.delimiter, shape.columns, headed=shape.headed)
    return tables.lines_of_csv(path, plain, width=width)

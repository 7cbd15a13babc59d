"""Cases of the regression set as files: CSV or JSON Lines, with the columns of ``evaluate faq``'s queries."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from cs_portal.commerce.imports.reading import rows_of, shape_of
from cs_portal.core.errors import Invalid
from cs_portal.core.spreadsheets import guarded, unguarded
from cs_portal.knowledge.formats.languages import locale_of_text

#: What the columns may be called; the first name is how we write them.
QUESTION = ("query", "question", "问题")
FAQ = ("faq_id", "faq", "key")
WRITTEN = (QUESTION[0], FAQ[0], "locale")
#: So small that what was read goes back and forth with the preview in one form.
MAX_BYTES = 512 * 1024
MAX_ROWS = 5000
#: The longest reference to an FAQ: a question of one.
MAX_REFERENCE = 300


@dataclass(frozen=True, slots=True)
class FileCase:
    """``faq`` is a key, an id or a question of an FAQ as it is written; empty where nothing may answer."""

    line: int
    question: str
    faq: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """``reason`` is for people, in the reader's language."""

    line: int
    question: str
    reason: str


def cases_in(path: Path) -> tuple[list[FileCase], list[Refusal]]:
    """Every row of the file in its order. Raises :class:`Invalid` for a file that cannot be read as one."""
    shape = shape_of(path)
    if shape.format == "csv":
        _require_columns(shape.columns)
    cases, refused = list[FileCase](), list[Refusal]()
    for row in rows_of(path, shape):
        if len(cases) + len(refused) >= MAX_ROWS:
            raise Invalid(_("The file has more than %(limit)s rows. Split it.") % {"limit": MAX_ROWS}, field="file")
        question = "" if row.broken else _cell(row.cells, QUESTION)
        if row.broken:
            refused.append(Refusal(row.line, "", _("This line cannot be read.")))
        elif not any(name in row.cells for name in FAQ):
            refused.append(Refusal(row.line, question[:100], _("It names no FAQ, not even an empty one.")))
        else:
            cases.append(FileCase(row.line, question, _cell(row.cells, FAQ)))
    return cases, refused


def as_csv(cases: Iterable[tuple[str, str]]) -> str:
    """``cases`` are questions, each with the key of its FAQ, empty for none."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(WRITTEN)
    for question, key in cases:
        writer.writerow([guarded(question), guarded(key), locale_of_text(question)])
    return target.getvalue()


def _require_columns(columns: Iterable[str]) -> None:
    given = set(columns)
    for names in (QUESTION, FAQ):
        if not given & set(names):
            sentence = _("The file has no column “%(name)s”.") % {"name": names[0]}
            raise Invalid(sentence, field="file")


def _cell(cells: Mapping[str, Any], names: Iterable[str]) -> str:
    value = next((cells[name] for name in names if cells.get(name) not in (None, "")), "")
    return " ".join(unguarded(str(value)).split())

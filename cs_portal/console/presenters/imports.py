"""Imports as the list and the page of one show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from cs_portal.commerce.imports.columns import COLUMNS, Column
from cs_portal.commerce.imports.matching import choices, missing
from cs_portal.commerce.imports.problems import sentence
from cs_portal.commerce.imports.sources import SOURCES
from cs_portal.commerce.imports.sources.base import PORTAL
from cs_portal.commerce.models import ImportRun, ImportState
from cs_portal.commerce.services.undoing_imports import can_be_undone
from cs_portal.console.presenters.products import State

_STATES: dict[str, tuple[str, str]] = {
    ImportState.MATCHING: ("warn", "columns"),
    ImportState.UNDOING: ("info", "arrow-back-up"),
    ImportState.UNDONE: ("", "arrow-back-up"),
    ImportState.CHECKING: ("info", "hourglass"),
    ImportState.READY: ("warn", "eye"),
    ImportState.RUNNING: ("info", "player-play"),
    ImportState.DONE: ("good", "circle-check"),
    ImportState.REFUSED: ("bad", "ban"),
    ImportState.FAILED: ("bad", "alert-triangle"),
    ImportState.DISCARDED: ("", "trash"),
}
#: The page tells as many problems; the report holds more.
SHOWN_PROBLEMS = 50


@dataclass(frozen=True, slots=True)
class ProblemRow:
    line: int
    column: str
    sentence: str


@dataclass(frozen=True, slots=True)
class RunRow:
    id: UUID
    file_name: str
    kind: str
    state: State
    by: str
    at: datetime
    created: int
    updated: int
    unchanged: int
    refused: int


@dataclass(frozen=True, slots=True)
class ColumnMatch:
    """A column of the file, the one of ours that it is, and what it holds in the first rows."""

    number: int
    title: str
    name: str
    samples: str


@dataclass(frozen=True, slots=True)
class KeptRow:
    kind: str
    key: str
    why: str


@dataclass(frozen=True, slots=True)
class RunPage:
    """``busy`` runs are looked at again by the page; ``percent`` is ``None`` where no end is known yet."""

    row: RunRow
    busy: bool
    percent: int | None
    written: str
    headings: list[str]
    preview: list[tuple[int, list[str]]]
    problems: list[ProblemRow]
    more_problems: int
    imported: int
    source: str
    wants_currency: bool
    matches: list[ColumnMatch]
    lacking: list[str]
    choices: list[tuple[str, str]]
    undoable: bool
    kept: list[KeptRow]
    more_kept: int


def run_row(run: ImportRun) -> RunRow:
    tone, icon = _STATES[run.state]
    return RunRow(
        id=run.public_id,
        file_name=run.file_name,
        kind=run.get_kind_display(),
        state=State(tone, icon, run.get_state_display()),
        by=str(run.member.user) if run.member else _("a former colleague"),
        at=run.created_at,
        created=run.created,
        updated=run.updated,
        unchanged=run.unchanged,
        refused=run.refused,
    )


def run_page(run: ImportRun, *, now: datetime, samples: Sequence[Sequence[str]] = ()) -> RunPage:
    """``samples`` are the first rows of a file whose columns wait to be matched."""
    names = list(dict.fromkeys(name for _line, cells in run.preview for name in cells))
    busy = run.state in {ImportState.CHECKING, ImportState.RUNNING, ImportState.UNDOING}
    is_csv = run.source == PORTAL and run.format == "csv"
    kept = run.changes.exclude(kept="").order_by("id")
    return RunPage(
        row=run_row(run),
        busy=busy,
        percent=round(100 * run.cursor / run.records) if run.state == ImportState.RUNNING and run.records else None,
        written=_written(run),
        headings=names,
        preview=[(line, [str(cells.get(name, "")) for name in names]) for line, cells in run.preview],
        problems=problem_rows(run.problems[:SHOWN_PROBLEMS]),
        more_problems=max(0, run.problems_count - SHOWN_PROBLEMS),
        imported=run.created + run.updated,
        source=str(SOURCES[run.source].label) if run.source in SOURCES else "",
        wants_currency=run.source in SOURCES and SOURCES[run.source].wants_currency,
        matches=_matches(run, samples) if is_csv else [],
        lacking=[column.name for column in missing(run.mapping, run.kind)] if is_csv else [],
        choices=[(name, name) for name in choices(run.kind)] if is_csv else [],
        undoable=can_be_undone(run, now=now),
        kept=[KeptRow(each.get_kind_display(), each.key, each.get_kept_display()) for each in kept[:SHOWN_PROBLEMS]],
        more_kept=max(0, run.kept - SHOWN_PROBLEMS),
    )


def _matches(run: ImportRun, samples: Sequence[Sequence[str]]) -> list[ColumnMatch]:
    found = []
    for number, (title, name) in enumerate(zip(run.columns, run.mapping, strict=False)):
        cells = [row[number] for row in samples if number < len(row) and row[number]]
        shown = " · ".join(dict.fromkeys(cell[:30] for cell in cells))
        found.append(ColumnMatch(number, title or "–", name, shown))
    return found


def _written(run: ImportRun) -> str:
    """The system that it comes from, and how it is written."""
    label = SOURCES[run.source].label if run.source in SOURCES else ""
    return f"{label} · {_form(run)}" if label else _form(run)


def _form(run: ImportRun) -> str:
    if run.format == "jsonl":
        return _("JSON Lines, %(encoding)s") % {"encoding": run.encoding.upper()}
    delimiters = {",": _("comma"), ";": _("semicolon"), "\t": _("tab"), "|": _("vertical bar")}
    return _("CSV, %(encoding)s, separated by %(delimiter)s") % {
        "encoding": run.encoding.upper().replace("-SIG", " (BOM)"),
        "delimiter": delimiters.get(run.delimiter, run.delimiter),
    }


def problem_rows(problems: Iterable[Mapping[str, Any]]) -> list[ProblemRow]:
    return [ProblemRow(each["line"], each["column"], sentence(each["code"], each["params"])) for each in problems]


def column_groups() -> list[tuple[str, list[Column]]]:
    """The columns of every kind, for the help beside the form."""
    return [(kind, list(columns)) for kind, columns in COLUMNS.items()]

"""Imports of FAQs as the list and the page of one show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cs_portal.console.presenters.faq_notices import NoticeRow, notice_rows, part_words, place_words
from cs_portal.console.presenters.imports import ColumnMatch
from cs_portal.console.presenters.knowledge import State as FaqBadge
from cs_portal.console.presenters.knowledge import state_of
from cs_portal.console.presenters.products import State
from cs_portal.knowledge.formats.columns import COLUMNS, NAMES, Column
from cs_portal.knowledge.formats.entries import LOST, OPEN, REFUSED
from cs_portal.knowledge.formats.writing import FORMATS
from cs_portal.knowledge.models import Faq, FaqImport, FaqImportState, faqs_with
from cs_portal.knowledge.services.undoing_imports import CHANGED, USED, can_be_undone
from cs_portal.merchants.models import Locale

_STATES: dict[str, tuple[str, str]] = {
    FaqImportState.MATCHING: ("warn", "columns"),
    FaqImportState.CHECKING: ("info", "hourglass"),
    FaqImportState.READY: ("warn", "eye"),
    FaqImportState.RUNNING: ("info", "player-play"),
    FaqImportState.STOPPED: ("warn", "hand-stop"),
    FaqImportState.DONE: ("good", "circle-check"),
    FaqImportState.REFUSED: ("bad", "ban"),
    FaqImportState.FAILED: ("bad", "alert-triangle"),
    FaqImportState.DISCARDED: ("", "trash"),
    FaqImportState.UNDOING: ("info", "arrow-back-up"),
    FaqImportState.UNDONE: ("", "arrow-back-up"),
}
_BUSY = {FaqImportState.CHECKING, FaqImportState.RUNNING, FaqImportState.UNDOING}
_OUTCOMES: dict[str, str | Promise] = {
    "created": gettext_lazy("New"),
    "updated": gettext_lazy("Would be changed"),
    "unchanged": gettext_lazy("Unchanged"),
}
_WHY: dict[str, str | Promise] = {
    CHANGED: gettext_lazy("changed since"),
    USED: gettext_lazy("something refers to it by now"),
}
#: The page tells as many notices of a kind; the report holds more.
SHOWN = 50


@dataclass(frozen=True, slots=True)
class RunRow:
    id: UUID
    file_name: str
    format: str
    state: State
    by: str
    at: datetime
    created: int
    updated: int
    unchanged: int
    refused: int


@dataclass(frozen=True, slots=True)
class PreviewText:
    """One language of an FAQ, cut short."""

    lang: str
    mark: str
    question: str
    answer: str
    phrasings: int


@dataclass(frozen=True, slots=True)
class PreviewRow:
    where: str
    key: str
    outcome: str
    texts: list[PreviewText]
    beside: str


@dataclass(frozen=True, slots=True)
class Section:
    """Notices of one kind; ``total`` counts those that are not shown, too, ``faqs`` the FAQs that they are about."""

    kind: str
    title: str
    text: str
    rows: list[NoticeRow]
    total: int
    faqs: int

    @property
    def extent(self) -> str:
        """In FAQs, as the tiles count; in notices where those are more."""
        faqs = ngettext("%(count)s FAQ", "%(count)s FAQs", self.faqs) % {"count": f"{self.faqs:,}"}
        notes = ngettext("%(count)s note", "%(count)s notes", self.total) % {"count": f"{self.total:,}"}
        told = [faqs] if self.faqs else []
        return " · ".join([*told, *([notes] if self.total != self.faqs else [])])

    @property
    def more(self) -> int:
        return max(0, self.total - sum(len(row.whys) for row in self.rows))


@dataclass(frozen=True, slots=True)
class Conflict:
    id: str
    title: str
    why: str


@dataclass(frozen=True, slots=True)
class RunPage:
    """``busy`` runs are looked at again by the page; ``percent`` is ``None`` where no end is known yet."""

    row: RunRow
    busy: bool
    percent: int | None
    written: str
    is_table: bool
    taken: int
    preview: list[PreviewRow]
    sections: list[Section]
    matches: list[ColumnMatch]
    choices: list[tuple[str, str]]
    undoable: bool
    conflicts: list[Conflict]


def run_row(run: FaqImport) -> RunRow:
    tone, icon = _STATES[run.state]
    return RunRow(
        id=run.public_id,
        file_name=run.file_name,
        format=_label(run),
        state=State(tone, icon, run.get_state_display()),
        by=str(run.member.user) if run.member else _("a former colleague"),
        at=run.created_at,
        created=run.created,
        updated=run.updated,
        unchanged=run.unchanged,
        refused=run.refused,
    )


def run_page(
    run: FaqImport, *, samples: Sequence[Sequence[str]] = (), links: Mapping[str, UUID] = MappingProxyType({})
) -> RunPage:
    """``samples`` are the first rows of a file whose columns wait to be matched; ``links`` ids of FAQs by key."""
    running = run.state == FaqImportState.RUNNING
    return RunPage(
        row=run_row(run),
        busy=run.state in _BUSY,
        percent=round(100 * run.cursor / run.records) if running and run.records else None,
        written=_written(run),
        is_table=bool(run.columns),
        taken=run.created + run.updated,
        preview=[_previewed(each) for each in run.preview],
        sections=_sections(run, links),
        matches=_matches(run, samples),
        choices=[(name, part_words(name)) for name in NAMES],
        undoable=can_be_undone(run),
        conflicts=[Conflict(c["faq"], c["title"] or c["key"], str(_WHY[c["why"]])) for c in run.conflicts],
    )


def _label(run: FaqImport) -> str:
    return str(FORMATS[run.format].label) if run.format in FORMATS else run.format


def _written(run: FaqImport) -> str:
    """The format, and how a text is written."""
    if not run.encoding:
        return _label(run)
    return f"{_label(run)} · {run.encoding.upper().replace('-SIG', ' (BOM)')}"


def shown_keys(run: FaqImport) -> list[str]:
    """Keys that the notices on the page may name."""
    return [each["item"] for each in run.notices]


def _sections(run: FaqImport, links: Mapping[str, UUID]) -> list[Section]:
    """What was refused, what has to be finished, what stays behind; those without a notice are left out."""
    words = {
        REFUSED: (_("Refused"), _("These are not taken. All others are.")),
        OPEN: (_("To be finished"), _("Taken as drafts; somebody has to look at them before they go live.")),
        LOST: (_("Not carried over"), _("An FAQ has no place for these. What it says is taken without them.")),
    }
    found = []
    for kind, (title, text) in words.items():
        rows = [each for each in run.notices if each["kind"] == kind]
        if rows:
            shown = notice_rows(rows[:SHOWN], links)
            total, faqs = run.counts.get(kind, len(rows)), run.counts.get(faqs_with(kind), 0)
            found.append(Section(kind, title, text, shown, total, faqs))
    return found


def _previewed(each: dict[str, Any]) -> PreviewRow:
    marks = {Locale.EN.value: "EN", Locale.ZH_HANS.value: "中"}
    texts = [
        PreviewText(code, marks.get(code, code), text["question"], text["answer"], text["phrasings"])
        for code, text in each["texts"].items()
    ]
    changes = ", ".join(part_words(part) for part in each["changes"])
    outcome = str(_OUTCOMES.get(each["outcome"], each["outcome"]))
    beside = " · ".join(part for part in (each["category"], ", ".join(each["tags"])) if part)
    where = place_words(each["where"])
    return PreviewRow(where, each["key"], f"{outcome}: {changes}" if changes else outcome, texts, beside)


def _matches(run: FaqImport, samples: Sequence[Sequence[str]]) -> list[ColumnMatch]:
    if run.state != FaqImportState.MATCHING:
        return []
    found = []
    for number, (title, name) in enumerate(zip(run.columns, run.mapping, strict=False)):
        cells = [row[number] for row in samples if number < len(row) and row[number]]
        shown = " · ".join(dict.fromkeys(cell[:40] for cell in cells))
        title = title or _("Column %(number)s") % {"number": number + 1}
        found.append(ColumnMatch(number, title, name, shown))
    return found


@dataclass(frozen=True, slots=True)
class FaqRow:
    """An FAQ that the import wrote, as it is by now."""

    faq: Faq
    state: FaqBadge


def faq_rows(faqs: Iterable[Faq]) -> list[FaqRow]:
    return [FaqRow(faq, state_of(faq)) for faq in faqs]


def columns() -> list[Column]:
    """For the help beside the form."""
    return list(COLUMNS)

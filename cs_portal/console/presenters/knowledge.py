"""FAQs as the list, the editor and the history show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.forms import BoundField
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cs_portal.console.presenters.wording import Words
from cs_portal.knowledge.content import FaqContent, folded, from_json
from cs_portal.knowledge.models import Cause, Faq, FaqRevision, FaqState
from cs_portal.merchants.models import Locale, Member

LANGUAGE_NAMES: dict[str, Words] = {"en": _("English"), "zh-hans": _("Chinese")}
LANGUAGE_MARKS = {"en": "EN", "zh-hans": "中"}
LANG = {"en": "en", "zh-hans": "zh-Hans"}

#: Tone, icon and word of a state; a published FAQ with unpublished changes has a second tag.
STATES: dict[str, tuple[str, str, Words]] = {
    FaqState.DRAFT: ("", "pencil", _("Draft")),
    FaqState.PUBLISHED: ("good", "circle-check", _("Published")),
    FaqState.ARCHIVED: ("", "archive", _("Archived")),
}


@dataclass(frozen=True, slots=True)
class State:
    tone: str
    icon: str
    label: Words


@dataclass(frozen=True, slots=True)
class LanguageMark:
    code: str
    mark: str
    name: Words
    present: bool


def state_of(faq: Faq) -> State:
    return State(*STATES[faq.state])


def shown_language(content: FaqContent) -> str:
    """The reader's own where the FAQ has a question in it."""
    own = get_language() or Locale.EN
    wanted = [own, *Locale.values]
    return next((code for code in wanted if code in Locale.values and content.text(code).question), Locale.EN)


def marks_of(content: FaqContent) -> list[LanguageMark]:
    missing = set(content.missing)
    return [LanguageMark(c, LANGUAGE_MARKS[c], LANGUAGE_NAMES[c], c not in missing) for c in Locale.values]


@dataclass(frozen=True, slots=True)
class LanguagePane:
    """One language of the editor: its three fields, and what the reader should know."""

    code: str
    lang: str
    name: Words
    question: BoundField
    answer: BoundField
    phrasings: BoundField
    missing: bool
    answer_text: str
    doubles: Sequence[tuple[str, Sequence[Faq]]] = field(default_factory=tuple)

    @property
    def has_errors(self) -> bool:
        return bool(self.question.errors or self.answer.errors or self.phrasings.errors)


def panes_of(form: Any, content: FaqContent, doubles: dict[str, list[Faq]]) -> list[LanguagePane]:
    """``doubles``: folded phrasings that other FAQs hold, too."""
    panes = []
    for code in Locale.values:
        text = content.text(code)
        own = [p for p in (text.question, *text.phrasings) if p]
        panes.append(
            LanguagePane(
                code=code,
                lang=LANG[code],
                name=LANGUAGE_NAMES[code],
                question=form[f"question_{code}"],
                answer=form[f"answer_{code}"],
                phrasings=form[f"phrasings_{code}"],
                missing=not text.is_complete,
                answer_text=text.answer,
                doubles=[(p, doubles[folded(p)]) for p in own if folded(p) in doubles],
            )
        )
    return panes


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """One line of the history. ``what`` says what the change did to the FAQ."""

    number: int
    at: datetime
    member: Member | None
    note: str
    cause: str
    what: Words
    icon: str
    is_live: bool
    is_latest: bool


def revision_rows(faq: Faq, rows: Sequence[FaqRevision]) -> list[RevisionRow]:
    return [
        RevisionRow(
            number=row.number,
            at=row.created_at,
            member=row.member,
            note=row.note,
            cause=_cause(row),
            what=_what(row),
            icon=_icon(row),
            is_live=faq.state == FaqState.PUBLISHED and row.number == faq.revision,
            is_latest=row.number == faq.latest,
        )
        for row in rows
    ]


def _what(row: FaqRevision) -> Words:
    if row.went_live:
        return _("Published")
    if row.state == FaqState.ARCHIVED:
        return _("Archived")
    return _("Saved, not published") if row.state == FaqState.PUBLISHED else _("Saved as a draft")


def _cause(row: FaqRevision) -> str:
    if row.source is None:
        return str(Cause(row.cause).label) if row.cause else ""
    words = {
        Cause.RESTORED: _("Taken from revision %(number)s"),
        Cause.UNDONE: _("Undone: back to revision %(number)s"),
        Cause.DISCARDED: _("Unpublished changes discarded: back to revision %(number)s"),
    }
    return str(words[Cause(row.cause)]) % {"number": row.source}


def _icon(row: FaqRevision) -> str:
    if row.went_live:
        return "circle-check"
    return "archive" if row.state == FaqState.ARCHIVED else "pencil"


def content_of_revision(row: FaqRevision | None) -> FaqContent:
    return from_json(row.texts, row.category) if row else FaqContent()

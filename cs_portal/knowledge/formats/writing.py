"""FAQs as files of any kind that :mod:`reading` takes unchanged."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cs_portal.knowledge.content import FaqContent
from cs_portal.knowledge.formats import dialogflow_writing, jsonlines, rasa_writing, tables
from cs_portal.knowledge.formats.entries import Written
from cs_portal.knowledge.formats.reading import CSV, DIALOGFLOW, JSONL, RASA, XLSX

#: Key, state and content of an FAQ.
Faqs = Iterable[tuple[str, str, FaqContent]]


@dataclass(frozen=True, slots=True)
class Format:
    """``note`` says what kind of file it is and for whom."""

    name: str
    label: str | Promise
    note: str | Promise
    ending: str
    content_type: str
    write: Callable[[Faqs], Written]


FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        Format(
            XLSX,
            "XLSX",
            _("For Excel, WPS and others; the easiest to edit."),
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            tables.as_xlsx,
        ),
        Format(CSV, "CSV", _("A table for any program."), "csv", "text/csv; charset=utf-8", tables.as_csv),
        Format(
            JSONL,
            "JSON Lines",
            _("A line for each FAQ, for programs."),
            "jsonl",
            "application/x-ndjson; charset=utf-8",
            jsonlines.written,
        ),
        Format(
            DIALOGFLOW,
            "Dialogflow ES",
            _("An agent as a zip archive, to restore or import there."),
            "zip",
            "application/zip",
            dialogflow_writing.written,
        ),
        Format(
            RASA,
            "Rasa 3",
            _("Training data and responses as YAML."),
            "yml",
            "application/yaml; charset=utf-8",
            rasa_writing.written,
        ),
    )
}

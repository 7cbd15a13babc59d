"""What a report says of a file of FAQs: notices in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from cs_portal.merchants.models import Locale

Words = str | Promise
_SENTENCES: dict[str, Words] = {
    # refused
    "unreadable": "%(reason)s",
    "no_entries": _("There is no FAQ in this file."),
    "cells": _("More cells than columns: a text with a comma has to stand in quotation marks."),
    "cell_too_large": _("A cell is larger than can be read."),
    "question_missing": _("There is no question."),
    "language_unknown": _("“%(language)s” is none of the portal's languages."),
    "again": _("The same key or question came before (%(line)s)."),
    "differs": _("Says something else than the first row with this key (%(line)s)."),
    "key_twice": _("This name stands here twice."),
    "not_json": _("Not a JSON object in one line."),
    "not_storable": _("Holds characters that are no text."),
    "not_text": _("Not a text."),
    "not_texts": _("Not a list of texts."),
    "not_object": _("Not an object."),
    "not_day": _("Not a day like 2026-11-01."),
    "not_flag": _("Neither true nor false."),
    "not_answers": _("Not a list of answers with “id”, “when” and “texts”."),
    "unknown_column": _("Unknown name."),
    "moved": _("Somebody changed this FAQ at the same moment. Import the file once more."),
    "file_not_json": _("This file is no JSON."),
    "file_unreadable": _("This file was passed over: %(reason)s"),
    "no_such_intent": _("Phrases of an intent that is not in the archive."),
    "no_intent": _("No name of an intent."),
    # open
    "answer_missing": _("The answer is missing. It was taken as a draft."),
    "placeholders": _("The answer holds places that another system fills (%(names)s). It was taken as a draft."),
    "name_is_question": _("There are no phrases, so the intent's name stands in for the question."),
    # could not be carried over
    "annotations": _("Entities marked in the phrases (%(names)s); the words stay."),
    "parameters": _("Parameters and their prompts: %(names)s."),
    "contexts_in": _("The intent waits for a context (%(names)s); here it answers at any time."),
    "contexts_out": _("Contexts that it sets: %(names)s."),
    "events": _("Events that lead to it: %(names)s."),
    "follow_up": _("It follows another intent; here it stands alone."),
    "fulfilment": _("Fulfilment: a program answered instead of this text. Check that the text is still true."),
    "dialogflow_action": _("The name of an action: %(names)s."),
    "rasa_action": _("Actions that run after it: %(names)s."),
    "metadata": _("Metadata: %(names)s."),
    "fallback": _("The reply to what is not understood. Here a person takes over instead."),
    "other_language": ngettext_lazy(
        "%(count)s phrase in “%(language)s”, which the portal does not speak.",
        "%(count)s phrases in “%(language)s”, which the portal does not speak.",
        "count",
    ),
    "answer_language": ngettext_lazy(
        "%(count)s answer in “%(language)s”, which the portal does not speak.",
        "%(count)s answers in “%(language)s”, which the portal does not speak.",
        "count",
    ),
    "templates": ngettext_lazy(
        "%(count)s phrase that is a template.", "%(count)s phrases that are templates.", "count"
    ),
    "wordings": ngettext_lazy(
        "%(count)s further wording of the answer.", "%(count)s further wordings of the answer.", "count"
    ),
    "platform_texts": ngettext_lazy(
        "%(count)s text for another platform.", "%(count)s texts for other platforms.", "count"
    ),
    "platform_text_taken": _("The answer was written for another platform; it was taken because there is no other."),
    "conditional_responses": ngettext_lazy(
        "%(count)s response under a condition.", "%(count)s responses under conditions.", "count"
    ),
    "message_kind": ngettext_lazy(
        "%(count)s message of the kind “%(name)s”.", "%(count)s messages of the kind “%(name)s”.", "count"
    ),
    "entity": ngettext_lazy("An entity with %(count)s entry.", "An entity with %(count)s entries.", "count"),
    "phrasings_twice": ngettext_lazy(
        "%(count)s phrasing that was there already.", "%(count)s phrasings that were there already.", "count"
    ),
    "phrasings_long": ngettext_lazy(
        "%(count)s phrasing of more than %(limit)s characters.",
        "%(count)s phrasings of more than %(limit)s characters.",
        "count",
    ),
    "phrasings_many": ngettext_lazy(
        "%(count)s phrasing: an FAQ holds at most %(limit)s in a language.",
        "%(count)s phrasings: an FAQ holds at most %(limit)s in a language.",
        "count",
    ),
    "packed": _("An archive within the archive; it was not opened."),
    "rasa_synonym": _("A synonym."),
    "rasa_regex": _("A regular expression."),
    "rasa_lookup": _("A lookup table."),
    "rasa_slots": ngettext_lazy("%(count)s slot.", "%(count)s slots.", "count"),
    "rasa_forms": ngettext_lazy("%(count)s form.", "%(count)s forms.", "count"),
    "rasa_entities": ngettext_lazy("%(count)s entity.", "%(count)s entities.", "count"),
    "rasa_actions": ngettext_lazy("%(count)s action.", "%(count)s actions.", "count"),
    # exports
    "cell_limit": _("Longer than the %(limit)s characters that a cell can hold; it was left empty."),
    "agent_limit": _("Dialogflow takes at most %(limit)s intents."),
    "looks_marked": _("A phrase looks like one with a marked entity, which Rasa would take it for; it was left out."),
}


_PARTS: dict[str, Words] = {
    "key": _("Key"),
    "locale": _("Language"),
    "question": _("Question"),
    "answer": _("Answer"),
    "phrasings": _("Phrasings"),
    "category": _("Category"),
    "tags": _("Tags"),
    "valid_from": _("Valid from"),
    "valid_until": _("Valid until"),
    "hand_over": _("Hand over to a person"),
    "action": _("Action"),
    "answers": _("Answers by condition"),
    "state": _("State"),
}
_LANGUAGES: dict[str, Words] = {"en": _("English"), "zh": _("Chinese"), "zh-hans": _("Chinese")}


@dataclass(frozen=True, slots=True)
class Why:
    """``part`` of the FAQ, empty where it is about the whole."""

    part: str
    sentence: str


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """All that is told of one place. ``faq`` is the public id of what it is about, where that is an FAQ by now."""

    item: str
    place: str
    whys: list[Why]
    faq: UUID | None = None


def notice_rows(
    notices: Iterable[Mapping[str, Any]], links: Mapping[str, UUID] = MappingProxyType({})
) -> list[NoticeRow]:
    """Notices of one place together, in the order in which each first came. ``links`` are ids of FAQs by key."""
    rows: dict[tuple[str, str], NoticeRow] = {}
    for each in notices:
        at = each["where"], each["item"]
        row = rows.setdefault(at, NoticeRow(each["item"], place_words(each["where"]), [], links.get(each["item"])))
        row.whys.append(Why(part_words(each["column"]), sentence(each["code"], each["params"])))
    return list(rows.values())


def place_words(where: str) -> str:
    """A line by its number; files of an archive by their names."""
    return gettext("Line %(number)s") % {"number": where} if where.isdecimal() else where


def part_words(column: str) -> str:
    """``answer_en`` → "Answer (English)"; what is no part of an FAQ stays as it is."""
    base, _underscore, language = column.partition("_")
    if column in _PARTS:
        return str(_PARTS[column])
    if base in _PARTS and language in _LANGUAGES:
        return gettext("%(part)s (%(language)s)") % {"part": _PARTS[base], "language": _LANGUAGES[language]}
    return column


def sentence(code: str, params: Mapping[str, Any]) -> str:
    """A code that is not known here is shown as it is; a rule of the house was worded in every language at once."""
    if code == "rule":
        return str(params.get(get_language() or "") or params.get(Locale.EN.value) or next(iter(params.values()), ""))
    words = _SENTENCES.get(code)
    return str(words % dict(params)) if words is not None else code

"""Two versions of an FAQ beside each other: what a colleague saved, and what is in the form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from cs_portal.console.presenters.faq_answers import ConditionNames, condition_words, names_of
from cs_portal.console.presenters.faq_differences import setting_words
from cs_portal.console.presenters.knowledge import LANG, LANGUAGE_NAMES
from cs_portal.knowledge.content import ConditionalAnswer, FaqContent
from cs_portal.knowledge.merging import Merged, parts_of
from cs_portal.merchants.models import Locale


@dataclass(frozen=True, slots=True)
class Part:
    """One part that both changed. Empty words: it is not there in that version."""

    key: str
    label: str
    theirs: str
    mine: str
    lang: str


def conflicts_of(merged: Merged, theirs: FaqContent) -> list[Part]:
    """The parts that both changed, as both have them."""
    names = names_of(theirs, merged.content)
    saved, typed = parts_of(theirs), parts_of(merged.content)
    return [
        Part(
            key,
            label_of(key, theirs, merged.content),
            _words(key, saved.get(key), theirs, names),
            _words(key, typed.get(key), merged.content, names),
            next((LANG[code] for code in Locale.values if key.endswith(f"_{code}")), ""),
        )
        for key in merged.conflicts
    ]


def labels_of(keys: Sequence[str], *contents: FaqContent) -> list[str]:
    return [label_of(key, *contents) for key in keys]


def label_of(key: str, *contents: FaqContent) -> str:
    """What a part is called on the page."""
    if key in (words := setting_words()):
        return str(words[key][0])
    if key.startswith("answer-"):
        id = key.removeprefix("answer-")
        places = (n for content in contents for n, one in enumerate(content.answers, 1) if one.id == id)
        return _("Answer %(number)s") % {"number": next(places, "?")}
    name, _underscore, code = key.partition("_")
    part = {"question": _("Question"), "answer": _("Answer"), "phrasings": _("Other phrasings")}[name]
    return f"{LANGUAGE_NAMES[code]}: {part}"


def _words(key: str, part: Any, content: FaqContent, names: ConditionNames) -> str:
    if key in (words := setting_words()):
        return words[key][1](content)
    if isinstance(part, ConditionalAnswer):
        lines = [" · ".join(condition_words(part.when, names)), *part.texts.values()]
        return "\n".join(line for line in lines if line)
    return "\n".join(part) if isinstance(part, tuple) else str(part or "")

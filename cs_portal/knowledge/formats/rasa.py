"""Training data of Rasa: an intent with a response becomes an FAQ; several files of one bot are read as one.

What leads from an intent to its answer: a response of its name (``utter_NAME``), which is how retrieval intents work,
or a rule or story in which a response follows it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from cs_portal.core.errors import Invalid
from cs_portal.knowledge.formats import rasa_markdown, rasa_yaml
from cs_portal.knowledge.formats.cleaning import asked_first, block_of
from cs_portal.knowledge.formats.columns import json_of
from cs_portal.knowledge.formats.documents import KEYS, checked
from cs_portal.knowledge.formats.entries import LOST, OPEN, REFUSED, Contents, Entry, Notice
from cs_portal.knowledge.formats.keys import key_of
from cs_portal.knowledge.formats.languages import locale_named, locale_of_text
from cs_portal.knowledge.formats.rasa_parts import Intent, Parts, Response
from cs_portal.knowledge.formats.refusals import too_many
from cs_portal.knowledge.formats.tables import MAX_FAQS
from cs_portal.merchants.models import Locale

#: Where an export of ours keeps what Rasa has no place for.
OURS = "cs_portal"
_FALLBACK = frozenset({"nlu_fallback", "out_of_scope"})
_SLOT = re.compile(r"\{[A-Za-z_]\w*\}")


def contents_of(files: Sequence[tuple[str, str]], *, language: str) -> Contents:
    """``files``: name and text of each. Raises :class:`Invalid` where no file holds an intent."""
    parts = Parts()
    for name, text in files:
        _read(name, text, parts, alone=len(files) == 1)
    if not parts.intents:
        broken = next((notice for notice in parts.notices if notice.code == "file_unreadable"), None)
        raise Invalid(str(broken.params["reason"]) if broken else _("This file holds no intents."), field="file")
    if len(parts.intents) > MAX_FAQS:
        raise too_many(MAX_FAQS)
    entries: dict[str, Entry] = {}
    extra: list[Entry] = []
    notices = list(parts.notices)
    for intent in parts.intents.values():
        if intent.name in _FALLBACK:
            notices.append(Notice(LOST, "fallback", intent.where, intent.name, params={"text": ""}))
            continue
        entry = _entry(intent, parts, language)
        first = entries.get(entry.key)
        if first is None:
            entries[entry.key] = entry
        elif joined := _joined(first, entry):
            entries[entry.key] = joined
        else:
            again = Notice(REFUSED, "again", entry.where, entry.key, "key", {"line": first.where})
            extra.append(Entry(entry.where, entry.key, notices=(again,)))
    return Contents((*entries.values(), *extra), tuple(notices))


def _read(name: str, text: str, parts: Parts, *, alone: bool) -> None:
    def at(line: int) -> str:
        return str(line) if alone else f"{name}:{line}"

    if rasa_markdown.is_rasa_markdown(text) and not rasa_yaml.is_rasa_yaml(text):
        rasa_markdown.read(text, parts, at)
        return
    try:
        rasa_yaml.read(text, parts, at)
    except Invalid as refusal:
        if alone:
            raise
        parts.refuse("file_unreadable", name, reason=str(refusal))


def _entry(intent: Intent, parts: Parts, language: str) -> Entry:
    given = intent.metadata.get(OURS)
    ours: dict[str, Any] = given if isinstance(given, dict) else {}
    locale, key = _named(intent, ours, language)
    notices: list[Notice] = []

    def tell(code: str, kind: str = LOST, *, column: str = "", **params: Any) -> None:
        notices.append(Notice(kind, code, intent.where, key, column, params))

    _tell_what_stays_behind(intent, parts, tell)
    answer = _answer(intent, parts, tell)
    question, others = asked_first(intent.examples)
    text: dict[str, Any] = {"question": question or intent.name.rpartition("/")[2], "phrasings": others}
    if not intent.examples:
        tell("name_is_question", OPEN, column="question", language=locale)
    if answer:
        text["answer"] = answer
    settings = {name: _typed(name, value) for name, value in ours.items() if name in KEYS - {"texts", "key", "state"}}
    document, told = checked({**settings, "texts": {locale: text}}, where=intent.where, key=key)
    waiting = sorted(set(_SLOT.findall(answer)))
    if waiting:
        tell("placeholders", OPEN, column="answer", names=", ".join(waiting[:8]))
    if not answer and not document.get("answers") and not document.get("hand_over"):
        tell("answer_missing", OPEN, column=f"answer_{locale}")
    return Entry(intent.where, key, document, (*notices, *told), draft=bool(waiting))


def _typed(name: str, value: Any) -> Any:
    """YAML is read as text: a flag is a word there, and what is structured was written as JSON."""
    if name == "hand_over":
        return str(value).lower() == "true"
    if name == "answers" and isinstance(value, str):
        return json_of(value)
    return value


def _named(intent: Intent, ours: dict[str, Any], language: str) -> tuple[str, str]:
    """Language and key: told by our own export, or by names like ``faq_en/returns`` and ``faq_zh/returns``."""
    locale = locale_named(str(ours.get("locale", "")))
    head, slash, rest = intent.name.partition("/")
    base, _line, tail = head.rpartition("_")
    by_name = locale_named(tail) if slash and base else ""
    key = key_of(str(ours.get("key", ""))) or key_of(f"{base}/{rest}" if by_name else intent.name)
    if not locale:
        locale = by_name or (language if language in Locale.values else locale_of_text(" ".join(intent.examples[:20])))
    return locale, key


def _answer(intent: Intent, parts: Parts, tell: Any) -> str:
    names = [f"utter_{intent.name}", *parts.follows.get(intent.name, [])]
    response = next((parts.responses[name] for name in names if name in parts.responses), Response())
    if len(response.texts) > 1:
        tell("wordings", column="answer", count=len(response.texts) - 1)
    if response.conditional:
        tell("conditional_responses", column="answer", count=response.conditional)
    for kind, count in response.kinds.items():
        tell("message_kind", column="answer", name=kind, count=count)
    return block_of(response.texts[0]) if response.texts else ""


def _tell_what_stays_behind(intent: Intent, parts: Parts, tell: Any) -> None:
    if intent.entities:
        tell("annotations", column="phrasings", names=", ".join(sorted(intent.entities)[:8]))
    if others := [name for name in intent.metadata if name != OURS]:
        tell("metadata", names=", ".join(others)[:200])
    actions = [name for name in parts.follows.get(intent.name, []) if name not in parts.responses]
    if actions:
        tell("rasa_action", names=", ".join(actions)[:200])


def _joined(first: Entry, second: Entry) -> Entry | None:
    """Two languages of one FAQ; ``None`` where both are the same language."""
    if first.document["texts"].keys() & second.document["texts"].keys():
        return None
    texts = {**first.document["texts"], **second.document["texts"]}
    document = {**second.document, **first.document, "texts": texts}
    return Entry(first.where, first.key, document, (*first.notices, *second.notices), draft=first.draft or second.draft)

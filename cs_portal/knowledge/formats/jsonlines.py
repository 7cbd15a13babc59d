"""JSON Lines: a document in each line, ours or one with the columns of a table as its keys."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cs_portal.core.errors import Invalid
from cs_portal.core.storable import first_unstorable, is_storable
from cs_portal.knowledge.content import FaqContent
from cs_portal.knowledge.formats.columns import KEY, LOCALE, SETTINGS, STATE, TEXTS, guessed, raw_of
from cs_portal.knowledge.formats.documents import KEYS, checked, document_of
from cs_portal.knowledge.formats.entries import REFUSED, Contents, Entry, Notice, Written
from cs_portal.knowledge.formats.keys import key_for, key_of
from cs_portal.knowledge.formats.languages import SUFFIX, locale_named, locale_of_text
from cs_portal.knowledge.formats.refusals import too_many
from cs_portal.knowledge.formats.tables import MAX_FAQS
from cs_portal.merchants.models import Locale

#: Languages as they are called in names of columns.
_CODES = {suffix: code for code, suffix in SUFFIX.items()}


def contents_of(path: Path, encoding: str, *, language: str) -> Contents:
    """One entry for each line that is not empty. ``language`` as for tables."""
    entries: list[Entry] = []
    seen: dict[str, int] = {}
    with path.open(encoding=encoding, newline=None) as file:
        for number, text in enumerate(file, 1):
            if not text.strip():
                continue
            if len(entries) >= MAX_FAQS:
                raise too_many(MAX_FAQS)
            entry = _entry(text, str(number), language)
            first = seen.setdefault(entry.key, number) if entry.key and not entry.is_refused else number
            if first != number:
                again = Notice(REFUSED, "again", str(number), entry.key, KEY, {"line": first})
                entry = Entry(entry.where, entry.key, notices=(again,))
            entries.append(entry)
    return Contents(tuple(entries))


def _entry(text: str, where: str, language: str) -> Entry:
    if not is_storable(text):
        return Entry(where, "", notices=(Notice(REFUSED, "not_storable", where),))
    try:
        raw = json.loads(text, object_pairs_hook=_once)
    except Invalid as twice:
        return Entry(where, "", notices=(Notice(REFUSED, "key_twice", where, column=twice.field),))
    except (ValueError, RecursionError):
        raw = None
    if not isinstance(raw, Mapping):
        return Entry(where, "", notices=(Notice(REFUSED, "not_json", where),))
    if (held := first_unstorable(raw)) is not None:
        return Entry(where, "", notices=(Notice(REFUSED, "not_storable", where, column=_column_at(held)),))
    given = raw.get(KEY)
    if given is not None and not isinstance(given, str):
        return Entry(where, "", notices=(Notice(REFUSED, "not_text", where, column=KEY),))
    document = raw if "texts" in raw or not _is_flat(raw) else _unfolded(raw, language)
    texts = document.get("texts")
    title = _title(texts) if isinstance(texts, Mapping) else ""
    key = key_of(given or "") or (key_for(title) if title else "")
    if not key:
        return Entry(where, "", notices=(Notice(REFUSED, "question_missing", where),))
    found, notices = checked(document, where=where, key=key)
    return Entry(where, key, found, tuple(notices), derived=not given)


def _column_at(path: Sequence[str | int]) -> str:
    """The part of an FAQ that a place in a line is in, as notices call it."""
    steps = [str(step) for step in path]
    if len(steps) > 2 and steps[0] == "texts":
        return f"{steps[2]}_{locale_named(steps[1]) or steps[1]}"[:60]
    return "".join(steps[:1])[:60]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise Invalid("twice", field=name[:60])
        found[name] = value
    return found


def _title(texts: Mapping[str, Any]) -> str:
    parts = [part for part in texts.values() if isinstance(part, Mapping)]
    return next((str(part["question"]) for part in parts if part.get("question")), "")


def _is_flat(raw: Mapping[str, Any]) -> bool:
    return any(name.startswith(TEXTS) for name in guessed([str(name) for name in raw]))


def _unfolded(raw: Mapping[str, Any], language: str) -> dict[str, Any]:
    """``{"question_en": …}`` or ``{"question": …, "locale": "en"}`` as a document; values of the wrong kind stay."""
    names = guessed([str(name) for name in raw])
    named = {name or str(given): value for name, given, value in zip(names, raw, raw.values(), strict=True)}
    locale = named.pop(LOCALE, "")
    code = locale_named(str(locale)) or str(locale) if locale else _language(named, language)
    document: dict[str, Any] = {KEY: named.pop(KEY, ""), "texts": {}}
    named.pop(STATE, None)
    cells = {name: value for name, value in named.items() if isinstance(value, str)}
    document |= raw_of(cells, locale=code)
    for name, value in named.items():
        if isinstance(value, str):
            if name not in KEYS and not name.startswith(TEXTS):
                document[name] = value
            continue
        base, _line, suffix = name.partition("_")
        if base in TEXTS and (suffix in _CODES or not suffix):
            document["texts"].setdefault(_CODES.get(suffix, code), {})[base] = value
        elif name in SETTINGS or value is not None:
            document[name] = value
    return document


def _language(named: Mapping[str, Any], language: str) -> str:
    if language in Locale.values:
        return language
    return locale_of_text(str(named.get("question") or named.get("answer") or ""))


def written(faqs: Iterable[tuple[str, str, FaqContent]]) -> Written:
    lines = (json.dumps(document_of(key, content, state=state), ensure_ascii=False) for key, state, content in faqs)
    return Written("".join(f"{line}\n" for line in lines).encode())

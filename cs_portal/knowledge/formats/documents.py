"""An FAQ as a document, checked; laid over what an FAQ holds; and an FAQ as one again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from cs_portal.core.storable import first_unstorable
from cs_portal.knowledge.conditions import answer_from_json
from cs_portal.knowledge.content import (
    FaqContent,
    LocaleText,
    content_of,
    folded,
    settings_from_json,
    settings_to_json,
    tags_of,
)
from cs_portal.knowledge.formats.cleaning import block_of, line_of, phrasings_of
from cs_portal.knowledge.formats.entries import REFUSED, Document, Notice
from cs_portal.knowledge.formats.languages import locale_named

_SETTINGS = ("tags", "valid_from", "valid_until", "hand_over", "action", "answers")
KEYS = frozenset({"key", "state", "texts", "category", *_SETTINGS})
_TEXT_KEYS = frozenset({"question", "answer", "phrasings"})
_CONDITION = ("products", "categories", "order_statuses", "storefronts")
_DAYS = ("days_since_paid", "days_since_shipped", "days_since_delivered")


def document_of(key: str, content: FaqContent, *, state: str = "") -> dict[str, Any]:
    """Everything that the FAQ holds; what is empty is there as well, so that it empties what it is laid over."""
    texts = {
        code: {"question": text.question, "answer": text.answer, "phrasings": list(text.phrasings)}
        for code, text in content.texts.items()
    }
    named = {"key": key, **({"state": state} if state else {})}
    return {**named, "texts": texts, "category": content.category, **settings_to_json(content)}


def laid_over(base: FaqContent, document: Document) -> FaqContent:
    """``base`` with what the document says; what it leaves out stays."""
    texts = dict(base.texts)
    for code, part in document.get("texts", {}).items():
        old = texts.get(code, LocaleText())
        question = part.get("question", old.question)
        phrasings = part.get("phrasings", old.phrasings)
        others = tuple(text for text in phrasings if folded(text) != folded(question))
        texts[code] = LocaleText(question, part.get("answer", old.answer), others)
    whole = content_of(texts.items(), document.get("category", base.category))
    settings = settings_to_json(base) | {name: document[name] for name in _SETTINGS if name in document}
    return settings_from_json(replace(whole), settings)


def checked(raw: Mapping[str, Any], *, where: str, key: str) -> tuple[dict[str, Any], list[Notice]]:
    """A document as files give it, cleaned; ``REFUSED`` notices name each part that is not what it should be."""
    check = _Check(where, key)
    for name in raw.keys() - KEYS:
        check.refuse("unknown_column", str(name)[:60])
    document: dict[str, Any] = {"texts": check.texts(raw.get("texts", {}))}
    for name, read in (
        ("category", check.line),
        ("tags", check.tags),
        ("valid_from", check.day),
        ("valid_until", check.day),
        ("hand_over", check.flag),
        ("action", check.line),
        ("answers", check.answers),
    ):
        if name in raw:
            document[name] = read(raw[name], name)
    return document, check.notices


class _Check:
    """Reads values of the right kind and notes the others."""

    def __init__(self, where: str, item: str) -> None:
        self.where, self.item = where, item
        self.notices: list[Notice] = []

    def refuse(self, code: str, column: str, **params: Any) -> None:
        self.notices.append(Notice(REFUSED, code, self.where, self.item, column, params))

    def texts(self, value: Any) -> dict[str, dict[str, Any]]:
        if not isinstance(value, Mapping):
            self.refuse("not_object", "texts")
            return {}
        found: dict[str, dict[str, Any]] = {}
        for name, part in value.items():
            code = locale_named(str(name))
            if not code:
                self.refuse("language_unknown", f"texts.{str(name)[:20]}", language=str(name)[:20])
            elif not isinstance(part, Mapping):
                self.refuse("not_object", f"texts.{name}")
            else:
                found[code] = self._text(part, code)
        return found

    def _text(self, part: Mapping[str, Any], code: str) -> dict[str, Any]:
        for name in part.keys() - _TEXT_KEYS:
            self.refuse("unknown_column", f"texts.{code}.{str(name)[:60]}")
        text: dict[str, Any] = {}
        if "question" in part:
            text["question"] = self.line(part["question"], f"question_{code}")
        if "answer" in part:
            text["answer"] = self.block(part["answer"], f"answer_{code}")
        if "phrasings" in part:
            given = self._strings(part["phrasings"], f"phrasings_{code}")
            kept, told = phrasings_of(given, question=text.get("question", ""), column=f"phrasings_{code}")
            self.notices += [replace(notice, where=self.where, item=self.item) for notice in told]
            text["phrasings"] = kept
        return text

    def line(self, value: Any, column: str) -> str:
        return line_of(self._string(value, column))

    def block(self, value: Any, column: str) -> str:
        return block_of(self._string(value, column))

    def _string(self, value: Any, column: str) -> str:
        if value is None:
            return ""
        if not isinstance(value, str):
            self.refuse("not_text", column)
            return ""
        return value

    def _strings(self, value: Any, column: str) -> list[str]:
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.refuse("not_texts", column)
            return []
        return value

    def tags(self, value: Any, column: str) -> list[str]:
        return list(tags_of(line_of(tag) for tag in self._strings(value, column)))

    def day(self, value: Any, column: str) -> str | None:
        text = self._string(value, column).strip()
        if not text:
            return None
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            self.refuse("not_day", column)
            return None

    def flag(self, value: Any, column: str) -> bool:
        if not isinstance(value, bool):
            if value is not None:
                self.refuse("not_flag", column)
            return False
        return value

    def answers(self, value: Any, column: str) -> list[dict[str, Any]]:
        if value is None:
            return []
        if not isinstance(value, list):
            self.refuse("not_answers", column)
            return []
        return [answer for item in value if (answer := self._answer(item, column)) is not None]

    def _answer(self, item: Any, column: str) -> dict[str, Any] | None:
        """``{"id", "when": {part: [...]}, "texts": {language: words}}``"""
        when = item.get("when") if isinstance(item, Mapping) else None
        texts = item.get("texts") if isinstance(item, Mapping) else None
        if not isinstance(when, Mapping) or not isinstance(texts, Mapping) or not isinstance(item.get("id"), str):
            self.refuse("not_answers", column)
            return None
        if first_unstorable(dict(when)) is not None:
            self.refuse("not_storable", column)
            return None
        if not all(_is_part(name, values) for name, values in when.items()):
            self.refuse("not_answers", column)
            return None
        words = {locale_named(str(code)): text for code, text in texts.items()}
        if "" in words or not all(isinstance(text, str) for text in words.values()):
            self.refuse("not_answers", column)
            return None
        cleaned = {code: block_of(text) for code, text in words.items()}
        made = {"id": line_of(item["id"]), "when": dict(when), "texts": {c: t for c, t in cleaned.items() if t}}
        answer_from_json(made)
        return made


def _is_part(name: Any, values: Any) -> bool:
    """Whether a condition of this name may have these values."""
    if not isinstance(values, list):
        return False
    if name in _CONDITION:
        return all(isinstance(value, str) for value in values)
    whole = [value for value in values if value is not None]
    return name in _DAYS and len(values) == 2 and all(type(value) is int for value in whole)

"""Cells of text into values of the canonical JSON: what cannot be read stays as it is, and is refused by the check.

Numbers are digits, flags are words, lists are separated by semicolons; a time without an offset is the merchant's. A
list that such a cell could not tell is written as JSON. ``text_of`` is the way back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import Any

_TRUE, _FALSE = {"true", "yes", "1", "是"}, {"false", "no", "0", "否"}
_FLAGS = frozenset({"consumable", "items_modified", "final_sale"})
_WORDS = frozenset({("", "tags"), ("lines", "tags"), ("shipments", "lines")})


def values_of(document: Mapping[str, Any], *, zone: tzinfo, group: str = "") -> dict[str, Any]:
    """``group`` is the list that the document is an item of."""
    return {key: _value(key, value, zone, group) for key, value in document.items()}


def _value(key: str, value: Any, zone: tzinfo, group: str) -> Any:
    if isinstance(value, dict):
        return values_of(value, zone=zone, group=group)
    if isinstance(value, list):
        return [values_of(item, zone=zone, group=key) if isinstance(item, dict) else item for item in value]
    if not isinstance(value, str):
        return value
    if (read := _reader(key, group)) is not None:
        return read(value) if (found := _json(value)) is None else found
    if key.endswith("_at"):
        return _moment(value, zone)
    return value


def _reader(key: str, group: str) -> Callable[[str], Any] | None:
    if key.endswith("_minor") or key in {"quantity", "stock"}:
        return _whole
    if key in _FLAGS:
        return _flag
    if key == "options":
        return _pairs
    if (group, key) in _WORDS:
        return _words
    if (group, key) == ("refunds", "lines"):
        return _pieces
    return _methods if key == "payment_methods" else _choice if key in _CHOICES else None


_CHOICES = frozenset({"status", "locale", "currency"})


def _json(text: str) -> Any:
    """What a cell that is a JSON list or object says; ``None`` for all others."""
    try:
        return json.loads(text) if text.startswith(("{", "[")) else None
    except (ValueError, RecursionError):
        return None


def text_of(value: Any, *, key: str, group: str = "") -> str:
    """The cell that says ``value``, which is that of a canonical document."""
    if value is None or value == [] or value == {}:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, (list, dict)):
        return str(value)
    plain = _told(value)
    read = _reader(key, group)
    fits = read is not None and _json(plain) is None and read(plain) == value
    return plain if fits else json.dumps(value, ensure_ascii=False)


def _told(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name}={text}" for name, text in value.items())
    return "; ".join(":".join(map(str, item.values())) if isinstance(item, dict) else str(item) for item in value)


def _choice(text: str) -> str | None:
    return text or None


def _whole(text: str) -> int | str | None:
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= 20 else text or None


def _flag(text: str) -> bool | str | None:
    known = text.lower()
    return known in _TRUE if known in _TRUE | _FALSE else text or None


def _moment(text: str, zone: tzinfo) -> str | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text or None
    return text if at.tzinfo is not None else at.replace(tzinfo=zone).isoformat()


def _words(text: str) -> list[str]:
    return [part.strip() for part in text.replace("；", ";").split(";") if part.strip()]


def _pairs(text: str) -> dict[str, str] | str:
    """``colour=white; size=M``"""
    parts = [part.partition("=") for part in _words(text)]
    if any(not name.strip() or sign != "=" for name, sign, _rest in parts):
        return text
    return {name.strip(): rest.strip() for name, _sign, rest in parts}


def _methods(text: str) -> list[dict[str, Any]] | str:
    """``m-1:wechat_pay; m-2:gift_card:5000``"""
    parts = [part.split(":") for part in _words(text)]
    if any(len(part) not in {2, 3} for part in parts):
        return text
    named = [dict(zip(("id", "method", "balance_minor"), part, strict=False)) for part in parts]
    return [{key: _whole(part) if key == "balance_minor" else part for key, part in each.items()} for each in named]


def _pieces(text: str) -> list[dict[str, Any]] | str:
    """``l-1:1; l-2:2``"""
    parts = [part.rpartition(":") for part in _words(text)]
    if any(not line or not pieces.isdecimal() or len(pieces) > 9 for line, _colon, pieces in parts):
        return text
    return [{"id": line, "quantity": int(pieces)} for line, _colon, pieces in parts]

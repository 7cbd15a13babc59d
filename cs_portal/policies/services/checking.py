"""What a ruleset must be before it is kept: valid to the engine, within limits, and storable."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from cs_portal.core.errors import Invalid, NotAllowed
from cs_portal.core.storable import first_unstorable
from cs_portal.merchants.models import Member
from cs_portal.policies.engine import Ruleset, RulesetError

MAX_RULES = 300
MAX_BYTES = 1_000_000


class InvalidRules(Invalid):
    """Rules that the engine refuses. ``path`` says where in the document, ``problem`` what, in the engine's words."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}" if path else problem, field=path)
        self.path = path
        self.problem = problem


def require_rule_editor(by: Member) -> None:
    """Raises :class:`NotAllowed` for operators and analysts."""
    if not by.may_configure:
        raise NotAllowed(_("Only an owner or an admin may change the rules."))


def checked_document(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document in its canonical form, without a version number. Raises :class:`InvalidRules`."""
    try:
        ruleset = Ruleset.from_dict(document)
    except RulesetError as error:
        raise InvalidRules(error.path, error.problem) from error
    if len(ruleset.rules) > MAX_RULES:
        raise InvalidRules("rules", f"must be at most {MAX_RULES}")
    if len(ruleset.name) > 60:
        raise InvalidRules("name", "must be at most 60 characters")
    checked = ruleset.to_dict()
    checked.pop("version", None)
    _storable(checked)
    return checked


def _storable(document: dict[str, Any]) -> None:
    """Neither PostgreSQL nor UTF-8 takes every string that JSON can write."""
    if first_unstorable(document) is not None:
        raise InvalidRules("", "holds characters that are no text")
    if len(json.dumps(document, ensure_ascii=False).encode()) > MAX_BYTES:
        raise InvalidRules("", "is too large")


class _KeyTwice(Exception):
    """Which of the two conditions was meant, nobody can tell."""


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _KeyTwice(key[:60])
        found[key] = value
    return found


def read_json(text: str) -> Any:
    """What is written in ``text``. Raises :class:`InvalidRules` with the line where reading stopped."""
    if len(text) > MAX_BYTES:
        raise InvalidRules("", "is too large")
    try:
        return json.loads(text, object_pairs_hook=_each_key_once)
    except _KeyTwice as twice:
        raise InvalidRules("", f'says "{twice.args[0]}" twice in one place') from None
    except json.JSONDecodeError as error:
        raise InvalidRules("", f"is no JSON: line {error.lineno}, column {error.colno}") from None
    except (ValueError, RecursionError):
        raise InvalidRules("", "is no JSON that can be read") from None

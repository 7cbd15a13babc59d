"""The trace of a verdict that was kept: every rule that was tried, in order, and why, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cs_portal.commerce.money import with_symbols
from cs_portal.console.presenters.wording import in_language


@dataclass(frozen=True, slots=True)
class TraceLine:
    """``rule`` is the rule's name; where the rules of the time are gone it is empty, and its ``code`` stands for it.

    ``open`` marks the rule that decided because facts are missing: it neither applies nor does not.
    """

    rule: str
    code: str
    matched: bool
    open: bool
    because: str


def trace_lines(verdict: Mapping[str, Any], names: Mapping[str, str]) -> list[TraceLine]:
    """``verdict`` is canonical, ``names`` are the rules' names by code."""
    decided = verdict.get("rule") or ""
    return [
        TraceLine(
            rule=names.get(step["rule"], ""),
            code=step["rule"],
            matched=step["matched"],
            open=step["rule"] == decided and not step["matched"],
            because=with_symbols(in_language(step["because"])),
        )
        for step in verdict.get("trace") or []
    ]

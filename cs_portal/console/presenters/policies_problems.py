"""What the engine says of a document that it refuses, in the reader's language and by the names of the rules."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cs_portal.console.presenters.policies import language

#: The engine's sentences (``policies.engine.reading`` and its readers) with their variable parts.
_PROBLEMS = [
    gettext_noop("must be an object"),
    gettext_noop("unknown key"),
    gettext_noop("is required"),
    gettext_noop("must be a string that is not empty"),
    gettext_noop("must be a string"),
    gettext_noop("must be one of %(a)s"),
    gettext_noop("must be a whole number from %(a)s to %(b)s"),
    gettext_noop("must be a whole number"),
    gettext_noop("must be true or false"),
    gettext_noop("must be true"),
    gettext_noop("must be a currency code of three capital letters"),
    gettext_noop("must be an ISO 8601 time with its offset"),
    gettext_noop("must be a list"),
    gettext_noop("must be an object of strings"),
    gettext_noop("must hold at least one condition"),
    gettext_noop("must hold at least one value"),
    gettext_noop("must be the lower and the upper bound"),
    gettext_noop("conditions may be nested at most %(a)s deep"),
    gettext_noop("must be one of all, any, not, or a comparison of a fact"),
    gettext_noop('unknown fact "%(a)s"'),
    gettext_noop('unknown operator "%(a)s"'),
    gettext_noop('"%(a)s" does not go with %(b)s; it takes %(c)s'),
    gettext_noop('unknown value "%(a)s"; it takes %(b)s'),
    gettext_noop('unknown action "%(a)s"'),
    gettext_noop('unknown currency "%(a)s"'),
    gettext_noop('"%(a)s" is taken'),
    gettext_noop('must be "any" or a list of actions'),
    gettext_noop('goes with the outcome "ask", which must say what is asked for'),
    gettext_noop('goes with the outcome "allow" only'),
    gettext_noop("is required where money goes back (refund, return, cancel)"),
    gettext_noop("must be one of percent_of_lines, fixed_minor, everything_refundable"),
    gettext_noop("goes with fixed_minor only"),
    gettext_noop("must be from %(a)s to %(b)s"),
    gettext_noop("does not go with fixed_minor"),
    gettext_noop("must be one of percent, fixed_minor"),
    gettext_noop("must name at least one currency"),
    gettext_noop("must end with a tier without up_to_minor"),
    gettext_noop("must be more than that of the tier before"),
    gettext_noop("must not be less than that of the tier before"),
    gettext_noop('unknown time zone "%(a)s"'),
    gettext_noop("must hold from or until"),
    gettext_noop("must be a day, as in 2026-11-01"),
    gettext_noop("must not be before from"),
    gettext_noop("goes with asking for the reason only"),
    gettext_noop("must be at most %(a)s characters"),
    gettext_noop("must be at most %(a)s"),
    gettext_noop("holds characters that are no text"),
    gettext_noop("is too large"),
    gettext_noop("is no JSON: line %(a)s, column %(b)s"),
    gettext_noop("is no JSON that can be read"),
]


def _pattern(sentence: str) -> re.Pattern[str]:
    parts = re.split(r"%\((\w)\)s", sentence)
    written = "".join(re.escape(part) if i % 2 == 0 else f"(?P<{part}>.+?)" for i, part in enumerate(parts))
    return re.compile(written + r"\Z", re.DOTALL)


_PATTERNS = [(_pattern(sentence), sentence) for sentence in _PROBLEMS]


def problem_words(problem: str) -> str:
    """The engine's ``problem`` in the reader's language; its own words where none are known."""
    for pattern, sentence in _PATTERNS:
        if found := pattern.match(problem):
            return _(sentence) % found.groupdict() if found.groupdict() else _(sentence)
    return problem


def place_words(path: str, document: Any) -> str:
    """``rules[3].when.all[1].value`` as ``Rule 4 “Late returns”, when.all[1].value``."""
    found = re.match(r"rules\[(\d+)\]\.?(.*)", path)
    if not found:
        return path
    index, field = int(found[1]), found[2]
    named = {"number": index + 1, "name": _title(document, index), "field": field}
    if not field:
        return _("Rule %(number)d “%(name)s”") % named
    return _("Rule %(number)d “%(name)s”, field %(field)s") % named


def _title(document: Any, index: int) -> str:
    """Of a document that is not valid: whatever can be read of the rule's name."""
    try:
        rule = document["rules"][index]
        label = rule.get("label")
        name = (label or {}).get(language()) if isinstance(label, dict) else None
        return str(name or rule.get("id") or "?")[:80]
    except (LookupError, TypeError, AttributeError):
        return "?"

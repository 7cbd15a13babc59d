"""Reason texts: the merchant's words, with facts filled in.

Only names in braces are replaced (``{order.delivered_on}``); this is no template language, and nothing in a fact's
value is ever read as one.
"""

from __future__ import annotations

import re

from .facts import FACTS, Facts
from .missing import Missing
from .phrase import Piece, in_language
from .text import Text

_NAME = re.compile(r"\{([a-z_0-9.]+)\}")
_UNKNOWN = Text("unknown", "未知")


def fact_names(words: str) -> tuple[str, ...]:
    return tuple(_NAME.findall(words))


def reason_pieces(words: str, language: str) -> list[Piece]:
    """A reason before any case is known: a fact that will be filled in is a value, by its label."""
    found = []
    for index, part in enumerate(_NAME.split(words)):
        spec = FACTS.get(part) if index % 2 else None
        if spec is not None:
            found.append(Piece(in_language(spec.label, language), value=True))
        elif part:
            found.append(Piece(f"{{{part}}}" if index % 2 else part))
    return found


def filled_in(reasons: Text, facts: Facts) -> Text:
    if "{" not in reasons.en and "{" not in reasons.zh_hans:
        return reasons
    return Text(
        _NAME.sub(lambda found: _shown(found[1], facts).en, reasons.en),
        _NAME.sub(lambda found: _shown(found[1], facts).zh_hans, reasons.zh_hans),
    )


def _shown(name: str, facts: Facts) -> Text:
    value = facts[name]
    return _UNKNOWN if isinstance(value, Missing) else FACTS[name].show(value, facts.currency)

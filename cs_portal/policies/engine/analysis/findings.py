"""What an analysis has to say, in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cs_portal.policies.engine.text import Text


class Kind(StrEnum):
    """What was found.

    ``NEVER``: no case fulfils its condition. ``HIDDEN``: earlier rules decide all its cases, ``PARTLY_HIDDEN`` for some
    of its requests. ``EXPIRED``: its days are over. ``ASKS_AGAIN``: it asks for what was given already. ``GAP``: no
    rule says anything of some cases. ``NO_RULES``: of a kind of request no rule says anything. ``TOO_COMPLEX``: not
    everything could be tried. ``UNKNOWN_FACT``, ``UNKNOWN_VALUE``: what the rule names does not exist.
    ``CONTRADICTION``: an FAQ says otherwise.
    """

    NEVER = "never"
    HIDDEN = "hidden"
    PARTLY_HIDDEN = "partly_hidden"
    EXPIRED = "expired"
    ASKS_AGAIN = "asks_again"
    GAP = "gap"
    NO_RULES = "no_rules"
    TOO_COMPLEX = "too_complex"
    UNKNOWN_FACT = "unknown_fact"
    UNKNOWN_VALUE = "unknown_value"
    CONTRADICTION = "contradiction"


@dataclass(frozen=True, slots=True)
class Finding:
    """`rule` is whom it concerns, empty for the whole ruleset; `by` the rules that are in its way.

    `facts` are an example, in the words of the trace; `faq` the FAQ that says otherwise.
    """

    kind: Kind
    text: Text
    rule: str = ""
    actions: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    facts: tuple[Text, ...] = ()
    faq: str = ""

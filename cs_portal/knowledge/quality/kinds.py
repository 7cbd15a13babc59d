"""The kinds of problem that an answer can have."""

from __future__ import annotations

from enum import StrEnum

#: The filter that any kind fits.
ANY_PROBLEM = "any"


class Kind(StrEnum):
    """``CONTRADICTION``: another answer states another figure of the same thing; ``RULES``: the live ruleset does.

    ``TRANSLATION``: the two languages of one FAQ state different figures. ``LABEL``: a category differs from another
    in case or width only.
    """

    CONTRADICTION = "contradiction"
    RULES = "rules"
    TRANSLATION = "translation"
    EXPIRED = "expired"
    LINK = "link"
    DUPLICATE = "duplicate"
    EXPIRING = "expiring"
    UNTRANSLATED = "untranslated"
    LABEL = "label"
    NEVER_HIT = "never_hit"

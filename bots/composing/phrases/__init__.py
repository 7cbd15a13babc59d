"""Everything the grounded composer can say, by language.

A phrase is a tuple of wordings that mean the same; the request's seed picks one. Fields are those of ``str.format``.
Both languages hold the same keys with the same fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bots.composing.phrases import en, zh_hans
from bots.types import Language


@dataclass(frozen=True, slots=True)
class PhraseTable:
    """``joiner`` stands between two sentences of a paragraph; ``names`` translate canonical words."""

    phrases: Mapping[str, tuple[str, ...]]
    payment_methods: Mapping[str, str]
    statuses: Mapping[str, str]
    actions: Mapping[str, str]
    joiner: str
    list_joiner: str


TABLES: Mapping[Language, PhraseTable] = {
    "en": PhraseTable(en.PHRASES, en.PAYMENT_METHODS, en.STATUSES, en.ACTIONS, " ", " and "),
    "zh-hans": PhraseTable(zh_hans.PHRASES, zh_hans.PAYMENT_METHODS, zh_hans.STATUSES, zh_hans.ACTIONS, "", "和"),
}

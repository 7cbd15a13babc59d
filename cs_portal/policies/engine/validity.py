"""From which day to which a rule is in force, both included, by the clock of `Case.today`.

JSON: ``{"from": "2026-11-01", "until": "2026-11-11"}``; either may be left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from .catalogue import day_text
from .reading import ObjectReader, RulesetError
from .text import Text

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Validity:
    first: date | None = None
    last: date | None = None

    def holds_on(self, today: date) -> bool:
        return (self.first is None or self.first <= today) and (self.last is None or today <= self.last)

    def not_in_force(self, today: date) -> Text:
        """Why it does not hold on that day: "in force from 1 November 2026"."""
        if self.first is not None and today < self.first:
            shown = day_text(self.first)
            return Text(f"in force from {shown.en} on, today is earlier", f"自 {shown.zh_hans}起生效，今天尚未生效")
        assert self.last is not None
        shown = day_text(self.last)
        return Text(f"in force until {shown.en} only", f"仅在 {shown.zh_hans}及之前有效")

    def to_dict(self) -> dict[str, str]:
        named = {"from": self.first, "until": self.last}
        return {key: day.isoformat() for key, day in named.items() if day is not None}


def parse_validity(parent: ObjectReader, key: str) -> Validity:
    read = ObjectReader(parent.value(key), parent.at(key), known=("from", "until"), error=RulesetError)
    valid = Validity(_day(read, "from"), _day(read, "until"))
    if valid.first is None and valid.last is None:
        raise parent.fail(key, "must hold from or until")
    if valid.first is not None and valid.last is not None and valid.last < valid.first:
        raise read.fail("until", "must not be before from")
    return valid


def _day(read: ObjectReader, key: str) -> date | None:
    if not read.has(key):
        return None
    value = read.value(key)
    try:
        found = date.fromisoformat(value) if isinstance(value, str) and _DAY.fullmatch(value) else None
    except ValueError:
        found = None
    if found is None or not 1900 <= found.year <= 2999:
        raise read.fail(key, "must be a day, as in 2026-11-01")
    return found

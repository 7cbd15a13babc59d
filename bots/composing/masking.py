"""Keeping the personal values of the records out of prompts, and putting them back into the final reply."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bots.types import PersonalValues, Violation

#: Anything of the shape of a placeholder, whoever wrote it.
_PLACEHOLDER = re.compile(r"\[(?:NAME|ORDER|EMAIL|PHONE|ADDRESS|TRACKING|TEXT)_\d+\]")
_SHORTEST_NAME_PART = 2


class Masker:
    """Replaces known personal values by typed placeholders such as ``[NAME_1]`` and restores them.

    ``restore(mask(text)) == text`` for every text: each spelling gets a placeholder of its own, and what already
    looks like a placeholder in ``text`` is masked as ``[TEXT_n]``. A Latin value is found where it stands as a word
    (``Li`` is not masked in ``delivery``), whatever its case; the digits of a phone number may be grouped.
    """

    def __init__(self, personal: PersonalValues, *, others: Iterable[str] = ()) -> None:
        """``others`` are values of no kind of the records: account and card numbers, say."""
        rules = [*_rules(personal), *(("TEXT", value, _as_word(value)) for value in others)]
        rules.sort(key=lambda rule: -len(rule[1]))
        self._kinds = [kind for kind, _, _ in rules]
        alternatives = [rf"(?P<placeholder>{_PLACEHOLDER.pattern})"]
        alternatives += [f"(?P<v{number}>{pattern})" for number, (_, _, pattern) in enumerate(rules)]
        self._pattern = re.compile("|".join(alternatives))
        self._by_value: dict[tuple[str, str], str] = {}
        self._by_placeholder: dict[str, str] = {}

    def mask(self, text: str) -> str:
        """``text`` with every known personal value replaced."""
        return self._pattern.sub(self._replacement, text)

    def restore(self, text: str) -> tuple[str, tuple[Violation, ...]]:
        """``text`` with the values put back, and every placeholder for which there is none."""
        restored = ""
        unknown = []
        position = 0
        for match in _PLACEHOLDER.finditer(text):
            restored += text[position : match.start()]
            value = self._by_placeholder.get(match.group())
            if value is None:
                unknown.append(
                    Violation("placeholder", match.group(), len(restored), len(restored) + len(match.group()))
                )
            restored += match.group() if value is None else value
            position = match.end()
        return restored + text[position:], tuple(unknown)

    def _replacement(self, match: re.Match[str]) -> str:
        group = match.lastgroup or "placeholder"
        kind = "TEXT" if group == "placeholder" else self._kinds[int(group[1:])]
        key = (kind, match.group())
        if key not in self._by_value:
            number = sum(1 for known, _ in self._by_value if known == kind) + 1
            placeholder = f"[{kind}_{number}]"
            self._by_value[key] = placeholder
            self._by_placeholder[placeholder] = match.group()
        return self._by_value[key]


def _rules(personal: PersonalValues) -> Iterator[tuple[str, str, str]]:
    """``(kind, value, pattern)`` of everything that must not be seen."""
    kinds = (
        ("NAME", personal.names),
        ("EMAIL", personal.emails),
        ("ADDRESS", personal.addresses),
        ("ORDER", personal.order_numbers),
        ("TRACKING", personal.trackings),
    )
    for kind, values in kinds:
        for value in values:
            if value.strip():
                yield kind, value.strip(), _as_word(value.strip())
    for name in personal.names:
        for part in name.split():
            if part != name and len(part) >= _SHORTEST_NAME_PART:
                yield "NAME", part, _bounded(re.escape(part), part)
    for phone in personal.phones:
        digits = re.sub(r"\D", "", phone)
        if digits:
            yield "PHONE", phone, rf"(?<![0-9])\+?{'[-. ()]{0,2}'.join(digits)}(?![0-9])"
        if phone.strip():
            yield "PHONE", phone.strip(), _as_word(phone.strip())


def _as_word(value: str) -> str:
    return _bounded(rf"(?i:{re.escape(value)})", value)


def _bounded(pattern: str, value: str) -> str:
    before = r"(?<![A-Za-z0-9])" if _is_ascii_word(value[0]) else ""
    after = r"(?![A-Za-z0-9])" if _is_ascii_word(value[-1]) else ""
    return f"{before}{pattern}{after}"


def _is_ascii_word(char: str) -> bool:
    return char.isascii() and char.isalnum()

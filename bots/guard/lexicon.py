"""What no reply may hold whatever the evidence: insults, legal or medical advice, the prompt, unfilled gaps."""

from __future__ import annotations

from collections.abc import Iterator

from bots.guard.lists import pattern_of
from bots.types import ViolationKind

_KINDS: tuple[tuple[ViolationKind, str], ...] = (
    ("insult", "insults"),
    ("advice", "advice"),
    ("leak", "leaks"),
    ("placeholder", "placeholders"),
)


def find_forbidden(text: str) -> Iterator[tuple[ViolationKind, int, int]]:
    """Kind and span of everything in ``text`` that the lists forbid."""
    for kind, name in _KINDS:
        for match in pattern_of(name).finditer(text):
            yield kind, match.start(), match.end()

"""Texts as an FAQ holds them, from what files hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cs_portal.knowledge.content import MAX_PHRASINGS, MAX_QUESTION, folded, tidy
from cs_portal.knowledge.formats.entries import LOST, Notice

#: No characters at all, though Unicode has numbers for them; XML cannot hold them.
_NONE = dict.fromkeys((0xFFFE, 0xFFFF))


def line_of(text: str) -> str:
    """A question or a phrasing: one line."""
    return " ".join(tidy(text.translate(_NONE)).split())


def block_of(text: str) -> str:
    """An answer: line breaks stay."""
    return tidy(text.translate(_NONE)).strip()


def asked_first(phrases: Sequence[str]) -> tuple[str, list[str]]:
    """The phrase that stands for all, and the others: the first that is short enough for a question."""
    fitting = next((n for n, phrase in enumerate(phrases) if 0 < len(line_of(phrase)) <= MAX_QUESTION), 0)
    return (phrases[fitting], [*phrases[:fitting], *phrases[fitting + 1 :]]) if phrases else ("", [])


def phrasings_of(texts: Iterable[str], *, question: str, column: str = "") -> tuple[list[str], list[Notice]]:
    """Other ways to ask, each once, at most as many as an FAQ holds; what is left out is told."""
    kept: list[str] = []
    seen = {folded(question)}
    twice = long = over = 0
    for text in map(line_of, texts):
        if not text:
            continue
        if folded(text) in seen:
            twice += 1
        elif len(text) > MAX_QUESTION:
            long += 1
        elif len(kept) >= MAX_PHRASINGS:
            over += 1
        else:
            kept.append(text)
        seen.add(folded(text))
    told: list[tuple[str, int, dict[str, Any]]] = [
        ("phrasings_twice", twice, {}),
        ("phrasings_long", long, {"limit": MAX_QUESTION}),
        ("phrasings_many", over, {"limit": MAX_PHRASINGS}),
    ]
    return kept, [Notice(LOST, code, column=column, params={"count": n, **more}) for code, n, more in told if n]

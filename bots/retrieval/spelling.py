"""Mistyped Latin words of a question, put right by the words of the texts that are searched.

A word is mistyped when neither those texts nor the embedder know it, and one that they hold is near: within one
insertion, deletion, substitution or swap of neighbours (optimal string alignment), within two from eight letters on.
Without an embedder's words nothing is put right: "stove" is no misspelt "store".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Set

from rapidfuzz import process
from rapidfuzz.distance import OSA

#: Shorter words have too many neighbours. Parts of addresses, numbers and names with an apostrophe are no words here.
_WORD = re.compile(r"(?<![\w'’@./:-])[A-Za-z]{5,}(?![\w'’@/:-]|\.\w)")
_LATIN = re.compile(r"[a-z]+")
_SHORTEST = 4
_TWO_FROM = 8


class Spelling:
    """Safe to use from several threads."""

    def __init__(self, searched: Iterable[str], beside: Iterable[str] = ()) -> None:
        """Words are put right to those of ``searched``; those of ``beside`` are right, too."""
        self._counts = Counter(word for text in searched for word in _LATIN.findall(text.lower()))
        self._known = frozenset(self._counts) | {word for text in beside for word in _LATIN.findall(text.lower())}
        self._choices = [word for word in self._counts if len(word) >= _SHORTEST]

    def corrected(self, text: str, *, english: Set[str], names: Set[str] = frozenset()) -> str:
        """``text`` with its mistyped words put right. ``english``: words of the language; ``names``: of the shop."""
        if not english or not self._choices:
            return text

        def right(found: re.Match[str]) -> str:
            word, low = found[0], found[0].lower()
            is_name = word.istitle() and found.start() > 0
            if is_name or low in self._known or low in english or low in names:
                return word
            return self._nearest(low) or word

        return _WORD.sub(right, text)

    def _nearest(self, word: str) -> str:
        """The nearest known word: of equals one with the same first letter, then the most frequent."""
        most = 2 if len(word) >= _TWO_FROM else 1
        near = process.extract(word, self._choices, scorer=OSA.distance, score_cutoff=most, limit=None)
        if not near:
            return ""
        return min(near, key=lambda each: (each[1], each[0][0] != word[0], -self._counts[each[0]], each[0]))[0]

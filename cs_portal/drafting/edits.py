"""How far an operator changed the bot's words."""

from __future__ import annotations

from rapidfuzz.distance import Levenshtein


def edit_distance(before: str, after: str) -> float:
    """Levenshtein by characters ÷ the longer length: 0 for the same text, 1 for nothing in common."""
    return float(Levenshtein.normalized_distance(before, after))

"""Splitting a message into the parts that may each hold a question of their own."""

from __future__ import annotations

import re

from bots.expressions.folding import fold

_BOUNDARY = re.compile(
    r"[.!?;。!?;\n]+(?=\s|$|[\u4e00-\u9fff])|[。!?;\n]+"
    r"|\s{1,4}(?:and|also|plus|but)\s+(?=(?:can|could|do|does|is|are|how|what|when|where|which|why|who|i|please"
    r"|will|would|my|refund|cancel|send|exchange|return|give|change|tell|let|check|explain)\b)"
    r"|,\s*(?:and|also|plus|but)?\s*(?=(?:can|could|do|does|is|are|how|what|when|where|which|why|who|please"
    r"|will|would)\b)"
    r"|,?\s*(?:另外|还有|以及|顺便|再问一下|还想问|同时)[,，]?|,(?=\s?[\u4e00-\u9fff])",
    re.IGNORECASE | re.ASCII,
)
_SHORTEST = {"latin": 3, "cjk": 2}


def split_clauses(text: str) -> list[str]:
    """Clauses in order, without surrounding space and punctuation; those too short to ask anything are left out."""
    folded = fold(text)
    pieces = []
    position = 0
    for match in _BOUNDARY.finditer(folded):
        # The mark of a question belongs to its clause.
        end = match.start() + (1 if match.group().startswith("?") else 0)
        pieces.append(text[position:end])
        position = match.end()
    pieces.append(text[position:])
    return [clause for piece in pieces if _says_something(clause := piece.strip(" \t\n,，;；.。"))]


def _says_something(clause: str) -> bool:
    chinese = len(re.findall(r"[\u4e00-\u9fff]", clause))
    return chinese >= _SHORTEST["cjk"] or len(re.findall(r"[A-Za-z]", clause)) >= _SHORTEST["latin"]

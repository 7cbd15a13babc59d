"""Folding that keeps every offset: full-width forms become ASCII, one code point for one."""

from __future__ import annotations

import re
import unicodedata

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_OTHERS = {
    "\u3000": " ",
    "\u00a0": " ",
    "￥": "¥",
    "￡": "£",
    "￦": "₩",
    "‐": "-",
    "‑": "-",
    "−": "-",
    "’": "'",
    "‘": "'",
}
#: Decimal digits of every script, mathematical ones included.
_DIGITS = {
    code: str(unicodedata.decimal(chr(code)))
    for code in (*range(0x660, 0x10000), *range(0x1D7CE, 0x1D800))
    if chr(code).isdecimal()
}
_TABLE: dict[int, int | str] = {**_DIGITS, **_FULL_WIDTH, **{ord(char): target for char, target in _OTHERS.items()}}

CJK = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")


def fold(text: str) -> str:
    """``text`` with full-width forms and digits of any script as ASCII; ``len(fold(text)) == len(text)``."""
    return text.translate(_TABLE)


def normalised(text: str) -> str:
    """NFKC, case-folded, white space collapsed: the form in which two wordings are compared."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def without_format_characters(text: str) -> str:
    """``text`` without bidi controls, zero-width and other invisible characters; line breaks and tabs stay."""
    return "".join(
        char for char in text if char in "\n\t" or unicodedata.category(char) not in {"Cf", "Cc", "Cs", "Co"}
    )


def cjk_count(text: str) -> int:
    return len(CJK.findall(text))


def latin_count(text: str) -> int:
    return len(_LATIN.findall(text))


def sentences(text: str) -> list[tuple[int, int]]:
    """Spans of the sentences of ``text``: ended by ``。！？``, ``.!?`` before white space, or the line."""
    spans = []
    for match in re.finditer(r"[^\n]+?(?:[。！？!?]+[”」』\"']?|\.(?=\s|$)|(?=\n)|$)", text):
        piece = match.group()
        stripped = piece.strip()
        if stripped:
            start = match.start() + len(piece) - len(piece.lstrip())
            spans.append((start, start + len(stripped)))
    return spans

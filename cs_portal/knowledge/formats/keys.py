"""Keys: what makes importing a file twice the same as importing it once."""

from __future__ import annotations

import hashlib
import unicodedata

from django.utils.text import slugify

from cs_portal.knowledge.content import folded

MAX_KEY = 64


def key_of(name: str) -> str:
    """A name given by a file as a key: one line, no control characters, and too long a one cut without a clash."""
    line = " ".join("".join(c for c in name if unicodedata.category(c)[0] != "C" or c in "\n\t").split())
    if len(line) <= MAX_KEY:
        return line
    return f"{line[: MAX_KEY - 13]}-{_digest(line, 12)}"


def key_for(question: str) -> str:
    """The key of an FAQ whose file names none: the same question, the same key."""
    words = slugify(question)[:40].strip("-")
    return f"{words or 'faq'}-{_digest(folded(question), 8)}"


def _digest(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]

"""An answer as the chat shows it: plain text with its line breaks, web addresses as links, no other markup.

The twin of ``static/widget/chat/linkify.js``; tests/console/test_knowledge_presenters.py holds them together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_ADDRESS = re.compile(r"https?://[^\s<>\"'“”‘’（）【】《》，。；！？、]+", re.IGNORECASE)
_TRAILING = re.compile(r"[.,;:!?)\]}]+$")


@dataclass(frozen=True, slots=True)
class Piece:
    """``href`` is empty for plain text. The template escapes both."""

    text: str
    href: str = ""


def pieces(text: str) -> list[Piece]:
    found, at = [], 0
    for match in _ADDRESS.finditer(text):
        shown = _TRAILING.sub("", match[0])
        if not _is_plain_address(shown):
            continue
        if match.start() > at:
            found.append(Piece(text[at : match.start()]))
        found.append(Piece(shown, shown))
        at = match.start() + len(shown)
    if at < len(text):
        found.append(Piece(text[at:]))
    return found


def _is_plain_address(address: str) -> bool:
    """Not one that reads like the shop and leads elsewhere: https://shop.example@evil.example."""
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and parts.username is None and parts.password is None
    except ValueError:
        return False

"""Addresses in answers."""

from __future__ import annotations

import re
from collections.abc import Iterator

_ADDRESS = re.compile(r"https?://[^\s<>\"'`）】」》，。；！？、]+", re.IGNORECASE)
MAX_ADDRESS = 500


def links_in(text: str) -> list[str]:
    """Web addresses as they stand, each once, without the sign that ends a sentence or a link of Markdown."""
    return list(dict.fromkeys(_links(text)))


def _links(text: str) -> Iterator[str]:
    for match in _ADDRESS.finditer(text):
        address = match[0].rstrip(".,;:!?*_")
        while address.endswith(")") and address.count(")") > address.count("("):
            address = address[:-1].rstrip(".,;:!?*_")
        if len(address) <= MAX_ADDRESS and address.isascii():
            yield address

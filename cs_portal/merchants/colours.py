"""Readable colours around a storefront's accent (WCAG 2.2: contrast of text at least 4.5)."""

from __future__ import annotations

import re
from dataclasses import dataclass

DEFAULT = "#2f6f4f"
CONTRAST = 4.5
LIGHT_PAGE = "#f1f2f4"
DARK_PAGE = "#252a30"
_HEX = re.compile(r"#[0-9a-fA-F]{6}")

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Accent:
    """``on`` is text upon the colour; ``on_light`` and ``on_dark`` are the colour as text upon light and dark pages."""

    colour: str
    on: str
    on_light: str
    on_dark: str


def is_colour(text: str) -> bool:
    """Whether ``text`` is a ``#rrggbb``."""
    return _HEX.fullmatch(text) is not None


def _rgb(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [part / 255 for part in _rgb(colour)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two ``#rrggbb`` colours, 1 to 21 (WCAG 2.2)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _towards(colour: str, target: str, page: str) -> str:
    """The colour nearest to ``colour`` on its way to ``target`` that can be read on ``page``."""
    for step in range(21):
        mixed = (round(a + (b - a) * step / 20) for a, b in zip(_rgb(colour), _rgb(target), strict=True))
        shade = "#{:02x}{:02x}{:02x}".format(*mixed)
        if contrast(shade, page) >= CONTRAST:
            return shade
    return target


def accent(colour: str) -> Accent:
    """The readable set for ``colour``; what is no ``#rrggbb`` counts as the default accent."""
    colour = colour.lower() if _HEX.fullmatch(colour) else DEFAULT
    on = max("#ffffff", "#000000", key=lambda text: contrast(text, colour))
    return Accent(colour, on, _towards(colour, "#000000", LIGHT_PAGE), _towards(colour, "#ffffff", DARK_PAGE))

"""A question without the product that it is about: "can the mug be engraved" and "can the lamp" are one question."""

from __future__ import annotations

from collections.abc import Iterable

from cs_portal.commerce.selectors import active_products

_WORD = {"en": "product", "zh-hans": "商品"}
_SHORTEST = 3


class Neutraliser:
    """Puts one word in the place of each of ``titles``. A look-up, so that ten thousand titles cost as much as ten."""

    def __init__(self, titles: Iterable[str]) -> None:
        self._by_start: dict[str, list[str]] = {}
        for title in sorted({title.strip().casefold() for title in titles}, key=lambda title: (-len(title), title)):
            if len(title) >= _SHORTEST:
                self._by_start.setdefault(title[:2], []).append(title)

    def __call__(self, text: str, locale: str) -> str:
        folded = text.casefold()
        if len(folded) != len(text):  # a letter that folds into two: positions would not fit
            text = folded
        pieces: list[str] = []
        position = 0
        while position < len(folded):
            title = self._title_at(folded, position)
            pieces.append(_WORD[locale] if title else text[position])
            position += len(title) or 1
        return "".join(pieces)

    def _title_at(self, folded: str, position: int) -> str:
        for title in self._by_start.get(folded[position : position + 2], ()):
            if folded.startswith(title, position) and _whole(folded, position, position + len(title)):
                return title
        return ""


def neutraliser() -> Neutraliser:
    """Of the merchant's products."""
    return Neutraliser(title for product in active_products() for title in (product.title_en, product.title_zh))


def _whole(text: str, start: int, end: int) -> bool:
    """Whether a Latin title stands there as whole words."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (_latin(before) and _latin(text[start])) and not (_latin(after) and _latin(text[end - 1]))


def _latin(char: str) -> bool:
    return char.isascii() and char.isalnum()

"""A sentence in both languages that knows which of its words are values, so that a page can set them off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .text import Text


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words in one language; ``value`` marks what the merchant filled in."""

    text: str
    value: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """``template`` holds one ``{}`` per part, in both languages in the same order. A part that is a text is a value.

    Braces within a value are words like any other: only the template is ever split.
    """

    template: Text
    parts: tuple[Phrase | Text, ...] = ()

    def pieces(self, language: str) -> list[Piece]:
        """The words in ``language`` (``en`` or ``zh-hans``)."""
        found: list[Piece] = []
        for index, words in enumerate(in_language(self.template, language).split("{}")):
            if index:
                part = self.parts[index - 1]
                found += (
                    part.pieces(language) if isinstance(part, Phrase) else [Piece(in_language(part, language), True)]
                )
            if words:
                found.append(Piece(words))
        return found

    @property
    def text(self) -> Text:
        return Text(*("".join(piece.text for piece in self.pieces(language)) for language in ("en", "zh-hans")))


def in_language(text: Text, language: str) -> str:
    return text.zh_hans if language == "zh-hans" else text.en


def joined(parts: Sequence[Phrase | Text], word: Text) -> Phrase:
    """The parts as a list in a sentence: ``a, b or c`` and ``a、b或c``."""
    if len(parts) == 1:
        return Phrase(Text("{}", "{}"), (parts[0],))
    count = len(parts) - 1
    return Phrase(
        Text(
            ", ".join(["{}"] * count) + f" {word.en} {{}}",
            "、".join(["{}"] * count) + word.zh_hans + "{}",
        ),
        tuple(parts),
    )


AND = Text("and", "和")
OR = Text("or", "或")


def clauses(parts: Sequence[Phrase], word: Text) -> Phrase:
    """Whole clauses in a row. English repeats the conjunction, since lists within a clause have commas of their own."""
    if len(parts) == 1:
        return parts[0]
    count = len(parts) - 1
    return Phrase(
        Text(f" {word.en} ".join(["{}"] * len(parts)), "，".join(["{}"] * count) + f"，{word.zh_hans}{{}}"),
        tuple(parts),
    )

"""A sentence in both languages of the product."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    en: str
    zh_hans: str

    def to_dict(self) -> dict[str, str]:
        return {"en": self.en, "zh-hans": self.zh_hans}


def join_texts(texts: Iterable[Text], *, en: str = "; ", zh_hans: str = "；") -> Text:
    """Join sentences with the separator that each language uses."""
    parts = tuple(texts)
    return Text(en.join(part.en for part in parts), zh_hans.join(part.zh_hans for part in parts))

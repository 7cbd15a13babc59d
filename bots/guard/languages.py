"""Whether every sentence of a reply is in the language that the shopper is answered in."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache

from bots.expressions.folding import CJK, cjk_count, sentences
from bots.guard.lists import lines_of
from bots.types import Language

_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]{2,}")
_ADDRESS = re.compile(r"[\w.+-]*(?:@|://|www\.)[\w./?=&%#~:@+-]*|[\w-]*\d[\w-]*", re.ASCII)
_KANA_OR_OTHER = re.compile(r"[\u3040-\u30ff\uac00-\ud7af\u0400-\u04ff\u0600-\u06ff\u0e00-\u0e7f]")
_FEWEST = 3  # words of another European language that make a sentence foreign
_MOST_LATIN = 3  # words in Latin letters beside names that a Chinese sentence may hold


def find_foreign(text: str, language: Language, names: Collection[str]) -> Iterator[tuple[int, int]]:
    """Spans of sentences in another language than ``language``; the whole text when most of it is."""
    bare = _without(text, names)
    if not _speaks(bare, language):
        yield 0, len(text)
        return
    for start, end in sentences(text):
        sentence = _without(text[start:end], names)
        if _KANA_OR_OTHER.search(sentence) or (_foreign_sentence(sentence, language)):
            yield start, end


def _speaks(text: str, language: Language) -> bool:
    chinese, latin = cjk_count(text), len(_LATIN_WORD.findall(text))
    if language == "en":
        return chinese <= latin // 5
    return chinese >= 2 * latin and CJK.search(text) is not None


def _foreign_sentence(sentence: str, language: Language) -> bool:
    words = [word.lower() for word in _LATIN_WORD.findall(sentence)]
    if language != "en":
        return len(words) > _MOST_LATIN and cjk_count(sentence) < 2 * len(words)
    if cjk_count(sentence) > 3:
        return True
    english = sum(word in _english() for word in words)
    return sum(word in _other() for word in words) >= max(_FEWEST, english + 1)


def _without(text: str, names: Collection[str]) -> str:
    for name in sorted(names, key=len, reverse=True):
        if len(name) > 1:
            text = text.replace(name, " ")
    return _ADDRESS.sub(" ", text)


@cache
def _other() -> frozenset[str]:
    return frozenset(word for line in lines_of("function_words") for word in line.split()) - _english()


@cache
def _english() -> frozenset[str]:
    return frozenset(word for line in lines_of("stop_words") for word in line.split())

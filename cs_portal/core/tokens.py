"""Texts as the search sees them: the same tokens on every database, so that the same words find the same rows.

A token is a run of letters and digits, never a blank or a sign; neither engine takes it apart again.

- Words with letters, and numbers: NFKC, case-folded, apostrophes dropped (``don't`` is ``dont``).
- A run of Chinese characters: every pair of neighbours, every word of jieba's dictionary with three or more characters
  that occurs in it, wherever another segmentation would cut, and its last character. So a two-character word is found
  by its pair, a longer one exactly, and a lone character as the beginning of a pair or the end of the run.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bots.retrieval.segmentation import segmenter

_HAN = "\u3041-\u3096\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUNS = re.compile(rf"(?P<han>[{_HAN}]+)|(?P<word>[^\W_{_HAN}]+)")
_APOSTROPHES = re.compile(r"(?<=\w)['’](?=\w)")
#: Longer words are cut, as no one types them: keys, signatures.
MAX_LENGTH = 40
MAX_TERMS = 12
#: A word that was typed so far finds longer ones from here on.
PREFIX_FROM = 3


@dataclass(frozen=True, slots=True)
class Term:
    """One condition of a query: the token itself, or any that begins with it."""

    token: str
    is_prefix: bool = False


def tokens_of(texts: Iterable[str]) -> set[str]:
    """Every token that makes one of ``texts`` findable."""
    found: set[str] = set()
    for text in texts:
        for run, is_han in _runs(text):
            found.update(_han_tokens(run) if is_han else [run])
    return found


def terms_of(query: str) -> list[Term]:
    """What a row must have to match ``query``: all of it. Empty when the query holds no letter or digit."""
    terms: list[Term] = []
    for run, is_han in _runs(query):
        terms += _han_terms(run) if is_han else [Term(run, len(run) >= PREFIX_FROM)]
    return list(dict.fromkeys(terms))[:MAX_TERMS]


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    for run in _RUNS.finditer(_APOSTROPHES.sub("", folded)):
        if run["han"]:
            yield run["han"], True
        else:
            yield run["word"][:MAX_LENGTH], False


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)]


def _han_tokens(run: str) -> Iterator[str]:
    yield run[-1]
    yield from _pairs(run)
    if len(run) > 2:
        yield from (word for word in segmenter().cut(run, cut_all=True, HMM=False) if len(word) > 2)


def _han_terms(run: str) -> list[Term]:
    """The words of the run. Lone characters between them (的, 了) count only where there is no word at all."""
    if len(run) == 1:
        return [Term(run, is_prefix=True)]
    words = [word for word in segmenter().cut(run, HMM=False) if len(word) > 1]
    return [Term(word) for word in words] or [Term(pair) for pair in _pairs(run)]


def words_of(text: str) -> list[str]:
    """The words of a text as a reader would count them: Latin words and numbers, and jieba's words of Chinese."""
    found: list[str] = []
    for run, is_han in _runs(text):
        found += segmenter().cut(run, HMM=False) if is_han else [run]
    return found

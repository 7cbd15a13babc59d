"""What a question is about among the things that a shop sells: advice on the teapot is none on the bedding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from bots.retrieval.lexical import tokenize
from bots.retrieval.stopwords import STOPWORDS

#: A word that more than this share of the titles hold names no thing.
COMMON_SHARE = 0.25
#: From this share of phrasings with a thing in them on, an FAQ is about things and not about all of them.
SPECIFIC_SHARE = 0.5
_SHORTEST = 3


def subjects_of(titles: Sequence[str]) -> frozenset[str]:
    """The words by which the titles of a catalogue tell its things apart."""
    count = Counter(word for title in titles for word in words_of(title))
    most = max(1.0, COMMON_SHARE * len(titles))
    return frozenset(word for word, number in count.items() if number <= most)


def words_of(text: str) -> set[str]:
    """Search tokens without stop words, numbers and the plural's s."""
    return {_singular(token) for token in tokenize(text) if token not in STOPWORDS and _names(token)}


def is_about_another(question: str, phrasings: Iterable[str], answer: str, subjects: frozenset[str]) -> bool:
    """Whether ``question`` names things of the shop, and an FAQ is about things, but about none of those.

    ``phrasings`` and ``answer`` are the FAQ's in all its languages.
    """
    asked = words_of(question) & subjects
    if not asked:
        return False
    held = [words_of(phrasing) for phrasing in phrasings]
    if asked & words_of(answer) or any(asked & words for words in held):
        return False
    specific = sum(bool(words & subjects) for words in held)
    return specific >= SPECIFIC_SHARE * len(held)


def _names(token: str) -> bool:
    return not token.isascii() or (token.isalpha() and len(token) >= _SHORTEST)


def _singular(token: str) -> str:
    return token[:-1] if token.isascii() and token.endswith("s") and not token.endswith("ss") else token

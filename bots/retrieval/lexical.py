"""Words as the search sees them, and a BM25 index over short texts in English and Chinese."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate

import bm25s
import numpy as np
from numpy.typing import NDArray

from bots.retrieval.segmentation import segmenter
from bots.retrieval.stopwords import STOPWORDS

_HAN = "[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
_RUNS = re.compile(rf"(?P<han>{_HAN}+)|(?P<word>(?:(?!{_HAN})[^\W_])+(?:['’][a-z]+)?)")
_PARTICLES = frozenset("的了吗呢吧啊呀嘛么是在我你您他她它们都也就还和与或跟")
_K1 = 1.5
# bm25s logs at DEBUG to its own handler.
logging.getLogger("bm25s").setLevel(logging.WARNING)


def tokenize(text: str) -> list[str]:
    """Search tokens of ``text``, in reading order, repetitions kept.

    Latin and other alphabetic words and numbers come lower-cased (NFKC). A run of Chinese characters gives its
    character bigrams and, besides, the jieba words that are not two characters long: a two-character word is already
    a bigram, so it is found whatever the segmentation around it was, and counts once. A lone character is a token.
    """
    tokens: list[str] = []
    for run in _RUNS.finditer(_even(text)):
        if run["han"]:
            tokens.extend(_han_tokens(run["han"]))
        else:
            tokens.append(_latin_token(run["word"]))
    return tokens


def _even(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()


def _latin_token(word: str) -> str:
    return word.replace("’", "'").removesuffix("'s")


def _han_tokens(run: str) -> list[str]:
    words = [word for word in segmenter().cut(run, HMM=False) if len(word) > 2]
    if len(run) == 1:
        return [run]
    return words + [run[i : i + 2] for i in range(len(run) - 1)]


def content_tokens(text: str) -> list[str]:
    """``tokenize`` without the stop words; all tokens when there are only those."""
    tokens = tokenize(text)
    return [token for token in tokens if token not in STOPWORDS] or tokens


def shared_words(query: str, text: str) -> tuple[str, ...]:
    """What ``text`` has in common with ``query``, in the order of ``text``, each once, as people read it.

    The index finds Chinese by its bigrams; here overlapping ones are put together, to the longest runs that both texts
    have, and what is only a part of a word is left out at their ends.
    """
    shared = set(content_tokens(query)) & set(content_tokens(text))
    asked = _even(query)
    found: list[str] = []
    for run in _RUNS.finditer(_even(text)):
        if run["han"] is None:
            token = _latin_token(run["word"])
            found += [token] if token in shared else []
        elif len(run["han"]) == 1:
            found += [run["han"]] if run["han"] in shared else []
        else:
            found += _common_runs(run["han"], asked, shared)
    return tuple(dict.fromkeys(found))


def _common_runs(run: str, asked: str, shared: set[str]) -> Iterator[str]:
    """Parts of a run of Chinese characters: its words within what ``asked`` has as well, neighbours together.

    Function words part them. Where no word is there as a whole, the part itself.
    """
    words = _placed_words(run)
    for start, end in _in_both(run, asked, 0, len(run)):
        parts = [""]
        for at, word in words:
            if word in STOPWORDS or word in _PARTICLES:
                parts.append("")
            elif start <= at and at + len(word) <= end:
                parts[-1] += word
        whole = [part for part in parts if len(part) > 1] or [run[start:end]]
        yield from (part for part in whole if not shared.isdisjoint(_han_tokens(part)))


def _placed_words(run: str) -> list[tuple[int, str]]:
    """jieba's words, each with where it begins."""
    words = list(segmenter().cut(run, HMM=False))
    return list(zip(accumulate(map(len, words), initial=0), words, strict=False))


def _in_both(run: str, asked: str, low: int, high: int) -> Iterator[tuple[int, int]]:
    """Where the longest part of ``run[low:high]`` that ``asked`` has begins and ends, between those beside it."""
    start, end = low, low
    for at in range(low, high):
        until = at + end - start + 1
        while until <= high and run[at:until] in asked:
            start, end, until = at, until, until + 1
    if end - start > 1:
        yield from _in_both(run, asked, low, start)
        yield start, end
        yield from _in_both(run, asked, end, high)


class LexicalIndex:
    """BM25 (Lucene's variant, k1 1.5, b 0.75; Robertson and Zaragoza 2009) over fixed texts."""

    def __init__(self, texts: Sequence[str]) -> None:
        tokenized = [content_tokens(text) for text in texts]
        self._size = len(tokenized)
        self._frequencies = Counter(token for tokens in tokenized for token in set(tokens))
        self._bm25: bm25s.BM25 | None = None
        if self._frequencies:
            self._bm25 = bm25s.BM25(method="lucene", k1=_K1, b=0.75)
            self._bm25.index(tokenized, show_progress=False)

    def scores(self, query: str) -> NDArray[np.float32]:
        """BM25 score of every text, shape (n,); zeros when the query holds no known word."""
        tokens = [token for token in content_tokens(query) if token in self._frequencies]
        if self._bm25 is None or not tokens:
            return np.zeros(self._size, dtype=np.float32)
        return np.asarray(self._bm25.get_scores(tokens), dtype=np.float32)

    def relative_scores(self, query: str) -> NDArray[np.float32]:
        """Scores in [0, 1], shape (n,): BM25 over what a text of average length holding every query word would get.

        Words that no text knows count in the denominator with the weight of a word of zero texts, so a query that is
        mostly about something else stays low however rare its known words are.
        """
        tokens = content_tokens(query)
        # In a text of average length that holds each word once, a word scores idf / (1 + k1).
        ceiling = sum(self._inverse_document_frequency(token) for token in tokens) / (1.0 + _K1)
        if ceiling <= 0.0:
            return np.zeros(self._size, dtype=np.float32)
        relative: NDArray[np.float32] = np.minimum(self.scores(query) / np.float32(ceiling), np.float32(1.0))
        return relative

    def _inverse_document_frequency(self, token: str) -> float:
        frequency = self._frequencies[token]
        return float(np.log1p((self._size - frequency + 0.5) / (frequency + 0.5)))

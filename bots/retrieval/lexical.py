"""Words as the search sees them, and a BM25 index over short texts in English and Chinese."""

from __future__ import annotations

import logging
import re
import threading
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import bm25s
import jieba
import numpy as np
from numpy.typing import NDArray

from bots.retrieval.stopwords import STOPWORDS

_HAN = "[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
_RUNS = re.compile(rf"(?P<han>{_HAN}+)|(?P<word>(?:(?!{_HAN})[^\W_])+(?:['’][a-z]+)?)")
_K1 = 1.5
# bm25s logs at DEBUG to its own handler; jieba does the same.
logging.getLogger("bm25s").setLevel(logging.WARNING)
_LOAD_LOCK = threading.Lock()


@lru_cache(maxsize=1)
def _segmenter() -> jieba.Tokenizer:
    # jieba would otherwise unmarshal a cache file from the world-writable temporary folder.
    jieba.setLogLevel(logging.WARNING)
    segmenter = jieba.Tokenizer()
    segmenter.FREQ, segmenter.total = segmenter.gen_pfdict(segmenter.get_dict_file())
    segmenter.initialized = True
    return segmenter


def tokenize(text: str) -> list[str]:
    """Search tokens of ``text``, in reading order, repetitions kept.

    Latin and other alphabetic words and numbers come lower-cased (NFKC). A run of Chinese characters gives its
    character bigrams and, besides, the jieba words that are not two characters long: a two-character word is already
    a bigram, so it is found whatever the segmentation around it was, and counts once. A lone character is a token.
    """
    tokens: list[str] = []
    for run in _RUNS.finditer(unicodedata.normalize("NFKC", text).lower()):
        if run["han"]:
            tokens.extend(_han_tokens(run["han"]))
        else:
            tokens.append(run["word"].replace("’", "'").removesuffix("'s"))
    return tokens


def _han_tokens(run: str) -> list[str]:
    with _LOAD_LOCK:
        segmenter = _segmenter()
    words = [word for word in segmenter.cut(run, HMM=False) if len(word) > 2]
    if len(run) == 1:
        return [run]
    return words + [run[i : i + 2] for i in range(len(run) - 1)]


def content_tokens(text: str) -> list[str]:
    """``tokenize`` without the stop words; all tokens when there are only those."""
    tokens = tokenize(text)
    return [token for token in tokens if token not in STOPWORDS] or tokens


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

"""Several embedders as one: their vectors side by side, so that a dot product is a weighted mean of their cosines.

An embedder that knows English alone says nothing about a text with Chinese in it; the others then carry its weight.
A question and a phrasing in different languages meet in what the multilingual ones say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bots.retrieval.embedders import Embedder, has_chinese

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Part:
    """``weight`` of its cosine against the other parts'; 0 for Chinese texts when ``english_only``."""

    embedder: Embedder
    weight: float
    english_only: bool = False


class JointEmbedder:
    """Safe to call from several threads, as its parts are."""

    def __init__(self, parts: Sequence[Part]) -> None:
        """``ValueError`` unless some part knows every language."""
        if not any(not part.english_only for part in parts):
            raise ValueError("one embedder at least must know every language")
        self._parts = tuple(parts)
        self.name = "+".join(f"{part.embedder.name}*{part.weight:g}" for part in parts)
        self.dimension = sum(part.embedder.dimension for part in parts)
        self.widths = tuple(part.embedder.dimension for part in parts)
        self.english_words = frozenset[str]().union(*(part.embedder.english_words for part in parts))

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._embed(texts, lambda embedder: embedder.embed_queries)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._embed(texts, lambda embedder: embedder.embed_passages)

    def _embed(self, texts: Sequence[str], of: Callable[[Embedder], Callable[[Sequence[str]], Vectors]]) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        chinese = has_chinese(texts)
        everything = sum(part.weight for part in self._parts)
        for_chinese = sum(part.weight for part in self._parts if not part.english_only)
        start = 0
        for part in self._parts:
            rows = np.flatnonzero(~chinese) if part.english_only else np.arange(len(texts))
            end = start + part.embedder.dimension
            if rows.size:
                share = np.where(chinese[rows], part.weight / for_chinese, part.weight / everything)
                embedded = of(part.embedder)([texts[row] for row in rows.tolist()])
                vectors[rows, start:end] = embedded * np.sqrt(share, dtype=np.float32)[:, None]
            start = end
        return vectors

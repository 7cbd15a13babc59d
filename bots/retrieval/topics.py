"""What questions to a shop are about: a head learned from common topics, its outputs beside the sentence vectors.

General encoders put "退钱" near "还钱" and far from "退款多久到账". ``data/topics.zh-hans.txt`` holds topics of every
shop's customer service, one a line, each in several wordings, written for this purpose. A text's nearness to each
topic says what it is about, and two texts are the nearer the more their topics agree. A topic that no FAQ has
disturbs nothing, and an FAQ of no topic still has its sentence vector.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from bots.retrieval.embedders import Embedder, has_chinese
from bots.retrieval.head import Head, learn
from bots.retrieval.head_store import HeadStore, fingerprint
from bots.retrieval.spoken import as_written

Vectors = NDArray[np.float32]

#: The weight of the topics, such that they spread as much as the sentence vectors do; fitted on calibration.jsonl.
SHARE = 1.0 / 3.0


class TopicEmbedder:
    """``base`` with the topics of Chinese texts beside it. Questions and passages are embedded alike."""

    def __init__(self, base: Embedder, head: Head) -> None:
        self._base, self._head = base, head
        self.name = f"{base.name}+topics-{_version()}*{SHARE:.2f}"
        self.dimension = base.dimension + len(head.classes)
        self.widths = (*base.widths, len(head.classes))
        self.english_words = base.english_words

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        vectors, chinese = self._base.embed_queries(texts), has_chinese(texts)
        result = np.zeros((len(texts), self.dimension), dtype=np.float32)
        result[:, : self._base.dimension] = vectors
        if chinese.any():
            outputs = self._head.outputs(vectors[chinese], np.ones(int(chinese.sum()), dtype=bool))
            outputs -= outputs.mean(axis=1, keepdims=True)
            norms = np.linalg.norm(outputs, axis=1, keepdims=True)
            result[chinese, : self._base.dimension] *= np.float32(np.sqrt(1.0 - SHARE))
            result[chinese, self._base.dimension :] = outputs / norms * np.float32(np.sqrt(SHARE))
        return result

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self.embed_queries(texts)


def with_topics(base: Embedder, store: HeadStore | None) -> TopicEmbedder:
    """Learned from the topics, or read from ``store`` where they were learned before."""
    rows = topics()
    texts, labels = [text for text, _ in rows], [label for _, label in rows]

    def learned() -> Head:
        return learn(base.embed_queries(texts), labels, has_chinese(texts), base.widths)

    if store is None:
        return TopicEmbedder(base, learned())
    return TopicEmbedder(base, store.read_or_learn(fingerprint(base.name, base.dimension, rows), learned))


@cache
def _version() -> str:
    """Another list makes other vectors, so another name."""
    return sha256(repr(topics()).encode()).hexdigest()[:8]


def topics() -> list[tuple[str, str]]:
    """Every wording, as it is searched, with the number of its topic."""
    content = resources.files("bots.retrieval").joinpath("data/topics.zh-hans.txt").read_text(encoding="utf-8")
    lines = [line for line in content.splitlines() if line.strip()]
    return [
        (as_written(text) or text, f"{number:03d}") for number, line in enumerate(lines) for text in line.split("|")
    ]

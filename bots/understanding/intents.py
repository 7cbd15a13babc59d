"""Intents: the head of the search (`bots.retrieval.head`) over sentence vectors beside hashed words and n-grams.

Probabilities are calibrated, and the threshold is learned, on rows held out of the training rows alone. A text whose
best probability is under one half is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bots.retrieval.embedders import Embedder, HashingEmbedder, has_chinese
from bots.retrieval.head import MAX_ROWS, Head, balanced, learn
from bots.retrieval.spoken import as_written
from bots.understanding.ngrams import DIMENSION, hashed

Floats = NDArray[np.float64]

#: The threshold, by construction of the head.
REFUSED_BELOW = 0.5
#: Weight of the hashed n-grams beside an embedder that knows meanings, and beside one that knows words only.
_LEXICAL_WEIGHT, _LEXICAL_WEIGHT_WITHOUT_MEANING = 0.15, 0.6


#: What these say of a question is true of most: they tell no kind.
_OF_NO_KIND = {
    *("other", "greeting_thanks", "complaint", "wants_a_person"),
    *("product_question", "recommendation", "stock", "size_advice", "place_order"),
}


@dataclass(frozen=True, slots=True)
class Scored:
    """``probabilities`` sums to 1 over ``labels`` of the classifier; ``refused`` when even the best is too unlikely."""

    label: str
    probability: float
    refused: bool
    probabilities: dict[str, float]


@dataclass(frozen=True)
class IntentClassifier:
    """A trained classifier. Safe to share between threads."""

    head: Head
    embedder: Embedder

    @property
    def labels(self) -> tuple[str, ...]:
        return self.head.classes

    @classmethod
    def train(cls, texts: Sequence[str], labels: Sequence[str], embedder: Embedder) -> IntentClassifier:
        """Learn from at least two labels; rows of any language may be mixed. ``ValueError`` for less.

        Of more than ``MAX_ROWS`` rows the first of each label are taken, as many as fit.
        """
        if len(texts) != len(labels) or len(set(labels)) < 2:
            raise ValueError("an intent classifier needs texts of at least two labels, one label a text")
        rows = balanced(np.unique(np.asarray(labels), return_inverse=True)[1], MAX_ROWS).tolist()
        vectors, chinese, widths = features([texts[row] for row in rows], embedder)
        return cls(learn(vectors, [labels[row] for row in rows], chinese, widths), embedder)

    def classify(self, texts: Sequence[str]) -> list[Scored]:
        """One result a text, in order."""
        if not texts:
            return []
        vectors, chinese, _ = features(texts, self.embedder)
        outputs = self.head.outputs(vectors, chinese)
        return [self._scored(row, scores) for row, scores in zip(outputs, self.head.scores(outputs), strict=True)]

    def kinds(self, vectors: NDArray[np.float32], written: Sequence[str]) -> NDArray[np.float32]:
        """As ``bots.retrieval.kinds.Kinds``: the intents that tell what a question is about."""
        telling = [label for label in self.labels if label not in _OF_NO_KIND]
        if not written:
            return np.zeros((0, len(telling)), dtype=np.float32)
        rows, chinese, _ = _features(vectors, written, self.embedder)
        outputs = self.head.outputs(rows, chinese)
        tables = [self._scored(*row).probabilities for row in zip(outputs, self.head.scores(outputs), strict=True)]
        return np.array([[table[label] for label in telling] for table in tables], dtype=np.float32)

    def _scored(self, outputs: NDArray[np.float32], scores: NDArray[np.float32]) -> Scored:
        """The best label keeps its probability; the others share the rest as their scores are."""
        best = int(outputs.argmax())
        probability = float(scores[best])
        others = scores.astype(np.float64)
        others[best] = 0.0
        shared = others / max(float(others.sum()), 1e-12) * (1.0 - probability)
        shared[best] = probability
        table = {label: float(value) for label, value in zip(self.labels, shared, strict=True)}
        return Scored(self.labels[best], probability, probability < REFUSED_BELOW, table)


def features(
    texts: Sequence[str], embedder: Embedder
) -> tuple[NDArray[np.float32], NDArray[np.bool_], tuple[int, ...]]:
    """Vectors of ``texts``, which of them are Chinese, and the widths of the vectors' parts."""
    written = [as_written(text) or text for text in texts]
    return _features(embedder.embed_queries(written), written, embedder)


def _features(
    vectors: NDArray[np.float32], written: Sequence[str], embedder: Embedder
) -> tuple[NDArray[np.float32], NDArray[np.bool_], tuple[int, ...]]:
    weight = _LEXICAL_WEIGHT_WITHOUT_MEANING if isinstance(embedder, HashingEmbedder) else _LEXICAL_WEIGHT
    meaning, wording = np.float32(np.sqrt(1.0 - weight)), np.float32(np.sqrt(weight))
    rows = np.hstack([vectors * meaning, hashed(written) * wording])
    return rows, has_chinese(written), (*embedder.widths, DIMENSION)

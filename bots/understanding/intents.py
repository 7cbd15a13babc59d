"""Intents: a logistic regression over word and character n-grams beside sentence vectors, with honest probabilities.

Probabilities are calibrated by one temperature (Guo et al. 2017, "On calibration of modern neural networks"), fitted
on held-out folds of the training rows. A text whose best probability is under the threshold, also taken from those
folds alone, is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bots.expressions.folding import normalised
from bots.retrieval.embedders import Embedder

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats = NDArray[np.float64]

_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+|[^\W\d_]+(?:'[a-z]+)?|\d+")
_ANY_NUMBER = "0"
_REGULARISATION = 10.0  # sklearn's C
_FOLDS = 3
_KEPT_IN_SCOPE = 0.94  # share of held-out rows that the threshold must let through
_LOWEST_THRESHOLD = 0.15
_HIGHEST_THRESHOLD = 0.5
_THRESHOLD_OF_UNKNOWN_WORDS = 0.7  # a text without one known word may be gibberish


@dataclass(frozen=True, slots=True)
class Scored:
    """``probabilities`` sums to 1 over ``labels`` of the classifier; ``refused`` when even the best is too unlikely."""

    label: str
    probability: float
    refused: bool
    probabilities: dict[str, float]


@dataclass(frozen=True)
class IntentClassifier:
    """A trained classifier; plain arrays, so that it can be stored without pickle. Safe to share between threads."""

    labels: tuple[str, ...]
    vocabulary: dict[str, int]
    idf: Floats
    weights: Floats  # (labels, features): lexical features first, then the embedder's dimensions
    bias: Floats
    centre: Floats  # mean vector of the training texts; encoders put all texts into one narrow cone
    temperature: float
    threshold: float
    embedder: Embedder

    @classmethod
    def train(cls, texts: Sequence[str], labels: Sequence[str], embedder: Embedder) -> IntentClassifier:
        """Learn from at least two labels; rows of any language may be mixed. ``ValueError`` for less."""
        names = tuple(sorted(set(labels)))
        if len(names) < 2 or len(texts) != len(labels):
            raise ValueError("an intent classifier needs texts of at least two labels, one label a text")
        targets = np.array([names.index(label) for label in labels])
        vectors = embedder.embed_queries(list(texts)).astype(np.float64)
        centre = vectors.mean(axis=0)
        dense = _centred(vectors, centre)
        vectorizer = _vectorizer()
        lexical = vectorizer.fit_transform(texts)
        weights, bias = _fit(_features(lexical, dense), targets, len(names))
        held_out = _held_out_logits(texts, dense, targets, len(names))
        temperature = _temperature(held_out, targets)
        threshold = _threshold(_softmax(held_out / temperature))
        vocabulary = {feature: int(column) for feature, column in vectorizer.vocabulary_.items()}
        return cls(names, vocabulary, vectorizer.idf_, weights, bias, centre, temperature, threshold, embedder)

    def classify(self, texts: Sequence[str]) -> list[Scored]:
        """One result a text, in order."""
        if not texts:
            return []
        probabilities = _softmax(self._logits(texts) / self.temperature)
        return [self._scored(row, text) for row, text in zip(probabilities, texts, strict=True)]

    def _scored(self, row: Floats, text: str) -> Scored:
        best = int(row.argmax())
        probability = float(row[best])
        table = {label: float(value) for label, value in zip(self.labels, row, strict=True)}
        threshold = self.threshold if self._knows_a_word(text) else _THRESHOLD_OF_UNKNOWN_WORDS
        return Scored(self.labels[best], probability, probability < threshold, table)

    def _knows_a_word(self, text: str) -> bool:
        return any(feature in self.vocabulary for feature in lexical_features(text) if not feature.startswith("#"))

    def _logits(self, texts: Sequence[str]) -> Floats:
        dense = _centred(self.embedder.embed_queries(list(texts)).astype(np.float64), self.centre)
        logits: Floats = dense @ self.weights[:, len(self.vocabulary) :].T + self.bias
        for number, text in enumerate(texts):
            columns, values = self._lexical(text)
            logits[number] += self.weights[:, columns] @ values
        return logits

    def _lexical(self, text: str) -> tuple[NDArray[np.int64], Floats]:
        """Columns and L2-normalised sublinear tf-idf values, as scikit-learn's TfidfVectorizer computes them."""
        counts: dict[int, int] = {}
        for feature in lexical_features(text):
            column = self.vocabulary.get(feature)
            if column is not None:
                counts[column] = counts.get(column, 0) + 1
        columns = np.fromiter(counts, dtype=np.int64, count=len(counts))
        values = (1.0 + np.log(np.fromiter(counts.values(), dtype=np.float64, count=len(counts)))) * self.idf[columns]
        norm = float(np.linalg.norm(values))
        return columns, values / norm if norm else values


def lexical_features(text: str) -> list[str]:
    """Words, word pairs and character 3- to 5-grams of Latin text; 1- to 3-grams of Chinese; numbers are one token."""
    features: list[str] = []
    previous = "^"
    for run in _RUN.findall(normalised(text)):
        if run[0].isdigit():
            token = _ANY_NUMBER
        elif "\u3400" <= run[0] <= "\u9fff":
            features += [run[i : i + size] for size in (1, 2, 3) for i in range(len(run) - size + 1)]
            previous = run[-1]
            continue
        else:
            token = run
            padded = f"<{run}>"
            features += [f"#{padded[i : i + size]}" for size in (3, 4, 5) for i in range(len(padded) - size + 1)]
        features += [token, f"{previous} {token}"]
        previous = token
    return features


def _centred(vectors: Floats, centre: Floats) -> Floats:
    """Rows minus ``centre``, L2-normalised again."""
    shifted = vectors - centre
    norms = np.linalg.norm(shifted, axis=1, keepdims=True)
    result: Floats = shifted / np.where(norms > 0.0, norms, 1.0)
    return result


def _vectorizer() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(analyzer=lexical_features, sublinear_tf=True)


def _features(lexical: csr_matrix, dense: Floats) -> csr_matrix:
    from scipy.sparse import csr_matrix, hstack

    return csr_matrix(hstack([lexical, csr_matrix(dense)]))


def _fit(features: csr_matrix, targets: NDArray[np.int64], size: int) -> tuple[Floats, Floats]:
    """Weights (size, features) and bias (size,); labels that the rows lack keep a bias that never wins."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=_REGULARISATION, max_iter=100, tol=3e-3)
    model.fit(features, targets)
    coefficients, intercepts = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # sklearn keeps one row for two classes
        coefficients, intercepts = (
            np.vstack([-coefficients, coefficients]) / 2,
            np.hstack([-intercepts, intercepts]) / 2,
        )
    weights = np.zeros((size, features.shape[1]))
    bias = np.full(size, -1e3)
    weights[model.classes_], bias[model.classes_] = coefficients, intercepts
    return weights, bias


def _held_out_logits(texts: Sequence[str], dense: Floats, targets: NDArray[np.int64], size: int) -> Floats:
    """Logits of every row by a model that has not seen it."""
    logits = np.zeros((len(targets), size))
    order = np.random.default_rng(0).permutation(len(targets))
    folds = [order[number::_FOLDS] for number in range(_FOLDS)]
    for fold in folds:
        kept = np.setdiff1d(order, fold)
        if len(np.unique(targets[kept])) < 2:
            continue
        vectorizer = _vectorizer()
        lexical = vectorizer.fit_transform([texts[row] for row in kept])
        weights, bias = _fit(_features(lexical, dense[kept]), targets[kept], size)
        tested = _features(vectorizer.transform([texts[row] for row in fold]), dense[fold])
        logits[fold] = tested @ weights.T + bias
    return logits


def _temperature(logits: Floats, targets: NDArray[np.int64]) -> float:
    """The temperature in [0.2, 5] with the least held-out negative log-likelihood."""
    candidates = np.geomspace(0.2, 5.0, 60)
    losses = [-np.log(_softmax(logits / t)[np.arange(len(targets)), targets] + 1e-12).mean() for t in candidates]
    return float(candidates[int(np.argmin(losses))])


def _threshold(probabilities: Floats) -> float:
    best = probabilities.max(axis=1)
    return float(np.clip(np.quantile(best, 1.0 - _KEPT_IN_SCOPE), _LOWEST_THRESHOLD, _HIGHEST_THRESHOLD))


def _softmax(logits: Floats) -> Floats:
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: Floats = shifted / shifted.sum(axis=1, keepdims=True)
    return result

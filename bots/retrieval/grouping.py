"""Questions that ask the same: vectors that can be compared, and groups that grow without losing themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bots.retrieval.calibration import BACKGROUND
from bots.retrieval.embedders import Embedder
from bots.types import LANGUAGES, Language

Vectors = NDArray[np.float32]

#: Mean similarity from which on two groups are one. Chosen on samples of CLINC150 and Banking77.
SAME_QUESTION = 0.55
#: Translations that have less in common tell of an embedder of one language; and the most that is made up for.
KNOWS_BOTH, MOST_HELP = 0.15, 3.0
_APART = -2.0


Common = Mapping[Language, Vectors]


def common_of(embedder: Embedder) -> Common:
    """What all sentences of a language have in common: the mean of the background sentences."""
    return {language: embedder.embed_queries(list(said)).mean(axis=0) for language, said in BACKGROUND.items()}


def comparable(vectors: Vectors, languages: Sequence[Language], common: Common) -> Vectors:
    """A unit row per text, shape (n, dimension), less what all sentences of its language have in common.

    Encoders such as e5 give 0.8 to unrelated sentences of one language, and less to the same question in two. Without
    the mean of the background sentences the cosine of unrelated ones is near zero in both cases.
    """
    if not len(vectors):
        return vectors
    moved = vectors - np.stack([common[language] for language in languages])
    norms = np.linalg.norm(moved, axis=1, keepdims=True)
    unit: Vectors = (moved / np.where(norms > 0.0, norms, 1.0)).astype(np.float32)
    return unit


@dataclass(frozen=True, slots=True)
class Grouped:
    """``joined``: new items by the key of the group that they belong to; ``formed``: groups of new items alone.

    Items are row numbers of the new vectors, ascending; ``formed`` is ordered by its first items.
    """

    joined: Mapping[int, tuple[int, ...]]
    formed: tuple[tuple[int, ...], ...]


def across_languages(embedder: Embedder) -> float:
    """By what a similarity between two languages has to be multiplied to mean what it means within one; at least 1.

    Measured on the background sentences, which are translations of each other pair by pair: what says the very same
    should count 1. An embedder that knows no second language finds nothing in common there, and gets no help.
    """
    said = {language: embedder.embed_queries(list(texts)) for language, texts in BACKGROUND.items()}
    common = {language: vectors.mean(axis=0) for language, vectors in said.items()}
    rows = [comparable(vectors, [language] * len(vectors), common) for language, vectors in said.items()]
    alike = float(np.prod(np.stack(rows), axis=0).sum(axis=1).mean())
    return min(max(1.0, 1.0 / alike), MOST_HELP) if alike >= KNOWS_BOTH else 1.0


@dataclass(frozen=True, slots=True)
class Rows:
    """Vectors, one row per text, with the language of each."""

    vectors: Vectors
    languages: Sequence[Language]

    def sums(self) -> NDArray[np.float64]:
        """The sum of the rows of each language, shape (languages, dimension)."""
        spoken = np.array(self.languages)
        return np.stack([self.vectors[spoken == language].sum(axis=0, dtype=np.float64) for language in LANGUAGES])


def group(
    new: Rows, known: Mapping[int, Rows] | None = None, *, threshold: float = SAME_QUESTION, across: float = 1.0
) -> Grouped:
    """Put ``new`` rows into ``known`` groups or into new ones, by average linkage (UPGMA; Sokal and Michener 1958).

    The most similar pair is joined first, ties by order. Two known groups never become one, so that what people named,
    assigned and dismissed stays what it is. ``across`` is that of :func:`across_languages`. Deterministic. Time and
    memory are quadratic in rows plus groups.
    """
    known, count = known or {}, len(new.vectors)
    keys = sorted(known)
    if not count:
        return Grouped({}, ())
    members: list[list[int]] = [[] for _ in keys] + [[row] for row in range(count)]
    alone = [Rows(new.vectors[row : row + 1], new.languages[row : row + 1]) for row in range(count)]
    sums = np.stack([rows.sums() for rows in (*(known[key] for key in keys), *alone)], axis=1)
    sizes = np.array([*(max(1, len(known[key].vectors)) for key in keys), *[1] * count], dtype=np.float64)
    similarity = _similarities(sums, sizes, fixed=len(keys), across=across)
    alive = np.ones(len(members), dtype=bool)
    while True:
        first, second = divmod(int(similarity.argmax()), len(members))
        if similarity[first, second] < threshold:
            break
        first, second = min(first, second), max(first, second)
        _join(similarity, sizes, alive, first, second, fixed=len(keys))
        members[first] += members[second]
        members[second] = []
    joined = {key: tuple(sorted(members[place])) for place, key in enumerate(keys) if members[place]}
    formed = sorted(tuple(sorted(rows)) for rows in members[len(keys) :] if rows)
    return Grouped(joined, tuple(formed))


def central(vectors: Vectors) -> int:
    """The row that is most like all the others; the first of equals. ``ValueError`` for no rows."""
    if not len(vectors):
        raise ValueError("Nothing is the centre of nothing.")
    likeness = np.round(vectors.astype(np.float64) @ vectors.astype(np.float64).sum(axis=0), 6)
    return int(likeness.argmax())


def _similarities(
    sums: NDArray[np.float64], sizes: NDArray[np.float64], *, fixed: int, across: float
) -> NDArray[np.float64]:
    """Mean cosine between the rows of two groups, rounded so that it is the same on every machine.

    ``sums`` has shape (languages, groups, dimension).
    """
    every = sums.sum(axis=0)
    within = sum(each @ each.T for each in sums)
    similarity = np.round((within + across * (every @ every.T - within)) / np.outer(sizes, sizes), 6)
    similarity[:fixed, :fixed] = _APART
    np.fill_diagonal(similarity, _APART)
    return similarity


def _join(
    similarity: NDArray[np.float64],
    sizes: NDArray[np.float64],
    alive: NDArray[np.bool_],
    first: int,
    second: int,
    *,
    fixed: int,
) -> None:
    """``second`` goes into ``first``."""
    total = sizes[first] + sizes[second]
    mean = (similarity[first] * sizes[first] + similarity[second] * sizes[second]) / total
    sizes[first], alive[second] = total, False
    mean[~alive] = _APART
    mean[first] = _APART
    if first < fixed:
        mean[:fixed] = _APART
    similarity[first] = similarity[:, first] = mean
    similarity[second] = similarity[:, second] = _APART

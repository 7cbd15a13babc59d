"""Fits the weights of ``bots.retrieval.calibration``: ``python -m bots.retrieval.calibrate [--embedder FOLDER]``.

Weights are fitted on half of the topics and half of the questions without an answer, and judged on the other halves,
both ways round; then fitted on everything and printed. Each corpus leaves one phrasing of every FAQ out and asks it
as a direct question, besides the three colloquial ones; topics left out of a corpus give questions that look
answerable and are not.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from bots.retrieval.calibration import ANSWER_THRESHOLD, Calibration
from bots.retrieval.defaults import default_embedder
from bots.retrieval.embedders import Embedder, load_embedder
from bots.retrieval.index import FaqIndex
from bots.types import FaqEntry, Language

#: Not 0, though a semantic embedder would like it here: a shop's product names are words that it never learnt.
_LEXICAL_WEIGHTS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)


@dataclass(frozen=True, slots=True)
class Topic:
    """``name`` is ``None`` for questions that no FAQ answers; such a topic has no phrasings."""

    name: str | None
    language: Language
    phrasings: tuple[str, ...]
    queries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Samples:
    """The top match of n questions: ``features`` (n, 2) relevance and lead, ``right`` (n,), ``answerable`` (n,)."""

    features: NDArray[np.float64]
    right: NDArray[np.bool_]
    answerable: NDArray[np.bool_]
    weights: NDArray[np.float64]


class _Remembering:
    """An embedder that embeds no text twice."""

    def __init__(self, embedder: Embedder) -> None:
        self.name = embedder.name
        self.dimension = embedder.dimension
        self.widths = embedder.widths
        self.english_words = embedder.english_words
        self._embedder = embedder
        self._known: dict[tuple[bool, str], NDArray[np.float32]] = {}

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._embed(texts, query=True)

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._embed(texts, query=False)

    def _embed(self, texts: Sequence[str], *, query: bool) -> NDArray[np.float32]:
        missing = [text for text in dict.fromkeys(texts) if (query, text) not in self._known]
        embed = self._embedder.embed_queries if query else self._embedder.embed_passages
        self._known.update(((query, text), vector) for text, vector in zip(missing, embed(missing), strict=True))
        return np.stack([self._known[query, text] for text in texts])


def topics() -> list[Topic]:
    lines = resources.files("bots.retrieval").joinpath("data/calibration.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in lines.splitlines()]
    return [Topic(row["topic"], row["language"], tuple(row["phrasings"]), tuple(row["queries"])) for row in rows]


def halves(everything: Sequence[Topic]) -> tuple[list[Topic], list[Topic]]:
    """Topics split at random (seeded), questions without an answer split alternately."""
    names = sorted({topic.name for topic in everything if topic.name is not None})
    random.Random(7).shuffle(names)
    first = set(names[: len(names) // 2])
    parts: tuple[list[Topic], list[Topic]] = ([], [])
    for topic in everything:
        if topic.name is None:
            for half in (0, 1):
                parts[half].append(Topic(None, topic.language, (), topic.queries[half::2]))
        else:
            parts[0 if topic.name in first else 1].append(topic)
    return parts


def samples(part: Sequence[Topic], embedder: Embedder, calibration: Calibration) -> Samples:
    """Asks every question of ``part`` on corpora of half, three quarters and all of its topics."""
    rows = [row for corpus, asked in _corpora(part) for row in _ask(corpus, asked, embedder, calibration)]
    values = np.array(rows, dtype=np.float64)
    return Samples(values[:, :2], values[:, 2] > 0, values[:, 3] > 0, values[:, 4])


def _corpora(part: Sequence[Topic]) -> Iterator[tuple[list[FaqEntry], list[tuple[Topic, str, float]]]]:
    names = sorted({topic.name for topic in part if topic.name is not None})
    rng = random.Random(1)
    for share in (0.5, 0.75, 1.0):
        chosen = set(rng.sample(names, int(len(names) * share)))
        for left_out in range(3):
            entries, asked = [], []
            for topic in part:
                kept = [text for i, text in enumerate(topic.phrasings) if i != left_out]
                if topic.name in chosen:
                    entries.append(FaqEntry(str(topic.name), 1, topic.language, kept[0], "", tuple(kept[1:])))
                asked += [(topic, query, 1.0) for query in topic.queries]
                # One direct question stands against three colloquial ones: it weighs as much as they do.
                asked += [(topic, topic.phrasings[left_out], 3.0)] if topic.phrasings else []
            yield entries, asked


def _ask(
    entries: list[FaqEntry], asked: list[tuple[Topic, str, float]], embedder: Embedder, calibration: Calibration
) -> Iterator[tuple[float, float, bool, bool, float]]:
    index = FaqIndex.build(entries, embedder)
    known = {entry.id for entry in entries}
    for topic, query, weight in asked:
        matches = index.matches(query, language=topic.language, embedder=embedder, calibration=calibration)
        yield matches[0].relevance, matches[0].lead, matches[0].id == topic.name, topic.name in known, weight


def fit(part: Sequence[Topic], embedder: Embedder) -> Calibration:
    """The lexical weight that finds most right FAQs, then the logistic regression of "the top match is right".

    Where relevance would count against a match, its weight is 0, so that a better match never scores less.
    """
    tried = {weight: samples(part, embedder, Calibration(weight, 0.0, 0.0, 0.0)) for weight in _LEXICAL_WEIGHTS}
    best = max(tried, key=lambda weight: _accuracy(tried[weight]))
    sample = tried[best]
    for used in ([0, 1], [1]):
        model = LogisticRegression(C=100.0).fit(sample.features[:, used], sample.right, sample_weight=sample.weights)
        weights = dict(zip(used, model.coef_[0].tolist(), strict=True))
        if min(weights.values()) >= 0.0:
            break
    return Calibration(best, weights.get(0, 0.0), weights[1], float(model.intercept_[0]))


def _accuracy(sample: Samples) -> float:
    return float(np.average(sample.right[sample.answerable], weights=sample.weights[sample.answerable]))


def report(part: Sequence[Topic], embedder: Embedder, calibration: Calibration) -> str:
    """What the calibration reaches on ``part``, in one line."""
    sample = samples(part, embedder, calibration)
    scores = np.array([calibration.score(relevance, lead) for relevance, lead in sample.features])
    offered = scores >= ANSWER_THRESHOLD
    brier = np.average((scores - sample.right) ** 2, weights=sample.weights)
    return (
        f"first hit right for {_accuracy(sample):.1%} of the answerable; at {ANSWER_THRESHOLD}: offered "
        f"{np.average(offered, weights=sample.weights):.1%}, right of offered "
        f"{np.average(sample.right[offered], weights=sample.weights[offered]):.1%}, right hits offered "
        f"{np.average(offered[sample.right], weights=sample.weights[sample.right]):.1%}; Brier {brier:.3f}"
    )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bots.retrieval.calibrate", description="Fit the score's weights.")
    parser.add_argument("--embedder", metavar="FOLDER", help="folder or hub id; the hashing embedder when left out")
    parser.add_argument("--defaults", metavar="DIR", type=Path, help="the installed defaults, joined, below DIR")
    options = parser.parse_args(arguments)
    loaded = default_embedder(options.defaults) if options.defaults else load_embedder(options.embedder)
    embedder = _Remembering(loaded)
    everything = topics()
    first, second = halves(everything)
    for fitted_on, judged_on in ((first, second), (second, first)):
        sys.stdout.write(f"held out: {report(judged_on, embedder, fit(fitted_on, embedder))}\n")
    sys.stdout.write(f"{embedder.name}: {fit(everything, embedder)}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

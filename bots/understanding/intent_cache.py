"""What is learned of the shipped exemplars: read from disk where it was learned before, else learned and kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bots.retrieval.embedders import Embedder
from bots.retrieval.head_store import HeadStore, fingerprint
from bots.understanding.intents import IntentClassifier
from bots.understanding.ngrams import DIMENSION


def trained_or_cached(
    texts: Sequence[str], labels: Sequence[str], embedder: Embedder, folder: Path | None
) -> IntentClassifier:
    """The classifier of these rows and this embedder; read from ``folder`` when it lies there, else trained.

    A file that cannot be read is trained again and replaced. Nothing is written without a folder.
    """
    if folder is None:
        return IntentClassifier.train(texts, labels, embedder)
    name = fingerprint(embedder.name, embedder.dimension + DIMENSION, zip(texts, labels, strict=True))
    head = HeadStore(folder / "intents").read_or_learn(
        name, lambda: IntentClassifier.train(texts, labels, embedder).head
    )
    return IntentClassifier(head, embedder)

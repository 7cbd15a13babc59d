"""A trained classifier on disk: arrays and JSON, never pickle, named by what it was trained from."""

from __future__ import annotations

import contextlib
import json
import os
import zipfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

import numpy as np

from bots.retrieval.embedders import Embedder
from bots.understanding.exemplars import Exemplar
from bots.understanding.intents import IntentClassifier

_FORMAT = "intents-1"


def trained_or_cached(exemplars: Sequence[Exemplar], embedder: Embedder, folder: Path | None) -> IntentClassifier:
    """The classifier of these exemplars and this embedder; read from ``folder`` when it lies there, else trained.

    A file that cannot be read is trained again and replaced. Nothing is written without a folder.
    """
    path = None if folder is None else folder / f"{_FORMAT}-{_fingerprint(exemplars, embedder)}.npz"
    if path is not None:
        with contextlib.suppress(OSError, ValueError, KeyError, zipfile.BadZipFile):
            return _load(path, embedder)
    texts, labels = [each.text for each in exemplars], [each.intent for each in exemplars]
    classifier = IntentClassifier.train(texts, labels, embedder)
    if path is not None:
        _save(classifier, path)
    return classifier


def _fingerprint(exemplars: Sequence[Exemplar], embedder: Embedder) -> str:
    content = json.dumps([[each.text, each.intent] for each in exemplars], ensure_ascii=False)
    return sha256(f"{_FORMAT}\n{embedder.name}\n{embedder.dimension}\n{content}".encode()).hexdigest()[:24]


def _save(classifier: IntentClassifier, path: Path) -> None:
    """Written aside and renamed, so that a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    words = sorted(classifier.vocabulary, key=classifier.vocabulary.__getitem__)
    text = json.dumps({"labels": classifier.labels, "features": words}, ensure_ascii=False).encode()
    with NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as part:
        np.savez(
            part,
            text=np.frombuffer(text, dtype=np.uint8),
            idf=classifier.idf,
            weights=classifier.weights.astype(np.float32),
            bias=classifier.bias,
            centre=classifier.centre,
            scalars=np.array([classifier.temperature, classifier.threshold]),
        )
    os.replace(part.name, path)


def _load(path: Path, embedder: Embedder) -> IntentClassifier:
    with np.load(path, allow_pickle=False) as stored:
        text = json.loads(stored["text"].tobytes())
        temperature, threshold = (float(value) for value in stored["scalars"])
        return IntentClassifier(
            labels=tuple(text["labels"]),
            vocabulary={feature: column for column, feature in enumerate(text["features"])},
            idf=stored["idf"],
            weights=stored["weights"].astype(np.float64),
            bias=stored["bias"],
            centre=stored["centre"],
            temperature=temperature,
            threshold=threshold,
            embedder=embedder,
        )

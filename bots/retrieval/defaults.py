"""The embedder that the product uses when none is named: the installed defaults joined."""

from __future__ import annotations

from pathlib import Path

from bots.models import embedder_folder, joined_embedder_folders
from bots.retrieval.bert import Precision, best_precision
from bots.retrieval.embedders import BATCH, Embedder, load_embedder
from bots.retrieval.head_store import HeadStore
from bots.retrieval.joint import JointEmbedder, Part
from bots.retrieval.topics import with_topics

#: Of the cosines: the multilingual encoder, the English one, the quick one. Chosen by rows held out of training files.
MULTILINGUAL, ENGLISH, QUICK = 1.0, 2.0, 1.0


def default_embedder(
    directory: Path, *, precision: Precision | None = None, batch: int = BATCH, cache: Path | None = None
) -> Embedder:
    """What is installed below ``directory``; the hashing embedder when the multilingual encoder is not.

    Without a ``precision`` it is the one that suits the processor. What is learned of common topics is kept in
    ``cache``; learning it takes seconds.
    """
    folder = embedder_folder(directory)
    if folder is None:
        return load_embedder(None)
    precision = precision or best_precision()
    english, quick = joined_embedder_folders(directory)
    parts = [Part(load_embedder(str(folder), precision=precision, batch=batch), MULTILINGUAL)]
    if english is not None:
        loaded = load_embedder(str(english), precision=precision, batch=batch)
        parts.append(Part(loaded, ENGLISH, english_only=True))
    if quick is not None:
        parts.append(Part(load_embedder(str(quick)), QUICK))
    joined = JointEmbedder(parts) if len(parts) > 1 else parts[0].embedder
    return with_topics(joined, None if cache is None else HeadStore(cache / "topics"))

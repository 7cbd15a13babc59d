"""Vectors kept on disk, so that a restarted worker does not embed every FAQ again."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bots.retrieval.embedders import Embedder


class VectorCache:
    """One float16 file for each (embedder name, text), named by its SHA-256; safe for several processes at once.

    The texts themselves are not stored. A file that cannot be read or has the wrong size counts as absent.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def embed_passages(self, embedder: Embedder, texts: Sequence[str]) -> NDArray[np.float32]:
        """As ``embedder.embed_passages``, rounded to float16; only texts not seen before reach the embedder."""
        return self._embed(embedder, texts, embedder.embed_passages, "")

    def embed_queries(self, embedder: Embedder, texts: Sequence[str]) -> NDArray[np.float32]:
        """As ``embedder.embed_queries``, likewise."""
        return self._embed(embedder, texts, embedder.embed_queries, "query\0")

    def _embed(
        self, embedder: Embedder, texts: Sequence[str], embed: Callable[[Sequence[str]], NDArray[np.float32]], role: str
    ) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), embedder.dimension), dtype=np.float32)
        missing: dict[str, list[int]] = {}
        for row, text in enumerate(texts):
            stored = self._read(self._path(embedder, text, role), embedder.dimension)
            if stored is None:
                missing.setdefault(text, []).append(row)
            else:
                vectors[row] = stored
        fresh = embed(list(missing)).astype(np.float16) if missing else ()
        for (text, rows), vector in zip(missing.items(), fresh, strict=True):
            self._write(self._path(embedder, text, role), vector)
            vectors[rows] = vector
        return vectors

    def _path(self, embedder: Embedder, text: str, role: str) -> Path:
        digest = hashlib.sha256(f"{embedder.name}\0{embedder.dimension}\0{role}{text}".encode()).hexdigest()
        return self._folder / digest[:2] / f"{digest}.f16"

    @staticmethod
    def _read(path: Path, dimension: int) -> NDArray[np.float16] | None:
        try:
            vector = np.frombuffer(path.read_bytes(), dtype="<f2")
        except (OSError, ValueError):
            return None
        return vector if vector.size == dimension and bool(np.isfinite(vector).all()) else None

    @staticmethod
    def _write(path: Path, vector: NDArray[np.float16]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(dir=path.parent, prefix=".partial-")
        with os.fdopen(handle, "wb") as file:
            file.write(vector.astype("<f2").tobytes())
        os.replace(partial, path)

"""Texts to vectors: a dependency-free hashing embedder, and transformer encoders such as multilingual-e5-small."""

from __future__ import annotations

import json
import re
import threading
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from bots.backends.base import ModelMissing
from bots.retrieval.bert import BertEncoder, Precision, is_plain_bert
from bots.retrieval.lexical import content_tokens
from bots.retrieval.universal import WEIGHTS, UniversalEncoder

if TYPE_CHECKING:
    import torch

Vectors = NDArray[np.float32]

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_MAX_TOKENS = 512
BATCH = 32
_LOADED: dict[tuple[str, Precision, int], Embedder] = {}
_LOADING = threading.Lock()


class Embedder(Protocol):
    """Rows are L2-normalised, so a dot product is a cosine. Safe to call from several threads."""

    @property
    def name(self) -> str:
        """Stable: the same name promises the same vectors."""

    @property
    def dimension(self) -> int: ...

    @property
    def widths(self) -> tuple[int, ...]:
        """The dimensions of the parts that stand side by side in a vector."""

    @property
    def english_words(self) -> frozenset[str]:
        """English words in lower case that it knows as wholes; empty where it cannot tell."""

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of what people ask, shape (n, dimension); (0, dimension) for no texts."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of what is searched, shape (n, dimension)."""


class HashingEmbedder:
    """Signed feature hashing (Weinberger et al. 2009) of search tokens and character trigrams of words.

    Deterministic across processes and machines; knows no synonyms and no second language. A text without a single
    letter or digit gets the zero vector.
    """

    english_words: frozenset[str] = frozenset()

    def __init__(self, dimension: int = 1024) -> None:
        self.dimension = dimension
        self.widths = (dimension,)
        self.name = f"hashing-{dimension}"

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._embed(texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._embed(texts)

    def _embed(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for feature, weight in _features(text).items():
                code = zlib.crc32(feature.encode())
                row[(code >> 1) % self.dimension] += weight if code & 1 else -weight
        return _normalised(vectors)


def _features(text: str) -> dict[str, float]:
    tokens = content_tokens(text)
    counts = Counter(tokens)
    weights = {f"w:{token}": float(np.sqrt(count)) for token, count in counts.items()}
    for token in counts:
        if token.isascii() and len(token) > 3:
            padded = f"^{token}$"
            grams = [padded[i : i + 3] for i in range(len(padded) - 2)]
            for gram in grams:
                weights[f"c:{gram}"] = weights.get(f"c:{gram}", 0.0) + 1.0 / len(grams)
    return weights


class E5Embedder:
    """A transformer encoder with the sentence-transformers conventions; by default multilingual-e5-small.

    Prefixes come from ``config_sentence_transformers.json``, or are "query: " and "passage: " where the name says e5
    (Wang et al. 2024, arXiv:2402.05672), or empty. Pooling is the mean over tokens unless ``1_Pooling/config.json``
    asks for the first token. Texts beyond 512 tokens are cut. Runs on the threads that torch was given
    (``OMP_NUM_THREADS``); plain BERT encoders by our own forward pass. Only safetensors weights are read, and no code
    of the model's folder is run.
    """

    def __init__(self, name_or_path: str, *, precision: Precision = "float32", batch: int = BATCH) -> None:
        """Loads the weights; ``ModelMissing`` when they cannot be had. ``batch`` texts are embedded together."""
        import torch
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(name_or_path, trust_remote_code=False)
            self._bert = BertEncoder(Path(name_or_path), precision) if is_plain_bert(Path(name_or_path)) else None
            self._model: Any = None
            if self._bert is None:
                self._model = AutoModel.from_pretrained(
                    name_or_path, trust_remote_code=False, use_safetensors=True, dtype=getattr(torch, precision)
                ).eval()
        except (OSError, ValueError, KeyError) as error:
            raise ModelMissing(f"The embedder {name_or_path!r} cannot be loaded: {_first_line(error)}") from error
        self.name = Path(name_or_path).name if Path(name_or_path).is_dir() else name_or_path
        if precision != "float32":
            self.name += f"@{precision}"
        self._batch = batch
        self.dimension = self._bert.hidden_size if self._bert else int(self._model.config.hidden_size)
        self.widths = (self.dimension,)
        self.english_words = _whole_words(self._tokenizer.get_vocab())
        self._query_prefix, self._passage_prefix = _prefixes(name_or_path)
        self._first_token = bool(_json_of(name_or_path, "1_Pooling/config.json").get("pooling_mode_cls_token", False))
        self._lock = threading.Lock()

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._embed([self._query_prefix + text for text in texts])

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._embed([self._passage_prefix + text for text in texts])

    def _embed(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        with self._lock:
            for rows in _batches_by_length(texts, self._batch):
                vectors[rows] = self._forward([texts[row] for row in rows])
        return _normalised(vectors)

    def _forward(self, texts: list[str]) -> Vectors:
        import torch

        if self._bert is not None:
            longest = min(_MAX_TOKENS, self._bert.longest)
            ids = self._tokenizer(texts, truncation=True, max_length=longest)["input_ids"]
            return self._bert.pooled(ids, first_token=self._first_token)
        batch = self._tokenizer(texts, padding=True, truncation=True, max_length=_MAX_TOKENS, return_tensors="pt")
        with torch.inference_mode():
            hidden: torch.Tensor = self._model(**batch).last_hidden_state.float()
            if self._first_token:
                pooled = hidden[:, 0]
            else:
                mask = batch["attention_mask"].unsqueeze(-1).to(hidden.dtype)
                pooled = (hidden * mask).sum(dim=1) / mask.sum(dim=1)
        vectors: Vectors = pooled.numpy()
        return vectors


def _whole_words(pieces: Iterable[str]) -> frozenset[str]:
    """Of WordPiece, whose inner pieces begin with ``##``. Pieces of other kinds are of many languages, or of none."""
    pieces = set(pieces)
    if not any(piece.startswith("##") for piece in pieces):
        return frozenset()
    return frozenset(piece for piece in pieces if piece.isascii() and piece.isalpha() and piece.islower())


def load_embedder(name_or_path: str | None, *, precision: Precision = "float32", batch: int = BATCH) -> Embedder:
    """The embedder of that folder or hub id, loaded once per process; ``None`` gives the hashing embedder.

    Raises ``ModelMissing``.
    """
    if name_or_path is None:
        return HashingEmbedder()
    key = name_or_path, precision, batch
    with _LOADING:
        if key not in _LOADED:
            folder = Path(name_or_path)
            if (folder / WEIGHTS).is_file():
                _LOADED[key] = UniversalEncoder(folder)
            else:
                _LOADED[key] = E5Embedder(name_or_path, precision=precision, batch=batch)
        return _LOADED[key]


def has_chinese(texts: Sequence[str]) -> NDArray[np.bool_]:
    """By text: whether a Chinese character is in it."""
    return np.array([_HAN.search(text) is not None for text in texts], dtype=bool)


def _batches_by_length(texts: Sequence[str], size: int) -> Iterator[list[int]]:
    """Row numbers, similar lengths together, so that little padding is computed."""
    order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
    for start in range(0, len(order), size):
        yield order[start : start + size]


def _normalised(vectors: Vectors) -> Vectors:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = (vectors / np.where(norms > 0.0, norms, 1.0)).astype(np.float32)
    return unit


def _prefixes(name_or_path: str) -> tuple[str, str]:
    prompts = _json_of(name_or_path, "config_sentence_transformers.json").get("prompts") or {}
    if prompts:
        return str(prompts.get("query", "")), str(prompts.get("document") or prompts.get("passage", ""))
    return ("query: ", "passage: ") if re.search(r"\be5\b", name_or_path.lower()) else ("", "")


def _json_of(name_or_path: str, file: str) -> dict[str, Any]:
    from transformers.utils.hub import cached_file

    found = cached_file(name_or_path, file, _raise_exceptions_for_missing_entries=False)
    if found is None:
        return {}
    content: dict[str, Any] = json.loads(Path(found).read_text(encoding="utf-8"))
    return content


def _first_line(error: Exception) -> str:
    return unicodedata.normalize("NFKC", str(error)).strip().split("\n", 1)[0]

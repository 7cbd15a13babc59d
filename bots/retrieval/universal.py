"""Universal Sentence Encoder, multilingual, version 3 (Yang et al. 2020, arXiv:1907.04307), in numpy: no model library,
a millisecond or two a text, sixteen languages, English and Chinese among them.

The folder holds ``encoder.safetensors`` (the word table in 8 bits, the rest in float32) and ``tokenizer.json``. The
convolutional variant: word embeddings, three branches of n-gram convolutions, a sum over tokens, a small dense net.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bots.backends.base import ModelMissing

Floats = NDArray[np.float32]

WEIGHTS, TOKENIZER = "encoder.safetensors", "tokenizer.json"
#: The word table is quantised in so many parts, each with a scale of its own; a piece is in part ``id % PARTS``.
PARTS = 17
#: n-gram width of each branch, and how many of its tokens stand before the centre.
BRANCHES = ((2, 0), (3, 1), (5, 2))
_BEGIN, _END = 1, 2
_MAX_PIECES = 256


class UniversalEncoder:
    """Vectors of 512 dimensions; safe to call from several threads. Texts beyond 256 pieces are cut."""

    dimension = 512
    widths = (512,)
    english_words: frozenset[str] = frozenset()

    def __init__(self, folder: Path) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        try:
            self._weights = load_file(folder / WEIGHTS)
            self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        except Exception as error:  # both libraries raise types of their own
            raise ModelMissing(f"The embedder {str(folder)!r} cannot be loaded: {error}") from error
        self.name = folder.name
        self._epsilon = float(self._weights["eps"][0])

    def embed_queries(self, texts: Sequence[str]) -> Floats:
        return self._embed(texts)

    def embed_passages(self, texts: Sequence[str]) -> Floats:
        return self._embed(texts)

    def _embed(self, texts: Sequence[str]) -> Floats:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        encoded = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        for row, encoding in zip(vectors, encoded, strict=True):
            row[:] = self._one([_BEGIN, *encoding.ids[:_MAX_PIECES], _END])
        return vectors

    def _one(self, ids: list[int]) -> Floats:
        w = self._weights
        pieces = np.asarray(ids)
        part = pieces % PARTS
        words = w["table"][pieces].astype(np.float32) * w["scale"][part, None] + w["low"][part, None]
        branches = [words]
        for width, before in BRANCHES:
            projected = words @ w[f"projection{width}"] + w[f"projection{width}_bias"]
            start = self._norm(projected, w[f"norm{width}_gain"], w[f"norm{width}_bias"])
            inner = _convolved(start, w[f"first{width}"], w[f"first{width}_bias"], width, before) + start
            branches.append(_convolved(inner, w[f"second{width}"], w[f"second{width}_bias"], width, before) + inner)
        features = self._norm(np.concatenate(branches, axis=1), w["norm_gain"], w["norm_bias"])
        length = np.float32(len(ids))
        total = (features.sum(axis=0) @ w["pool"] + length * w["pool_bias"]) / np.sqrt(length)
        first = np.maximum(total @ w["dense0"], 0.0)
        second = np.maximum(total @ w["skip1"] + first @ w["dense1"], 0.0)
        third = np.maximum(second @ w["dense2"], 0.0)
        vector = np.tanh(second @ w["skip3"] + third @ w["dense3"])
        unit: Floats = vector / max(float(np.linalg.norm(vector)), 1e-12)
        return unit

    def _norm(self, values: Floats, gain: Floats, bias: Floats) -> Floats:
        centred = values - values.mean(axis=-1, keepdims=True)
        variance = (centred * centred).mean(axis=-1, keepdims=True)
        normed: Floats = centred / np.sqrt(variance + self._epsilon) * gain + bias
        return normed


def _convolved(tokens: Floats, weights: Floats, bias: Floats, width: int, before: int) -> Floats:
    """A convolution over ``width`` tokens with zeros beyond the text, and a rectifier."""
    padded = np.zeros((len(tokens) + width - 1, tokens.shape[1]), dtype=np.float32)
    padded[before : before + len(tokens)] = tokens
    windows = np.concatenate([padded[start : start + len(tokens)] for start in range(width)], axis=1)
    result: Floats = np.maximum(windows @ weights + bias, 0.0)
    return result

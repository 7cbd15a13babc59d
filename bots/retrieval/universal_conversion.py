"""Rebuilds the multilingual Universal Sentence Encoder from the data files of a registry package, read as data.

``weights.npz`` is read without pickle; ``sp.model`` is a SentencePiece unigram model, a protocol buffer of which the
pieces and their scores are taken. Its normalisation is ``nmt_nfkc``, which ``tokenizers`` has built in.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bots.retrieval.universal import BRANCHES, PARTS, TOKENIZER, WEIGHTS

_PLAIN = {
    "scale": "scale", "low": "lo", "norm_gain": "ln_g", "norm_bias": "ln_b", "pool": "cnn_W", "pool_bias": "cnn_b",
    "dense0": "d0", "dense1": "d1", "dense2": "d2", "dense3": "d3", "skip1": "p1", "skip3": "p3",
}  # fmt: skip
_OF_BRANCH = {
    "projection{}": "proj{}", "projection{}_bias": "proj_b{}", "norm{}_gain": "ln_g{}", "norm{}_bias": "ln_b{}",
    "first{}": "w1_{}", "first{}_bias": "b1_{}", "second{}": "w2_{}", "second{}_bias": "b2_{}",
}  # fmt: skip


def convert(weights_file: Path, pieces_file: Path, folder: Path) -> None:
    """Writes ``folder`` (it exists, empty). ``ValueError`` or ``KeyError`` when a file is not what it should be."""
    from safetensors.numpy import save_file

    with np.load(weights_file, allow_pickle=False) as stored:
        save_file(tensors_of({name: stored[name] for name in stored.files}), folder / WEIGHTS)
    _write_tokenizer(list(read_pieces(pieces_file.read_bytes())), folder / TOKENIZER)


def tensors_of(stored: dict[str, NDArray[np.generic]]) -> dict[str, NDArray[np.generic]]:
    """The package's arrays under this project's names; the parts of the word table in one, by piece."""
    parts = [stored[f"q{number + 1}"] for number in range(PARTS)]
    table = np.stack(parts, axis=1).reshape(-1, parts[0].shape[1])
    named = {name: stored[short] for name, short in _PLAIN.items()}
    for width, _ in BRANCHES:
        named.update({name.format(width): stored[short.format(width)] for name, short in _OF_BRANCH.items()})
    if table.dtype != np.uint8 or any(array.dtype != np.float32 for array in named.values()):
        raise ValueError("the arrays have other types than those expected")
    return {"table": table, "eps": np.atleast_1d(stored["eps"]).astype(np.float32), **named}


def read_pieces(data: bytes) -> Iterator[tuple[str, float]]:
    """The pieces and scores of a SentencePiece model, by id."""
    for field, value in _fields(data):
        if field == 1 and isinstance(value, bytes):
            parts = dict(_fields(value))
            piece, score = parts.get(1), parts.get(2, 0.0)
            if not isinstance(piece, bytes) or not isinstance(score, float):
                raise ValueError("a piece has no text or no score")
            yield piece.decode(), score


def _fields(data: bytes) -> Iterator[tuple[int, bytes | float | int]]:
    """The fields of a protocol buffer: bytes, 32-bit floats, integers; 64-bit ones are passed over."""
    at = 0
    while at < len(data):
        key, at = _integer(data, at)
        field, kind = key >> 3, key & 7
        if kind == 0:
            number, at = _integer(data, at)
            yield field, number
        elif kind == 1:
            at += 8
        elif kind == 2:
            length, at = _integer(data, at)
            if at + length > len(data):
                raise ValueError("the file is cut")
            yield field, data[at : at + length]
            at += length
        elif kind == 5:
            (value,) = struct.unpack_from("<f", data, at)
            yield field, float(value)
            at += 4
        else:
            raise ValueError(f"fields of kind {kind} are not known")


def _integer(data: bytes, at: int) -> tuple[int, int]:
    result = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise ValueError("the file is cut")
        byte = data[at]
        at += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result, at
        shift += 7


def _write_tokenizer(pieces: list[tuple[str, float]], path: Path) -> None:
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=0, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Strip(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=False)
    tokenizer.save(str(path))

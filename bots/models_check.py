"""Known outputs of the default models, checked after a conversion and before the models are used."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bots.backends.base import Prompt
from bots.backends.transformers import TransformersLanguageModel
from bots.retrieval.embedders import E5Embedder
from bots.retrieval.universal import UniversalEncoder

_QUERY = "怎么申请退款？"
_QUERY_START = (0.07982, -0.04833, -0.05663, -0.10936)
_ENGLISH_START = (-0.07297, 0.01806, 0.05066, 0.01782)
_QUICK_START = (-0.00172, 0.06519, -0.08546, 0.03257)
_PASSAGES = ("How do I request a refund?", "Do you ship to Canada?")


class WrongOutput(Exception):
    """A converted model does not say what the original says."""


def check_language_model(folder: Path) -> None:
    """Digits are split one by one, and a known question gets its known answer. Raises ``WrongOutput``."""
    from transformers import AutoTokenizer

    tokens = AutoTokenizer.from_pretrained(folder, trust_remote_code=False).tokenize("10533")
    if tokens != ["1", "0", "5", "3", "3"]:
        raise WrongOutput(f"the number 10533 is read as {tokens}")
    model = TransformersLanguageModel(str(folder), precision="float32", temperature=0.0)
    prompt = Prompt("You are a helpful assistant.", "What is the capital of France?")
    answer = model.generate(prompt, n=1, max_new_tokens=16, seed=0)[0].text
    if answer != "The capital of France is Paris.":
        raise WrongOutput(f"asked for the capital of France it says {answer!r}")


def check_embedder(folder: Path) -> None:
    """A query has its known vector, and the passage that answers it, in the other language, is nearest."""
    embedder = E5Embedder(str(folder))
    query = embedder.embed_queries([_QUERY])[0]
    if embedder.dimension != 384 or not np.allclose(query[:4], _QUERY_START, atol=1e-3):
        raise WrongOutput(f"the vector of a known query starts with {query[:4]} in {embedder.dimension} dimensions")
    refund, shipping = embedder.embed_passages(_PASSAGES) @ query
    if refund < shipping + 0.03:
        raise WrongOutput(f"a refund question is {refund:.3f} near refunds and {shipping:.3f} near shipping")


def check_english_embedder(folder: Path) -> None:
    """As ``check_embedder``, for the encoder that knows English alone."""
    embedder = E5Embedder(str(folder))
    query = embedder.embed_queries([_PASSAGES[0]])[0]
    if embedder.dimension != 384 or not np.allclose(query[:4], _ENGLISH_START, atol=1e-3):
        raise WrongOutput(f"the vector of a known query starts with {query[:4]} in {embedder.dimension} dimensions")


def check_quick_embedder(folder: Path) -> None:
    """As ``check_embedder``, for the Universal Sentence Encoder."""
    embedder = UniversalEncoder(folder)
    query = embedder.embed_queries([_QUERY])[0]
    if not np.allclose(query[:4], _QUICK_START, atol=1e-3):
        raise WrongOutput(f"the vector of a known query starts with {query[:4]}")
    refund, shipping = embedder.embed_passages(_PASSAGES) @ query
    if refund < shipping + 0.1:
        raise WrongOutput(f"a refund question is {refund:.3f} near refunds and {shipping:.3f} near shipping")

"""Several embedders as one, the numpy encoder among them, and BERT by our own forward pass."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from bots.retrieval.bert import best_precision
from bots.retrieval.embedders import E5Embedder, Embedder, HashingEmbedder
from bots.retrieval.head_store import HeadStore
from bots.retrieval.joint import JointEmbedder, Part
from bots.retrieval.topics import TopicEmbedder, topics, with_topics
from bots.retrieval.universal_conversion import read_pieces

MODELS = Path(__file__).resolve().parents[3] / "var" / "models"
TEXTS = ["where is my parcel", "我的包裹在哪", "where is it 吗"]


def joint() -> JointEmbedder:
    return JointEmbedder([Part(HashingEmbedder(64), 1.0), Part(HashingEmbedder(32), 3.0, english_only=True)])


def test_a_cosine_is_the_weighted_mean_of_the_parts() -> None:
    a, b = HashingEmbedder(64), HashingEmbedder(32)
    first, second = joint().embed_queries(["where is my parcel", "where is a refund"])
    one, other = (embedder.embed_queries(["where is my parcel", "where is a refund"]) for embedder in (a, b))
    assert first @ second == pytest.approx(0.25 * one[0] @ one[1] + 0.75 * other[0] @ other[1], abs=1e-5)
    assert joint().widths == (64, 32)
    assert joint().dimension == 96


def test_a_part_for_english_says_nothing_of_chinese_and_the_others_take_its_weight() -> None:
    english, chinese, mixed = joint().embed_passages(TEXTS)
    assert np.linalg.norm(english[64:]) == pytest.approx(0.75**0.5)
    for vector in (chinese, mixed):
        assert np.linalg.norm(vector[64:]) == 0.0
        assert np.linalg.norm(vector[:64]) == pytest.approx(1.0)


def test_some_part_must_know_every_language() -> None:
    with pytest.raises(ValueError, match="every language"):
        JointEmbedder([Part(HashingEmbedder(8), 1.0, english_only=True)])


def test_topics_bring_wordings_together_and_leave_english_alone(tmp_path: Path) -> None:
    store = HeadStore(tmp_path)
    embedder = with_topics(HashingEmbedder(256), store)
    plain = HashingEmbedder(256)
    asked, right, wrong = "退的钱什么时候回来", "退款多久到账", "什么时候发货"
    before, after = plain.embed_queries([asked, right, wrong]), embedder.embed_queries([asked, right, wrong])
    assert before[0] @ before[1] <= before[0] @ before[2]
    assert after[0] @ after[1] > after[0] @ after[2]
    assert np.linalg.norm(after, axis=1) == pytest.approx([1.0] * 3, abs=1e-5)
    english = embedder.embed_queries(["where is my parcel"])[0]
    assert english[:256] == pytest.approx(plain.embed_queries(["where is my parcel"])[0])
    assert not english[256:].any()
    assert len(list(tmp_path.iterdir())) == 1
    again = with_topics(HashingEmbedder(256), store)
    assert isinstance(again, TopicEmbedder)
    assert again.name == embedder.name


def test_every_topic_has_wordings_of_its_own() -> None:
    rows = topics()
    assert len({text for text, _ in rows}) == len(rows)
    counts = np.unique([label for _, label in rows], return_counts=True)[1]
    assert counts.min() >= 4


def test_pieces_of_a_protocol_buffer_are_read_and_a_cut_one_is_refused() -> None:
    piece = b"\x0a\x02hi" + b"\x15" + struct.pack("<f", -1.5) + b"\x18\x01"
    data = b"\x0a" + bytes([len(piece)]) + piece + b"\x12\x01x"
    assert list(read_pieces(data)) == [("hi", -1.5)]
    for end in range(1, len(data) - 3):
        with pytest.raises((ValueError, struct.error)):
            list(read_pieces(data[:end]))


@pytest.mark.models
def test_our_forward_pass_gives_the_librarys_vectors(e5: Embedder) -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer

    folder = MODELS / "multilingual-e5-small"
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    batch = tokenizer([f"query: {text}" for text in TEXTS], padding=True, return_tensors="pt")
    with torch.inference_mode():
        hidden, mask = model(**batch).last_hidden_state, batch["attention_mask"][:, :, None]
    pooled = ((hidden * mask).sum(1) / mask.sum(1)).numpy()
    wanted = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
    whole = E5Embedder(str(folder)).embed_queries(TEXTS)
    assert (whole * wanted).sum(axis=1) == pytest.approx([1.0] * 3, abs=1e-5)
    half = E5Embedder(str(folder), precision="bfloat16").embed_queries(TEXTS)
    assert (half * wanted).sum(axis=1) == pytest.approx([1.0] * 3, abs=3e-4)


@pytest.mark.parametrize(
    ("capability", "precision"), [("amx_bf16", "bfloat16"), ("avx512_bf16", "bfloat16"), ("avx2", "float32")]
)
def test_half_precision_is_for_processors_that_multiply_it(
    monkeypatch: pytest.MonkeyPatch, capability: str, precision: str
) -> None:
    import torch

    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {capability: True})
    assert best_precision() == precision

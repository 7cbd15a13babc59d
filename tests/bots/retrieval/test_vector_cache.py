from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bots.retrieval.embedders import HashingEmbedder, Vectors
from bots.retrieval.vector_cache import VectorCache


class CountingEmbedder(HashingEmbedder):
    def __init__(self, dimension: int = 64, name: str = "counting") -> None:
        super().__init__(dimension)
        self.name = name
        self.seen: list[str] = []

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.seen += texts
        return super().embed_passages(texts)


def test_a_text_reaches_the_embedder_once(tmp_path: Path) -> None:
    embedder = CountingEmbedder()
    first = VectorCache(tmp_path).embed_passages(embedder, ["refund", "退款", "refund"])
    second = VectorCache(tmp_path).embed_passages(embedder, ["退款", "refund", "invoice"])
    assert embedder.seen == ["refund", "退款", "invoice"]
    assert second[:2].tolist() == first[[1, 0]].tolist()
    assert np.abs(first - HashingEmbedder(64).embed_passages(["refund", "退款", "refund"])).max() < 1e-3


def test_questions_and_passages_are_kept_apart(tmp_path: Path) -> None:
    class Roles(CountingEmbedder):
        def embed_queries(self, texts: Sequence[str]) -> Vectors:
            return -super().embed_passages(texts)

    embedder, cache = Roles(), VectorCache(tmp_path)
    passage = cache.embed_passages(embedder, ["refund"])
    question = cache.embed_queries(embedder, ["refund"])
    assert question.tolist() == (-passage).tolist()
    assert cache.embed_queries(embedder, ["refund"]).tolist() == question.tolist()
    assert embedder.seen == ["refund", "refund"]


def test_another_embedder_has_its_own_vectors(tmp_path: Path) -> None:
    VectorCache(tmp_path).embed_passages(CountingEmbedder(), ["refund"])
    for other in (CountingEmbedder(name="other"), CountingEmbedder(32)):
        VectorCache(tmp_path).embed_passages(other, ["refund"])
        assert other.seen == ["refund"]


def test_damaged_files_are_embedded_again(tmp_path: Path) -> None:
    embedder = CountingEmbedder()
    whole = VectorCache(tmp_path).embed_passages(embedder, ["refund"])
    (file,) = tmp_path.rglob("*.f16")
    for damage in (b"", b"\x00", file.read_bytes()[:-2], b"\xff" * 128):
        file.write_bytes(damage)
        assert VectorCache(tmp_path).embed_passages(embedder, ["refund"]).tolist() == whole.tolist()
    assert len(embedder.seen) == 5


def test_nothing_to_embed(tmp_path: Path) -> None:
    assert VectorCache(tmp_path).embed_passages(CountingEmbedder(), []).shape == (0, 64)


def test_the_folder_holds_no_text_and_no_leftovers(tmp_path: Path) -> None:
    VectorCache(tmp_path).embed_passages(CountingEmbedder(), ["where does Ann live"])
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.suffix for path in files] == [".f16"]
    assert b"Ann" not in files[0].read_bytes()

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from bots.backends.base import ModelMissing
from bots.retrieval.embedders import Embedder, HashingEmbedder, load_embedder

from .e5_reference import TEXTS


class TestHashingEmbedder:
    def test_vectors_are_unit_length_and_the_same_on_every_machine(self) -> None:
        vectors = HashingEmbedder(8).embed_queries(["refund", "退款", "refund"])
        assert vectors.dtype == np.float32
        assert np.linalg.norm(vectors, axis=1) == pytest.approx([1.0, 1.0, 1.0])
        assert vectors[1].tolist() == [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
        assert vectors[0].tolist() == vectors[2].tolist()

    def test_near_texts_are_nearer_than_far_ones(self) -> None:
        embedder = HashingEmbedder()
        query = embedder.embed_queries(["cancelling an order", "退款多久"])
        near, far = embedder.embed_passages(["How do I cancel my order?", "退款需要几天"]), "Do you ship to Canada?"
        assert (query * near).sum(axis=1).min() > (query @ embedder.embed_passages([far])[0]).max() + 0.2

    def test_no_text_and_empty_texts(self) -> None:
        embedder = HashingEmbedder(16)
        assert embedder.embed_queries([]).shape == (0, 16)
        assert not embedder.embed_passages([""]).any()

    def test_is_what_no_name_gives(self) -> None:
        assert load_embedder(None).name == "hashing-1024"


def test_a_missing_embedder_is_named_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="nowhere") as caught:
        load_embedder(str(tmp_path / "nowhere"))
    assert "\n" not in str(caught.value)


@pytest.mark.models
class TestE5:
    def test_vectors_agree_with_the_original_engines(self, e5: Embedder) -> None:
        reference = np.load(Path(__file__).parent / "data" / "e5_reference.npz", allow_pickle=False)
        for made, expected in (
            (e5.embed_queries(TEXTS), reference["queries"].astype(np.float32)),
            (e5.embed_passages(TEXTS), reference["passages"].astype(np.float32)),
        ):
            expected /= np.linalg.norm(expected, axis=1, keepdims=True)
            assert (made * expected).sum(axis=1).min() > 0.9998

    def test_a_text_has_the_same_vector_in_any_batch(self, e5: Embedder) -> None:
        texts = [f"question {i} " + "long " * (i % 7) for i in range(70)]
        together = e5.embed_queries(texts)
        for row in (0, 6, 69):
            assert together[row] == pytest.approx(e5.embed_queries([texts[row]])[0], abs=1e-5)

    def test_a_text_beyond_512_tokens_is_cut(self, e5: Embedder) -> None:
        assert e5.embed_passages(["word " * 2000]).shape == (1, 384)

    def test_is_loaded_once_even_by_several_threads(self, e5: Embedder) -> None:
        from .conftest import MODELS

        name = str(MODELS / e5.name)
        with ThreadPoolExecutor(4) as pool:
            assert all(loaded is e5 for loaded in pool.map(load_embedder, [name] * 8))

    def test_languages_meet(self, e5: Embedder) -> None:
        query = e5.embed_queries(["怎么申请退款？"])[0]
        refund, shipping = e5.embed_passages(["How do I request a refund?", "Do you ship to Canada?"]) @ query
        assert refund > shipping + 0.05

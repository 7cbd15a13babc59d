from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.retrieval.embedders import Embedder, HashingEmbedder
from bots.retrieval.index import ANSWER_THRESHOLD, FaqIndex
from bots.retrieval.phrasings import phrasings_of
from bots.retrieval.vector_cache import VectorCache
from bots.types import FaqEntry

EMBEDDER = HashingEmbedder()
ENTRIES = (
    FaqEntry("refund", 3, "en", "How long does a refund take?", "Five days.", ("When do I get my money back?",)),
    FaqEntry("refund", 4, "zh-hans", "退款多久到账？", "五天。", ("什么时候能收到退款",)),
    FaqEntry("invoice", 1, "zh-hans", "怎么开发票？", "在订单页。"),
    FaqEntry("abroad", 2, "en", "Do you ship to Canada?", "Yes."),
    FaqEntry("care", 2, "en", "Can I wash the blanket?", "At 30 degrees."),
)
INDEX = FaqIndex.build(ENTRIES, EMBEDDER)


def test_the_best_phrasing_of_the_right_faq_comes_first() -> None:
    first, *rest = INDEX.search("when will I get my money back", language="en", embedder=EMBEDDER)
    assert first.entry is ENTRIES[0]
    assert first.phrasing == "When do I get my money back?"
    assert first.score > 0.5 > rest[0].score
    assert first.lexical > 0.5
    assert first.dense > 0.5


def test_every_faq_comes_once_and_scores_fall() -> None:
    hits = INDEX.search("退款", language="zh-hans", embedder=EMBEDDER, k=10)
    assert sorted(hit.entry.id for hit in hits) == ["abroad", "care", "invoice", "refund"]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len(INDEX.search("退款", language="zh-hans", embedder=EMBEDDER, k=2)) == 2
    assert len(INDEX) == 4


def test_the_answer_is_in_the_shoppers_language_whatever_phrasing_was_hit() -> None:
    for query, language, entry in (
        ("退款多久到账", "zh-hans", ENTRIES[1]),
        ("退款多久到账", "en", ENTRIES[0]),
        ("How long does a refund take?", "zh-hans", ENTRIES[1]),
    ):
        hit = INDEX.search(query, language=language, embedder=EMBEDDER)[0]
        assert hit.entry is entry
    assert hit.phrasing == "How long does a refund take?"


def test_an_faq_in_one_language_only_is_still_found_from_the_other() -> None:
    assert INDEX.search("怎么开发票", language="en", embedder=EMBEDDER)[0].entry is ENTRIES[2]


def test_of_two_equal_faqs_the_one_in_the_shoppers_language_wins() -> None:
    twins = [FaqEntry("a", 1, "en", "VIP club", ""), FaqEntry("b", 1, "zh-hans", "VIP club", "")]
    index = FaqIndex.build(twins, EMBEDDER)
    assert index.search("VIP club", language="en", embedder=EMBEDDER)[0].entry is twins[0]
    assert index.search("VIP club", language="zh-hans", embedder=EMBEDDER)[0].entry is twins[1]


def test_an_empty_index_and_an_empty_query_find_nothing() -> None:
    assert FaqIndex.build([], EMBEDDER).search("refund", language="en", embedder=EMBEDDER) == ()
    assert INDEX.search(" \n", language="en", embedder=EMBEDDER) == ()
    assert (
        FaqIndex.build([FaqEntry("x", 1, "en", " ", "")], EMBEDDER).search("x", language="en", embedder=EMBEDDER) == ()
    )


def test_an_index_of_one_faq_does_not_answer_everything() -> None:
    index = FaqIndex.build(ENTRIES[3:4], EMBEDDER)
    assert index.search("ship to Canada?", language="en", embedder=EMBEDDER)[0].score > 0.5
    assert index.search("my zip is broken", language="en", embedder=EMBEDDER)[0].score < 0.2


def test_another_embedder_than_the_indexs_is_refused() -> None:
    with pytest.raises(ValueError, match="built with hashing-1024, not with hashing-64"):
        INDEX.search("refund", language="en", embedder=HashingEmbedder(64))


def test_a_cache_changes_no_ranking(tmp_path: Path) -> None:
    for _ in range(2):
        index = FaqIndex.build(ENTRIES, EMBEDDER, cache=VectorCache(tmp_path))
        for query in ("when will I get my money back", "退款", "wash"):
            plain = INDEX.search(query, language="en", embedder=EMBEDDER)
            cached = index.search(query, language="en", embedder=EMBEDDER)
            assert [hit.entry for hit in cached] == [hit.entry for hit in plain]
            assert [hit.score for hit in cached] == pytest.approx([hit.score for hit in plain], abs=0.01)


def test_threads_find_the_same() -> None:
    alone = INDEX.search("退款", language="en", embedder=EMBEDDER)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: INDEX.search("退款", language="en", embedder=EMBEDDER), range(20)):
            assert found == alone


@given(st.text(max_size=80))
def test_any_query_gives_scores_between_zero_and_one(query: str) -> None:
    for hit in INDEX.search(query, language="en", embedder=EMBEDDER):
        assert 0.0 <= hit.score <= 1.0
        assert 0.0 <= hit.lexical <= 1.0


def test_phrasings_are_trimmed_and_distinct() -> None:
    entry = FaqEntry("x", 1, "en", " Refund? ", "", ("Refund?", "", "Money back"))
    assert phrasings_of(entry) == ("Refund?", "Money back")


@pytest.mark.models
@pytest.mark.parametrize(
    ("query", "language", "expected"),
    [
        ("my money still hasn't come back", "en", "refund"),
        ("钱什么时候退给我", "zh-hans", "refund"),
        ("can you deliver to Toronto", "en", "abroad"),
        ("可以寄到加拿大吗", "zh-hans", "abroad"),
        ("what is the capital of France", "en", None),
        ("hello", "en", None),
        ("今天天气怎么样", "zh-hans", None),
    ],
)
def test_e5_finds_meanings_across_languages_and_admits_when_there_is_no_answer(
    e5: Embedder, query: str, language: str, expected: str | None
) -> None:
    best = FaqIndex.build(ENTRIES, e5).search(query, language=language, embedder=e5)[0]
    assert (best.entry.id if best.score >= ANSWER_THRESHOLD else None) == expected


class TestLearned:
    """Four FAQs with phrasings enough to learn from."""

    INDEX = FaqIndex.build(
        [
            FaqEntry(word, 1, "en", f"where is my {word}", "", (f"tell me about the {word}", f"the {word} please"))
            for word in ("parcel", "refund", "invoice", "blanket")
        ],
        EMBEDDER,
    )

    def test_half_of_the_faqs_must_have_three_phrasings_in_one_language(self) -> None:
        assert self.INDEX.is_learnable()
        assert not INDEX.is_learnable()
        assert INDEX.search("refund", language="en", embedder=EMBEDDER)[0].why.learned is None

    def test_the_head_ranks_and_says_why(self) -> None:
        learned = self.INDEX.learned()
        assert learned.head is not None
        assert self.INDEX.head is None
        hit = learned.search("my refund, please", language="en", embedder=EMBEDDER)[0]
        assert (hit.entry.id, hit.why.words) == ("refund", ("refund",))
        assert hit.score == hit.why.learned > 0.5

    def test_a_phrasing_word_for_word_comes_first_almost_surely(self) -> None:
        learned = self.INDEX.learned()
        for said in ("The BLANKET please!", "the blanket please 😀"):
            hit = learned.search(said, language="en", embedder=EMBEDDER)[0]
            assert hit.entry.id == "blanket"
            assert hit.score >= 0.99

    def test_a_sentence_that_no_faq_is_about_is_not_answered(self) -> None:
        learned = self.INDEX.learned()
        hit = learned.search("Thank you very much, goodbye.", language="en", embedder=EMBEDDER)[0]
        assert hit.score < 0.5

    def test_a_head_of_other_faqs_is_refused(self) -> None:
        learned = self.INDEX.learned()
        with pytest.raises(ValueError, match="other FAQs"):
            INDEX.with_head(learned.head)

    def test_texts_of_the_index_before_are_not_embedded_again(self) -> None:
        asked: list[str] = []

        class Listening(HashingEmbedder):
            def embed_passages(self, texts):  # type: ignore[no-untyped-def]
                asked.extend(texts)
                return super().embed_passages(texts)

        again = FaqIndex.build((*ENTRIES[1:], FaqEntry("new", 1, "en", "A new one", "")), Listening(), previous=INDEX)
        assert [text for text in asked if text in again.phrasings.written] == ["A new one"]
        plain = FaqIndex.build((*ENTRIES[1:], FaqEntry("new", 1, "en", "A new one", "")), EMBEDDER)
        query = "wash the blanket"
        assert again.search(query, language="en", embedder=EMBEDDER) == plain.search(
            query, language="en", embedder=EMBEDDER
        )

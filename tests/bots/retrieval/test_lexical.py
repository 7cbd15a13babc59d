from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.retrieval.lexical import LexicalIndex, content_tokens, shared_words, tokenize


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Where is MY order #12-3?", ["where", "is", "my", "order", "12", "3"]),
        ("Don't touch the customer’s Café", ["don't", "touch", "the", "customer", "café"]),
        ("订单号10533，7天", ["订单号", "订单", "单号", "10533", "7", "天"]),
        ("我想退款", ["我想", "想退", "退款"]),
        ("ＩＰＨＯＮＥ　１５", ["iphone", "15"]),
        ("退", ["退"]),
        ("❤️ …!?", []),
        ("", []),
    ],
)
def test_tokens(text: str, tokens: list[str]) -> None:
    assert tokenize(text) == tokens


def test_content_tokens_leave_stop_words_out_unless_there_is_nothing_else() -> None:
    assert content_tokens("How do I get my refund") == ["refund"]
    assert content_tokens("怎么退款") == ["么退", "退款"]
    assert content_tokens("who are you") == ["who", "are", "you"]


@pytest.mark.parametrize("text", ["七天内都能退款吗", "想退款", "申请退款的流程", "全额退款"])
def test_a_two_character_chinese_word_is_found_wherever_it_stands(text: str) -> None:
    index = LexicalIndex(["怎么开发票", text, "什么时候发货"])
    assert int(index.scores("退款").argmax()) == 1
    assert index.scores("退款").tolist().count(0.0) == 2


def test_scores_are_bm25() -> None:
    index = LexicalIndex(["refund refund time", "delivery time", "invoice"])
    # Lucene's BM25 by hand: idf = ln(1 + (N - n + 0.5) / (n + 0.5)), tf / (tf + k1 (1 - b + b * length / mean)).
    idf = np.log1p((3 - 1 + 0.5) / 1.5)
    expected = idf * 2 / (2 + 1.5 * (0.25 + 0.75 * 3 / 2))
    assert index.scores("refund") == pytest.approx([expected, 0.0, 0.0], rel=1e-5)


def test_relative_scores_fall_with_every_word_that_no_text_knows() -> None:
    index = LexicalIndex(["refund time", "delivery time", "invoice"])
    whole, half = index.relative_scores("refund time")[0], index.relative_scores("refund dragon")[0]
    assert 0.8 < whole <= 1.0
    assert 0.2 < half < 0.5


@pytest.mark.parametrize("texts", [[], ["", "?"]])
def test_an_index_without_words_finds_nothing(texts: list[str]) -> None:
    index = LexicalIndex(texts)
    assert index.scores("refund").tolist() == [0.0] * len(texts)
    assert index.relative_scores("").tolist() == [0.0] * len(texts)


@given(st.text(max_size=60), st.lists(st.text(max_size=30), max_size=5))
def test_any_text_gives_scores_between_zero_and_one(query: str, texts: list[str]) -> None:
    scores = LexicalIndex(texts).relative_scores(query)
    assert scores.shape == (len(texts),)
    assert bool(((scores >= 0.0) & (scores <= 1.0)).all())


@pytest.mark.parametrize(
    ("query", "text", "words"),
    [
        ("退货政策", "退货政策是什么", ("退货政策",)),
        ("我该怎么退货呢", "怎么退货", ("退货",)),
        ("退货的政策在哪", "退货政策", ("退货", "政策")),
        ("七天无理由退货可以吗", "支持七天无理由退换吗", ("七天无理由",)),
        ("发货多久", "多久发货", ("多久", "发货")),
        ("货政", "退货政策", ("货政",)),
        ("怎么", "怎么办", ("怎么",)),
        ("iPhone15手机壳", "有没有 iphone15 手机壳", ("iphone15", "手机壳")),
        ("Where is my parcel?", "The parcel's status", ("parcel",)),
        ("退", "退", ("退",)),
        ("退货", "包邮吗", ()),
    ],
)
def test_shared_words_are_whole_words_and_no_bigrams(query: str, text: str, words: tuple[str, ...]) -> None:
    assert shared_words(query, text) == words


@given(st.text("退货政策包邮吗 ab", max_size=20), st.text("退货政策包邮吗 ab", max_size=20))
def test_shared_words_stand_in_both_texts(query: str, text: str) -> None:
    for word in shared_words(query, text):
        assert word in query and word in text

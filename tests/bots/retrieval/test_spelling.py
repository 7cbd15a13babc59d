"""Mistyped words are put right by those of the FAQs, and words that are none of theirs stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.retrieval.embedders import HashingEmbedder
from bots.retrieval.index import FaqIndex
from bots.retrieval.spelling import Spelling
from bots.types import FaqEntry

TEXTS = ["How do I return a parcel to the store?", "What does international shipping cost?", "Where is my parcel?"]
ENGLISH = frozenset({"stove", "costs", "about", "black", "marcel"})


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("where is my pracel", "where is my parcel"),
        ("what is the internatoinal shippng cost", "what is the international shipping cost"),
        ("Retrun my PARCLE", "return my parcel"),
        ("can I rent a stove", "can I rent a stove"),
        ("how to reurn it with Stora", "how to return it with Stora"),
        ("shiping to internatinl adresses", "shipping to international adresses"),
        ("hte shp", "hte shp"),
        ("write to retrun@example.com", "write to retrun@example.com"),
        ("parcel's retrun-label", "parcel's retrun-label"),
        ("退货 retrun", "退货 return"),
        ("answrs of ours", "answers of ours"),
    ],
)
def test_mistyped_words_become_those_that_are_searched(typed: str, right: str) -> None:
    texts = [*TEXTS, "answers"]
    assert Spelling(texts).corrected(typed, english=ENGLISH) == right


def test_words_of_answers_and_of_the_shop_are_no_mistakes() -> None:
    spelling = Spelling(TEXTS, beside=["Ask Parces for it."])
    assert spelling.corrected("parces stora", english=ENGLISH, names=frozenset({"stora"})) == "parces stora"
    assert Spelling(TEXTS).corrected("parces stora", english=ENGLISH) == "parcel store"


def test_nothing_is_put_right_without_the_words_of_a_language() -> None:
    assert Spelling(TEXTS).corrected("retrun", english=frozenset()) == "retrun"
    assert Spelling([]).corrected("retrun", english=ENGLISH) == "retrun"


@given(st.text(max_size=60))
def test_a_text_without_mistakes_stays_as_it_is(text: str) -> None:
    spelling = Spelling([text, *TEXTS])
    assert spelling.corrected(text, english=ENGLISH) == text


class Knowing(HashingEmbedder):
    english_words = ENGLISH


def test_a_question_with_two_typos_finds_its_faq() -> None:
    entries = [
        FaqEntry("return", 1, "en", TEXTS[0], "By post.", ()),
        FaqEntry("shipping", 1, "en", TEXTS[1], "5 euros.", ()),
    ]
    found = {}
    for embedder in (HashingEmbedder(), Knowing()):
        index = FaqIndex.build(entries, embedder)
        (hit, *_rest) = index.search("internatoinal shippng", language="en", embedder=embedder)
        found[type(embedder).__name__] = hit.lexical
        if isinstance(embedder, Knowing):
            assert (hit.entry.id, hit.why and hit.why.words) == ("shipping", ("international", "shipping"))
    assert found["HashingEmbedder"] == 0.0 < found["Knowing"]

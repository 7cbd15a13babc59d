"""What answers state, and what kind of question is asked, count beside the wording of a title."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from bots.retrieval.embedders import HashingEmbedder
from bots.retrieval.index import FaqIndex, best_of
from bots.retrieval.phrasings import statements_of
from bots.types import FaqEntry


class Joined(HashingEmbedder):
    """Words for meanings, under the name of the defaults: their weights are what is tested."""

    def __init__(self) -> None:
        super().__init__()
        self.name += "+topics-test"


class Paying:
    """Tells questions of paying by the words "amex", "means" and "paypal"."""

    def kinds(self, vectors: NDArray[np.float32], written: Sequence[str]) -> NDArray[np.float32]:
        told = [any(word in text.lower() for word in ("amex", "means", "paypal")) for text in written]
        return np.array([[float(each)] for each in told], dtype=np.float32)


EMBEDDER = Joined()
ENTRIES = (
    FaqEntry("pots", 1, "en", "The nursery's containers", "Plants come in plain pots. They measure 16 cm inside."),
    FaqEntry("paying", 1, "en", "Means of settlement", "PayPal and cards."),
    FaqEntry("watering", 1, "en", "Watering the plants", "Once a week, with rain water; never let them dry out."),
)
INDEX = FaqIndex.build(ENTRIES, EMBEDDER)


@pytest.mark.parametrize(
    ("answer", "statements"),
    [
        (
            "It costs £4.50; from £60 it is free. Trees: £18!",
            ["It costs £4.50;", "from £60 it is free.", "Trees: £18!"],
        ),
        ("每周浇一次，用雨水。冬天不浇；好", ["每周浇一次,", "用雨水。", "冬天不浇;"]),
        ("", []),
    ],
)
def test_an_answer_is_read_by_statements(answer: str, statements: list[str]) -> None:
    assert statements_of(answer) == statements


def test_a_question_for_one_statement_finds_its_answer() -> None:
    hit = INDEX.search("never let them dry out?", language="en", embedder=EMBEDDER)[0]
    assert hit.entry.id == "watering"
    untold = FaqIndex.build([FaqEntry(each.id, 1, "en", each.question, "") for each in ENTRIES], EMBEDDER)
    assert untold.search("they measure inside?", language="en", embedder=EMBEDDER)[0].score < 0.5
    assert INDEX.search("they measure inside?", language="en", embedder=EMBEDDER)[0].entry.id == "pots"


def test_an_faq_of_the_questions_kind_gains() -> None:
    def score(kinds: Paying | None) -> float:
        hits = INDEX.search("do you take amex", language="en", embedder=EMBEDDER, kinds=kinds)
        return next(hit.score for hit in hits if hit.entry.id == "paying")

    assert INDEX.reads_kinds()
    assert score(Paying()) > score(None)
    assert not FaqIndex.build(ENTRIES, HashingEmbedder()).reads_kinds()


def test_texts_are_not_embedded_again() -> None:
    assert set(INDEX.known_texts()) >= {"Plants come in plain pots.", "Means of settlement"}
    again = FaqIndex.build(ENTRIES, EMBEDDER, previous=INDEX)
    rows = list(INDEX.known_texts().values())
    assert np.array_equal(again.vectors_of(rows), INDEX.vectors_of(rows))


def test_of_two_searches_each_faq_keeps_its_best_score() -> None:
    first = INDEX.search("plain pots", language="en", embedder=EMBEDDER)
    second = INDEX.search("rain water", language="en", embedder=EMBEDDER)
    best = best_of(first, second)
    assert len({hit.entry.id for hit in best}) == len(best) == 3
    assert best[0].score == max(first[0].score, second[0].score)
    assert [hit.score for hit in best] == sorted((hit.score for hit in best), reverse=True)

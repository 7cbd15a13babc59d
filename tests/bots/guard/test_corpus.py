"""The corpus of ``bench/guard``: its size, and the targets on both of its halves."""

from __future__ import annotations

from collections import Counter

import pytest

from bench.guard.__main__ import SEED, is_right
from bench.guard.planting import KINDS, generated
from bench.guard.situations import Case, hand_written
from bots.guard.check import check


@pytest.fixture(scope="module")
def corpus() -> list[Case]:
    return [*hand_written(), *generated(SEED)]


def share_right(cases: list[Case]) -> float:
    return sum(is_right(case, check(case.reply, case.situation.request)) for case in cases) / len(cases)


def test_it_is_as_large_and_as_mixed_as_it_says(corpus: list[Case]) -> None:
    by_hand = [case for case in corpus if case.by_hand]
    assert len(by_hand) >= 300
    assert len(corpus) - len(by_hand) >= 2_000
    assert Counter(case.label for case in by_hand)["true"] >= 0.3 * len(by_hand)
    assert {case.label for case in corpus} == {"true", *KINDS}
    for case in corpus:
        assert case.label in {"true", "unanswered"} or case.spans, case.reply


def test_the_same_seed_makes_the_same_corpus() -> None:
    assert [case.reply for case in generated(7)] == [case.reply for case in generated(7)]


@pytest.mark.parametrize("half", ["dev", "held_out"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_planted_errors_are_caught_and_true_replies_pass(corpus: list[Case], half: str, language: str) -> None:
    """A third of them; ``python -m bench.guard`` measures all."""
    sample = [case for case in corpus if case.situation.half == half and case.situation.language == language][::3]
    assert share_right([case for case in sample if case.label != "true"]) >= 0.99
    assert share_right([case for case in sample if case.label == "true"]) >= 0.98

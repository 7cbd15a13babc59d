"""Scores as a weighted mean of what is known of all candidates, and the order that no weight can turn about."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.composing.ranking import DEFAULT_WEIGHTS, SIGNALS, RankingWeights, rank, scores
from bots.types import Candidate, Signals, Violation

SHARE = st.floats(0, 1)
SIGNAL = st.one_of(st.none(), SHARE)
READ = st.builds(Signals, **dict.fromkeys(SIGNALS, SIGNAL))
PARTS = st.fixed_dictionaries({name: st.floats(0, 1000) for name in SIGNALS}).filter(lambda p: sum(p.values()) > 1e-3)
LIE = Violation("amount", "¥1", 0, 2)
MARK = Violation("unsupported", "Hm.", 0, 3)
CANDIDATE = st.builds(
    Candidate,
    text=st.just("Hm. ¥1"),
    source=st.sampled_from(["composer", "language_model"]),
    model=st.just("m"),
    score=SHARE,
    violations=st.sampled_from([(), (LIE,), (MARK,)]),
    signals=st.one_of(st.none(), READ),
)


@given(PARTS)
def test_weights_sum_to_one_whatever_the_parts(parts: dict[str, float]) -> None:
    weights = RankingWeights.of(parts)
    assert sum(weights.as_dict().values()) == pytest.approx(1)
    assert RankingWeights.of(weights.as_dict()).as_dict() == pytest.approx(weights.as_dict())


@pytest.mark.parametrize("parts", [{}, {"tone": 0}, {"tone": -1, "fit": 2}, {"tone": float("nan")}])
def test_weights_that_are_none(parts: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="not negative"):
        RankingWeights.of(parts)
    with pytest.raises(ValueError, match="sum to 1"):
        RankingWeights(fluency=0.9)


@given(st.lists(CANDIDATE, min_size=1, max_size=6), PARTS)
def test_no_weights_put_a_violating_candidate_above_a_supported_one(
    candidates: list[Candidate], parts: dict[str, float]
) -> None:
    ranked = rank(candidates, RankingWeights.of(parts))
    assert sorted(each.text for each in ranked) == sorted(each.text for each in candidates)
    supported = [each.supported for each in ranked]
    assert supported == sorted(supported, reverse=True)


@given(st.lists(READ, min_size=1, max_size=5), PARTS)
def test_scores_are_shares(signals: list[Signals], parts: dict[str, float]) -> None:
    assert all(0 <= score <= 1 + 1e-9 for score in scores(signals, RankingWeights.of(parts)))


def test_what_is_not_known_of_all_counts_for_none() -> None:
    silent = Signals(guard=1.0, coverage=0.5)
    told = Signals(fit=0.0, guard=1.0, coverage=0.5)
    assert len(set(scores([silent, told]))) == 1
    likely = Signals(fit=1.0, guard=1.0, coverage=0.5)
    low, high = scores([told, likely])
    assert low < high


def test_the_known_signals_share_the_weight_of_the_others() -> None:
    (score,) = scores([Signals(guard=1.0, coverage=0.0)], RankingWeights.of({"guard": 1, "coverage": 1, "fit": 98}))
    assert score == pytest.approx(0.5)


def test_weights_on_unknown_signals_alone_leave_the_defaults() -> None:
    known = Signals(guard=1.0, coverage=0.0)
    assert scores([known], RankingWeights.of({"fluency": 1})) == scores([known], DEFAULT_WEIGHTS)


def test_scores_stand_where_a_sibling_was_not_read() -> None:
    old = Candidate("old", "language_model", "m", 0.4)
    read = Candidate("new", "composer", "m", 0.3, signals=Signals(guard=1.0))
    assert [each.score for each in rank([read, old])] == [0.4, 0.3]

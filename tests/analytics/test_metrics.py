"""The formulas on cases worked out by hand."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs_portal.analytics.metrics import Change, Rate, Spread, percentile, product, spread
from cs_portal.drafting.edits import edit_distance


def test_a_rate_keeps_its_denominator() -> None:
    assert Rate(3, 12).share == 0.25
    assert Rate(0, 5).share == 0.0
    assert Rate(0, 0).share is None


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([], 0.5, None),
        ([7.0], 0.9, 7.0),
        ([1.0, 2.0, 3.0, 4.0], 0.5, 2.0),
        ([1.0, 2.0, 3.0, 4.0, 5.0], 0.5, 3.0),
        ([float(n) for n in range(1, 11)], 0.9, 9.0),
        ([float(n) for n in range(1, 11)], 0.95, 10.0),
        ([float(n) for n in range(1, 101)], 0.9, 90.0),
        ([1.0, 2.0], 1.0, 2.0),
    ],
)
def test_percentiles_are_of_the_nearest_rank(values, share, expected) -> None:
    assert percentile(values, share) == expected


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60))
def test_a_spread_shows_values_that_occurred(values: list[float]) -> None:
    found = spread(values)
    assert found.n == len(values)
    assert found.median == statistics.median_low(values)
    assert found.high in values
    assert found.high >= found.median


def test_a_spread_of_nothing_is_nothing() -> None:
    assert spread([]) == Spread(0, None, None)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("We refund you.", "We refund you.", 0.0),
        ("", "", 0.0),
        ("abc", "", 1.0),
        ("kitten", "sitting", 3 / 7),
        # By characters: one of eight is another.
        ("订单已经发出啦。", "订单已经发出了。", 1 / 8),
    ],
)
def test_the_edit_distance_is_levenshtein_by_the_longer_length(before, after, expected) -> None:
    assert edit_distance(before, after) == pytest.approx(expected)


def test_a_change_is_unknown_where_one_side_is() -> None:
    assert Change(12, 10).by == 2
    assert Change(12, 10).ratio == pytest.approx(0.2)
    assert Change(None, 10).by is None
    assert Change(3, None).ratio is None
    assert Change(3, 0).ratio is None


def test_automation_is_involvement_times_bot_resolution() -> None:
    assert product(Rate(80, 100), Rate(20, 80)) == pytest.approx(0.2)
    assert product(Rate(0, 0), Rate(1, 2)) is None

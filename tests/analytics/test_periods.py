"""Whole days in the merchant's time zone, whatever the link says."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs_portal.analytics.periods import LONGEST, Period, asked, last_days

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
#: The 26th in Shanghai, the 25th in Berlin.
NOW = datetime(2026, 11, 25, 17, 0, tzinfo=UTC)


def test_a_day_begins_and_ends_by_the_merchants_clock() -> None:
    period = last_days(7, now=NOW, zone=SHANGHAI)
    assert (period.first, period.last, period.length) == (date(2026, 11, 20), date(2026, 11, 26), 7)
    assert period.start == datetime(2026, 11, 19, 16, 0, tzinfo=UTC)
    assert period.end == datetime(2026, 11, 26, 16, 0, tzinfo=UTC)
    assert last_days(7, now=NOW, zone=BERLIN).last == date(2026, 11, 25)


def test_a_day_may_have_twenty_five_hours() -> None:
    period = Period(date(2026, 10, 25), date(2026, 10, 25), BERLIN)
    assert period.end.astimezone(UTC) - period.start.astimezone(UTC) == timedelta(hours=25)


def test_the_period_before_is_as_long_and_touches() -> None:
    period = Period(date(2026, 11, 1), date(2026, 11, 10), SHANGHAI)
    assert period.before() == Period(date(2026, 10, 22), date(2026, 10, 31), SHANGHAI)
    assert period.before().end == period.start


@pytest.mark.parametrize(
    ("query", "first", "last", "name"),
    [
        ({}, date(2026, 10, 28), date(2026, 11, 26), "30"),
        ({"period": "7"}, date(2026, 11, 20), date(2026, 11, 26), "7"),
        ({"period": "today"}, date(2026, 11, 26), date(2026, 11, 26), "today"),
        ({"period": "12"}, date(2026, 10, 28), date(2026, 11, 26), "30"),
        ({"period": "custom"}, date(2026, 10, 28), date(2026, 11, 26), "30"),
        ({"from": "2026-11-02", "to": "2026-11-05"}, date(2026, 11, 2), date(2026, 11, 5), "custom"),
        ({"from": "2026-11-20", "to": "2027-11-05"}, date(2026, 11, 20), date(2026, 11, 26), "custom"),
        ({"from": "2026-11-05", "to": "2026-11-02"}, date(2026, 10, 28), date(2026, 11, 26), "30"),
        ({"from": "2028-01-01", "to": "2028-02-01"}, date(2026, 10, 28), date(2026, 11, 26), "30"),
        ({"from": "2026-11-02"}, date(2026, 11, 2), date(2026, 11, 26), "custom"),
        ({"to": "2026-11-02"}, date(2026, 10, 4), date(2026, 11, 2), "custom"),
        (
            {"period": "30", "was": "30", "from": "2026-11-02", "to": "2026-11-05"},
            date(2026, 11, 2),
            date(2026, 11, 5),
            "custom",
        ),
        (
            {"period": "7", "was": "custom", "from": "2026-11-02", "to": "2026-11-05"},
            date(2026, 11, 20),
            date(2026, 11, 26),
            "7",
        ),
        ({"from": "soon", "to": "' OR 1=1"}, date(2026, 10, 28), date(2026, 11, 26), "30"),
        ({"from": "0001-01-01", "to": "2026-11-02"}, date(2026, 10, 4), date(2026, 11, 2), "custom"),
    ],
)
def test_a_link_gives_a_period_or_falls_back(query, first, last, name) -> None:
    period, called = asked(query, now=NOW, zone=SHANGHAI)
    assert (period.first, period.last, called) == (first, last, name)


def test_today_is_compared_with_the_same_hours_of_the_week_before() -> None:
    at = datetime(2026, 11, 25, 17, 0, 42, tzinfo=UTC)
    period, name = asked({"period": "today", "was": "30"}, now=at, zone=SHANGHAI)
    assert name == "today"
    assert period.start == datetime(2026, 11, 26, 0, 0, tzinfo=SHANGHAI)
    assert period.end == datetime(2026, 11, 27, 0, 0, tzinfo=SHANGHAI)
    before = period.before()
    assert before.start == datetime(2026, 11, 19, 0, 0, tzinfo=SHANGHAI)
    assert before.end == datetime(2026, 11, 19, 1, 0, tzinfo=SHANGHAI)
    assert before.days == [date(2026, 11, 19)]


def test_the_same_hours_are_those_of_the_clock_over_a_change_of_time() -> None:
    """A week before the 25th of October Berlin still had summer time at noon."""
    period, _name = asked({"period": "today"}, now=datetime(2026, 10, 28, 11, 0, tzinfo=UTC), zone=BERLIN)
    assert period.before().end == datetime(2026, 10, 21, 12, 0, tzinfo=BERLIN)
    assert period.before().end.astimezone(UTC).hour == 10


def test_a_span_of_years_is_cut_at_its_beginning() -> None:
    period, _name = asked({"from": "2010-01-01", "to": "2026-11-26"}, now=NOW, zone=SHANGHAI)
    assert period.length == LONGEST
    assert period.last == date(2026, 11, 26)


@given(st.dictionaries(st.sampled_from(["from", "to", "period", "was"]), st.text(max_size=12)))
def test_no_link_breaks(query: dict[str, str]) -> None:
    period, _name = asked(query, now=NOW, zone=BERLIN)
    assert 1 <= period.length <= LONGEST
    assert period.before().length == period.length

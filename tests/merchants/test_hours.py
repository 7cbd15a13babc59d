"""Business hours count real minutes, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs_portal.core.errors import Invalid
from cs_portal.core.tenancy import scope
from cs_portal.merchants.hours import HORIZON, Schedule, hours_json, parse_hours, schedule_of
from cs_portal.merchants.models import Holiday
from tests.factories import make_merchant, make_storefront

OFFICE = {day: [["09:00", "12:00"], ["13:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Asia/Kolkata", "UTC")


def schedule(hours: dict[str, Any], zone: str = "UTC", *holidays: date) -> Schedule:
    return Schedule(parse_hours(hours), ZoneInfo(zone), frozenset(holidays))


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def test_open_from_the_first_minute_until_before_the_last() -> None:
    office = schedule(OFFICE, "Asia/Shanghai")
    seen = [office.is_open(at(f"2026-11-25 {time}", "Asia/Shanghai")) for time in ("08:59", "09:00", "11:59", "12:00")]
    assert seen == [False, True, True, False]
    assert office.is_open(datetime(2026, 11, 25, 1, 0, tzinfo=UTC))  # 9 o'clock in Shanghai
    assert not office.is_open(at("2026-11-28 10:00", "Asia/Shanghai"))  # Saturday


def test_next_opening_skips_the_weekend_and_holidays() -> None:
    office = schedule(OFFICE, "UTC", date(2026, 11, 30))
    assert office.next_opening(at("2026-11-27 18:00")) == at("2026-12-01 09:00")
    assert office.next_opening(at("2026-11-27 17:59")) == at("2026-11-27 17:59")
    assert office.next_opening(at("2026-11-27 12:30")) == at("2026-11-27 13:00")


def test_next_closing_takes_touching_spans_together() -> None:
    night = schedule({"mon": [["20:00", "24:00"]], "tue": [["00:00", "02:00"]]})
    assert night.next_closing(at("2026-11-23 21:00")) == at("2026-11-24 02:00")
    assert night.next_closing(at("2026-11-23 19:00")) is None


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        ("2026-11-25 09:00", 60, "2026-11-25 10:00"),
        ("2026-11-25 11:30", 60, "2026-11-25 13:30"),
        ("2026-11-25 11:00", 60, "2026-11-25 12:00"),
        ("2026-11-27 17:30", 60, "2026-11-30 09:30"),
        ("2026-11-28 10:00", 60, "2026-11-30 10:00"),
        ("2026-11-25 06:00", 0, "2026-11-25 06:00"),
        ("2026-11-25 09:00", 8 * 60 * 5, "2026-12-01 18:00"),
    ],
)
def test_minutes_are_added_while_open(start: str, minutes: int, due: str) -> None:
    assert schedule(OFFICE).add_minutes(at(start), minutes) == at(due)


def test_minutes_between_leave_out_what_was_closed() -> None:
    office = schedule(OFFICE)
    assert office.minutes_between(at("2026-11-27 17:00"), at("2026-11-30 10:00")) == 120
    assert office.minutes_between(at("2026-11-25 11:59:30"), at("2026-11-25 13:00:15")) == 0.75
    assert office.minutes_between(at("2026-11-30 10:00"), at("2026-11-27 17:00")) == 0


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("America/New_York", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", 25),
        ("America/Sao_Paulo", "2018-11-04", 23),  # where midnight itself was skipped
    ],
)
def test_a_day_on_which_the_clocks_change_has_its_real_length(zone: str, day: str, hours: int) -> None:
    always = schedule({"sun": [["00:00", "24:00"]]}, zone)
    noon = at(f"{day} 12:00", zone)
    assert always.minutes_between(noon - timedelta(days=2), noon + timedelta(days=2)) == hours * 60


def test_times_that_the_clocks_skip_are_the_moment_of_the_change() -> None:
    night = schedule({"sun": [["01:00", "02:30"], ["02:40", "03:00"], ["03:00", "04:00"]]}, "Europe/Berlin")
    midnight = at("2026-03-29 00:00", "Europe/Berlin")
    assert night.minutes_between(midnight, midnight + timedelta(hours=12)) == 120
    assert night.next_closing(at("2026-03-29 01:30", "Europe/Berlin")) == at("2026-03-29 04:00", "Europe/Berlin")


def test_a_schedule_without_hours_is_never_open_and_counts_around_the_clock() -> None:
    closed = schedule({})
    start = at("2026-11-25 09:00")
    assert not closed.is_open(start)
    assert closed.next_opening(start) is None
    assert closed.add_minutes(start, 90) == start + timedelta(minutes=90)
    assert closed.minutes_between(start, start + timedelta(minutes=90)) == 90


def test_holidays_without_end_and_long_waits_end_at_the_horizon() -> None:
    start = at("2026-11-25 09:00")
    holidays = [date(2026, 1, 1) + timedelta(days=number) for number in range(4000)]
    assert schedule(OFFICE, "UTC", *holidays).next_opening(start) is None
    assert schedule({"mon": [["09:00", "09:01"]]}).add_minutes(start, 10_000) == start + HORIZON


spans = st.lists(st.integers(0, 1440), min_size=2, max_size=6, unique=True).map(
    lambda edges: tuple(zip(sorted(edges)[::2], sorted(edges)[1::2], strict=False))
)
weeks = st.tuples(*[st.one_of(st.just(()), spans)] * 7)
moments = st.datetimes(datetime(2018, 1, 1), datetime(2030, 1, 1)).map(
    lambda moment: moment.replace(second=0, microsecond=0, tzinfo=UTC)
)
schedules = st.builds(
    Schedule,
    weeks.filter(any),
    st.sampled_from(ZONES).map(ZoneInfo),
    st.frozensets(st.dates(date(2018, 1, 1), date(2030, 1, 1)), max_size=5),
)


@given(schedules, moments, st.integers(0, 500))
def test_what_was_added_has_passed(office: Schedule, start: datetime, minutes: int) -> None:
    due = office.add_minutes(start, minutes)
    if due < start + HORIZON:
        assert office.minutes_between(start, due) == minutes
        assert not minutes or office.minutes_between(start, due - timedelta(minutes=1)) < minutes


@given(schedules, moments, st.integers(0, 10_000), st.integers(0, 500))
def test_who_writes_later_is_due_no_earlier(office: Schedule, start: datetime, later: int, minutes: int) -> None:
    assert office.add_minutes(start, minutes) <= office.add_minutes(start + timedelta(minutes=later), minutes)


@given(schedules, moments, st.integers(0, 20_000), st.integers(0, 20_000))
def test_minutes_add_up(office: Schedule, start: datetime, first: int, second: int) -> None:
    middle = start + timedelta(minutes=first)
    end = middle + timedelta(minutes=second)
    whole = office.minutes_between(start, end)
    assert whole == office.minutes_between(start, middle) + office.minutes_between(middle, end)
    assert 0 <= whole <= first + second


@given(schedules, moments)
def test_it_is_open_when_it_opens_and_closed_until_then(office: Schedule, moment: datetime) -> None:
    opening = office.next_opening(moment)
    if opening is not None:
        assert office.is_open(opening)
        assert office.is_open(moment) == (opening == moment)
        assert office.minutes_between(moment, opening) == 0


@given(weeks)
def test_hours_survive_being_stored(week: Any) -> None:
    assert parse_hours(hours_json(week)) == week


@pytest.mark.parametrize(
    ("hours", "names"),
    [
        ({"mon": [["18:00", "09:00"]]}, "Monday"),
        ({"tue": [["22:00", "02:00"]]}, "Tuesday"),
        ({"wed": [["09:00", "09:00"]]}, "Wednesday"),
        ({"thu": [["09:00", "24:01"]]}, "Thursday"),
        ({"fri": [["9:00", "18:00"]]}, "Friday"),
        ({"sat": [["09:00", "12:00"], ["11:00", "18:00"]]}, "Saturday"),
        ({"sun": [["09:00"]]}, "Sunday"),
        ({"sun": "09:00-18:00"}, "Sunday"),
        ({"sun": [[540, 1080]]}, "Sunday"),
        ({"mon": [["09:00", "18:00\n"]]}, "Monday"),
        ({"mon": [[f"0{hour}:00", f"0{hour}:30"] for hour in range(7)]}, "Monday"),
        ({"Montag": [["09:00", "18:00"]]}, "each day of the week"),
        ([], "each day of the week"),
        (None, "each day of the week"),
    ],
)
def test_what_are_no_hours_is_refused_and_the_day_named(hours: Any, names: str) -> None:
    with pytest.raises(Invalid, match=names) as refusal:
        parse_hours(hours, field="hours")
    assert refusal.value.field == "hours"


@given(
    st.recursive(
        st.none() | st.text(max_size=6) | st.integers(),
        lambda x: st.lists(x) | st.dictionaries(st.sampled_from(["mon", "sun", "x"]), x),
    )
)
def test_nothing_but_hours_or_a_refusal_comes_of_any_json(raw: Any) -> None:
    try:
        week = parse_hours(raw)
    except Invalid:
        return
    assert len(week) == 7


@pytest.mark.django_db
def test_a_storefront_has_its_own_hours_or_those_of_the_merchant() -> None:
    merchant = make_merchant("mugs", timezone="Europe/Berlin")
    own = make_storefront(merchant, "own", hours={"sat": [["10:00", "14:00"]]})
    plain = make_storefront(merchant, "plain")
    with scope(merchant=merchant):
        Holiday.objects.create(date=date(2026, 12, 24), name="Christmas Eve")
        assert schedule_of(own).is_open(at("2026-11-28 10:00", "Europe/Berlin"))
        assert schedule_of(plain).is_open(at("2026-12-23 17:59", "Europe/Berlin"))
        assert not schedule_of(plain).is_open(at("2026-12-24 10:00", "Europe/Berlin"))
        assert schedule_of(plain, holidays=frozenset()).is_open(at("2026-12-24 10:00", "Europe/Berlin"))

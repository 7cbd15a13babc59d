"""Seconds from the database, and open minutes that agree with the schedule that promises are made by."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cs_portal.analytics.clock import Epoch, OpenTime, open_minutes
from cs_portal.conversations.models import Conversation
from cs_portal.core.tenancy import scope
from cs_portal.merchants.hours import Schedule, parse_hours
from cs_portal.merchants.models import default_business_hours
from tests.factories import make_conversation, make_merchant

START = datetime(2026, 10, 20, tzinfo=UTC)
SCHEDULES = [
    Schedule(parse_hours(default_business_hours()), ZoneInfo("Asia/Shanghai")),
    Schedule(
        parse_hours({"sat": [["10:00", "14:00"], ["15:00", "24:00"]], "sun": [["00:00", "04:00"]]}),
        ZoneInfo("Europe/Berlin"),
        frozenset({date(2026, 10, 31)}),
    ),
    Schedule(parse_hours({}), ZoneInfo("UTC")),
]  # fmt: skip
MINUTES = st.integers(0, 30 * 24 * 60)


@pytest.mark.parametrize("schedule", SCHEDULES, ids=["weekdays", "weekend", "never"])
@settings(max_examples=60, deadline=None)
@given(first=MINUTES, second=MINUTES)
def test_it_agrees_with_the_schedule(schedule: Schedule, first: int, second: int) -> None:
    hours = OpenTime(schedule, START, START + timedelta(days=31))
    begin, end = START + timedelta(minutes=first), START + timedelta(minutes=second)
    expected = schedule.minutes_between(begin, end)
    found = hours.minutes(np.array([begin.timestamp()]), np.array([end.timestamp()]))
    assert found.tolist() == [pytest.approx(expected, abs=0.01)]


@st.composite
def made_schedules(draw: st.DrawFn) -> Schedule:
    """Up to two spans a day, in zones with and without summer time, with holidays."""
    spans = st.lists(st.integers(0, 47), min_size=0, max_size=4, unique=True).map(
        lambda halves: tuple(
            (begin * 30, end * 30) for begin, end in zip(sorted(halves)[::2], sorted(halves)[1::2], strict=False)
        )
    )
    week = tuple(draw(st.tuples(*[spans] * 7)))
    zone = ZoneInfo(draw(st.sampled_from(["Asia/Kathmandu", "Europe/Berlin", "America/New_York", "UTC"])))
    holidays = draw(st.frozensets(st.dates(date(2026, 10, 20), date(2026, 11, 20)), max_size=3))
    return Schedule(week, zone, holidays)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    schedules=st.lists(made_schedules(), min_size=1, max_size=2),
    waits=st.lists(st.tuples(MINUTES, MINUTES), min_size=1, max_size=12),
)
def test_many_waits_agree_one_by_one_whatever_the_hours(schedules, waits) -> None:
    hours = {number: OpenTime(each, START, START + timedelta(days=31)) for number, each in enumerate(schedules)}
    storefronts = [number % len(schedules) for number in range(len(waits))]
    begins = [START + timedelta(minutes=first) for first, _ in waits]
    ends = [START + timedelta(minutes=second) for _, second in waits]
    found = open_minutes(
        hours,
        np.array(storefronts, dtype=float),
        np.array([at.timestamp() for at in begins]),
        np.array([at.timestamp() for at in ends]),
    )
    expected = [
        schedules[number].minutes_between(begin, end)
        for number, begin, end in zip(storefronts, begins, ends, strict=True)
    ]
    assert found.tolist() == pytest.approx(expected, abs=0.01)


@pytest.mark.django_db
def test_the_database_tells_seconds_to_the_millisecond() -> None:
    merchant = make_merchant()
    at = datetime(2026, 11, 25, 17, 4, 5, 678_000, tzinfo=UTC)
    row = make_conversation(merchant, texts=["Hello"], now=at)
    with scope(merchant=merchant):
        found = (
            Conversation.objects.filter(pk=row.pk).values_list(Epoch(F("created_at")), Epoch(F("resolved_at"))).get()
        )
    assert found[0] == pytest.approx(at.timestamp(), abs=0.002)
    assert found[1] is None

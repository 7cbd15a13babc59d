"""The merchant's profile, hours and holidays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from cs_portal.core.errors import Invalid, NotAllowed
from cs_portal.core.models import AuditEntry
from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Holiday, Member, Merchant, Role
from cs_portal.merchants.services.profile import (
    FIRST_HOLIDAY,
    LAST_HOLIDAY,
    HoursChange,
    ProfileChange,
    add_holidays,
    parse_holidays,
    remove_holiday,
    timezones,
    update_hours,
    update_profile,
)
from tests.factories import make_member, make_merchant

NOW = timezone.now()
GOOD = {
    "name": "Mugs",
    "name_zh": "杯子店",
    "support_email": "help@mugs.example",
    "timezone": "Europe/Berlin",
}


@pytest.fixture
def ann(db: None) -> Iterator[Member]:
    merchant = make_merchant("mugs")
    member = make_member(merchant, Role.ADMIN)
    with scope(merchant=merchant):
        yield member


def _now(member: Member) -> Merchant:
    return Merchant.objects.get(pk=member.merchant_id)


def test_saving_names_what_changed_and_never_the_values(ann: Member) -> None:
    update_profile(by=ann, change=ProfileChange(**GOOD), now=NOW)
    saved = _now(ann)
    assert {name: getattr(saved, name) for name in GOOD} == GOOD
    entry = AuditEntry.objects.get()
    assert entry.data == {"fields": sorted(set(GOOD) - {"name"})}


def test_saving_the_same_again_is_no_deed(ann: Member) -> None:
    for _ in range(2):
        update_profile(by=ann, change=ProfileChange(**GOOD), now=NOW)
    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("timezone", "Mars/Olympus"),
        ("timezone", "../etc/passwd"),
        ("support_email", "nobody"),
    ],
)
def test_what_is_refused_names_its_field(ann: Member, field: str, value: object) -> None:
    with pytest.raises(Invalid) as refusal:
        update_profile(by=ann, change=ProfileChange(**{**GOOD, field: value}), now=NOW)
    assert refusal.value.field == field
    assert _now(ann).timezone == "Asia/Shanghai"


def test_zones_are_places() -> None:
    assert {"Asia/Shanghai", "Europe/Berlin", "UTC"} <= set(timezones())
    assert not any(zone.startswith("Etc/") for zone in timezones())


def test_hours(ann: Member) -> None:
    hours = {"mon": [["13:00", "18:00"], ["09:00", "12:00"]], "sun": []}
    update_hours(by=ann, change=HoursChange(hours, 30, 120), now=NOW)
    saved = _now(ann)
    assert saved.business_hours == {"mon": [["09:00", "12:00"], ["13:00", "18:00"]]}
    assert (saved.first_reply_minutes, saved.next_reply_minutes) == (30, 120)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (HoursChange({"mon": [["09:00", "12:00"], ["11:00", "18:00"]]}, 30, 120), "business_hours"),
        (HoursChange({}, 0, 120), "first_reply_minutes"),
        (HoursChange({}, 30, 43201), "next_reply_minutes"),
    ],
)
def test_hours_that_are_refused_change_nothing(ann: Member, change: HoursChange, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        update_hours(by=ann, change=change, now=NOW)
    assert refusal.value.field == field
    assert _now(ann).first_reply_minutes == 60


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "2999-01-02", "9999-12-31"])
def test_a_pasted_day_has_the_bounds_of_the_form(day: str) -> None:
    with pytest.raises(Invalid, match="Line 2"):
        parse_holidays(f"2000-01-01 ok\n{day} x")


def test_a_pasted_list_of_holidays() -> None:
    text = "2026-10-01 国庆\n\n2026/10/02, 国庆\n2026.1.1\n"
    assert parse_holidays(text) == [
        (date(2026, 10, 1), "国庆"),
        (date(2026, 10, 2), "国庆"),
        (date(2026, 1, 1), ""),
    ]


@pytest.mark.parametrize("line", ["2026-02-30 never", "yesterday", "20261001", "2026-10-01国庆"])
def test_a_bad_line_is_named(line: str) -> None:
    with pytest.raises(Invalid, match="Line 2"):
        parse_holidays(f"2026-10-01 ok\n{line}")


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        days = parse_holidays(text)
    except Invalid:
        return
    assert days
    assert all(len(name) <= 80 for _day, name in days)


@given(st.lists(st.dates(min_value=FIRST_HOLIDAY, max_value=LAST_HOLIDAY), min_size=1, max_size=20))
def test_a_written_list_reads_back(days: list[date]) -> None:
    assert [day for day, _ in parse_holidays("\n".join(f"{day} x" for day in days))] == days


def test_adding_twice_adds_once_and_renames(ann: Member) -> None:
    days = [(date(2026, 10, 1), "National Day"), (date(2026, 10, 2), "")]
    assert add_holidays(by=ann, days=days, now=NOW) == 2
    assert add_holidays(by=ann, days=[(date(2026, 10, 1), "国庆")], now=NOW) == 0
    assert [str(holiday) for holiday in Holiday.objects.all()] == ["2026-10-01 国庆", "2026-10-02 "]


def test_removing(ann: Member) -> None:
    add_holidays(by=ann, days=[(date(2026, 10, 1), "National Day")], now=NOW)
    remove_holiday(holiday_id=Holiday.objects.get().public_id, by=ann, now=NOW)
    assert not Holiday.objects.exists()


def test_operators_change_nothing(ann: Member) -> None:
    olaf = make_member(ann.merchant, Role.OPERATOR)
    for deed in (
        lambda: update_profile(by=olaf, change=ProfileChange(**GOOD), now=NOW),
        lambda: update_hours(by=olaf, change=HoursChange({}, 1, 1), now=NOW),
        lambda: add_holidays(by=olaf, days=[(date(2026, 10, 1), "")], now=NOW),
    ):
        with pytest.raises(NotAllowed):
            deed()
    assert not Holiday.objects.exists()
    assert not AuditEntry.objects.exists()

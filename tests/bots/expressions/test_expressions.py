"""Numbers, money, dates and durations are read alike however they are written."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.expressions.dates import find_dates, find_times
from bots.expressions.durations import find_durations, find_percentages
from bots.expressions.folding import fold, sentences, without_format_characters
from bots.expressions.money import find_amounts, format_amount
from bots.expressions.numerals import parse_cjk, parse_english

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("七", 7),
        ("十", 10),
        ("十五", 15),
        ("三百二十", 320),
        ("两千零五", 2005),
        ("一万二千", 12000),
        ("二〇二六", 2026),
    ],
)
def test_chinese_numerals(text: str, value: int) -> None:
    assert parse_cjk(text) == value


@pytest.mark.parametrize(("text", "value"), [("seven", 7), ("forty-two", 42), ("two hundred", 200), ("mug", None)])
def test_english_numerals(text: str, value: int | None) -> None:
    assert parse_english(text) == value


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (8600, "CNY", "¥86.00"),
        (1200, "JPY", "JP¥1,200"),
        (129900, "USD", "$1,299.00"),
        (1500, "KWD", "KWD 1.500"),
        (-500, "EUR", "-€5.00"),
        (0, "GBP", "£0.00"),
    ],
)
def test_an_amount_for_a_customer(minor: int, currency: str, text: str) -> None:
    assert format_amount(minor, currency) == text


@given(st.integers(0, 10**10), st.sampled_from(("CNY", "USD", "EUR", "GBP", "HKD", "JPY", "KRW")))
def test_an_amount_is_read_as_it_was_written(minor: int, currency: str) -> None:
    (mention,) = find_amounts(f"total {format_amount(minor, currency)}.")
    places = 0 if currency in {"JPY", "KRW"} else 2
    assert mention.value == Decimal(minor).scaleb(-places)
    assert currency in mention.currencies


@pytest.mark.parametrize(
    "text", ["86元", "¥86", "￥８６.００", "86 yuan", "CNY 86", "八十六块", "86.00 RMB", "人民币86"]
)
def test_one_amount_in_many_ways(text: str) -> None:
    (mention,) = find_amounts(text)
    assert mention.value == 86
    assert "CNY" in mention.currencies


@pytest.mark.parametrize(
    "text",
    [
        "3 November",
        "Nov 3",
        "November 3rd, 2026",
        "2026-11-03",
        "2026/11/3",
        "11月3日",
        "十一月三号",
        "2026年11月3日",
        "three weeks ago",
    ],
)
def test_one_day_in_many_ways(text: str) -> None:
    (mention,) = find_dates(text, TODAY)
    assert mention.days == ({date(2026, 11, 3)})


def test_a_day_and_month_in_either_order_means_both() -> None:
    (mention,) = find_dates("3/4", TODAY)
    assert {(day.month, day.day) for day in mention.days} == {(3, 4), (4, 3)}


def test_the_nearest_year_is_meant() -> None:
    assert find_dates("December 30", date(2027, 1, 2))[0].days == {date(2026, 12, 30)}
    assert find_dates("January 2", date(2026, 12, 30))[0].days == {date(2027, 1, 2)}


@pytest.mark.parametrize("text", ["5 pm", "17:00", "下午五点", "5:00 p.m."])
def test_one_time_in_many_ways(text: str) -> None:
    assert [mention.minutes for mention in find_times(text)] == [17 * 60]


@pytest.mark.parametrize("text", ["7 days", "seven days", "a week", "七天", "一周", "7日内", "168 hours"])
def test_one_duration_in_many_ways(text: str) -> None:
    assert [(mention.value, mention.unit) for mention in find_durations(text)] == [(168, "hour")]


def test_business_days_are_not_days() -> None:
    units = [mention.unit for mention in find_durations("3-5 business days, 3至5个工作日, 5 days")]
    assert units == ["business day"] * 4 + ["hour"]


@pytest.mark.parametrize("text", ["20% off", "twenty percent", "八折", "8折", "百分之二十"])
def test_one_percentage_in_many_ways(text: str) -> None:
    assert [mention.value for mention in find_percentages(text)] == [20]


@given(st.text())
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(st.text())
def test_sentences_hold_everything_but_space(text: str) -> None:
    joined = "".join(text[start:end] for start, end in sentences(text))
    assert "".join(joined.split()) == "".join(text.split())


def test_invisible_characters_go() -> None:
    assert without_format_characters("8\u200b6\u202e!\n") == "86!\n"

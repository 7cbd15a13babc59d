"""Figures in answers, and answers that contradict each other: few misses, no false alarms."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from cs_portal.knowledge.quality.figures import Bound, Measure, figures, half_width
from cs_portal.knowledge.quality.statements import (
    AnswerText,
    disagreements,
    statements,
    translations_differ,
)

PAIRS = list(csv.DictReader((Path(__file__).parent / "pairs.csv").open(encoding="utf-8")))
FOUND_OF_HELD_OUT = 9
#: Pairs that were written after the rules were finished; nothing was tuned on them.
HELD_OUT = list(csv.DictReader((Path(__file__).parent / "held_out.csv").open(encoding="utf-8")))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("within 3-5 business days", [(Measure.BUSINESS_DAYS, (3, 5), Bound.AT_MOST)]),
        ("Between 8 and 30 days", [(Measure.DAYS, (8, 30), Bound.NONE)]),
        ("7 and 30 days", [(Measure.DAYS, (30, 30), Bound.NONE)]),
        ("within two weeks", [(Measure.DAYS, (14, 14), Bound.AT_MOST)]),
        ("a year", [(Measure.MONTHS, (12, 12), Bound.NONE)]),
        ("48 hours", [(Measure.DAYS, (2, 2), Bound.NONE)]),
        ("签收后７天内", [(Measure.DAYS, (7, 7), Bound.AT_MOST)]),
        ("十五个工作日", [(Measure.BUSINESS_DAYS, (15, 15), Bound.NONE)]),
        ("5月1日", []),
        ("2026年", []),
        ("满99元包邮", [(Measure.MONEY, (9900, 9900), Bound.AT_LEAST)]),
        ("up to $1,000.50", [(Measure.MONEY, (100050, 100050), Bound.AT_MOST)]),
        ("百分之十的手续费", [(Measure.PERCENT, (10, 10), Bound.NONE)]),
        ("周一到周五", []),
    ],
)
def test_figures(text: str, found: list[tuple[Measure, tuple[int, int], Bound]]) -> None:
    assert [(one.measure, one.value, one.bound) for one in figures(half_width(text))] == found


def _disagree(row: dict[str, str]) -> bool:
    texts = (
        AnswerText(number, row["locale"], row[f"question_{k}"], row[f"answer_{k}"]) for number, k in enumerate("ab")
    )
    return bool(disagreements(statement for text in texts for statement in statements(text)))


@pytest.mark.parametrize("rows", [PAIRS, HELD_OUT], ids=["tuned", "held out"])
def test_no_harmless_pair_is_an_alarm(rows: list[dict[str, str]]) -> None:
    assert [row["id"] for row in rows if row["contradicts"] == "0" and _disagree(row)] == []


def test_true_contradictions_are_found() -> None:
    assert [row["id"] for row in PAIRS if row["contradicts"] == "1" and not _disagree(row)] == ["z06"]
    true = [row for row in HELD_OUT if row["contradicts"] == "1"]
    assert sum(map(_disagree, true)) >= FOUND_OF_HELD_OUT


def test_an_faq_that_states_several_figures_itself_proves_nothing() -> None:
    both = AnswerText(1, "en", "How long can I return?", "Return within 30 days. Return within 60 days.")
    other = AnswerText(2, "en", "How long can I return?", "Return within 14 days.")
    assert disagreements([*statements(both), *statements(other)]) == []


def test_the_odd_one_is_told_against_what_most_say() -> None:
    texts = [
        AnswerText(number, "en", "Return?", f"Return within {days} days.")
        for number, days in enumerate((14, 30, 30, 30))
    ]
    found = disagreements(statement for text in texts for statement in statements(text))
    assert [(pair.first.faq, pair.second.faq) for pair in found] == [(0, 1)]
    assert (found[0].first.shown, found[0].second.shown) == ("14 days", "30 days")


def test_an_answer_for_some_cases_is_compared_with_none_for_others() -> None:
    plain = AnswerText(1, "en", "Return?", "Return within 30 days.")
    narrow = AnswerText(2, "en", "Return?", "Return within 14 days.", frozenset({"vip"}))
    assert disagreements([*statements(plain), *statements(narrow)]) == []


@pytest.mark.parametrize(
    ("english", "chinese", "differing"),
    [
        ("Within 30 days.", "30 天内。", None),
        ("Within 30 days.", "14天内。", ("30 days", "14天")),
        ("Within two weeks, 10%.", "两周内，10%。", None),
        ("5 business days.", "5 天。", None),
        ("10 business days.", "5 天。", ("10 business days", "5 天")),
        ("3 business days.", "3-7 天。", None),
        ("Within 30 days. No fee.", "无费用。", None),
        ("$50", "350元", None),
    ],
)
def test_two_languages_of_one_answer(english: str, chinese: str, differing: tuple[str, str] | None) -> None:
    assert translations_differ({"en": english, "zh-hans": chinese}) == differing

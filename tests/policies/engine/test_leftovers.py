"""Numbers that a reply says and its rule no longer does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs_portal.policies.engine import Rule, Ruleset
from cs_portal.policies.engine.leftovers import Leftover, leftovers, reworded


def rule(
    *,
    days: int = 7,
    en: str = "Within 7 days.",
    zh: str = "7 天内。",
    amount: dict[str, Any] | None = None,
    minor: int = 50000,
) -> Rule:
    when = {
        "all": [
            {"fact": "order.days_since_delivered", "op": "at_most", "value": days},
            {"not": {"fact": "request.amount_minor", "op": "more_than", "value": minor}},
        ]
    }
    then = {
        "outcome": "allow",
        "amount": amount or {"percent_of_lines": 100},
        "reasons": {"en": en, "zh-hans": zh},
    }
    default = {"outcome": "escalate", "reasons": {"en": "-", "zh-hans": "-"}}
    one = {"id": "r", "actions": ["refund"], "when": when, "then": then}
    return Ruleset.from_dict({"name": "test", "rules": [one], "default": default}).rules[0]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"days": 14}, [("en", "7", "14"), ("zh-hans", "7", "14")]),
        ({"days": 14, "en": "Within seven days.", "zh": "七天内。"}, [("en", "seven", "14"), ("zh-hans", "七", "14")]),
        ({"days": 14, "en": "Within 14 days.", "zh": "14 天内。"}, []),
        ({"days": 7, "en": "Within 7 days!"}, []),
        # Numbers that only look like it: a date, a time, part of another number, a fact's name.
        ({"days": 14, "en": "By 2026-7-1, 7:30, 24/7, 17 or 7.5", "zh": "第十七条"}, []),
        ({"minor": 80000, "en": "Up to ¥500.00 or ¥500", "zh": "最多 500 元"}, [
            ("en", "500.00", "800"), ("en", "500", "800"), ("zh-hans", "500", "800")
        ]),
        ({"amount": {"percent_of_lines": 50}, "en": "You get 100% back.", "zh": "全额"}, [("en", "100", "50")]),
    ],
)  # fmt: skip
def test_what_was_left_behind(changed: dict[str, Any], said: list[tuple[str, str, str]]) -> None:
    assert leftovers(rule(), rule(**changed), "CNY") == tuple(Leftover(*item) for item in said)


def test_a_condition_that_is_gone_leaves_a_number_without_a_successor() -> None:
    always = rule()
    bare = Rule(always.id, always.then, always.actions)
    assert leftovers(rule(), bare, "CNY") == (Leftover("en", "7", ""), Leftover("zh-hans", "7", ""))
    assert reworded(bare.then.reasons, leftovers(rule(), bare, "CNY")) == bare.then.reasons


def test_rewording_touches_the_number_alone() -> None:
    after = rule(days=14, en="Within 7 days (17:07), not 7.5.", zh="收货后 7 天内，第 17 条")
    words = reworded(after.then.reasons, leftovers(rule(), after, "CNY"))
    assert (words.en, words.zh_hans) == ("Within 14 days (17:07), not 7.5.", "收货后 14 天内，第 17 条")


@given(old=st.integers(1, 400), new=st.integers(1, 400), words=st.text(max_size=40))
def test_once_reworded_nothing_is_left(old: int, new: int, words: str) -> None:
    before = rule(days=old)
    after = rule(days=new, en=f"{words} within {old} days", zh=f"{old} 天内")
    found = leftovers(before, after, "CNY")
    assert bool(found) == (old not in {new, 100, 500})
    said = reworded(after.then.reasons, found)
    again = rule(days=new, en=said.en, zh=said.zh_hans)
    assert not [item for item in leftovers(before, again, "CNY") if item.said == str(old)]

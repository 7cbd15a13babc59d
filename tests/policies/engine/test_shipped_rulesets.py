"""The rulesets to start from: seven days without a reason, strict, generous, on both sides of their limits."""

from __future__ import annotations

from typing import Any

import pytest
from policy_cases import a_shopper, an_order, delivered, on_the_way, verdict_on, waiting

from cs_portal.policies.engine import load_shipped, shipped_names
from cs_portal.policies.engine.analysis import Kind, analyse

MUGS = [{"id": "l-1"}]  # worth 86.00, not final sale
PHOTO = ["photo"]
WITH_SHIPPING = {
    "shipping_minor": 800,
    "payments": [{"id": "pay-1", "method_id": "m-1", "method": "wechat_pay", "amount_minor": 21_400}],
}


def test_what_is_there_to_start_from() -> None:
    assert shipped_names() == ("generous", "seven-days", "standard", "strict")
    assert all(load_shipped(name).name == name for name in shipped_names())


@pytest.mark.parametrize("name", shipped_names())
def test_nothing_in_them_is_dead_and_every_text_is_there_twice(name: str) -> None:
    ruleset = load_shipped(name)
    partly = set() if name == "standard" else {Kind.PARTLY_HIDDEN}
    kinds = {item.kind for item in analyse(ruleset)}
    assert not kinds & {Kind.NEVER, Kind.HIDDEN, Kind.ASKS_AGAIN, Kind.TOO_COMPLEX, *partly}
    for rule in ruleset.rules:
        for text in (rule.label, rule.then.reasons):
            assert text is not None
            assert text.en.isascii()
            assert any("一" <= letter <= "鿿" for letter in text.zh_hans)


@pytest.mark.parametrize(
    ("name", "reason", "days", "evidence", "outcome", "amount"),
    [
        ("seven-days", "no_longer_needed", 7, [], "allow", 8600),
        ("seven-days", "no_longer_needed", 8, [], "deny", 0),
        ("seven-days", "damaged", 15, [], "ask", 0),
        ("seven-days", "damaged", 15, PHOTO, "allow", 9400),
        ("seven-days", "damaged", 16, PHOTO, "escalate", 0),
        ("seven-days", "damaged", 90, [], "escalate", 0),
        ("seven-days", "damaged", 91, PHOTO, "deny", 0),
        ("strict", "no_longer_needed", 7, [], "allow", 7740),
        ("strict", "no_longer_needed", 8, [], "deny", 0),
        ("strict", "damaged", 3, PHOTO, "allow", 8600),
        ("strict", "damaged", 3, [], "ask", 0),
        ("strict", "damaged", 4, PHOTO, "escalate", 0),
        ("strict", "damaged", 8, PHOTO, "deny", 0),
        ("generous", "no_longer_needed", 30, [], "allow", 9400),
        ("generous", "no_longer_needed", 31, [], "escalate", 0),
        ("generous", "no_longer_needed", 61, [], "deny", 0),
        ("generous", "damaged", 60, [], "allow", 9400),
        ("generous", "damaged", 61, [], "escalate", 0),
    ],
)
def test_how_long_and_how_much(
    name: str, reason: str, days: int, evidence: list[str], outcome: str, amount: int
) -> None:
    request = {"action": "return", "reason": reason, "lines": MUGS, "evidence": evidence}
    verdict = verdict_on(request, order=delivered(days, **WITH_SHIPPING), ruleset=load_shipped(name))
    assert (verdict.outcome, verdict.amount_minor) == (outcome, amount)


@pytest.mark.parametrize("name", ["generous", "seven-days", "strict"])
def test_what_they_have_in_common(name: str) -> None:
    def outcome(request: dict[str, Any], order: dict[str, Any]) -> str:
        return verdict_on(request, order=order, ruleset=load_shipped(name)).outcome

    assert outcome({"action": "cancel"}, waiting()) == "allow"
    assert outcome({"action": "cancel"}, on_the_way(1)) == "deny"
    assert outcome({"action": "change_address", "address": {"city": "x"}}, waiting()) == "allow"
    assert outcome({"action": "change_address"}, waiting()) == "ask"
    assert outcome({"action": "change_address"}, on_the_way(1)) == "deny"
    assert outcome({"action": "return"}, delivered(1)) == "ask"
    assert outcome({"action": "return", "reason": "damaged"}, on_the_way(3)) == "escalate"
    assert outcome({"action": "refund", "reason": "never_arrived"}, on_the_way(5)) == "deny"
    assert outcome({"action": "refund", "reason": "never_arrived"}, on_the_way(30)) == "escalate"
    assert outcome({"action": "exchange"}, delivered(3)) == "ask"
    to_blue = [{"id": "l-1", "to_variant": "v-blue"}]
    assert outcome({"action": "exchange", "lines": to_blue}, delivered(3)) == "allow"
    to_red = [{"id": "l-1", "to_variant": "v-red"}]
    assert outcome({"action": "exchange", "lines": to_red}, delivered(3)) == "deny"
    assert outcome({"action": "place_order"}, delivered(3)) == "escalate"


def test_goods_without_a_right_of_return() -> None:
    request = {"action": "return", "reason": "no_longer_needed", "lines": [{"id": "l-2"}]}
    for name, outcome in (("seven-days", "deny"), ("strict", "deny"), ("generous", "escalate")):
        assert verdict_on(request, order=an_order(), ruleset=load_shipped(name)).outcome == outcome
    custom = an_order()
    custom["lines"][0]["tags"] = ["custom-made"]
    made = verdict_on({**request, "lines": MUGS}, order=custom, ruleset=load_shipped("seven-days"))
    assert (made.outcome, made.rule) == ("deny", "return-excluded")


def test_strict_watches_who_is_refunded_often() -> None:
    request = {"action": "return", "reason": "damaged", "lines": MUGS, "evidence": PHOTO}
    for shopper, rule in (
        (a_shopper(refunds_90_days=2), "fault"),
        (a_shopper(refunds_90_days=3), "watched"),
        (a_shopper(tags=["risk:chargeback"]), "watched"),
        (a_shopper(), "fault"),
    ):
        verdict = verdict_on(request, order=delivered(2), shopper=shopper, ruleset=load_shipped("strict"))
        assert verdict.rule == rule


@pytest.mark.parametrize(("name", "limit"), [("strict", 50_000), ("seven-days", 200_000), ("generous", 500_000)])
def test_large_amounts_are_for_an_admin(name: str, limit: int) -> None:
    def approver(price: int) -> str:
        order = delivered(2)
        order["lines"] = [{**order["lines"][0], "quantity": 1, "unit_price_minor": price}]
        order["payments"] = [{"id": "p", "method": "alipay", "amount_minor": price}]
        request = {"action": "return", "reason": "damaged", "evidence": PHOTO}
        return verdict_on(request, order=order, ruleset=load_shipped(name)).approver

    assert (approver(limit), approver(limit + 1)) == ("operator", "admin")

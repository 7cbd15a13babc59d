"""Rules that never match, hidden rules, gaps, endless questions: exact findings, and a cross-check by brute force."""

from __future__ import annotations

import json
from datetime import date, datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from policy_cases import a_rule, a_ruleset
from policy_strategies import PRODUCTS, conditions, nows, orders, requests, rulesets, shoppers

from cs_portal.policies.engine import (
    Case,
    Missing,
    Ruleset,
    decide,
    load_shipped,
    parse_order,
    parse_products,
    parse_request,
    parse_shopper,
)
from cs_portal.policies.engine.analysis import Kind, analyse, search, unknown_facts, unknown_values
from cs_portal.policies.engine.analysis import rules as analysed
from cs_portal.policies.engine.analysis.knowledge import contradicts
from cs_portal.policies.engine.analysis.search import Space, pushed, state_of
from cs_portal.policies.engine.analysis.values import ALWAYS_KNOWN, TooComplex
from cs_portal.policies.engine.condition_json import parse_condition
from cs_portal.policies.engine.facts import FACTS, Facts
from cs_portal.policies.engine.vocabulary import ACTIONS

Condition = dict[str, Any]


def where(fact: str, op: str, value: Any) -> Condition:
    return {"fact": fact, "op": op, "value": value}


def every(*parts: Condition) -> Condition:
    return {"all": list(parts)}


WITHIN = where("order.days_since_delivered", "at_most", 7)
LATER = where("order.days_since_delivered", "more_than", 7)
DAMAGED = where("request.reason", "is", "damaged")


def of_rules(*rules: dict[str, Any], **options: Any) -> list[tuple[Any, ...]]:
    """(kind, rule, by) of what is said of single rules."""
    found = analyse(a_ruleset(*rules), **options)
    return [(item.kind, item.rule, item.by) for item in found if item.rule]


@pytest.mark.parametrize(
    "when",
    [
        every(WITHIN, LATER),
        every(where("order.status", "is", "shipped"), where("order.status", "not_in", ["shipped", "pending"])),
        every(where("request.reason", "in", ["damaged"]), where("request.reason", "in", ["other"])),
        every(where("request.photo", "is", True), {"not": where("request.evidence", "has_any", ["photo"])}),
        every(where("request.photo", "is", False), where("request.evidence", "has_all", ["photo", "video"])),
        every(where("lines.tags", "has_all", ["a", "b"]), where("lines.tags", "has_none", ["b", "c"])),
        every(where("order.delivered", "is", False), WITHIN),
        every(where("order.shipped", "is", False), where("order.shipped_on", "is_known", True)),
        every(where("order.delivered", "is_known", False), WITHIN),
        where("order.belongs_to_shopper", "is", False),
        where("request.photo", "is_known", False),
        where("request.hour", "more_than", 23),
        where("lines.quantity", "less_than", 1),
        where("shopper.orders_count", "less_than", 0),
        {"not": where("lines.count", "at_least", 1)},
        every(where("order.country", "is", "CN"), where("order.country", "is_known", False)),
        every(where("lines.named", "is", False), where("lines.whole_order", "is", False)),
        every(where("payment.named", "is", False), where("payment.is_original", "is", False)),
        every(where("shopper.identified", "is", False), where("order.status", "is", "pending")),
        every(where("order.status", "is_known", False), where("order.currency", "is", "CNY")),
        every(where("request.address_given", "is", False), where("request.country", "is", "CN")),
        every(where("shopper.flagged", "is", False), where("shopper.risk_flags", "has_any", ["x"])),
    ],
)
def test_what_no_case_can_fulfil(when: Condition) -> None:
    assert of_rules(a_rule("r", when)) == [(Kind.NEVER, "r", ())]


@pytest.mark.parametrize(
    "when",
    [
        every(WITHIN, where("order.days_since_delivered", "at_least", 7)),
        every(where("request.photo", "is", False), where("request.evidence", "has_any", ["video"])),
        every(where("order.delivered", "is", False), where("order.days_since_delivered", "is_known", False)),
        where("request.hour", "at_least", 23),
        where("wanted.price_difference_minor", "less_than", 0),
        every(where("order.country", "is_not", "CN"), where("order.country", "not_in", ["US", "DE"])),
        every(where("lines.tags", "lacks_any", ["a", "b"]), where("lines.tags", "has_any", ["a"])),
        every(where("shopper.flagged", "is", True), where("shopper.risk_flags", "has_none", ["x"])),
    ],
)
def test_what_some_case_fulfils(when: Condition) -> None:
    assert of_rules(a_rule("r", when)) == []


def test_a_rule_behind_one_that_always_matches() -> None:
    assert of_rules(a_rule("all"), a_rule("r", DAMAGED)) == [(Kind.HIDDEN, "r", ("all",))]


def test_a_narrower_rule_behind_a_wider_one() -> None:
    assert of_rules(a_rule("wide", WITHIN), a_rule("narrow", every(WITHIN, DAMAGED))) == [
        (Kind.HIDDEN, "narrow", ("wide",))
    ]
    assert of_rules(a_rule("narrow", every(WITHIN, DAMAGED)), a_rule("wide", WITHIN)) == []


def test_rules_that_hide_one_together() -> None:
    found = of_rules(
        a_rule("idle", where("request.photo", "is", True)), a_rule("early", WITHIN), a_rule("late", LATER),
        a_rule("r", where("order.days_since_delivered", "between", [5, 9])),
    )  # fmt: skip
    assert found == [(Kind.HIDDEN, "r", ("early", "late"))]


def test_a_rule_for_what_cannot_be_known_is_not_hidden() -> None:
    unknown = a_rule("r", where("order.days_since_delivered", "is_known", False))
    assert of_rules(a_rule("early", WITHIN), a_rule("late", LATER), unknown, a_rule("rest")) == [
        # Early and late are undecided where it is not known, so a person decides before this rule is tried.
        (Kind.HIDDEN, "r", ("early",)),
        (Kind.HIDDEN, "rest", ("early", "late")),
    ]


def test_a_rule_hidden_for_some_requests_only() -> None:
    first = {**a_rule("first"), "actions": ["cancel", "resend"]}
    found = analyse(a_ruleset(first, {**a_rule("r", DAMAGED), "actions": ["cancel", "refund"]}))
    partly = next(item for item in found if item.rule == "r")
    assert (partly.kind, partly.actions, partly.by) == (Kind.PARTLY_HIDDEN, ("cancel",), ("first",))
    assert partly.text.en == "for a cancellation every case that it is for is decided by rule 1 before"
    assert partly.text.zh_hans == "对于取消订单，其所有情况都已先由规则 1 决定"


def test_days_of_validity_count() -> None:
    def valid(identity: str, **days: str) -> dict[str, Any]:
        return {**a_rule(identity), "valid": days}

    november = {"from": "2026-11-01", "until": "2026-11-30"}
    assert of_rules(valid("festival", **november), a_rule("r")) == []
    assert of_rules(valid("festival", **november), valid("r", **{"from": "2026-11-10", "until": "2026-11-11"})) == [
        (Kind.HIDDEN, "r", ("festival",))
    ]
    assert of_rules(valid("festival", **november), valid("r", **{"from": "2026-11-10"})) == []
    assert of_rules(valid("old", until="2026-10-31"), today=date(2026, 11, 1)) == [(Kind.EXPIRED, "old", ())]
    assert of_rules(valid("old", until="2026-11-01"), today=date(2026, 11, 1)) == []


def test_a_question_that_its_answer_does_not_end() -> None:
    ask = a_rule("photo", DAMAGED, "ask", ask=["photo"])
    assert of_rules(ask) == [(Kind.ASKS_AGAIN, "photo", ())]
    ends = a_rule("photo", every(DAMAGED, where("request.photo", "is", False)), "ask", ask=["photo"])
    assert of_rules(ends) == []
    accepted_before = a_rule("yes", where("request.photo", "is", True), "escalate")
    assert of_rules(accepted_before, ask) == []
    lacking = {"any": [where("request.confirmed", "is", False), where("request.reason", "is_known", False)]}
    both = a_rule("both", lacking, "ask", ask=["confirmation", "reason"])
    assert of_rules(both) == []
    assert of_rules(a_rule("other", DAMAGED, "ask", ask=["the serial number"])) == []


def test_gaps_and_requests_without_rules() -> None:
    rules = [{**a_rule("early", WITHIN), "actions": ["return"]},
             {**a_rule("damaged", DAMAGED), "actions": ["return"]},
             {**a_rule("cancel"), "actions": ["cancel"]}]  # fmt: skip
    found = {item.actions: item for item in analyse(a_ruleset(*rules), currency="CNY")}
    gap = found.pop(("return",))
    assert gap.kind is Kind.GAP
    assert [fact.en for fact in gap.facts] == ["delivered 8 days ago", "reason: no longer needed"]
    assert gap.text.zh_hans == "没有规则涉及这样的退货申请，将按默认处理：8 天前签收；原因：不想要了"
    assert {actions: item.kind for actions, item in found.items()} == {
        (action,): Kind.NO_RULES for action in ACTIONS if action not in ("return", "cancel")
    }


def test_no_gap_where_rules_speak_of_everything() -> None:
    found = analyse(a_ruleset(a_rule("early", WITHIN), a_rule("late", LATER)))
    assert found == (), "not being delivered is undecided, which a person looks at: no gap"


def test_more_than_can_be_tried_is_said() -> None:
    many = [f"t{index}" for index in range(11)]
    assert [item.kind for item in analyse(a_ruleset(a_rule("r", where("lines.tags", "has_any", many))))] == [
        Kind.TOO_COMPLEX
    ]


def test_too_much_in_all_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (search, analysed):
        monkeypatch.setattr(module, "MAX_LOOKS_IN_ALL", 40)
    kinds = [item.kind for item in analyse(load_shipped("standard"))]
    assert kinds.count(Kind.TOO_COMPLEX) == 1
    assert kinds[-1] is Kind.TOO_COMPLEX


def test_the_shipped_rules() -> None:
    kinds = {(item.kind, item.rule) for item in analyse(load_shipped("standard"), today=date(2026, 11, 25))}
    assert not {kind for kind, _rule in kinds} & {Kind.NEVER, Kind.HIDDEN, Kind.ASKS_AGAIN, Kind.TOO_COMPLEX}


def test_a_written_policy() -> None:
    document = json.loads(Path("bench/tau_retail/ruleset.json").read_text("utf-8"))
    found = analyse(Ruleset.from_dict(document))
    assert {item.kind for item in found} == {Kind.NO_RULES}


# --- names ----------------------------------------------------------------------------------------------------------


def test_every_unknown_fact_is_named_with_what_was_likely_meant() -> None:
    document = a_ruleset(a_rule("r")).to_dict()
    document["rules"][0]["when"] = every(WITHIN, {"not": where("order.days_since_deliverd", "at_most", 7)})
    document["rules"][0]["then"]["reasons"]["en"] = "On {order.shiped_on}."
    document["default"]["reasons"]["zh-hans"] = "{zzz}"
    assert [(item.rule, item.text.en) for item in unknown_facts(document)] == [
        ("r", 'there is no fact "order.days_since_deliverd"; did you mean "order.days_since_delivered"?'),
        ("r", 'there is no fact "order.shiped_on"; did you mean "order.shipped_on"?'),
        ("default", 'there is no fact "zzz"'),
    ]
    assert unknown_facts(a_ruleset(a_rule("r", WITHIN)).to_dict()) == ()


@pytest.mark.parametrize("document", [None, [], {}, {"rules": 3}, {"rules": [1, {"when": 5, "then": []}]}])
def test_unknown_facts_of_what_is_no_ruleset(document: Any) -> None:
    assert unknown_facts(document) == ()


def test_values_that_the_shop_does_not_have() -> None:
    rules = a_ruleset(
        a_rule(
            "r", every(where("lines.categories", "has_any", ["mugs", "lamps"]), where("order.storefront", "is", "eu"))
        ),
        a_rule("s", where("lines.tags", "has_any", ["anything"])),
    )
    found = unknown_values(rules, {"lines.categories": {"mugs"}, "order.storefront": {"main"}})
    assert [(item.rule, item.text.en) for item in found] == [
        ("r", 'product categories: the shop has no "lamps"'),
        ("r", 'storefront: the shop has no "eu"'),
    ]


# --- cross-checks ----------------------------------------------------------------------------------------------------

thorough = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@thorough
@given(st.lists(st.tuples(conditions, st.booleans()), min_size=1, max_size=3))
def test_the_search_finds_what_trying_everything_finds(wanted: list[tuple[Condition, bool]]) -> None:
    parsed = [(pushed(parse_condition(data, "")), truth) for data, truth in wanted]
    try:
        space = Space.of(condition for condition, _truth in parsed)
    except TooComplex:
        return
    count = 1
    for values in space.values.values():
        count *= len(values)
    if count > 20_000:
        return
    names = list(space.values)
    assignments = (
        dict(zip(names, (value.value for value in chosen), strict=True))
        for chosen in product(*(space.values[name] for name in names))
    )
    exists = any(
        not contradicts(facts) and all(state_of(condition, facts) is truth for condition, truth in parsed)
        for facts in assignments
    )
    found = space.case(parsed)
    assert (found is not None) == exists
    if found is not None:
        assert not contradicts(found)
        assert all(state_of(condition, found) is truth for condition, truth in parsed)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rulesets(), orders(), shoppers, requests(), nows)
def test_no_real_case_contradicts_what_was_found(
    document: dict[str, Any], order: dict[str, Any], shopper: dict[str, Any], request: dict[str, Any], now: datetime
) -> None:
    order["shopper"] = shopper["id"]
    ruleset = Ruleset.from_dict(document)
    verdict = decide(ruleset, order=order, shopper=shopper, products=PRODUCTS, request=request, now=now)
    found = analyse(ruleset)
    said = {(item.kind, item.rule) for item in found}
    action = request["action"]
    if verdict.rule in ruleset.numbers:
        matched = verdict.trace[-1].matched
        assert not (matched and (Kind.NEVER, verdict.rule) in said)
        assert not (matched and (Kind.HIDDEN, verdict.rule) in said)
        partly = next((item for item in found if (item.kind, item.rule) == (Kind.PARTLY_HIDDEN, verdict.rule)), None)
        assert not (matched and partly is not None and action in partly.actions)
    elif not any(item.kind is Kind.TOO_COMPLEX for item in found):
        assert any(item.kind in (Kind.GAP, Kind.NO_RULES) and action in item.actions for item in found)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(orders(), shoppers | st.none(), requests(), nows, st.booleans())
def test_facts_of_real_cases_never_contradict_each_other(
    order: dict[str, Any], shopper: dict[str, Any] | None, request: dict[str, Any], now: datetime, with_order: bool
) -> None:
    order["shopper"] = "s-1"
    case = Case(
        parse_order(order) if with_order and shopper is not None else None,
        None if shopper is None else parse_shopper(shopper),
        {item.id: item for item in parse_products(PRODUCTS)},
        parse_request(request),
        now,
    )
    facts = Facts(case)
    seen = {name: facts[name] for name in FACTS}
    assert not contradicts(seen)
    assert all(not isinstance(seen[name], Missing) for name in ALWAYS_KNOWN)

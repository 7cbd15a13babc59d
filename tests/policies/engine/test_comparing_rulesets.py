"""What differs between two rulesets, orders as they stood, and verdicts taken apart."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from policy_strategies import PRODUCTS, nows, orders, requests, rulesets, shoppers

from cs_portal.policies.engine import Ruleset, decide, load_shipped
from cs_portal.policies.engine.as_of import order_as_of
from cs_portal.policies.engine.canonical import parse_order
from cs_portal.policies.engine.compare import Change, Field, compare
from cs_portal.policies.engine.explain import Answer, RuleState, Seen, explain
from cs_portal.policies.engine.missing import Missing


def _standard() -> dict[str, Any]:
    return copy.deepcopy(load_shipped("standard").to_dict())


def _changes(document: dict[str, Any]) -> list[tuple[Any, ...]]:
    found = compare(load_shipped("standard"), Ruleset.from_dict(document))
    return [(item.change, (item.after or item.before or (0, None))[0], item.fields) for item in found.rules]


def test_a_ruleset_does_not_differ_from_itself() -> None:
    found = compare(load_shipped("standard"), Ruleset.from_dict(_standard()))
    assert not found
    assert found.counts() == {}


def test_each_kind_of_change_is_told_with_what_of_the_rule_it_touched() -> None:
    document = _standard()
    rules = document["rules"]
    rules[0]["then"]["approver"] = "autopilot"
    rules[0]["then"]["reasons"]["en"] = "Other words."
    del rules[2]
    rules.insert(1, {**copy.deepcopy(rules[4]), "id": "new"})
    document["default"]["outcome"] = "deny"
    assert _changes(document) == [
        (Change.CHANGED, 1, (Field.APPROVER, Field.REASONS)),
        (Change.ADDED, 2, ()),
        (Change.REMOVED, 3, ()),
    ]
    found = compare(load_shipped("standard"), Ruleset.from_dict(document))
    assert found.default == (Field.OUTCOME,)
    assert found.counts() == {"changed": 1, "added": 1, "removed": 1, "default": 1}


def test_terms_days_and_tiers_are_told() -> None:
    document = _standard()
    tiers = {"CNY": [{"approver": "admin"}]}
    allowing = next(rule for rule in document["rules"] if rule["id"] == "fault-with-photo")
    allowing["then"]["amount"]["shipping"] = "refunded"
    allowing["then"]["approvals"] = tiers
    allowing["valid"] = {"until": "2026-12-31"}
    document |= {"approvals": tiers, "time_zone": "Asia/Shanghai"}
    place = document["rules"].index(allowing) + 1
    assert _changes(document) == [(Change.CHANGED, place, (Field.VALID, Field.AMOUNT, Field.APPROVALS))]
    found = compare(load_shipped("standard"), Ruleset.from_dict(document))
    assert found.whole == (Field.APPROVALS, Field.TIME_ZONE)
    assert found.counts() == {"changed": 1, "approvals": 1, "time_zone": 1}
    only = compare(load_shipped("standard"), Ruleset.from_dict({**_standard(), "approvals": tiers}))
    assert only and not only.rules


def test_a_rule_that_moved_is_the_only_one_that_moved() -> None:
    document = _standard()
    document["rules"].insert(0, document["rules"].pop(9))
    assert _changes(document) == [(Change.MOVED, 1, ())]


def test_a_group_of_one_says_nothing() -> None:
    document = _standard()
    document["rules"][0]["when"] = {"all": [{"any": [document["rules"][0]["when"]]}]}
    assert _changes(document) == []


@given(rulesets(), rulesets())
def test_comparing_is_total_and_sees_every_difference_of_decisions(one: dict[str, Any], other: dict[str, Any]) -> None:
    before, after = Ruleset.from_dict(one), Ruleset.from_dict(other)
    found = compare(before, after)
    gone = {item.before[1].id for item in found.rules if item.change is Change.REMOVED and item.before}
    new = {item.after[1].id for item in found.rules if item.change is Change.ADDED and item.after}
    assert gone == {r.id for r in before.rules} - {r.id for r in after.rules}
    assert new == {r.id for r in after.rules} - {r.id for r in before.rules}
    assert (before.default != after.default) == bool(found.default)


def _order(**fields: Any) -> dict[str, Any]:
    return {
        "number": "1",
        "shopper": "s",
        "currency": "CNY",
        "placed_at": "2026-11-01T10:00:00+08:00",
        "paid_at": "2026-11-01T10:00:00+08:00",
        "shipped_at": "2026-11-02T10:00:00+08:00",
        "delivered_at": "2026-11-04T10:00:00+08:00",
        "status": "delivered",
        "lines": [],
        "payments": [],
        **fields,
    }


def test_what_happened_later_is_taken_back() -> None:
    refund = {"id": "r", "created_at": "2026-11-05T10:00:00+08:00", "payments": []}
    order = _order(status="returned", refunds=[refund], shipments=[{"delivered_at": "2026-11-04T10:00:00+08:00"}])
    day = datetime(2026, 11, 1, 4, tzinfo=UTC)
    seen = [order_as_of(order, day + timedelta(days=days)) for days in (0, 1, 3, 4)]
    assert [item["status"] for item in seen] == ["processing", "shipped", "delivered", "returned"]
    assert [len(item["refunds"]) for item in seen] == [0, 0, 0, 1]
    assert [item["shipments"][0]["delivered_at"] is None for item in seen] == [True, True, False, False]
    assert order["status"] == "returned"


def test_a_cancelled_order_was_open_before() -> None:
    order = _order(status="cancelled", shipped_at=None, delivered_at=None, cancelled_at="2026-11-03T10:00:00+08:00")
    assert order_as_of(order, datetime(2026, 11, 2, tzinfo=UTC))["status"] == "processing"
    assert order_as_of(order, datetime(2026, 11, 4, tzinfo=UTC))["status"] == "cancelled"


@given(orders(), nows)
def test_an_order_as_it_stood_is_canonical(order: dict[str, Any], now: datetime) -> None:
    parse_order(order_as_of(order, now))
    assert order_as_of(order, datetime(2999, 1, 1, tzinfo=UTC)) == {
        **order,
        "refunds": order["refunds"],
        "shipments": order["shipments"],
    }


def _leaves(seen: Seen) -> list[Seen]:
    return [leaf for part in seen.parts for leaf in _leaves(part)] if seen.group else [seen]


@given(rulesets(), orders(), st.none() | shoppers, requests(), nows)
def test_an_explanation_says_what_was_decided(
    document: dict[str, Any], order: dict[str, Any], shopper: Any, request: dict[str, Any], now: datetime
) -> None:
    ruleset = Ruleset.from_dict(document)
    verdict = decide(ruleset, order=order, shopper=shopper, products=PRODUCTS, request=request, now=now)
    found = explain(ruleset, verdict, action=request["action"], currency="CNY")
    assert found.foreign == (verdict.rule == "ownership")
    if found.foreign:
        assert all(step.state is RuleState.NOT_REACHED for step in found.rules)
        return
    states = [step.state for step in found.rules]
    deciding = [step for step in found.rules if step.state in (RuleState.DECIDED, RuleState.UNDECIDED)]
    assert [step.rule.id for step in deciding] == ([] if found.by_default else [verdict.rule])
    assert found.by_default == (verdict.rule == "default")
    for step in found.rules:
        if step.seen is None:
            continue
        if step.state is RuleState.NO_MATCH:
            assert step.seen.answer is Answer.NO
        for leaf in _leaves(step.seen):
            assert leaf.saw is not None and leaf.phrase is not None
            unknown = leaf.saw.en.startswith("not known")
            if leaf.answer is Answer.UNKNOWN:
                assert unknown
    assert states == sorted(states, key=[*dict.fromkeys(states)].index)
    if verdict.undecided is not None and not found.by_default:
        assert isinstance(verdict.undecided, Missing) and deciding[0].problem is not None

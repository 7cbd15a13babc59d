"""What must hold for every valid case and every valid ruleset."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from policy_cases import a_shopper, an_order, products
from policy_strategies import PRODUCTS, nows, orders, requests, rulesets, shoppers

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
    refundable_minor,
)
from cs_portal.policies.engine.facts import Facts

thorough = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@thorough
@given(rulesets(), orders(), shoppers, requests(), nows)
def test_total_deterministic_and_never_more_than_refundable(
    document: dict[str, Any], order: dict[str, Any], shopper: dict[str, Any], request: dict[str, Any], now: datetime
) -> None:
    for ruleset in (Ruleset.from_dict(document), load_shipped("standard")):
        first, second = (
            decide(ruleset, order=order, shopper=shopper, products=PRODUCTS, request=request, now=now) for _ in range(2)
        )
        assert json.dumps(first.to_dict()) == json.dumps(second.to_dict())
        json.dumps(first.facts_seen())
        assert first.outcome in ("allow", "deny", "escalate", "ask")
        assert first.outcome == "escalate" or first.error is None
        assert (first.amount_minor == 0) or first.outcome == "allow"
        assert sum(share.amount_minor for share in first.payments) == first.amount_minor
        assert 0 <= first.amount_minor <= refundable_minor(parse_order(order))
        if request["action"] == "refund" and request["amount_minor"] is not None:
            assert first.amount_minor <= request["amount_minor"]
        paid_by = {payment["id"]: payment["amount_minor"] for payment in order["payments"]}
        for refund in order["refunds"]:
            for share in refund["payments"]:
                if share["id"] in paid_by:
                    paid_by[share["id"]] -= share["amount_minor"]
        assert all(0 < share.amount_minor <= paid_by[share.id] for share in first.payments)
        assert 0 <= first.shipping_minor <= first.amount_minor
        assert first.restocking_fee_minor >= 0
        assert first.trace[-1].rule == first.rule
        if order["shopper"] != shopper["id"]:
            assert (first.outcome, first.rule, first.currency) == ("deny", "ownership", None)


@thorough
@given(rulesets())
def test_a_ruleset_survives_json(document: dict[str, Any]) -> None:
    ruleset = Ruleset.from_dict(document)
    again = Ruleset.from_dict(json.loads(json.dumps(ruleset.to_dict())))
    assert again == ruleset
    assert again.to_dict() == ruleset.to_dict()


# --- an oracle that interprets the JSON by itself --------------------------------------------------------------------

TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "is": lambda fact, value: fact == value,
    "is_not": lambda fact, value: fact != value,
    "in": lambda fact, value: fact in value,
    "not_in": lambda fact, value: fact not in value,
    "at_most": lambda fact, value: fact <= value,
    "more_than": lambda fact, value: fact > value,
    "at_least": lambda fact, value: fact >= value,
    "less_than": lambda fact, value: fact < value,
    "between": lambda fact, value: value[0] <= fact <= value[1],
    "outside": lambda fact, value: fact < value[0] or fact > value[1],
    "has_any": lambda fact, value: any(item in fact for item in value),
    "has_none": lambda fact, value: all(item not in fact for item in value),
    "has_all": lambda fact, value: all(item in fact for item in value),
    "lacks_any": lambda fact, value: any(item not in fact for item in value),
}


def truth(condition: dict[str, Any], facts: Facts) -> float:
    """Kleene's logic in Lukasiewicz's numbers: 1 true, 0 false, 0.5 undecided; all is min, any is max, not is 1 - x."""
    if "all" in condition:
        return min(truth(part, facts) for part in condition["all"])
    if "any" in condition:
        return max(truth(part, facts) for part in condition["any"])
    if "not" in condition:
        return 1 - truth(condition["not"], facts)
    fact = facts[condition["fact"]]
    if condition["op"] == "is_known":
        return float(condition["value"] is not isinstance(fact, Missing))
    return 0.5 if isinstance(fact, Missing) else float(TESTS[condition["op"]](fact, condition["value"]))


def in_force(valid: dict[str, str] | None, time_zone: str | None, case: Case) -> bool:
    assert case.order is not None
    zone = case.order.placed_at.tzinfo if time_zone is None else ZoneInfo(time_zone)
    return valid is None or valid["from"] <= case.now.astimezone(zone).date().isoformat() <= valid["until"]


@thorough
@given(rulesets(), orders(), shoppers, requests(), nows)
def test_the_first_rule_that_is_not_false_decides(
    document: dict[str, Any], order: dict[str, Any], shopper: dict[str, Any], request: dict[str, Any], now: datetime
) -> None:
    order["shopper"] = shopper["id"]
    case = Case(
        parse_order(order), parse_shopper(shopper), {item.id: item for item in parse_products(PRODUCTS)},
        parse_request(request), now,
        None if document["time_zone"] is None else ZoneInfo(document["time_zone"]),
    )  # fmt: skip
    verdict = decide(
        Ruleset.from_dict(document), order=order, shopper=shopper, products=PRODUCTS, request=request, now=now
    )
    tried = []
    expected, decisive = "default", 1.0
    for rule in document["rules"]:
        if rule["actions"] != "any" and request["action"] not in rule["actions"]:
            continue
        decisive = truth(rule["when"], Facts(case)) if in_force(rule["valid"], document["time_zone"], case) else 0.0
        tried.append((rule["id"], decisive == 1))
        if decisive:
            expected = rule["id"]
            break
    else:
        tried.append(("default", True))
        decisive = 1.0
    assert verdict.rule == expected
    assert [(step.rule, step.matched) for step in verdict.trace] == tried
    if decisive == 0.5:
        assert verdict.outcome == "escalate"
        assert verdict.error is not None


# --- an oracle of the ruleset `standard`, written from its text ------------------------------------------------------


def standard_by_hand(order: dict[str, Any], request: dict[str, Any], now: datetime) -> str:
    def days_since(key: str) -> int | None:
        if order[key] is None:
            return None
        zone = datetime.fromisoformat(order["placed_at"]).tzinfo
        return (now.astimezone(zone).date() - datetime.fromisoformat(order[key]).astimezone(zone).date()).days

    action, reason, since = request["action"], request.get("reason"), days_since("delivered_at")
    worth = sum(line["quantity"] * line["unit_price_minor"] for line in order["lines"])
    if action == "refund" and (request.get("amount_minor") or worth) > 50_000:
        return "escalate"
    if action in ("cancel", "change_address"):
        return "allow" if order["status"] in ("pending", "processing") else "deny"
    if action == "refund" and reason in ("damaged", "wrong_item", "not_as_described") and since is not None:
        if since <= 7:
            return "allow" if "photo" in request["evidence"] else "ask"
        return "escalate" if since <= 30 else "deny"
    if action == "return" and reason in ("no_longer_needed", "does_not_fit", "better_price") and since is not None:
        if since <= 7:
            return "deny" if any(line.get("final_sale") for line in order["lines"]) else "allow"
        return "escalate" if since <= 15 else "deny"
    if action == "exchange":
        wanted = {"v-blue": 2, "v-white": 4}  # variants of the mug and their stock
        fits = wanted.get(request["lines"][0]["to_variant"], 0) >= order["lines"][0]["quantity"]
        return "allow" if since is not None and since <= 15 and fits else "deny"
    if reason in ("never_arrived", "arrived_late"):
        under_way = days_since("shipped_at")
        return "escalate" if since is None and under_way is not None and under_way > 15 else "deny"
    return "escalate"


@st.composite
def tidy_cases(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any], datetime]:
    """Orders whose dates agree with their status, of two mugs at one price."""
    now = draw(nows)
    status = draw(st.sampled_from(["pending", "processing", "shipped", "delivered", "returned", "cancelled"]))
    hours = sorted(draw(st.lists(st.integers(0, 45 * 24), min_size=3, max_size=3)), reverse=True)
    placed, shipped, delivered = (
        (now - timedelta(hours=ago)).astimezone(datetime.fromisoformat("2026-01-01T00:00:00+08:00").tzinfo).isoformat()
        for ago in hours
    )
    price = draw(st.sampled_from([1, 4300, 25_000, 25_001, 90_000]))
    order = an_order(
        status=status, placed_at=placed, paid_at=None,
        shipped_at=shipped if status in ("shipped", "delivered", "returned") else None,
        delivered_at=delivered if status in ("delivered", "returned") else None,
        payments=[{"id": "a", "method": "alipay", "amount_minor": 2 * price}],
    )  # fmt: skip
    order["lines"] = [{**order["lines"][0], "unit_price_minor": price, "final_sale": draw(st.booleans())}]
    request = draw(requests())
    request["lines"] = None
    if request["amount_minor"] == 0:
        request["amount_minor"] = None
    if request["action"] == "exchange":
        variant = draw(st.sampled_from(["v-white", "v-blue", "v-red", "v-lamp", "v-lost"]))
        request["lines"] = [{"id": "l-1", "to_variant": variant}]
    return order, request, now


@settings(max_examples=500, deadline=None)
@given(tidy_cases())
def test_standard_does_what_its_text_says(case: tuple[dict[str, Any], dict[str, Any], datetime]) -> None:
    order, request, now = case
    verdict = decide(
        load_shipped("standard"), order=order, shopper=a_shopper(), products=products(), request=request, now=now
    )
    assert verdict.outcome == standard_by_hand(order, request, now)

"""The published schemas say what the engine reads and writes: requests, verdicts and rulesets."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from policy_strategies import PRODUCTS, nows, orders, requests, rulesets, shoppers

from cs_portal.commerce.canonical import MAX_MINOR
from cs_portal.integrations.schemas import NAMES, json_schema
from cs_portal.policies.engine import CanonicalError, Ruleset, RulesetError, decide, load_shipped, shipped_names
from cs_portal.policies.engine.canonical import parse_order, parse_products, parse_request, parse_shopper


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json_schema(name))


@pytest.mark.parametrize("name", NAMES)
def test_every_schema_is_one_of_draft_2020_12(name: str) -> None:
    schema = json_schema(name)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:cs-portal:{name}"


@pytest.mark.parametrize("name", shipped_names())
def test_shipped_rulesets_are_as_the_schema_says(name: str) -> None:
    _validator("ruleset").validate(load_shipped(name).to_dict())


@given(rulesets())
@settings(max_examples=60)
def test_every_ruleset_that_the_engine_reads_is_as_the_schema_says(data: dict[str, Any]) -> None:
    _validator("ruleset").validate(Ruleset.from_dict(data).to_dict())


def _standard(**changes: Any) -> dict[str, Any]:
    data = copy.deepcopy(load_shipped("standard").to_dict())
    data["rules"][0] |= changes
    return data


@pytest.mark.parametrize(
    "change",
    [
        {"colour": "red"},
        {"actions": ["dance"]},
        {"actions": []},
        {"when": {"fact": "order.colour", "op": "is", "value": "red"}},
        {"when": {"fact": "order.status", "op": "at_most", "value": "shipped"}},
        {"when": {"fact": "order.status", "op": "is", "value": "melted"}},
        {"when": {"all": []}},
        {"when": {"all": [], "any": []}},
        {"valid": {}},
        {"valid": {"from": "tomorrow"}},
        {"then": {"outcome": "perhaps", "reasons": {"en": "x", "zh-hans": "x"}}},
        {"then": {"outcome": "deny", "reasons": {"en": "x"}}},
        {"then": {"outcome": "deny", "approver": "cat", "reasons": {"en": "x", "zh-hans": "x"}}},
        {"then": {"outcome": "allow", "amount": {"percent_of_lines": 0}, "reasons": {"en": "x", "zh-hans": "x"}}},
    ],
)
def test_what_the_schema_refuses_in_a_ruleset_the_engine_refuses(change: dict[str, Any]) -> None:
    assert not _validator("ruleset").is_valid(_standard(**change))
    with pytest.raises(RulesetError):
        Ruleset.from_dict(_standard(**change))


@given(requests())
@settings(max_examples=100)
def test_requests_are_as_the_schema_says(request: dict[str, Any]) -> None:
    # The engine reads amounts that the portal never takes in.
    request["amount_minor"] = min(request["amount_minor"] or 0, MAX_MINOR)
    _validator("request").validate(request)


@pytest.mark.parametrize(
    "change",
    [{"colour": 1}, {"action": "dance"}, {"reason": "mood"}, {"confirmed": "yes"}, {"lines": [{"quantity": 1}]}],
)
def test_what_the_schema_refuses_in_a_request_the_engine_refuses(change: dict[str, Any]) -> None:
    data = {"action": "refund", **change}
    assert not _validator("request").is_valid(data)
    with pytest.raises(CanonicalError):
        parse_request(data)


@given(order=orders(), shopper=shoppers, request=requests(), now=nows, data=st.data())
@settings(max_examples=60)
def test_verdicts_are_as_the_schema_says(
    order: dict[str, Any], shopper: dict[str, Any], request: dict[str, Any], now: Any, data: st.DataObject
) -> None:
    ruleset = data.draw(st.one_of(st.just(load_shipped("standard")), rulesets().map(Ruleset.from_dict)))
    verdict = decide(
        ruleset,
        order=parse_order(order),
        shopper=parse_shopper(shopper),
        products=parse_products(PRODUCTS),
        request=parse_request(request),
        now=now,
    )
    _validator("verdict").validate(verdict.to_dict())

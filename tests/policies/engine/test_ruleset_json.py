"""Rulesets as JSON: what is refused, by which path, and that nothing is lost on the way out and in."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from policy_cases import a_rule, a_ruleset, texts

from cs_portal.policies.engine import Ruleset, RulesetError, UnknownShippedRuleset, load_shipped, shipped_names


def a_document() -> dict[str, Any]:
    return {
        "name": "trial",
        "version": 2,
        "rules": [
            {
                "id": "r1",
                "actions": ["refund"],
                "label": {"en": "Refund", "zh-hans": "退款"},
                "when": {
                    "all": [
                        {"fact": "request.reason", "op": "in", "value": ["damaged"]},
                        {"fact": "order.days_since_delivered", "op": "between", "value": [0, 7]},
                        {"not": {"any": [{"fact": "order.status", "op": "is", "value": "closed"}]}},
                    ]
                },
                "then": {
                    "outcome": "allow",
                    "amount": {"percent_of_lines": 80},
                    "approver": "autopilot",
                    "reasons": {"en": "Delivered on {order.delivered_on}.", "zh-hans": "已签收。"},
                },
            },
            {"id": "r2", "actions": "any", "then": {"outcome": "ask", "ask": ["photo"], "approver": "operator",
                                                    "reasons": texts()}},
        ],
        "default": {"outcome": "escalate", "approver": "admin", "reasons": texts()},
    }  # fmt: skip


def test_a_ruleset_comes_out_as_it_went_in() -> None:
    assert Ruleset.from_dict(a_document()).to_dict() == a_document()
    assert Ruleset.from_dict(json.loads(json.dumps(a_document()))) == Ruleset.from_dict(a_document())


def test_a_version_may_be_left_out() -> None:
    document = a_document()
    del document["version"]
    assert Ruleset.from_dict(document).version is None
    assert "version" not in Ruleset.from_dict(document).to_dict()


def at(document: dict[str, Any], *path: Any) -> Any:
    for step in path:
        document = document[step]
    return document


THEN = ("rules", 0, "then")
ALL = ("rules", 0, "when", "all")


@pytest.mark.parametrize(
    ("path", "key", "value", "message"),
    [
        ((), "colour", 1, "colour: unknown key"),
        ((), "name", None, "name: is required"),
        ((), "version", 0, "version: must be a whole number from 1 to 9007199254740991"),
        ((), "rules", {}, "rules: must be a list"),
        ((), "default", None, "default: is required"),
        (("default",), "outcome", "maybe", "default.outcome: must be one of allow, deny, escalate, ask"),
        (("default",), "reasons", {"en": "x"}, "default.reasons.zh-hans: is required"),
        (("rules", 1), "id", "r1", 'rules[1].id: "r1" is taken'),
        (("rules", 1), "id", "default", 'rules[1].id: "default" is taken'),
        (("rules", 0), "actions", "refund", "rules[0].actions: must be a list"),
        (("rules", 0), "actions", [], 'rules[0].actions: must be "any" or a list of actions'),
        (("rules", 0), "actions", ["refund", "dance"], 'rules[0].actions[1]: unknown action "dance"'),
        ((*ALL, 0), "fact", "staus", 'rules[0].when.all[0].fact: unknown fact "staus"'),
        ((*ALL, 0), "op", "like", 'rules[0].when.all[0].op: unknown operator "like"'),
        ((*ALL, 0), "op", "at_most",
         'rules[0].when.all[0].op: "at_most" does not go with request.reason; it takes is, is_not, in, not_in'),
        ((*ALL, 0), "value", ["broken"], 'rules[0].when.all[0].value[0]: unknown value "broken"; it takes '),
        ((*ALL, 0), "value", [], "rules[0].when.all[0].value: must hold at least one value"),
        ((*ALL, 0), "value", None, "rules[0].when.all[0].value: is required"),
        ((*ALL, 1), "value", [7, 0], "rules[0].when.all[1].value: must be the lower and the upper bound"),
        ((*ALL, 1), "value", [0, True], "rules[0].when.all[1].value[1]: must be a whole number"),
        ((*ALL, 1), "value", [0, 7.0], "rules[0].when.all[1].value[1]: must be a whole number"),
        ((*ALL, 2, "not"), "any", [], "rules[0].when.all[2].not.any: must hold at least one condition"),
        ((*ALL, 2, "not"), "all", [{}], "rules[0].when.all[2].not: must be one of all, any, not, or a comparison"),
        ((*ALL, 2), "not", "x", "rules[0].when.all[2].not: must be an object"),
        (THEN, "amount", None, "rules[0].then.amount: is required where money goes back (refund, return, cancel)"),
        (THEN, "amount", {"percent_of_lines": 101}, "rules[0].then.amount.percent_of_lines: must be from 1 to 100"),
        (THEN, "amount", {"percent_of_lines": 5, "fixed_minor": 5}, "rules[0].then.amount: must be one of percent"),
        (THEN, "amount", {"fixed_minor": 5}, "rules[0].then.amount.currency: is required"),
        (THEN, "amount", {"fixed_minor": 5, "currency": "QQQ"}, "rules[0].then.amount.currency: unknown currency"),
        (THEN, "amount", {"everything_refundable": False}, "rules[0].then.amount.everything_refundable: must be true"),
        (THEN, "ask", ["photo"], 'rules[0].then.ask: goes with the outcome "ask"'),
        (THEN, "outcome", "ask", 'rules[0].then.ask: goes with the outcome "ask"'),
        (THEN, "outcome", "deny", 'rules[0].then.amount: goes with the outcome "allow" only'),
        (THEN, "approver", "boss", "rules[0].then.approver: must be one of autopilot, operator, admin"),
        (("rules", 0, "then", "reasons"), "en", "on {order.day}", 'rules[0].then.reasons: unknown fact "order.day"'),
        (("rules", 0, "label"), "fr", "x", "rules[0].label.fr: unknown key"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_path(path: tuple[Any, ...], key: str, value: Any, message: str) -> None:
    document = copy.deepcopy(a_document())
    at(document, *path)[key] = value
    with pytest.raises(RulesetError) as caught:
        Ruleset.from_dict(document)
    assert str(caught.value).startswith(message)


def test_an_allow_for_any_action_needs_an_amount() -> None:
    with pytest.raises(RulesetError, match=r"rules\[0\]\.then\.amount: is required"):
        a_ruleset(a_rule("r", outcome="allow"))


def test_conditions_are_nested_to_a_limit() -> None:
    condition: dict[str, Any] = {"fact": "request.photo", "op": "is", "value": True}
    for _ in range(7):
        condition = {"not": condition}
    a_ruleset(a_rule("r", condition))
    with pytest.raises(RulesetError, match="nested at most 8 deep"):
        a_ruleset(a_rule("r", {"not": condition}))


@pytest.mark.parametrize("data", [None, [], "standard", 7])
def test_a_ruleset_is_an_object(data: object) -> None:
    with pytest.raises(RulesetError, match="must be an object"):
        Ruleset.from_dict(data)


def test_shipped_rulesets() -> None:
    assert "standard" in shipped_names()
    for name in shipped_names():
        ruleset = load_shipped(name)
        assert ruleset.name == name
        assert Ruleset.from_dict(ruleset.to_dict()) == ruleset
    with pytest.raises(UnknownShippedRuleset):
        load_shipped("../standard")

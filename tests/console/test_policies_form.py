"""The rows of a rule's form: to JSON and back without loss, wrong input said at its row."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from cs_portal.console.forms.policies import DecisionForm, RuleForm
from cs_portal.console.forms.policies_conditions import (
    Node,
    changed,
    from_condition,
    from_post,
)
from cs_portal.console.forms.policies_writing import to_condition
from cs_portal.console.presenters.policies_editor import Row, rows
from cs_portal.policies.engine import Ruleset
from cs_portal.policies.engine.compare import unwrapped
from cs_portal.policies.engine.condition_json import condition_to_dict, parse_condition
from cs_portal.policies.engine.conditions import AllOf, AnyOf, Comparison, Condition, Not
from cs_portal.policies.engine.facts import FACTS

sys.path.insert(0, str(Path(__file__).parents[1] / "policies" / "engine"))
from policy_strategies import conditions, rulesets

CURRENCIES = st.sampled_from(["CNY", "JPY", "KWD"])


def sent(row: Row) -> list[tuple[str, str]]:
    """What a browser sends for the rows as the template shows them."""
    if row.is_group:
        own = [(f"{row.place}-kind", row.kind)]
        return own + [pair for part in row.parts for pair in sent(part)]
    chosen = [option.value for option in row.operators if option.chosen]
    pairs = [(f"{row.place}-kind", "fact"), (f"{row.place}-was", row.fact), (f"{row.place}-fact", row.fact)]
    pairs += [(f"{row.place}-op", chosen[0])]
    if row.input in ("choice", "choices"):
        values = [option.value for option in row.choices if option.chosen]
    else:
        values = row.values
    return pairs + [(f"{row.place}-value", value) for value in values]


def posted(pairs: list[tuple[str, str]]) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, value in pairs:
        data.appendlist(name, value)
    return data


def plain(condition: Condition) -> Condition:
    """The condition as a form writes it: booleans are asked for what they are, groups of one say nothing."""
    if isinstance(condition, Not):
        return Not(plain(condition.part))
    if isinstance(condition, AllOf | AnyOf):
        return type(condition)(tuple(plain(part) for part in condition.parts))
    if FACTS[condition.fact].kind == "boolean" and condition.op == "is_not":
        return Comparison(condition.fact, "is", not condition.value)
    return condition


@settings(deadline=None)
@given(conditions, CURRENCIES)
def test_from_json_to_rows_to_a_browser_and_back(data: dict[str, Any], currency: str) -> None:
    node = from_condition(data, currency)
    shown = rows(node, currency=currency, suggestions={})
    again = from_post(posted(sent(shown)))
    assert [_chosen(part) for part in again.walk()] == [_chosen(part) for part in node.walk()]
    written, _paths = to_condition(again, currency)
    assert [part.errors for part in again.walk() if part.errors] == []
    wanted = condition_to_dict(unwrapped(plain(parse_condition(data, ""))))
    assert condition_to_dict(unwrapped(parse_condition(written, ""))) == wanted


def _chosen(node: Node) -> tuple[object, ...]:
    several = ":" not in node.op and node.kind == "fact" and node.operand == "several"
    return (node.place, node.kind, node.fact, node.op, sorted(node.values) if several else node.values)


def decision_fields(form: DecisionForm) -> list[tuple[str, str]]:
    pairs = []
    for field in form:
        value = field.value()
        for item in value if isinstance(value, list | tuple) else [value]:
            if item not in (None, ""):
                pairs.append((field.html_name, str(item)))
    return pairs


@settings(deadline=None)
@given(rulesets(), CURRENCIES)
def test_a_rule_that_is_opened_and_saved_stays_as_it_was(document: dict[str, Any], currency: str) -> None:
    for rule in Ruleset.from_dict(document).to_dict()["rules"]:
        form = RuleForm(currency=currency, rule=rule)
        shown = rows(form.conditions, currency=form.currency, suggestions={})
        again = RuleForm(posted(decision_fields(form) + sent(shown)), currency=currency, rule=rule)
        assert again.is_valid(), (again.errors, [node.errors for node in again.conditions.walk()])
        saved = again.rule(rule["id"])
        assert saved["then"] == rule["then"]
        assert saved["actions"] == rule["actions"] or set(saved["actions"]) == set(rule["actions"])
        assert saved.get("label") == rule.get("label")
        assert saved.get("valid") == rule.get("valid")


def fact(name: str, op: str, *values: str, was: str = "") -> list[tuple[str, str]]:
    pairs = [("c-kind", "all"), ("c.0-kind", "fact"), ("c.0-was", was or name), ("c.0-fact", name), ("c.0-op", op)]
    return pairs + [("c.0-value", value) for value in values]


@pytest.mark.parametrize(
    ("currency", "typed", "minor"),
    [
        ("CNY", "200", 20000),
        ("CNY", "1,234.5", 123450),
        ("CNY", "￥9.90", 990),
        ("JPY", "200", 200),
        ("KWD", "0.001", 1),
    ],
)
def test_money_is_typed_in_major_units(currency: str, typed: str, minor: int) -> None:
    data, _paths = to_condition(from_post(posted(fact("request.amount_minor", "at_most", typed))), currency)
    assert data == {"fact": "request.amount_minor", "op": "at_most", "value": minor}


@pytest.mark.parametrize(
    ("name", "op", "values", "error"),
    [
        ("request.amount_minor", "at_most", ["9.999"], "This amount has too many decimals."),
        ("request.amount_minor", "at_most", ["NaN"], "Enter a number."),
        ("request.amount_minor", "at_most", ["1e999"], "Enter a number."),
        ("order.days_since_delivered", "at_most", ["seven"], "Enter a number."),
        ("order.days_since_delivered", "at_most", ["7.5"], "Enter a whole number."),
        ("order.days_since_delivered", "at_most", [""], "Fill this in."),
        ("order.days_since_delivered", "between", ["9", "3"], "The first bound must not be above the second."),
        ("request.reason", "in", [], "Choose at least one."),
        ("order.country", "is", [""], "Fill this in."),
        ("lines.tags", "has_any", ["", " "], "Choose at least one."),
    ],
)
def test_what_is_wrong_is_said_at_its_row(name: str, op: str, values: list[str], error: str) -> None:
    node = from_post(posted(fact(name, op, *values)))
    to_condition(node, "CNY")
    assert node.parts[0].errors == [error]


@pytest.mark.parametrize("text", ["1e31", "1e5000", "1e2000000", "-1e999999999", "NaN", "sNaN", "Infinity"])
@pytest.mark.parametrize("name", ["request.amount_minor", "shopper.orders_count"])
def test_a_number_beyond_all_amounts_is_an_error_at_its_row(name: str, text: str) -> None:
    node = from_post(posted(fact(name, "at_most", text)))
    to_condition(node, "CNY")
    assert node.parts[0].errors == ["Enter a number."]


def test_a_changed_fact_gets_an_operator_that_goes_with_it_and_forgets_the_old_value() -> None:
    node = from_post(posted(fact("request.photo", "at_most", "7", was="order.days_since_delivered"))).parts[0]
    assert (node.fact, node.op, node.values) == ("request.photo", "is:true", [])


def test_rows_come_go_and_move_by_buttons() -> None:
    root = from_condition(None, "CNY")
    for deed in ("add:c", "group:c", "add:c.1", "up:c.1", "remove:c.0.0"):
        root = changed(root, deed)
    assert [(node.place, node.kind) for node in root.walk()] == [
        ("c", "all"),
        ("c.0", "any"),
        ("c.0.0", "fact"),
        ("c.1", "fact"),
    ]


@pytest.mark.parametrize("deed", ["add:c.9", "remove:c", "up:x", "group", "remove:c.0.0", "add:c.-1", ""])
def test_a_deed_that_fits_nowhere_changes_nothing(deed: str) -> None:
    node = from_post(posted(fact("request.photo", "is:true")))
    assert changed(node, deed) == from_post(posted(fact("request.photo", "is:true")))


@settings(deadline=None)
@given(
    st.dictionaries(st.from_regex(r"c(\.\d{1,2}){0,9}-(kind|fact|op|value|was)", fullmatch=True), st.text(max_size=8))
)
def test_no_form_is_beyond_reading(data: dict[str, str]) -> None:
    node = from_post(posted(list(data.items())))
    assert isinstance(node, Node)
    to_condition(node, "CNY")
    rows(node, currency="CNY", suggestions={})


def test_an_amount_must_have_what_it_is_about() -> None:
    base = [("outcome", "allow"), ("approver", "operator"), ("reasons_en", "x"), ("reasons_zh", "物")]
    form = DecisionForm(posted([*base, ("amount", "percent")]), currency="CNY")
    assert form.errors == {"percent": ["Fill this in."]}
    form = DecisionForm(
        posted([*base, ("amount", "fixed"), ("fixed", "1.5"), ("fixed_currency", "JPY")]), currency="CNY"
    )
    assert form.errors == {"fixed": ["This amount has too many decimals."]}
    form = DecisionForm(posted([*base, ("amount", "fixed"), ("fixed", "20")]), currency="JPY")
    assert form.is_valid()
    assert form.decision()["amount"] == {"fixed_minor": 20, "currency": "JPY"}


def test_a_rule_about_one_currency_writes_its_amounts_in_it() -> None:
    when = {
        "all": [
            {"fact": "order.currency", "op": "is", "value": "JPY"},
            {"fact": "request.amount_minor", "op": "at_most", "value": 5000},
        ]
    }
    node = from_condition(when, "JPY")
    assert node.named_currency == "JPY"
    rule = {"id": "r", "actions": ["refund"], "when": when, "then": _deny()}
    form = RuleForm(currency="CNY", rule=rule)
    assert form.currency == "JPY"
    assert form.conditions.parts[1].values == ["5000"]


def _deny() -> dict[str, Any]:
    return {"outcome": "deny", "approver": "operator", "reasons": {"en": "x", "zh-hans": "物"}}


def decided(**fields: str) -> DecisionForm:
    given = {"outcome": "allow", "amount": "full", "approver": "operator", "reasons_en": "x", "reasons_zh": "x"}
    data = posted([*{**given, **fields}.items()])
    return DecisionForm(data, currency="CNY", then=None)


def test_up_to_200_without_review() -> None:
    form = decided(approver="amount", tier_currency="CNY", tier_autopilot="200", tier_above="operator")
    assert form.is_valid(), form.errors
    then = form.decision()
    assert (then["approver"], then["approvals"]) == (
        "autopilot",
        {"CNY": [{"up_to_minor": 20000, "approver": "autopilot"}, {"approver": "operator"}]},
    )


@pytest.mark.parametrize(
    ("actions", "gives_back"),
    [
        (["place_order"], False),
        (["change_address", "resend"], False),
        (["refund", "resend"], True),
        (["cancel"], True),
        (["return"], True),
    ],
)
def test_what_gives_no_money_back_names_no_amount(actions: list[str], gives_back: bool) -> None:
    fields = {"scope": "some", "outcome": "allow", "amount": "full", "approver": "operator"}
    data = posted([*{**fields, "reasons_en": "x", "reasons_zh": "x"}.items(), *(("actions", each) for each in actions)])
    form = RuleForm(data, currency="CNY")
    assert form.is_valid(), form.errors
    assert ("amount" in form.decision()) is gives_back


def test_terms_of_an_amount() -> None:
    form = decided(shipping="kept", fee="percent", fee_value="10", at_most="500", at_most_currency="CNY")
    assert form.is_valid(), form.errors
    assert form.decision()["amount"] == {
        "percent_of_lines": 100,
        "shipping": "kept",
        "restocking_fee": {"percent": 10},
        "at_most": {"amount_minor": 50000, "currency": "CNY"},
    }
    fixed = decided(fee="fixed", fee_value="9.5", fee_currency="CNY")
    assert fixed.is_valid(), fixed.errors
    assert fixed.decision()["amount"]["restocking_fee"] == {"fixed_minor": 950, "currency": "CNY"}


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"fee": "percent"}, "fee_value"),
        ({"fee": "percent", "fee_value": "101"}, "fee_value"),
        ({"fee": "percent", "fee_value": "1.5"}, "fee_value"),
        ({"fee": "fixed", "fee_value": "0.001", "fee_currency": "CNY"}, "fee_value"),
        ({"at_most": "0", "at_most_currency": "CNY"}, "at_most"),
        ({"at_most": "1.5", "at_most_currency": "JPY"}, "at_most"),
        ({"at_most": "99999999999999", "at_most_currency": "CNY"}, "at_most"),
        ({"approver": "amount", "tier_currency": "CNY", "tier_autopilot": "5", "tier_operator": "5"}, "tier_operator"),
        ({"approver": "amount", "tier_currency": "CNY", "tier_operator": "5", "tier_above": "operator"}, "tier_above"),
        ({"approver": "kept"}, "approver"),
    ],
)
def test_what_is_wrong_with_terms_and_tiers_is_said_at_its_field(fields: dict[str, str], name: str) -> None:
    form = decided(**fields)
    assert not form.is_valid()
    assert list(form.errors) == [name]


def test_hidden_terms_do_not_count() -> None:
    """What does not go with the choice is not shown, and neither checked nor kept."""
    form = decided(amount="none", fee="percent", at_most="0", approver="operator", tier_autopilot="5")
    assert form.is_valid(), form.errors
    assert "amount" not in form.decision()
    form = decided(outcome="deny", amount="full", approver="amount", tier_currency="CNY", tier_autopilot="200")
    assert form.is_valid(), form.errors
    assert form.decision() == {
        "outcome": "deny",
        "approver": "operator",
        "reasons": {"en": "x", "zh-hans": "x"},
    }


def test_tiers_that_the_fields_cannot_say_are_kept() -> None:
    tiers = [{"up_to_minor": 100, "approver": "operator"}, {"up_to_minor": 200, "approver": "operator"}]
    approvals = {"CNY": [*tiers, {"approver": "admin"}], "JPY": [{"approver": "admin"}]}
    then = {**_deny(), "outcome": "allow", "approver": "operator", "approvals": approvals}
    form = DecisionForm(currency="CNY", then=then)
    assert form["approver"].value() == "kept"
    again = DecisionForm(posted(decision_fields(form)), currency="CNY", then=then)
    assert again.is_valid(), again.errors
    assert again.decision()["approvals"] == approvals


def test_days_in_force_must_not_end_before_they_begin() -> None:
    pairs = [("scope", "any"), ("outcome", "deny"), ("approver", "operator"), ("reasons_en", "x"), ("reasons_zh", "x")]
    days = [("valid_from", "2026-11-11"), ("valid_until", "2026-11-01")]
    form = RuleForm(posted([*pairs, *days]), currency="CNY")
    assert not form.is_valid()
    assert list(form.errors) == ["valid_until"]
    form = RuleForm(posted([*pairs, days[0]]), currency="CNY")
    assert form.is_valid()
    assert form.rule("r")["valid"] == {"from": "2026-11-11"}

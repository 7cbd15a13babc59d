"""The verdict: its canonical shape, its amounts, its trace, and what may be handed in."""

from __future__ import annotations

import ast
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from policy_cases import NOW, a_rule, a_ruleset, a_shopper, an_order, products, verdict_on

import cs_portal.policies.engine as engine
from cs_portal.policies.engine import (
    CanonicalError,
    Case,
    Missing,
    Problem,
    decide,
    decide_case,
    load_shipped,
    parse_order,
    parse_products,
    parse_request,
    parse_shopper,
)

DAMAGED = {"action": "refund", "reason": "damaged", "evidence": ["photo"], "lines": [{"id": "l-1"}]}


def test_the_canonical_verdict() -> None:
    assert verdict_on(DAMAGED).to_dict() == {
        "outcome": "allow",
        "amount_minor": 8600,
        "currency": "CNY",
        "payments": [{"id": "pay-1", "amount_minor": 8600}],
        "ruleset": "standard",
        "version": None,
        "rule": "fault-with-photo",
        "approver": "operator",
        "ask": [],
        "reasons": {
            "en": "The fault was reported within 7 days of delivery and a photo was given, so the items are refunded.",
            "zh-hans": "签收 7 天内反馈商品问题并已提供照片，可为所涉商品办理退款。",
        },
        "trace": [
            {"rule": "refund-ceiling", "matched": False, "because": {
                "en": "amount asked for: CNY 86.00, needs more than CNY 500.00",
                "zh-hans": "申请金额：CNY 86.00，须超过 CNY 500.00"}},
            {"rule": "fault-not-delivered", "matched": False, "because": {
                "en": "the order has been delivered", "zh-hans": "订单已签收"}},
            {"rule": "fault-with-photo", "matched": True, "because": {
                "en": "reason: damaged; delivered 5 days ago, limit 7; a photo was given",
                "zh-hans": "原因：商品破损；5 天前签收，上限 7；已提供照片"}},
        ],
    }  # fmt: skip


def test_a_rule_that_did_not_match_says_why() -> None:
    order = an_order(delivered_at="2026-11-11T00:00:00+08:00")
    steps = {step.rule: step for step in verdict_on(DAMAGED, order=order).trace}
    assert steps["fault-with-photo"].because.en == "delivered 9 days ago, limit 7"
    assert steps["fault-with-photo"].because.zh_hans == "9 天前签收，上限 7"
    assert not steps["fault-with-photo"].matched


def test_the_facts_that_were_seen() -> None:
    assert verdict_on({**DAMAGED, "reason": None}).facts_seen() == {
        "request.amount_minor": 8600,
        "request.reason": {"missing": "not_given"},
        "order.delivered": True,
        "order.days_since_delivered": 5,
        "request.photo": True,
    }


def test_a_rule_that_cannot_be_decided_stops_the_table() -> None:
    by_storefront = {"fact": "order.storefront", "op": "is", "value": "main"}
    verdict = verdict_on(DAMAGED, ruleset=a_ruleset(a_rule("first", by_storefront), a_rule("second")))
    assert (verdict.outcome, verdict.rule, verdict.version) == ("escalate", "first", 3)
    assert verdict.undecided == Missing(Problem.NOT_GIVEN, "order.storefront")
    assert verdict.error == "not_given: order.storefront"
    assert [(step.rule, step.matched, step.because.en) for step in verdict.trace] == [
        ("first", False, "storefront cannot be known: it was not given")
    ]


def test_first_match_wins_and_the_default_closes() -> None:
    photo = {"fact": "request.photo", "op": "is", "value": False}
    rules = (a_rule("first", photo), {**a_rule("elsewhere"), "actions": ["cancel"]})
    assert (
        verdict_on({"action": "refund"}, ruleset=a_ruleset(*rules, a_rule("last", outcome="escalate"))).rule == "first"
    )
    verdict = verdict_on(DAMAGED, ruleset=a_ruleset(*rules, default="deny"))
    assert (verdict.outcome, verdict.rule) == ("deny", "default")
    assert [(step.rule, step.because.en) for step in verdict.trace] == [
        ("first", "a photo was given"),
        ("default", "no rule matched"),
    ]


def test_a_rule_without_condition() -> None:
    assert verdict_on(DAMAGED, ruleset=a_ruleset(a_rule("all"))).trace[0].because.en == "it has no condition"


@pytest.mark.parametrize(
    ("amount", "request_", "granted"),
    [
        ({"percent_of_lines": 33}, {"lines": [{"id": "l-1", "quantity": 1}]}, 1419),
        ({"percent_of_lines": 100}, {}, 20_600),
        ({"percent_of_lines": 50}, {"amount_minor": 99}, 99),
        ({"fixed_minor": 700, "currency": "CNY"}, {}, 700),
        ({"fixed_minor": 70_000, "currency": "CNY"}, {}, 20_600),
        ({"everything_refundable": True}, {}, 20_600),
        ({"everything_refundable": True}, {"lines": [{"id": "l-2"}]}, 12_000),
    ],
)
def test_amounts(amount: dict[str, Any], request_: dict[str, Any], granted: int) -> None:
    ruleset = a_ruleset(a_rule("give", outcome="allow", amount=amount))
    verdict = verdict_on({"action": "refund", **request_}, ruleset=ruleset)
    assert (verdict.outcome, verdict.amount_minor) == ("allow", granted)
    assert sum(share.amount_minor for share in verdict.payments) == granted


def test_an_amount_in_another_currency_escalates() -> None:
    ruleset = a_ruleset(a_rule("give", outcome="allow", amount={"fixed_minor": 700, "currency": "EUR"}))
    verdict = verdict_on({"action": "refund"}, ruleset=ruleset)
    assert (verdict.outcome, verdict.error, verdict.amount_minor) == ("escalate", "currency_mismatch", 0)
    assert (verdict.trace[0].matched, verdict.trace[0].because.en) == (
        True,
        "it has no condition; the currencies differ",
    )


@pytest.mark.parametrize(
    "action", ["exchange", "change_address", "change_items", "change_payment", "resend", "place_order"]
)
def test_other_actions_move_no_money(action: str) -> None:
    ruleset = a_ruleset(a_rule("give", outcome="allow", amount={"everything_refundable": True}))
    verdict = verdict_on({"action": action}, ruleset=ruleset)
    assert (verdict.outcome, verdict.amount_minor, verdict.payments) == ("allow", 0, ())


def test_the_named_payment_method_is_paid_back_first() -> None:
    payments = [
        {"id": "a", "method_id": "m-9", "method": "alipay", "amount_minor": 10_000},
        {"id": "b", "method_id": "m-1", "method": "wechat_pay", "amount_minor": 10_600},
    ]
    verdict = verdict_on({**DAMAGED, "payment_method": "m-1"}, order=an_order(payments=payments))
    assert [(share.id, share.amount_minor) for share in verdict.payments] == [("b", 8600)]


def test_reasons_name_facts_and_run_nothing() -> None:
    reasons = {
        "en": "{order.number} {0} {order.storefront} {order.currency} {{order.status}}",
        "zh-hans": "{order.status}",
    }
    with pytest.raises(engine.RulesetError, match="unknown fact"):
        a_ruleset(a_rule("r", reasons=reasons))
    reasons["en"] = reasons["en"].replace("{order.number} {0} ", "{ORDER} ")
    verdict = verdict_on(
        DAMAGED, order=an_order(storefront="{order.status}"), ruleset=a_ruleset(a_rule("r", reasons=reasons))
    )
    assert verdict.reasons.en == "{ORDER} {order.status} CNY {delivered}"
    assert verdict.reasons.zh_hans == "已签收"
    assert verdict_on(DAMAGED, ruleset=a_ruleset(a_rule("r", reasons=reasons))).reasons.en == (
        "{ORDER} unknown CNY {delivered}"
    )


def test_documents_and_their_json_give_the_same_verdict() -> None:
    parsed = parse_products(products())
    from_documents = decide(
        load_shipped("standard"), order=parse_order(an_order()), shopper=parse_shopper(a_shopper()), products=parsed,
        request=parse_request(DAMAGED), now=NOW,
    )  # fmt: skip
    case = Case(
        parse_order(an_order()),
        parse_shopper(a_shopper()),
        {item.id: item for item in parsed},
        parse_request(DAMAGED),
        NOW,
    )
    assert from_documents == decide_case(load_shipped("standard"), case) == verdict_on(DAMAGED)


def test_an_anonymous_shopper_owns_no_order() -> None:
    verdict = decide(
        load_shipped("standard"), order=an_order(), shopper=None, products=[], request=DAMAGED, now=NOW
    )  # fmt: skip
    assert (verdict.outcome, verdict.rule) == ("deny", "ownership")


def test_a_new_order_needs_no_order() -> None:
    request = {"action": "place_order"}
    verdict = decide(load_shipped("standard"), order=None, shopper=a_shopper(), products=[], request=request, now=NOW)
    assert (verdict.outcome, verdict.rule, verdict.currency, verdict.error) == ("escalate", "default", None, None)
    refund = decide(load_shipped("standard"), order=None, shopper=a_shopper(), products=[], request=DAMAGED, now=NOW)
    assert (refund.outcome, refund.error) == ("escalate", "no_order: request.amount_minor")


def test_what_is_no_case_is_refused() -> None:
    with pytest.raises(ValueError, match="now must carry its offset"):
        verdict_on(DAMAGED, now=datetime(2026, 11, 20))
    with pytest.raises(CanonicalError, match=r"order\.colour: unknown key"):
        verdict_on(DAMAGED, order=an_order(colour="red"))


def test_a_verdict_is_frozen() -> None:
    with pytest.raises(AttributeError):
        verdict_on(DAMAGED).outcome = "deny"  # type: ignore[misc]


def test_the_engine_imports_nothing_but_the_standard_library_and_itself() -> None:
    for file in Path(engine.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert all(name.name.split(".")[0] in sys.stdlib_module_names for name in node.names), file
            elif isinstance(node, ast.ImportFrom):
                module = node.module or ""
                inside = node.level == 1 or module.startswith("cs_portal.policies.engine.")
                assert inside or (node.level == 0 and module.split(".")[0] in sys.stdlib_module_names), file


def test_texts_of_the_shipped_rulesets_are_there_in_both_languages() -> None:
    for rule in load_shipped("standard").rules:
        for text in (rule.label, rule.then.reasons):
            assert text is not None
            assert text.en.isascii()
            assert any("一" <= letter <= "鿿" for letter in text.zh_hans)

"""What a rule may add to its outcome: terms of the money, tiers of approval, days of validity, a list of reasons."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from policy_cases import NOW, a_rule, a_ruleset, a_shopper, an_order, products, texts, verdict_on

from cs_portal.policies.engine import Missing, Problem, Ruleset, RulesetError, Text, decide
from cs_portal.policies.engine.explain import RuleState, explain
from cs_portal.policies.engine.sentences import approvals_phrase, rule_phrase

MUGS = {"action": "return", "reason": "no_longer_needed", "lines": [{"id": "l-1"}]}  # worth 86.00
ALL = {"action": "return", "reason": "no_longer_needed"}  # worth 206.00
SHIPPED = {
    "shipping_minor": 800,
    "payments": [{"id": "pay-1", "method_id": "m-1", "method": "wechat_pay", "amount_minor": 21_400}],
}
TIERS = {
    "CNY": [
        {"up_to_minor": 8600, "approver": "autopilot"},
        {"up_to_minor": 20_600, "approver": "operator"},
        {"approver": "admin"},
    ]
}


def cny(minor: int, key: str = "fixed_minor") -> dict[str, Any]:
    return {key: minor, "currency": "CNY"}


@pytest.mark.parametrize(
    ("request_", "amount", "granted", "shipping", "fee"),
    [
        (MUGS, {"percent_of_lines": 100}, 8600, 0, 0),
        (MUGS, {"percent_of_lines": 100, "shipping": "kept"}, 8600, 0, 0),
        (MUGS, {"percent_of_lines": 100, "shipping": "refunded"}, 9400, 800, 0),
        (MUGS, {"percent_of_lines": 100, "restocking_fee": {"percent": 15}}, 7310, 0, 1290),
        (MUGS, {"percent_of_lines": 100, "restocking_fee": cny(500)}, 8100, 0, 500),
        (MUGS, {"percent_of_lines": 50, "shipping": "refunded", "restocking_fee": {"percent": 10}}, 4670, 800, 430),
        (MUGS, {"percent_of_lines": 100, "at_most": cny(5000, "amount_minor")}, 5000, 0, 0),
        (MUGS, {"percent_of_lines": 100, "shipping": "refunded", "at_most": cny(9000, "amount_minor")}, 9000, 400, 0),
        (MUGS, {"everything_refundable": True, "shipping": "refunded"}, 9400, 800, 0),
        (ALL, {"everything_refundable": True}, 21_400, 800, 0),
        (ALL, {"everything_refundable": True, "shipping": "refunded"}, 21_400, 800, 0),
        (ALL, {"everything_refundable": True, "shipping": "kept"}, 20_600, 0, 0),
        (ALL, {"everything_refundable": True, "shipping": "kept", "restocking_fee": {"percent": 50}},
         10_300, 0, 10_300),
        ({**MUGS, "action": "refund", "amount_minor": 700},
         {"percent_of_lines": 100, "restocking_fee": {"percent": 15}}, 700, 0, 0),
    ],
)  # fmt: skip
def test_terms_of_the_money(
    request_: dict[str, Any], amount: dict[str, Any], granted: int, shipping: int, fee: int
) -> None:
    verdict = verdict_on(
        request_, order=an_order(**SHIPPED), ruleset=a_ruleset(a_rule("r", outcome="allow", amount=amount))
    )
    assert (verdict.outcome, verdict.amount_minor, verdict.shipping_minor, verdict.restocking_fee_minor) == (
        "allow", granted, shipping, fee,
    )  # fmt: skip


def test_a_shipping_fee_goes_back_once() -> None:
    gone = {"id": "r", "lines": [], "payments": [{"id": "pay-1", "amount_minor": 600}], "shipping_minor": 600}
    rules = a_ruleset(a_rule("r", outcome="allow", amount={"percent_of_lines": 100, "shipping": "refunded"}))
    assert verdict_on(MUGS, order=an_order(**SHIPPED, refunds=[gone]), ruleset=rules).amount_minor == 8800


def test_the_verdict_tells_the_shipping_fee_and_what_was_kept() -> None:
    amount = {"percent_of_lines": 100, "shipping": "refunded", "restocking_fee": {"percent": 10}}
    verdict = verdict_on(
        MUGS, order=an_order(**SHIPPED), ruleset=a_ruleset(a_rule("r", outcome="allow", amount=amount))
    ).to_dict()
    assert (verdict["amount_minor"], verdict["shipping_minor"], verdict["restocking_fee_minor"]) == (8540, 800, 860)


@pytest.mark.parametrize(
    "amount",
    [
        {"percent_of_lines": 100, "restocking_fee": {"fixed_minor": 5, "currency": "USD"}},
        {"percent_of_lines": 100, "at_most": {"amount_minor": 5, "currency": "USD"}},
    ],
)
def test_terms_in_another_currency_escalate(amount: dict[str, Any]) -> None:
    verdict = verdict_on(MUGS, ruleset=a_ruleset(a_rule("r", outcome="allow", amount=amount)))
    assert (verdict.outcome, verdict.undecided) == ("escalate", Missing(Problem.CURRENCY_MISMATCH))


def test_a_fee_that_takes_everything_is_no_refund() -> None:
    amount = {"percent_of_lines": 100, "restocking_fee": cny(99_999)}
    verdict = verdict_on(MUGS, ruleset=a_ruleset(a_rule("r", outcome="allow", amount=amount)))
    assert (verdict.outcome, verdict.undecided) == ("escalate", Missing(Problem.NOTHING_REFUNDABLE))


def test_more_than_any_amount_escalates() -> None:
    payments = [{"id": key, "method": "alipay", "amount_minor": 2**53 - 1} for key in "ab"]
    rules = a_ruleset(a_rule("r", outcome="allow", amount={"everything_refundable": True}))
    verdict = verdict_on(ALL, order=an_order(payments=payments), ruleset=rules)
    assert (verdict.outcome, verdict.undecided) == ("escalate", Missing(Problem.OVERFLOW))


# --- who approves ----------------------------------------------------------------------------------------------------


def tiered(approver: str = "autopilot", **ruleset: Any) -> Ruleset:
    amount = {"percent_of_lines": 100}
    rule = a_rule("r", outcome="allow", amount=amount, approver=approver)
    document = {**a_ruleset(rule).to_dict(), "approvals": TIERS, **ruleset}
    return Ruleset.from_dict(document)


@pytest.mark.parametrize(
    ("lines", "approver", "expected", "because"),
    [
        ([{"id": "l-1"}], "autopilot", "autopilot", "CNY 86.00 is at most CNY 86.00, so autopilot approves"),
        ([{"id": "l-2"}], "autopilot", "operator", "CNY 120.00 is at most CNY 206.00, so an operator approves"),
        ([], "autopilot", "operator", "CNY 206.00 is at most CNY 206.00, so an operator approves"),
        ([{"id": "l-1"}], "admin", "admin", "the rule asks that an admin approves"),
    ],
)
def test_the_amount_says_who_approves(lines: list[Any], approver: str, expected: str, because: str) -> None:
    verdict = verdict_on({**ALL, "lines": lines}, ruleset=tiered(approver))
    assert verdict.approver == expected
    assert verdict.trace[-1].because.en == f"it has no condition; {because}"


def test_above_every_limit_an_admin_approves() -> None:
    order = an_order(**SHIPPED)
    rule = a_rule("r", outcome="allow", amount={"everything_refundable": True}, approver="autopilot", approvals=TIERS)
    verdict = verdict_on(ALL, order=order, ruleset=a_ruleset(rule))
    assert verdict.approver == "admin"
    assert verdict.trace[-1].because.en == "it has no condition; CNY 214.00 is above every limit, so an admin approves"
    assert verdict.trace[-1].because.zh_hans == "无附加条件；CNY 214.00 超过各级上限，由管理员批准"


def test_a_rules_own_tiers_stand_for_the_rulesets() -> None:
    own = {"CNY": [{"approver": "autopilot"}]}
    rule = a_rule("r", outcome="allow", amount={"percent_of_lines": 100}, approver="autopilot", approvals=own)
    rules = Ruleset.from_dict({**a_ruleset(rule).to_dict(), "approvals": TIERS})
    assert verdict_on(ALL, ruleset=rules).approver == "autopilot"


def test_an_amount_that_nobody_was_named_for_escalates() -> None:
    verdict = verdict_on(MUGS, ruleset=tiered(approvals={"USD": [{"approver": "autopilot"}]}))
    assert (verdict.outcome, verdict.undecided) == ("escalate", Missing(Problem.NO_APPROVER))
    assert verdict.trace[-1].because.zh_hans == "无附加条件；未设定该币种金额由谁批准"


def test_tiers_concern_money_alone() -> None:
    verdict = verdict_on({"action": "resend"}, ruleset=tiered(approvals={"USD": [{"approver": "admin"}]}))
    assert (verdict.outcome, verdict.approver) == ("allow", "autopilot")


def test_what_a_cheaper_variant_gives_back_has_a_tier() -> None:
    """The lamp of 120.00 becomes a mug of 43.00: 77.00 goes back, though an exchange grants no amount."""
    swap = {"action": "exchange", "lines": [{"id": "l-2", "to_variant": "v-white"}]}
    tiers = {"CNY": [{"up_to_minor": 7699, "approver": "autopilot"}, {"approver": "admin"}]}
    for action in ("exchange", "change_items"):
        verdict = verdict_on({**swap, "action": action}, ruleset=tiered(approvals=tiers))
        assert (verdict.outcome, verdict.amount_minor, verdict.approver) == ("allow", 0, "admin")
        assert verdict.trace[-1].because.en.endswith("CNY 77.00 is above every limit, so an admin approves")
    # A dearer piece beside it may be settled before: it does not make up for the cheaper one.
    both = [{"id": "l-2", "to_variant": "v-white"}, {"id": "l-1", "to_variant": "v-lamp"}]
    assert verdict_on({**swap, "lines": both}, ruleset=tiered(approvals=tiers)).approver == "admin"
    dearer = {**swap, "lines": [{"id": "l-1", "quantity": 1, "to_variant": "v-blue"}]}
    assert verdict_on(dearer, ruleset=tiered(approvals=tiers)).approver == "autopilot"
    assert verdict_on({"action": "exchange"}, ruleset=tiered(approvals=tiers)).approver == "autopilot"


def test_what_went_back_before_counts_towards_the_tier() -> None:
    """One mug and then the other is as much as both at once."""
    one = {**ALL, "lines": [{"id": "l-1", "quantity": 1}]}
    tiers = {"CNY": [{"up_to_minor": 5000, "approver": "autopilot"}, {"approver": "admin"}]}
    first = {"id": "r-1", "lines": [{"id": "l-1", "quantity": 1}], "created_at": "2026-11-16T10:00:00+08:00"}
    order = an_order(refunds=[{**first, "payments": [{"id": "pay-1", "amount_minor": 4300}]}])
    assert verdict_on(one, ruleset=tiered(approvals=tiers)).approver == "autopilot"
    verdict = verdict_on(one, order=order, ruleset=tiered(approvals=tiers))
    assert (verdict.amount_minor, verdict.approver) == (4300, "admin")
    said = verdict.trace[-1].because
    assert said.en.endswith("CNY 86.00, with what went back before, is above every limit, so an admin approves")
    assert said.zh_hans.endswith("连同之前已退的共 CNY 86.00，超过各级上限，由管理员批准")


# --- when rules are in force -----------------------------------------------------------------------------------------


def festival(**valid: str) -> dict[str, Any]:
    return {**a_rule("festival", outcome="deny"), "valid": valid}


@pytest.mark.parametrize(
    ("now", "zone", "rule"),
    [
        ("2026-11-10T23:59:59+08:00", None, "default"),
        ("2026-11-11T00:00:00+08:00", None, "festival"),
        ("2026-11-12T23:59:59+08:00", None, "festival"),
        ("2026-11-13T00:00:00+08:00", None, "default"),
        ("2026-11-12T16:00:00+00:00", None, "default"),
        ("2026-11-13T04:59:59+00:00", "America/New_York", "festival"),
        ("2026-11-13T05:00:00+00:00", "America/New_York", "default"),
    ],
)
def test_a_rule_holds_on_its_days(now: str, zone: str | None, rule: str) -> None:
    document = a_ruleset(festival(**{"from": "2026-11-11", "until": "2026-11-12"})).to_dict()
    if zone is not None:
        document["time_zone"] = zone
    verdict = verdict_on({"action": "refund"}, ruleset=Ruleset.from_dict(document), now=datetime.fromisoformat(now))
    assert verdict.rule == rule


def test_a_rule_that_is_not_in_force_says_so() -> None:
    ended = a_ruleset(festival(until="2026-11-12"), {**festival(**{"from": "2026-12-01"}), "id": "later"})
    verdict = verdict_on({"action": "refund"}, ruleset=ended)
    assert [(step.rule, step.matched, step.because) for step in verdict.trace[:2]] == [
        ("festival", False, Text("in force until 12 November 2026 only", "仅在 2026 年 11 月 12 日及之前有效")),
        ("later", False,
         Text("in force from 1 December 2026 on, today is earlier", "自 2026 年 12 月 1 日起生效，今天尚未生效")),
    ]  # fmt: skip
    seen = explain(ended, verdict, action="refund", currency="CNY").rules
    assert [(rule.state, rule.problem and rule.problem.en) for rule in seen] == [
        (RuleState.NO_MATCH, "in force until 12 November 2026 only"),
        (RuleState.NO_MATCH, "in force from 1 December 2026 on, today is earlier"),
    ]


def test_a_rule_out_of_force_hides_no_missing_fact() -> None:
    by_storefront = {"fact": "order.storefront", "op": "is", "value": "main"}
    rule = {**a_rule("old", by_storefront), "valid": {"until": "2026-11-01"}}
    assert verdict_on({"action": "refund"}, ruleset=a_ruleset(rule)).rule == "default"


def test_a_new_order_goes_by_the_clock_of_the_rules() -> None:
    night = a_rule("night", {"fact": "request.hour", "op": "outside", "value": [8, 21]})
    document = {**a_ruleset(night).to_dict(), "time_zone": "Asia/Shanghai"}
    now = datetime.fromisoformat("2026-11-20T14:00:00+00:00")
    verdict = decide(
        Ruleset.from_dict(document), order=None, shopper=a_shopper(), products=products(),
        request={"action": "place_order"}, now=now,
    )  # fmt: skip
    assert verdict.rule == "night"
    assert verdict.trace[0].because.en == "hour of the day: 22, must not be 8 to 21"


# --- asking ----------------------------------------------------------------------------------------------------------


def test_a_reason_is_asked_for_from_a_list() -> None:
    when = {"fact": "request.reason", "op": "is_known", "value": False}
    rule = a_rule("why", when, "ask", ask=["photo", "reason"], reason_choices=["damaged", "other"])
    verdict = verdict_on({"action": "refund"}, ruleset=a_ruleset(rule))
    assert (verdict.outcome, verdict.ask, verdict.reason_choices) == (
        "ask", ("photo", "reason"), ("damaged", "other"),
    )  # fmt: skip
    assert verdict.to_dict()["reason_choices"] == ["damaged", "other"]


# --- as sentences ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "en", "zh"),
    [
        (
            a_rule("r", outcome="allow", approver="autopilot", approvals=TIERS, amount={
                "percent_of_lines": 100, "shipping": "refunded", "restocking_fee": {"percent": 15},
                "at_most": cny(20_000, "amount_minor")}),
            "Whatever the shopper asks for: allow it and refund the items in full, with the shipping fee, less 15% for "
            "restocking, at most ¥200.00; up to ¥86.00 may go out without review, up to ¥206.00 an operator approves, "
            "above that an admin approves.",
            "无论顾客申请什么：同意，退还所选商品全款，并退运费，扣除 15% 的重新上架费，最多 ¥200.00；"
            "¥86.00 以内可自动发送，无需审核，¥206.00 以内由客服批准，超出部分由管理员批准。",
        ),
        (
            {**a_rule("r", outcome="allow", approvals={"USD": [{"approver": "operator"}]}, amount={
                "everything_refundable": True, "shipping": "kept", "restocking_fee": cny(500)}),
             "valid": {"from": "2026-11-01", "until": "2026-11-11"}},
            "From 1 November 2026 to 11 November 2026: Whatever the shopper asks for: allow it and refund everything "
            "still refundable, without the shipping fee, less ¥5.00 for restocking; any amount in USD an operator "
            "approves, and at least an operator approves.",
            "2026 年 11 月 1 日至 2026 年 11 月 11 日期间：无论顾客申请什么：同意，退还全部可退金额，不退运费，"
            "扣除 ¥5.00 的重新上架费；USD 任何金额由客服批准，且至少由客服批准。",
        ),
        (
            {**a_rule("r", outcome="ask", ask=["reason"], reason_choices=["damaged", "other"]),
             "valid": {"from": "2026-11-01"}},
            "From 1 November 2026 on: Whatever the shopper asks for: ask the shopper for the reason (damaged or "
            "other).",
            "自 2026 年 11 月 1 日起：无论顾客申请什么：请顾客提供原因（商品破损或其他原因）。",
        ),
        (
            {**a_rule("r"), "valid": {"until": "2026-11-11"}},
            "Until 11 November 2026: Whatever the shopper asks for: refuse.",
            "截至 2026 年 11 月 11 日：无论顾客申请什么：拒绝。",
        ),
    ],
)  # fmt: skip
def test_terms_read_as_sentences(rule: dict[str, Any], en: str, zh: str) -> None:
    said = rule_phrase(a_ruleset(rule).rules[0], "CNY").text
    assert (said.en, said.zh_hans) == (en, zh)


def test_tiers_of_a_ruleset_read_as_a_sentence() -> None:
    approvals = tiered().approvals
    assert approvals is not None
    assert approvals_phrase(approvals).text.zh_hans.startswith("¥86.00 以内可自动发送")


def test_a_step_of_the_trace_is_a_sentence() -> None:
    when = {"fact": "order.days_since_delivered", "op": "at_most", "value": 7}
    order = an_order(delivered_at="2026-11-11T00:00:00+08:00")
    rules = a_ruleset({**a_rule("x"), "actions": ["cancel"]}, a_rule("r", when), default="deny")
    steps = verdict_on({"action": "refund"}, order=order, ruleset=rules, now=NOW).trace
    assert [step.text for step in steps] == [
        Text("Rule 2 did not match: delivered 9 days ago, limit 7", "规则 2 未匹配：9 天前签收，上限 7"),
        Text("no rule matched", "没有规则匹配"),
    ]


# --- as JSON ---------------------------------------------------------------------------------------------------------


def a_document() -> dict[str, Any]:
    amount = {"percent_of_lines": 80, "shipping": "kept", "restocking_fee": {"percent": 5},
              "at_most": cny(9900, "amount_minor")}  # fmt: skip
    give = a_rule("give", outcome="allow", amount=amount, approver="autopilot", approvals=TIERS)
    give["valid"] = {"from": "2026-11-01", "until": "2026-11-11"}
    ask = a_rule("ask", outcome="ask", ask=["reason"], reason_choices=["other"], approver="operator")
    return {
        "name": "trial", "time_zone": "Asia/Shanghai", "approvals": TIERS, "rules": [give, ask],
        "default": {"outcome": "deny", "approver": "operator", "reasons": texts()},
    }  # fmt: skip


def test_terms_come_out_as_they_went_in() -> None:
    assert Ruleset.from_dict(a_document()).to_dict() == a_document()


@pytest.mark.parametrize(
    ("path", "key", "value", "message"),
    [
        ((), "time_zone", "Mars/Olympus", 'time_zone: unknown time zone "Mars/Olympus"'),
        ((), "time_zone", "../x", 'time_zone: unknown time zone "../x"'),
        ((), "approvals", {}, "approvals: must name at least one currency"),
        ((), "approvals", {"QQQ": []}, "approvals.QQQ: unknown key"),
        ((), "approvals", {"CNY": []}, "approvals.CNY: must end with a tier without up_to_minor"),
        ((), "approvals", {"CNY": [{"up_to_minor": 5, "approver": "admin"}]},
         "approvals.CNY: must end with a tier without up_to_minor"),
        ((), "approvals", {"CNY": [{"approver": "admin"}, {"approver": "admin"}]},
         "approvals.CNY[1].up_to_minor: must be more than that of the tier before"),
        ((), "approvals", {"CNY": [{"up_to_minor": 5, "approver": "admin"}, {"approver": "autopilot"}]},
         "approvals.CNY[1].approver: must not be less than that of the tier before"),
        ((), "approvals", {"CNY": [{"up_to_minor": 5, "approver": "operator"},
                                   {"up_to_minor": 5, "approver": "operator"}, {"approver": "admin"}]},
         "approvals.CNY[1].up_to_minor: must be more than that of the tier before"),
        (("rules", 0), "valid", {}, "rules[0].valid: must hold from or until"),
        (("rules", 0), "valid", {"from": "2026-02-30"}, "rules[0].valid.from: must be a day, as in 2026-11-01"),
        (("rules", 0), "valid", {"from": "20261101"}, "rules[0].valid.from: must be a day, as in 2026-11-01"),
        (("rules", 0), "valid", {"from": "2026-11-02", "until": "2026-11-01"},
         "rules[0].valid.until: must not be before from"),
        (("rules", 0, "then"), "reason_choices", ["damaged"],
         "rules[0].then.reason_choices: goes with asking for the reason only"),
        (("rules", 1, "then"), "reason_choices", ["bored"],
         'rules[1].then.reason_choices[0]: unknown value "bored"; it takes no_longer_needed, ordered_by_mistake, '
         "damaged, wrong_item, missing_item, not_as_described, does_not_fit, arrived_late, never_arrived, "
         "better_price, other"),
        (("default",), "approvals", TIERS, 'default.approvals: goes with the outcome "allow" only'),
        (("rules", 0, "then"), "amount", {**cny(5), "shipping": "kept"},
         "rules[0].then.amount.shipping: does not go with fixed_minor"),
        (("rules", 0, "then", "amount"), "shipping", "halved",
         "rules[0].then.amount.shipping: must be one of kept, refunded"),
        (("rules", 0, "then", "amount"), "restocking_fee", {},
         "rules[0].then.amount.restocking_fee: must be one of percent, fixed_minor"),
        (("rules", 0, "then", "amount"), "restocking_fee", {"percent": 101},
         "rules[0].then.amount.restocking_fee.percent: must be from 1 to 100"),
        (("rules", 0, "then", "amount"), "restocking_fee", {"percent": 5, "currency": "CNY"},
         "rules[0].then.amount.restocking_fee.currency: goes with fixed_minor only"),
        (("rules", 0, "then", "amount"), "at_most", {"amount_minor": 5, "currency": "QQQ"},
         'rules[0].then.amount.at_most.currency: unknown currency "QQQ"'),
    ],
)  # fmt: skip
def test_what_is_refused(path: tuple[Any, ...], key: str, value: Any, message: str) -> None:
    document = a_document()
    at: Any = document
    for step in path:
        at = at[step]
    at[key] = value
    with pytest.raises(RulesetError) as refusal:
        Ruleset.from_dict(document)
    assert str(refusal.value) == message

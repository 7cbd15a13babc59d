"""Conditions: three-valued logic, every operator with its opposite, and the words that explain them."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from policy_cases import NOW, a_shopper, an_order

from cs_portal.policies.engine import Case, Missing, Problem, parse_order, parse_request, parse_shopper
from cs_portal.policies.engine.condition_json import condition_to_dict, parse_condition
from cs_portal.policies.engine.facts import FACTS, Facts
from cs_portal.policies.engine.operators import OPERATORS

TRUE = {"fact": "order.status", "op": "is", "value": "delivered"}
FALSE = {"fact": "order.status", "op": "is", "value": "pending"}
UNKNOWN = {"fact": "order.storefront", "op": "is", "value": "main"}
WORDS = {True: TRUE, False: FALSE, None: UNKNOWN}


def facts(order: dict[str, Any] | None = None, **request: Any) -> Facts:
    return Facts(
        Case(
            parse_order(order or an_order()), parse_shopper(a_shopper(tags=["vip"])), {},
            parse_request({"action": "refund", **request}), NOW,
        )
    )  # fmt: skip


def answer(condition: dict[str, Any], on: Facts | None = None) -> bool | Missing:
    return parse_condition(condition, "when").compiled()(facts() if on is None else on)


def because(condition: dict[str, Any], on: Facts | None = None) -> tuple[str, str]:
    text = parse_condition(condition, "when").explained(facts() if on is None else on)
    return text.en, text.zh_hans


@pytest.mark.parametrize("values", [(a, b, c) for a in WORDS for b in WORDS for c in WORDS])
def test_all_and_any_are_kleenes(values: tuple[bool | None, ...]) -> None:
    """Whatever the order of the parts, nested or not."""
    all_of = False if False in values else None if None in values else True
    any_of = True if True in values else None if None in values else False
    for order in permutations(values):
        parts = [WORDS[value] for value in order]
        for key, expected in (("all", all_of), ("any", any_of)):
            for condition in ({key: parts}, {key: [{key: parts[:2]}, parts[2]]}):
                got = answer(condition)
                assert (None if isinstance(got, Missing) else got) is expected
                got = answer({"not": condition})
                assert (None if isinstance(got, Missing) else got) is (None if expected is None else not expected)


def test_not_not_is_the_condition_itself() -> None:
    for value, condition in WORDS.items():
        got = answer({"not": {"not": condition}})
        assert (None if isinstance(got, Missing) else got) is value


def test_an_undecided_condition_names_its_fact() -> None:
    assert answer({"all": [TRUE, UNKNOWN]}) == Missing(Problem.NOT_GIVEN, "order.storefront")


def test_a_missing_fact_is_neither_true_nor_false() -> None:
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(Missing(Problem.NOT_GIVEN))


DAYS, REASON, TAGS = "order.days_since_delivered", "request.reason", "shopper.tags"  # 5, damaged, {vip}


@pytest.mark.parametrize(
    ("fact", "op", "value", "expected"),
    [
        (DAYS, "is", 5, True), (DAYS, "is", 4, False),
        (DAYS, "at_most", 5, True), (DAYS, "at_most", 4, False),
        (DAYS, "at_least", 5, True), (DAYS, "at_least", 6, False),
        (DAYS, "between", [5, 5], True), (DAYS, "between", [6, 9], False), (DAYS, "between", [1, 4], False),
        (REASON, "is", "damaged", True), (REASON, "is", "other", False),
        (REASON, "in", ["other", "damaged"], True), (REASON, "in", ["other"], False),
        ("request.photo", "is", False, True), ("request.photo", "is", True, False),
        (TAGS, "has_any", ["vip", "new"], True), (TAGS, "has_any", ["new"], False),
        (TAGS, "has_all", ["vip"], True), (TAGS, "has_all", ["vip", "new"], False),
        (REASON, "is_known", True, True), (REASON, "is_known", False, False),
        ("order.storefront", "is_known", False, True), ("order.storefront", "is_known", True, False),
    ],
)  # fmt: skip
def test_operators_and_their_opposites(fact: str, op: str, value: Any, expected: bool) -> None:
    on = facts(reason="damaged")
    condition = {"fact": fact, "op": op, "value": value}
    assert answer(condition, on) is expected
    assert answer({"not": condition}, on) is (not expected)
    opposite = OPERATORS[op].opposite
    if opposite != op:
        assert answer({**condition, "op": opposite}, on) is (not expected)


def test_opposites_come_in_pairs() -> None:
    for name, operator in OPERATORS.items():
        opposite = OPERATORS[operator.opposite]
        assert (opposite.opposite, opposite.operand, opposite.kinds) == (name, operator.operand, operator.kinds)


@pytest.mark.parametrize(
    ("condition", "english", "chinese"),
    [
        ({"fact": DAYS, "op": "at_most", "value": 4}, "delivered 5 days ago, limit 4", "5 天前签收，上限 4"),
        ({"fact": "order.days_since_shipped", "op": "at_least", "value": 20},
         "shipped 17 days ago, needs at least 20", "17 天前发货，至少须为 20"),
        ({"fact": "request.amount_minor", "op": "more_than", "value": 50000},
         "amount asked for: CNY 206.00, needs more than CNY 500.00", "申请金额：CNY 206.00，须超过 CNY 500.00"),
        ({"fact": REASON, "op": "in", "value": ["does_not_fit", "better_price"]},
         "reason: damaged, needs one of better price elsewhere, does not fit",
         "原因：商品破损，须为价格更优惠、尺码不合适之一"),
        ({"fact": REASON, "op": "in", "value": ["damaged"]}, "reason: damaged", "原因：商品破损"),
        ({"not": {"fact": REASON, "op": "is", "value": "damaged"}},
         "reason: damaged, must not be damaged", "原因：商品破损，不得为商品破损"),
        ({"fact": "request.photo", "op": "is", "value": True}, "no photo was given", "未提供照片"),
        ({"fact": TAGS, "op": "has_any", "value": ["new"]}, "shopper tags: vip, needs one of new",
         "顾客标签：vip，须包含new之一"),
        ({"fact": DAYS, "op": "between", "value": [8, 30]},
         "delivered 5 days ago, needs 8 to 30", "5 天前签收，须在 8 至 30 之间"),
        (UNKNOWN, "storefront cannot be known: it was not given", "无法得知“店铺站点”：未提供"),
        ({"all": [TRUE, FALSE, UNKNOWN]}, "order status: delivered, needs pending", "订单状态：已签收，须为待处理"),
        ({"all": [UNKNOWN, TRUE]}, "storefront cannot be known: it was not given", "无法得知“店铺站点”：未提供"),
        ({"any": [FALSE, {"fact": "request.photo", "op": "is", "value": True}]},
         "order status: delivered, needs pending; no photo was given", "订单状态：已签收，须为待处理；未提供照片"),
        ({"any": [FALSE, {"fact": "request.photo", "op": "is", "value": False}]}, "no photo was given", "未提供照片"),
    ],
)  # fmt: skip
def test_explanations(condition: dict[str, Any], english: str, chinese: str) -> None:
    assert because(condition, facts(reason="damaged")) == (english, chinese)


@pytest.mark.parametrize(
    ("days", "english"), [(0, "delivered today"), (1, "delivered 1 day ago"), (2, "delivered 2 days ago")]
)
def test_days_are_worded_as_people_do(days: int, english: str) -> None:
    on = facts(an_order(delivered_at=f"2026-11-{20 - days}T08:00:00+08:00"))
    assert because({"fact": DAYS, "op": "at_most", "value": 9}, on)[0] == f"{english}, limit 9"


def test_every_fact_and_operator_can_be_explained() -> None:
    """Whether the fact is known or not."""
    for spec in FACTS.values():
        for operator in OPERATORS.values():
            if spec.kind not in operator.kinds:
                continue
            one = (
                next(iter(spec.choices))
                if spec.choices
                else {"boolean": True, "string": "x", "set": "x"}.get(spec.kind, 7)
            )
            value = {"one": one, "several": [one], "pair": [7, 9], "flag": True}[operator.operand]
            condition = parse_condition({"fact": spec.name, "op": operator.name, "value": value}, "when")
            assert parse_condition(condition_to_dict(condition), "when") == condition
            for on in (facts(), facts(reason="other"), facts(an_order(currency="QQQ"), lines=[{"id": "nope"}])):
                text = condition.explained(on)
                assert text.en
                assert text.zh_hans

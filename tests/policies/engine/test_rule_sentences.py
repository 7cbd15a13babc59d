# ruff: noqa: E501 (a table of sentences)
"""Rules as sentences: every operator on every kind of fact, in both languages."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from policy_strategies import comparisons, conditions, rulesets

from cs_portal.policies.engine import Ruleset, load_shipped
from cs_portal.policies.engine.condition_json import parse_condition
from cs_portal.policies.engine.facts import FACTS
from cs_portal.policies.engine.operators import OPERATORS
from cs_portal.policies.engine.sentences import condition_phrase, rule_phrase

SENTENCES: list[tuple[str, str, Any, str, str]] = [
    ("order.status", "is", "shipped", "the order status is shipped", "订单状态为已发货"),
    ("order.status", "is_not", "shipped", "the order status is not shipped", "订单状态不为已发货"),
    ("order.status", "in", ["shipped", "pending"], "the order status is pending or shipped", "订单状态为待处理或已发货"),
    ("request.reason", "not_in", ["damaged"], "the reason is not damaged", "原因不为商品破损"),
    ("order.country", "in", ["CN", "HK", "JP"], "the country of delivery is CN, HK or JP", "收货国家或地区为CN、HK或JP"),
    ("order.country", "not_in", ["CN"], "the country of delivery is not CN", "收货国家或地区不为CN"),
    ("order.currency", "is", "USD", "the currency is USD", "币种为USD"),
    ("shopper.locale", "is_not", "zh-hans", "the shopper's language is not Chinese", "顾客语言不为中文"),
    ("order.days_since_delivered", "is", 0, "the order was delivered today", "签收于当天"),
    ("order.days_since_delivered", "at_most", 0, "the order was delivered today", "签收于当天"),
    ("order.days_since_delivered", "is", 1, "the order was delivered exactly 1 day ago", "签收恰好 1 天"),
    ("order.days_since_paid", "is_not", 2, "the order was paid on another day than 2 days ago", "付款不是恰好 2 天"),
    ("order.days_since_delivered", "at_most", 7, "the order was delivered at most 7 days ago", "签收不超过 7 天"),
    ("order.days_since_shipped", "more_than", 15, "the order was shipped more than 15 days ago", "发货超过 15 天"),
    ("order.days_since_placed", "at_least", 3, "the order was placed at least 3 days ago", "下单至少 3 天"),
    ("order.days_since_delivered", "less_than", 7, "the order was delivered less than 7 days ago", "签收不到 7 天"),
    ("order.days_since_delivered", "between", [8, 15], "the order was delivered 8 to 15 days ago", "签收 8 至 15 天"),
    (
        "order.days_since_delivered",
        "outside",
        [8, 15],
        "the order was delivered less than 8 or more than 15 days ago",
        "签收不到 8 天或超过 15 天",
    ),
    ("order.hours_since_placed", "at_most", 2, "the order was placed at most 2 hours ago", "下单不超过 2 小时"),
    ("order.hours_since_placed", "at_most", 0, "the order was placed less than an hour ago", "下单不到 1 小时"),
    ("order.hours_since_placed", "less_than", 1, "the order was placed less than an hour ago", "下单不到 1 小时"),
    ("order.hours_since_paid", "more_than", 1, "the order was paid more than 1 hour ago", "付款超过 1 小时"),
    (
        "order.hours_since_paid",
        "outside",
        [2, 24],
        "the order was paid less than 2 or more than 24 hours ago",
        "付款不到 2 小时或超过 24 小时",
    ),
    ("order.total_minor", "at_least", 9900, "the order total is at least ¥99.00", "订单总额不少于 ¥99.00"),
    ("order.shipping_minor", "more_than", 0, "the shipping fee is more than ¥0.00", "运费超过 ¥0.00"),
    ("order.refunds_count", "at_most", 1, "the number of refunds of the order so far is at most 1", "该订单已退款次数不超过 1"),
    ("shopper.identified", "is", False, "the shopper is anonymous", "顾客为匿名访客"),
    (
        "shopper.days_since_joined",
        "at_least",
        30,
        "the days since the shopper's account was made are at least 30",
        "顾客注册天数不少于 30 天",
    ),
    ("shopper.risk_flags", "has_any", ["chargeback"], "the shopper's risk flags include chargeback", "顾客风险标记包含chargeback"),
    ("shopper.flagged", "is", True, "the shopper has a risk flag", "顾客有风险标记"),
    ("request.exceeds_refundable", "is", True, "more is asked for than the items can give back", "申请金额超过所选商品可退金额"),
    ("request.amount_named", "is", False, "no amount is named", "未指明金额"),
    ("request.evidence", "has_any", ["receipt"], "the attachments include a receipt", "凭证包含收据"),
    ("request.address_given", "is", False, "no new address was given", "未提供新地址"),
    ("request.country", "in", ["CN"], "the country of the new address is CN", "新地址所在国家或地区为CN"),
    ("request.changes_country", "is", True, "the new address is in another country", "新地址在其他国家或地区"),
    ("lines.named", "is", True, "the request names its items", "申请指明了商品"),
    ("lines.whole_order", "is", False, "a part of the order is concerned", "仅涉及订单的一部分"),
    ("lines.count", "more_than", 3, "the number of items is more than 3", "涉及商品行数超过 3"),
    ("lines.any_refunded", "is", False, "no item was refunded before", "不包含已退过款的商品"),
    ("lines.highest_price_minor", "at_least", 100000, "the highest price of a piece is at least ¥1000.00", "最高单价不少于 ¥1000.00"),
    ("lines.variants", "has_any", ["v-1"], "the variants include v-1", "商品规格包含v-1"),
    ("wanted.named", "is", True, "a wanted variant is named for every item", "每件商品都指明了目标规格"),
    ("wanted.stock", "at_least", 3, "the stock of the wanted variant is at least 3", "目标规格库存不少于 3"),
    ("payment.named", "is", False, "no payment method is named", "未指明付款方式"),
    ("payment.method", "in", ["gift_card", "alipay"], "the payment method is gift card or Alipay", "付款方式为礼品卡或支付宝"),
    ("request.amount_minor", "at_most", 20000, "the amount asked for is at most ¥200.00", "申请金额不超过 ¥200.00"),
    ("order.paid_minor", "more_than", 5, "the amount paid is more than ¥0.05", "已付金额超过 ¥0.05"),
    (
        "shopper.lifetime_value_minor",
        "at_least",
        91000,
        "what the shopper spent so far is at least ¥910.00",
        "顾客累计消费不少于 ¥910.00",
    ),
    (
        "wanted.price_difference_minor",
        "between",
        [-500, 500],
        "the price difference is from -¥5.00 to ¥5.00",
        "差价在 -¥5.00 至 ¥5.00 之间",
    ),
    ("order.paid_minor", "outside", [1, 2], "the amount paid is less than ¥0.01 or more than ¥0.02", "已付金额少于 ¥0.01 或超过 ¥0.02"),
    ("lines.quantity", "less_than", 3, "the number of pieces is less than 3", "涉及件数少于 3"),
    ("order.days_in_transit", "more_than", 9, "the days in transit are more than 9", "运输天数超过 9 天"),
    ("request.hour", "between", [9, 18], "the hour of the day is from 9:00 to 18:00", "当前小时在 9 点 至 18 点 之间"),
    ("request.weekday", "in", ["saturday", "sunday"], "today is Saturday or Sunday", "今天为星期六或星期日"),
    ("request.photo", "is", True, "a photo was given", "已提供照片"),
    ("request.photo", "is", False, "no photo was given", "未提供照片"),
    ("request.photo", "is_not", True, "no photo was given", "未提供照片"),
    ("order.payment_methods", "has_any", ["alipay", "gift_card"], "the payment methods include gift card or Alipay", "付款方式包含礼品卡或支付宝"),
    ("lines.tags", "has_none", ["a", "b"], "the tags of the items do not include a or b", "商品行标签不含a或b"),
    ("lines.tags", "has_all", ["a", "b"], "the tags of the items include a and b", "商品行标签同时包含a和b"),
    ("lines.tags", "lacks_any", ["a", "b"], "the tags of the items do not include all of a and b", "商品行标签未同时包含a和b"),
    ("request.evidence", "has_any", ["photo"], "the attachments include a photo", "凭证包含照片"),
    ("request.reason", "is_known", True, "the reason is known", "原因已知"),
    ("lines.categories", "is_known", False, "the product categories are not known", "商品类目未知"),
    ("order.days_since_delivered", "is_known", False, "it is not known when the order was delivered", "签收时间未知"),
    ("order.shipped_on", "is_known", True, "the day of shipping is known", "发货日期已知"),
    ("request.photo", "is_known", True, "whether a photo was given is known", "能确定是否已提供照片"),
]  # fmt: skip


def _said(condition: dict[str, Any], currency: str = "CNY") -> Any:
    return condition_phrase(parse_condition(condition, "when"), currency).text


@pytest.mark.parametrize(("fact", "op", "value", "en", "zh"), SENTENCES)
def test_a_comparison_reads_as_a_clause(fact: str, op: str, value: Any, en: str, zh: str) -> None:
    said = _said({"fact": fact, "op": op, "value": value})
    assert (said.en, said.zh_hans) == (en, zh)


def test_every_operator_on_every_kind_it_takes_is_tried_above() -> None:
    tried = {(FACTS[fact].kind, op) for fact, op, *_ in SENTENCES}
    # Numbers and money share their words; one of the two is enough.
    wanted = {(kind, op.name) for op in OPERATORS.values() if op.name != "is_known" for kind in op.kinds}
    shared = {(kind, op) for kind, op in wanted if kind in ("number", "money")}
    assert wanted - shared <= tried
    assert {op for _, op in shared} - {op for kind, op in tried if kind in ("number", "money")} <= {"is", "is_not"}


def test_groups_within_groups_stand_in_brackets_and_negations_are_pushed_down() -> None:
    photo = {"fact": "request.photo", "op": "is", "value": True}
    late = {"fact": "order.days_since_delivered", "op": "more_than", "value": 7}
    status = {"fact": "order.status", "op": "is", "value": "delivered"}
    said = _said({"all": [status, {"not": {"all": [photo, late]}}]})
    assert (
        said.en
        == "the order status is delivered and (no photo was given or the order was delivered at most 7 days ago)"
    )
    assert said.zh_hans == "订单状态为已签收，且（未提供照片，或签收不超过 7 天）"


def test_a_whole_rule() -> None:
    rule = next(
        rule
        for rule in load_shipped("standard").rules
        if rule.then.outcome == "allow" and rule.when and "refund" in rule.actions
    )
    said = rule_phrase(rule, "CNY").text
    assert said.en == (
        "When a shopper asks for a refund and the reason is damaged, wrong item or not as described and the order was "
        "delivered at most 7 days ago and a photo was given: allow it and refund the items in full; an operator approves."
    )
    assert said.zh_hans == (
        "当顾客申请退款，原因为商品破损、发错商品或与描述不符，签收不超过 7 天，且已提供照片：同意，退还所选商品全款；由客服批准。"
    )


@pytest.mark.parametrize(("currency", "shown"), [("JPY", "JPY 20000"), ("KWD", "KWD 20.000"), ("USD", "$200.00")])
def test_amounts_are_written_in_the_digits_of_their_currency(currency: str, shown: str) -> None:
    assert _said({"fact": "request.amount_minor", "op": "is", "value": 20000}, currency).en.endswith(shown)


def test_values_are_set_off_and_their_braces_are_words() -> None:
    phrase = condition_phrase(
        parse_condition({"fact": "lines.tags", "op": "has_any", "value": ["{}", "<b>"]}, ""), "CNY"
    )
    assert [piece.text for piece in phrase.pieces("en") if piece.value] == ["<b>", "{}"]


@given(comparisons())
def test_no_comparison_is_beyond_words(comparison: dict[str, Any]) -> None:
    said = _said(comparison)
    assert said.en and said.zh_hans and "_minor" not in said.en


@given(conditions)
def test_a_negated_condition_says_the_opposite(condition: dict[str, Any]) -> None:
    assert _said({"not": {"not": condition}}) == _said(condition)
    assert _said({"not": condition}) != _said(condition)


@given(rulesets())
def test_every_valid_rule_is_a_sentence(document: dict[str, Any]) -> None:
    for rule in Ruleset.from_dict(document).rules:
        said = rule_phrase(rule, "CNY").text
        assert said.en.endswith(".") and said.zh_hans.endswith("。")

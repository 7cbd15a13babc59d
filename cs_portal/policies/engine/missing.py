"""Why a fact has no value: the named errors of the engine.

A fact is never silently "no". Where it cannot be known it is a `Missing` with a `Problem`, and a rule that needs it
to be decided escalates to a person (`decide.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

from .text import Text


class Problem(StrEnum):
    NOT_GIVEN = "not_given"
    NO_ORDER = "no_order"
    NO_SHOPPER = "no_shopper"
    NOT_PAID = "not_paid"
    NOT_SHIPPED = "not_shipped"
    NOT_DELIVERED = "not_delivered"
    DATE_UNKNOWN = "date_unknown"
    DATE_IN_FUTURE = "date_in_future"
    UNKNOWN_LINE = "unknown_line"
    UNKNOWN_PRODUCT = "unknown_product"
    UNKNOWN_VARIANT = "unknown_variant"
    UNKNOWN_CURRENCY = "unknown_currency"
    CURRENCY_MISMATCH = "currency_mismatch"
    QUANTITY_EXCEEDS_LINE = "quantity_exceeds_line"
    NOTHING_REFUNDABLE = "nothing_refundable"
    NO_APPROVER = "no_approver"
    DIVISION_BY_ZERO = "division_by_zero"
    OVERFLOW = "overflow"


PROBLEM_TEXTS: dict[Problem, Text] = {
    Problem.NOT_GIVEN: Text("it was not given", "未提供"),
    Problem.NO_ORDER: Text("no order is concerned", "没有对应的订单"),
    Problem.NO_SHOPPER: Text("the shopper is not known", "顾客身份未知"),
    Problem.NOT_PAID: Text("the order has not been paid", "订单尚未付款"),
    Problem.NOT_SHIPPED: Text("the order has not been shipped", "订单尚未发货"),
    Problem.NOT_DELIVERED: Text("the order has not been delivered", "订单尚未签收"),
    Problem.DATE_UNKNOWN: Text(
        "the order's status says so, but its date is not recorded", "订单状态已变更，但未记录日期"
    ),
    Problem.DATE_IN_FUTURE: Text("its date lies in the future", "日期晚于当前时间"),
    Problem.UNKNOWN_LINE: Text("the request names a line that the order does not have", "申请中的商品行不在该订单内"),
    Problem.UNKNOWN_PRODUCT: Text("the product is not known", "商品不存在"),
    Problem.UNKNOWN_VARIANT: Text("the variant is not known", "商品规格不存在"),
    Problem.UNKNOWN_CURRENCY: Text("the currency is not known", "币种无法识别"),
    Problem.CURRENCY_MISMATCH: Text("the currencies differ", "币种不一致"),
    Problem.QUANTITY_EXCEEDS_LINE: Text("more pieces are asked for than were ordered", "申请数量超过购买数量"),
    Problem.NOTHING_REFUNDABLE: Text("nothing is left to refund", "已无可退金额"),
    Problem.NO_APPROVER: Text("nobody is named to approve amounts in this currency", "未设定该币种金额由谁批准"),
    Problem.DIVISION_BY_ZERO: Text("it would divide by zero", "除数为零"),
    Problem.OVERFLOW: Text("the amount is too large", "金额超出范围"),
}


@dataclass(frozen=True, slots=True)
class Missing:
    """A fact without a value. `fact` is the name of the fact where the problem first showed."""

    problem: Problem
    fact: str = ""

    def __bool__(self) -> NoReturn:
        raise TypeError("a missing fact is neither true nor false")

    @property
    def text(self) -> Text:
        return PROBLEM_TEXTS[self.problem]

    def __str__(self) -> str:
        return f"{self.problem}: {self.fact}" if self.fact else str(self.problem)

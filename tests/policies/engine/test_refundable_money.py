"""What can go back, for which pieces and by which payments; all to the minor unit."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policy_cases import an_order

from cs_portal.policies.engine import Missing, Problem, parse_order, parse_request, split_over_payments
from cs_portal.policies.engine.money import UnknownCurrency, apportion, format_money, minor_digits, pieces_value
from cs_portal.policies.engine.refundable import (
    line_values,
    lines_refundable_minor,
    refundable_minor,
    requested_lines,
)


def lines_worth(order: dict[str, Any], lines: list[dict[str, Any]] | None = None) -> int | Missing:
    parsed = parse_order(order)
    found = requested_lines(parsed, parse_request({"action": "refund", "lines": lines}))
    return found if isinstance(found, Missing) else lines_refundable_minor(parsed, found)


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        (100, [1, 1, 1], (34, 33, 33)),
        (100, [3, 3, 1], (43, 43, 14)),  # quotas 42.86, 42.86, 14.29
        (7, [0, 0, 0], (3, 2, 2)),
        (1, [1, 2], (0, 1)),
        (0, [5, 5], (0, 0)),
        (0, [], ()),
        (1000, [1000], (1000,)),
    ],
)
def test_apportion(total: int, weights: list[int], shares: tuple[int, ...]) -> None:
    assert apportion(total, weights) == shares


@pytest.mark.parametrize(("total", "weights"), [(1, []), (-1, [1]), (1, [1, -1])])
def test_apportion_refuses_nonsense(total: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match="share"):
        apportion(total, weights)


@given(st.integers(0, 10**15), st.lists(st.integers(0, 10**12), min_size=1, max_size=12))
def test_shares_add_up_and_stay_at_their_quota(total: int, weights: list[int]) -> None:
    shares = apportion(total, weights)
    assert sum(shares) == total
    whole = sum(weights)
    if whole:
        assert all(abs(share * whole - total * weight) < whole for share, weight in zip(shares, weights, strict=True))


@given(st.integers(0, 10**9), st.lists(st.integers(1, 9), min_size=1, max_size=9))
def test_pieces_settled_in_any_steps_add_up_to_the_line(value: int, steps: list[int]) -> None:
    quantity, after, total = sum(steps), 0, 0
    for step in steps:
        total += pieces_value(value, quantity, after=after, count=step)
        after += step
        assert total <= value
    assert total == value


def test_minor_digits() -> None:
    assert [minor_digits(code) for code in ("CNY", "JPY", "KWD", "CLF")] == [2, 0, 3, 4]
    with pytest.raises(UnknownCurrency):
        minor_digits("QQQ")
    assert [format_money(5, code) for code in ("CNY", "JPY", "KWD")] == ["CNY 0.05", "JPY 5", "KWD 0.005"]
    assert format_money(-123456, "EUR") == "EUR -1234.56"


def test_a_line_is_worth_its_price_less_discounts_plus_tax() -> None:
    order = an_order(discount_minor=1000, tax_minor=999, shipping_minor=500)
    order["lines"][0]["discount_minor"] = 600
    # 8000 and 12000; the discount is shared 400 : 600, the tax 999 by 7600 : 11400 as 399.6 and 599.4
    assert line_values(parse_order(order)) == (7600 + 400, 11400 + 599)


def test_discounts_never_make_a_line_worth_less_than_nothing() -> None:
    order = an_order(discount_minor=99_999)
    order["lines"][0]["discount_minor"] = 9000
    assert line_values(parse_order(order)) == (0, 0)


def test_named_pieces() -> None:
    order = an_order()
    order["lines"][0]["discount_minor"] = 1  # 8599 for two: the odd unit is the later piece's
    assert lines_worth(order) == 20_599
    assert lines_worth(order, [{"id": "l-1", "quantity": 1}]) == 4299
    assert lines_worth(order, [{"id": "l-1", "quantity": 1}, {"id": "l-1", "quantity": 1}]) == 8599
    assert lines_worth(order, [{"id": "l-1", "quantity": 3}]) == Missing(Problem.QUANTITY_EXCEEDS_LINE)
    assert lines_worth(order, [{"id": "l-1"}, {"id": "l-1", "quantity": 1}]) == Missing(Problem.QUANTITY_EXCEEDS_LINE)
    assert lines_worth(order, [{"id": "l-3"}]) == Missing(Problem.UNKNOWN_LINE)


def test_pieces_refunded_before_count_no_more() -> None:
    refund = {"id": "r", "lines": [{"id": "l-1", "quantity": 1}], "payments": [{"id": "pay-1", "amount_minor": 4299}]}
    order = an_order(refunds=[refund])
    order["lines"][0]["discount_minor"] = 1
    assert lines_worth(order, [{"id": "l-1"}]) == 4300
    assert lines_worth(order, [{"id": "l-1", "quantity": 1}]) == 4300
    order["refunds"].append({**refund, "id": "r2"})
    assert lines_worth(order, [{"id": "l-1"}]) == 0
    assert lines_worth(order) == 12_000


def test_paid_minus_refunded_is_the_cap() -> None:
    order = an_order(refunds=[{"id": "r", "payments": [{"id": "pay-1", "amount_minor": 20_000}]}])
    assert refundable_minor(parse_order(order)) == 600
    assert lines_worth(order, [{"id": "l-1"}]) == 600
    order["refunds"].append({"id": "r2", "payments": [{"id": "lost", "amount_minor": 700}]})
    assert refundable_minor(parse_order(order)) == 0
    assert lines_worth(order) == 0


def test_a_sum_too_large_is_an_overflow() -> None:
    order = an_order()
    order["lines"][0].update(quantity=10**6, unit_price_minor=10**15)
    assert lines_worth(order) == Missing(Problem.OVERFLOW)


PAYMENTS = [
    {"id": "gift", "method": "gift_card", "method_id": "m-g", "amount_minor": 3000},
    {"id": "card", "method": "credit_card", "method_id": "m-c", "amount_minor": 5000},
    {"id": "alipay", "method": "alipay", "method_id": "m-a", "amount_minor": 2000},
]


@pytest.mark.parametrize(
    ("amount", "method_id", "refunds", "shares"),
    [
        (0, None, [], []),
        (4000, None, [], [("card", 4000)]),
        (6500, None, [], [("card", 5000), ("alipay", 1500)]),
        (10_000, None, [], [("card", 5000), ("alipay", 2000), ("gift", 3000)]),
        (2500, "m-a", [], [("alipay", 2000), ("card", 500)]),
        (3500, "m-g", [], [("gift", 3000), ("card", 500)]),
        (3500, "m-elsewhere", [], [("card", 3500)]),
        (5000, None, [("card", 4500)], [("card", 500), ("alipay", 2000), ("gift", 2500)]),
        (2000, None, [("card", 6000)], [("alipay", 2000)]),
    ],
)
def test_split_over_payments(
    amount: int, method_id: str | None, refunds: list[tuple[str, int]], shares: list[tuple[str, int]]
) -> None:
    order = parse_order(
        an_order(
            payments=PAYMENTS,
            refunds=[{"id": "r", "payments": [{"id": key, "amount_minor": minor} for key, minor in refunds]}],
        )
    )
    got = split_over_payments(order, amount, method_id=method_id)
    assert [(share.id, share.amount_minor) for share in got] == shares


@pytest.mark.parametrize("amount", [-1, 10_001])
def test_more_than_refundable_is_not_split(amount: int) -> None:
    with pytest.raises(ValueError, match="more than was paid"):
        split_over_payments(parse_order(an_order(payments=PAYMENTS)), amount)

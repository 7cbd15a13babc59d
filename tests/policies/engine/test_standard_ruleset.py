"""The shipped ruleset `standard`, sentence by sentence, on both sides of every boundary."""

from __future__ import annotations

from typing import Any

import pytest
from policy_cases import ago, an_order, delivered, on_the_way, verdict_on, waiting

FAULTS = ("damaged", "wrong_item", "not_as_described")
CHANGES_OF_MIND = ("no_longer_needed", "does_not_fit", "better_price")
LATE = ("never_arrived", "arrived_late")
OTHERS = ("ordered_by_mistake", "missing_item", "other")
STATUSES = (
    "pending", "processing", "shipped", "delivered", "return_requested", "exchange_requested", "returned",
    "cancelled", "closed",
)  # fmt: skip
PHOTO = ["photo"]


# --- any refund above 50,000 minor units: escalate -------------------------------------------------------------------


@pytest.mark.parametrize(("amount", "rule"), [(50_000, "fault-with-photo"), (50_001, "refund-ceiling")])
@pytest.mark.parametrize("reason", FAULTS)
def test_ceiling_is_on_the_amount_asked_for(amount: int, rule: str, reason: str) -> None:
    request = {"action": "refund", "reason": reason, "evidence": PHOTO, "amount_minor": amount}
    verdict = verdict_on(request)
    assert verdict.rule == rule
    assert verdict.outcome == ("allow" if amount == 50_000 else "escalate")
    assert verdict.approver == ("operator" if amount == 50_000 else "admin")


@pytest.mark.parametrize(("price", "outcome"), [(50_000, "allow"), (50_001, "escalate")])
def test_ceiling_is_on_everything_refundable_when_no_amount_was_said(price: int, outcome: str) -> None:
    line = {"id": "l", "product": "p", "variant": "v", "title": "Tent", "quantity": 1, "unit_price_minor": price}
    order = delivered(
        1, lines=[line], shipping_minor=900, payments=[{"id": "a", "method": "alipay", "amount_minor": price + 900}]
    )
    verdict = verdict_on({"action": "refund", "reason": "damaged", "evidence": PHOTO}, order=order)
    assert (verdict.outcome, verdict.amount_minor) == (outcome, price if outcome == "allow" else 0)


def test_ceiling_comes_before_every_other_rule_on_refunds() -> None:
    for reason in (*FAULTS, *CHANGES_OF_MIND, *LATE, *OTHERS):
        verdict = verdict_on({"action": "refund", "reason": reason, "amount_minor": 50_001}, order=delivered(90))
        assert (verdict.outcome, verdict.rule) == ("escalate", "refund-ceiling")


def test_ceiling_concerns_refunds_only() -> None:
    line = {"id": "l", "product": "p", "variant": "v", "title": "Tent", "quantity": 1, "unit_price_minor": 90_000}
    big = {"lines": [line], "payments": [{"id": "a", "method": "alipay", "amount_minor": 90_000}]}
    returned = verdict_on({"action": "return", "reason": "does_not_fit"}, order=delivered(7, **big))
    assert (returned.outcome, returned.amount_minor) == ("allow", 90_000)
    cancelled = verdict_on({"action": "cancel"}, order={**waiting(), **big})
    assert (cancelled.outcome, cancelled.amount_minor) == ("allow", 90_000)


# --- cancel and change_address: allow while pending or processing, else deny -----------------------------------------


@pytest.mark.parametrize("action", ["cancel", "change_address"])
@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("reason", [None, "no_longer_needed", "never_arrived"])
def test_cancel_and_change_of_address(action: str, status: str, reason: str | None) -> None:
    verdict = verdict_on({"action": action, "reason": reason}, order=an_order(status=status))
    assert verdict.outcome == ("allow" if status in ("pending", "processing") else "deny")


def test_cancelling_gives_everything_back_shipping_fee_included() -> None:
    order = {**waiting(), "shipping_minor": 800, "payments": [{"id": "a", "method": "alipay", "amount_minor": 21_400}]}
    verdict = verdict_on({"action": "cancel"}, order=order)
    assert (verdict.amount_minor, [(s.id, s.amount_minor) for s in verdict.payments]) == (21_400, [("a", 21_400)])


def test_cancelling_some_lines_gives_back_those() -> None:
    request = {"action": "cancel", "lines": [{"id": "l-1", "quantity": 1}]}
    assert verdict_on(request, order=waiting()).amount_minor == 4300


def test_cancelling_what_was_not_paid_moves_no_money() -> None:
    verdict = verdict_on({"action": "cancel"}, order={**waiting(), "payments": []})
    assert (verdict.outcome, verdict.amount_minor, verdict.payments) == ("allow", 0, ())


def test_a_change_of_address_moves_no_money() -> None:
    verdict = verdict_on({"action": "change_address"}, order=waiting("processing"))
    assert (verdict.outcome, verdict.amount_minor, verdict.payments) == ("allow", 0, ())


# --- refund for damaged, wrong_item or not_as_described --------------------------------------------------------------


@pytest.mark.parametrize("reason", FAULTS)
@pytest.mark.parametrize(
    ("days", "evidence", "outcome", "amount"),
    [
        (0, PHOTO, "allow", 20_600), (7, PHOTO, "allow", 20_600), (7, ["video", "photo"], "allow", 20_600),
        (0, [], "ask", 0), (7, [], "ask", 0), (7, ["video"], "ask", 0),
        (8, PHOTO, "escalate", 0), (8, [], "escalate", 0), (30, PHOTO, "escalate", 0), (30, [], "escalate", 0),
        (31, PHOTO, "deny", 0), (31, [], "deny", 0), (400, PHOTO, "deny", 0),
    ],
)  # fmt: skip
def test_refund_for_a_fault(reason: str, days: int, evidence: list[str], outcome: str, amount: int) -> None:
    verdict = verdict_on({"action": "refund", "reason": reason, "evidence": evidence}, order=delivered(days))
    assert (verdict.outcome, verdict.amount_minor) == (outcome, amount)
    assert verdict.ask == (("photo",) if outcome == "ask" else ())
    assert verdict.error is None


def test_a_fault_refunds_the_named_lines_in_full() -> None:
    request = {"action": "refund", "reason": "damaged", "evidence": PHOTO, "lines": [{"id": "l-1"}]}
    assert verdict_on(request).amount_minor == 8600
    request["lines"] = [{"id": "l-1", "quantity": 1}, {"id": "l-2"}]
    assert verdict_on(request).amount_minor == 16_300


def test_less_was_asked_for_than_the_lines_are_worth() -> None:
    request = {"action": "refund", "reason": "damaged", "evidence": PHOTO, "amount_minor": 1000}
    assert verdict_on(request).amount_minor == 1000


@pytest.mark.parametrize("order", [waiting(), on_the_way(3), on_the_way(60)])
@pytest.mark.parametrize("evidence", [[], PHOTO])
def test_a_fault_before_delivery_is_for_a_person(order: dict[str, Any], evidence: list[str]) -> None:
    verdict = verdict_on({"action": "refund", "reason": "damaged", "evidence": evidence}, order=order)
    assert (verdict.outcome, verdict.rule, verdict.error) == ("escalate", "fault-not-delivered", None)


@pytest.mark.parametrize("reason", [*CHANGES_OF_MIND, *OTHERS])
@pytest.mark.parametrize("days", [1, 31])
def test_a_refund_for_any_other_reason_is_for_a_person(reason: str, days: int) -> None:
    verdict = verdict_on({"action": "refund", "reason": reason, "evidence": PHOTO}, order=delivered(days))
    assert (verdict.outcome, verdict.rule) == ("escalate", "default")


@pytest.mark.parametrize("days", [1, 8, 31])
def test_a_refund_without_a_reason_is_never_denied(days: int) -> None:
    verdict = verdict_on({"action": "refund", "evidence": PHOTO}, order=delivered(days))
    assert verdict.outcome == "escalate"
    assert verdict.error == "not_given: request.reason"


# --- return for no_longer_needed, does_not_fit or better_price -------------------------------------------------------

MUGS = [{"id": "l-1"}]


@pytest.mark.parametrize("reason", CHANGES_OF_MIND)
@pytest.mark.parametrize(
    ("days", "lines", "outcome", "amount"),
    [
        (0, MUGS, "allow", 8600), (7, MUGS, "allow", 8600), (8, MUGS, "escalate", 0), (15, MUGS, "escalate", 0),
        (16, MUGS, "deny", 0),
        (0, [{"id": "l-2"}], "deny", 0), (7, [{"id": "l-1"}, {"id": "l-2"}], "deny", 0), (7, None, "deny", 0),
        (8, [{"id": "l-2"}], "escalate", 0), (15, None, "escalate", 0), (16, None, "deny", 0),
    ],
)  # fmt: skip
def test_return(reason: str, days: int, lines: list[dict[str, Any]] | None, outcome: str, amount: int) -> None:
    verdict = verdict_on({"action": "return", "reason": reason, "lines": lines}, order=delivered(days))
    assert (verdict.outcome, verdict.amount_minor) == (outcome, amount)


def test_a_final_sale_that_is_not_returned_does_not_matter() -> None:
    verdict = verdict_on({"action": "return", "reason": "better_price", "lines": MUGS})
    assert (verdict.outcome, verdict.rule) == ("allow", "return-in-time")


@pytest.mark.parametrize("order", [waiting(), on_the_way(40)])
def test_a_return_before_delivery_is_for_a_person(order: dict[str, Any]) -> None:
    verdict = verdict_on({"action": "return", "reason": "does_not_fit"}, order=order)
    assert (verdict.outcome, verdict.rule) == ("escalate", "return-not-delivered")


@pytest.mark.parametrize("reason", [*FAULTS, *OTHERS])
@pytest.mark.parametrize("days", [2, 60])
def test_a_return_for_any_other_reason_is_for_a_person(reason: str, days: int) -> None:
    assert verdict_on({"action": "return", "reason": reason}, order=delivered(days)).outcome == "escalate"


# --- exchange --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "to_variant", "quantity", "outcome"),
    [
        (0, "v-blue", 2, "allow"), (15, "v-blue", 1, "allow"), (15, "v-white", 2, "allow"), (16, "v-blue", 1, "deny"),
        (2, "v-red", 1, "deny"), (2, "v-lamp", 1, "deny"), (2, "v-nowhere", 1, "deny"), (16, None, 1, "deny"),
    ],
)  # fmt: skip
def test_exchange(days: int, to_variant: str | None, quantity: int, outcome: str) -> None:
    lines = [{"id": "l-1", "quantity": quantity, "to_variant": to_variant}]
    verdict = verdict_on({"action": "exchange", "lines": lines}, order=delivered(days))
    assert (verdict.outcome, verdict.amount_minor) == (outcome, 0)


def test_one_line_that_cannot_be_exchanged_denies_all() -> None:
    lines = [{"id": "l-1", "to_variant": "v-blue"}, {"id": "l-2", "to_variant": "v-blue"}]
    assert verdict_on({"action": "exchange", "lines": lines}).outcome == "deny"


def test_stock_must_do_for_all_lines_together() -> None:
    mug = an_order()["lines"][0]
    order = an_order(lines=[mug, {**mug, "id": "l-9"}])
    lines = [{"id": "l-1", "quantity": 1, "to_variant": "v-blue"}, {"id": "l-9", "quantity": 1, "to_variant": "v-blue"}]
    assert verdict_on({"action": "exchange", "lines": lines}, order=order).outcome == "allow"
    lines[1]["quantity"] = 2
    assert verdict_on({"action": "exchange", "lines": lines}, order=order).outcome == "deny"


@pytest.mark.parametrize("order", [waiting(), on_the_way(2)])
def test_exchange_before_delivery_is_not_within_fifteen_days_of_it(order: dict[str, Any]) -> None:
    request = {"action": "exchange", "lines": [{"id": "l-1", "to_variant": "v-blue"}]}
    assert verdict_on(request, order=order).outcome == "deny"


@pytest.mark.parametrize("lines", [None, [{"id": "l-1"}]])
def test_exchange_without_a_wanted_variant_is_for_a_person(lines: list[dict[str, Any]] | None) -> None:
    verdict = verdict_on({"action": "exchange", "lines": lines}, order=delivered(3))
    assert verdict.outcome == "escalate"
    assert verdict.error == "not_given: wanted.same_product"


# --- never_arrived or arrived_late -----------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["refund", "return", "resend", "change_items", "change_payment", "place_order"])
@pytest.mark.parametrize("reason", LATE)
def test_not_arrived(action: str, reason: str) -> None:
    request = {"action": action, "reason": reason}
    for order, outcome, rule in (
        (on_the_way(15), "deny", "not-arrived-in-transit"),
        (on_the_way(16), "escalate", "not-arrived-overdue"),
        (delivered(40), "deny", "not-arrived-but-delivered"),
        (waiting(), "deny", "not-arrived-not-shipped"),
    ):
        verdict = verdict_on(request, order=order)
        assert (verdict.outcome, verdict.rule) == (outcome, rule)


def test_a_denied_shopper_is_told_the_state_of_the_shipment() -> None:
    request = {"action": "refund", "reason": "never_arrived"}
    assert verdict_on(request, order=waiting("processing")).reasons.en == (
        "The order has not been shipped yet; its status is: processing."
    )
    assert verdict_on(request).reasons.zh_hans == "记录显示订单已于 2026 年 11 月 15 日签收。"
    assert verdict_on(request, order=on_the_way(5)).reasons.en == (
        "The order was shipped on 15 November 2026 and is on its way; please allow 15 days for delivery."
    )


def test_a_delivery_that_is_only_known_from_the_shipments() -> None:
    shipments = [
        {"shipped_at": ago(20), "delivered_at": ago(18)},
        {"shipped_at": ago(22), "delivered_at": None},
    ]
    order = on_the_way(1, shipped_at=None, shipments=shipments)
    assert verdict_on({"action": "refund", "reason": "never_arrived"}, order=order).outcome == "escalate"
    shipments[1]["delivered_at"] = ago(17)
    assert verdict_on({"action": "refund", "reason": "never_arrived"}, order=order).outcome == "deny"


# --- resend: escalate; anything else: escalate -----------------------------------------------------------------------


@pytest.mark.parametrize("action", ["resend", "change_items", "change_payment", "place_order"])
@pytest.mark.parametrize("reason", [None, *FAULTS, *CHANGES_OF_MIND, *OTHERS])
def test_the_rest_is_for_a_person(action: str, reason: str | None) -> None:
    verdict = verdict_on({"action": action, "reason": reason})
    assert (verdict.outcome, verdict.error) == ("escalate", None)
    assert verdict.rule == ("resend" if action == "resend" else "default")


def test_confirmed_is_ignored() -> None:
    request = {"action": "refund", "reason": "damaged", "evidence": PHOTO}
    assert verdict_on({**request, "confirmed": True}) == verdict_on({**request, "confirmed": False})

"""The shipped ruleset `standard` at its edges: offsets, missing facts, and other people's orders."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from policy_cases import a_shopper, an_order, delivered, verdict_on, waiting

PHOTO = ["photo"]
MUGS = [{"id": "l-1"}]


# --- days are calendar dates in the order's own offset ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("delivered_at", "now", "outcome"),
    [
        ("2026-11-05T00:00:00+08:00", "2026-11-12T23:59:59+08:00", "allow"),  # day 7 to its last second
        ("2026-11-05T23:59:59+08:00", "2026-11-13T00:00:00+08:00", "escalate"),  # day 8, seven days and a second later
        ("2026-11-05T23:30:00+08:00", "2026-11-12T15:59:59+00:00", "allow"),  # now in UTC: still the 12th there
        ("2026-11-05T23:30:00+08:00", "2026-11-12T16:00:00+00:00", "escalate"),  # the 12th in UTC, the 13th there
        ("2026-11-05T16:00:00+00:00", "2026-11-13T12:00:00+08:00", "allow"),  # delivered on the 6th there
        ("2026-11-05T15:59:59+00:00", "2026-11-13T12:00:00+08:00", "escalate"),  # on the 5th there
        (
            "2026-10-31T20:00:00-11:00",
            "2026-11-08T12:00:00+08:00",
            "allow",
        ),  # the 1st there, the 31st where it was read
    ],
)
def test_days_are_counted_in_the_orders_own_offset(delivered_at: str, now: str, outcome: str) -> None:
    order = an_order(placed_at="2026-10-20T10:00:00+08:00", delivered_at=delivered_at)
    request = {"action": "refund", "reason": "damaged", "evidence": PHOTO}
    assert verdict_on(request, order=order, now=datetime.fromisoformat(now)).outcome == outcome


def test_a_western_offset() -> None:
    order = an_order(placed_at="2026-11-01T10:00:00-08:00", delivered_at="2026-11-05T23:00:00-08:00")
    request = {"action": "refund", "reason": "damaged", "evidence": PHOTO}
    for now, outcome in (("2026-11-13T07:59:59+00:00", "allow"), ("2026-11-13T08:00:00+00:00", "escalate")):
        assert verdict_on(request, order=order, now=datetime.fromisoformat(now)).outcome == outcome


# --- what is missing escalates, and never says no --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "order", "error"),
    [
        ({"action": "refund", "reason": "damaged"}, an_order(delivered_at=None), "date_unknown: order.delivered"),
        ({"action": "exchange", "lines": [{"id": "l-1", "to_variant": "v-blue"}]}, an_order(delivered_at=None),
         "date_unknown: order.delivered"),
        ({"action": "resend", "reason": "never_arrived"}, an_order(delivered_at=None), "date_unknown: order.delivered"),
        ({"action": "return", "reason": "does_not_fit"}, delivered(-1), "date_in_future: order.days_since_delivered"),
        ({"action": "refund", "reason": "damaged", "lines": [{"id": "l-7"}]}, an_order(),
         "unknown_line: request.amount_minor"),
        ({"action": "refund", "reason": "damaged", "lines": [{"id": "l-1", "quantity": 3}]}, an_order(),
         "quantity_exceeds_line: request.amount_minor"),
        ({"action": "refund", "reason": "damaged"}, an_order(currency="QQQ"), "unknown_currency: request.amount_minor"),
        ({"action": "cancel"}, {**waiting(), "currency": "QQQ"}, "unknown_currency"),
        ({"action": "refund", "reason": "damaged", "evidence": PHOTO}, an_order(payments=[]), "nothing_refundable"),
        ({"action": "return", "reason": "does_not_fit", "lines": MUGS}, an_order(payments=[]), "nothing_refundable"),
    ],
)  # fmt: skip
def test_named_errors_escalate(request_: dict[str, Any], order: dict[str, Any], error: str) -> None:
    verdict = verdict_on(request_, order=order)
    assert (verdict.outcome, verdict.error, verdict.amount_minor) == ("escalate", error, 0)
    assert verdict.reasons.en == "A colleague will look into this and get back to you."


# --- an order of another shopper -------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["refund", "cancel", "exchange", "resend", "place_order"])
@pytest.mark.parametrize("shopper", [a_shopper(id="s-18"), a_shopper(id="S-17")])
def test_an_order_of_another_shopper_is_denied_and_nothing_is_said_of_it(action: str, shopper: dict[str, Any]) -> None:
    verdicts = [
        verdict_on({"action": action, "reason": "damaged", "evidence": PHOTO}, order=order, shopper=shopper)
        for order in (an_order(), waiting(), an_order(currency="EUR"), delivered(90))
    ]
    assert {verdict.outcome for verdict in verdicts} == {"deny"}
    assert all(verdict.to_dict() == verdicts[0].to_dict() for verdict in verdicts)
    assert verdicts[0].to_dict()["trace"] == [
        {
            "rule": "ownership",
            "matched": True,
            "because": {"en": "the order is not the shopper's", "zh-hans": "订单不属于该顾客"},
        }
    ]
    assert (verdicts[0].currency, verdicts[0].amount_minor, verdicts[0].facts_seen()) == (None, 0, {})

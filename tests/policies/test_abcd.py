"""Guidelines of another public data set as rules of ours, as far as they are rules (docs/policies-of-others.md)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cs_portal.policies.engine import Ruleset, decide
from cs_portal.policies.engine.analysis import Kind, analyse

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ADDRESS = {"line1": "1 Way", "city": "X"}
RULES = Ruleset.from_dict(json.loads(Path("bench/abcd/ruleset.json").read_text("utf-8")))


def answer(level: str, *, days: int, status: str = "delivered", **request: Any) -> tuple[str, str, int]:
    """(outcome, rule, amount) for an order of 80 dollars placed `days` ago by a shopper of that level."""
    placed = (NOW - timedelta(days=days)).isoformat()
    order = {
        "number": "1", "shopper": "s", "currency": "USD", "status": status, "placed_at": placed,
        "shipped_at": None if status == "pending" else placed,
        "lines": [{"id": "l", "product": "p", "variant": "v", "title": "Jeans", "quantity": 1,
                   "unit_price_minor": 8000}],
        "payments": [{"id": "pay", "method_id": "m", "method": "credit_card", "amount_minor": 8000}],
    }  # fmt: skip
    shopper = {"id": "s", "tags": [level] if level else []}
    verdict = decide(RULES, order=order, shopper=shopper, products=[], request=request, now=NOW)
    return verdict.outcome, verdict.rule, verdict.amount_minor


@pytest.mark.parametrize(
    ("level", "days", "evidence", "outcome", "rule"),
    [
        ("gold", 2000, [], "allow", "return-gold"),
        ("silver", 183, [], "allow", "return-silver"),
        ("silver", 184, [], "ask", "return-proof"),
        ("silver", 184, ["original_packaging"], "allow", "return-packaging"),
        ("bronze", 90, [], "allow", "return-bronze"),
        ("bronze", 91, ["receipt"], "allow", "return-receipt"),
        ("bronze", 91, ["none"], "deny", "return-nothing-left"),
        ("", 30, [], "allow", "return-guest"),
        ("", 31, [], "ask", "return-guest-proof"),
        ("", 31, ["receipt"], "allow", "return-receipt"),
        ("", 31, ["original_packaging"], "ask", "return-guest-proof"),
        ("", 31, ["original_packaging", "none"], "deny", "return-nothing-left"),
    ],
)
def test_returns_by_membership(level: str, days: int, evidence: list[str], outcome: str, rule: str) -> None:
    got = answer(level, days=days, action="return", reason="does_not_fit", evidence=evidence, address=ADDRESS)
    assert got == (outcome, rule, 8000 if outcome == "allow" else 0)
    assert answer(level, days=days, action="return", evidence=evidence)[1] == "return-address"


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({}, ("ask", "refund-why", 0)),
        ({"reason": "damaged"}, ("ask", "refund-how", 0)),
        ({"reason": "damaged", "payment_method": "m"}, ("allow", "refund-usual", 5000)),
        ({"reason": "damaged", "payment_method": "m", "amount_minor": 3000}, ("allow", "refund-asked", 3000)),
    ],
)
def test_refunds(request_: dict[str, Any], expected: tuple[str, str, int]) -> None:
    assert answer("gold", days=3, action="refund", **request_) == expected


def test_cancelling_and_sending_again() -> None:
    assert answer("", days=1, status="pending", action="cancel") == ("allow", "cancel-received", 8000)
    assert answer("bronze", days=1, status="shipped", action="cancel") == ("allow", "cancel-member", 8000)
    assert answer("", days=1, status="shipped", action="cancel") == ("deny", "cancel-guest", 0)
    assert answer("", days=6, action="resend") == ("deny", "resend-wait", 0)
    assert answer("", days=7, action="resend") == ("ask", "resend-address", 0)
    assert answer("", days=7, action="resend", address=ADDRESS) == ("allow", "resend", 0)


def test_nothing_in_them_is_dead() -> None:
    kinds = {item.kind for item in analyse(RULES)}
    assert kinds <= {Kind.GAP, Kind.NO_RULES}

"""Canonical JSON for tests: one order of three lines that each test changes where it matters."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cs_portal.policies.engine import Ruleset, Verdict, decide, load_shipped

NOW = datetime.fromisoformat("2026-11-20T12:00:00+08:00")


def an_order(**changes: Any) -> dict[str, Any]:
    """Delivered on 2026-11-15, five days before `NOW`: mugs 2 x 43.00, a lamp 120.00 (final sale), 206.00 paid."""
    return {
        "number": "10533",
        "shopper": "s-17",
        "currency": "CNY",
        "status": "delivered",
        "placed_at": "2026-11-01T10:00:00+08:00",
        "paid_at": "2026-11-01T10:05:00+08:00",
        "shipped_at": "2026-11-03T09:00:00+08:00",
        "delivered_at": "2026-11-15T18:00:00+08:00",
        "lines": [
            {"id": "l-1", "product": "p-mug", "variant": "v-white", "title": "Mug", "quantity": 2,
             "unit_price_minor": 4300},
            {"id": "l-2", "product": "p-lamp", "variant": "v-lamp", "title": "Lamp", "quantity": 1,
             "unit_price_minor": 12000, "final_sale": True, "tags": ["fragile"]},
        ],
        "payments": [{"id": "pay-1", "method_id": "m-1", "method": "wechat_pay", "amount_minor": 20600}],
        **changes,
    }  # fmt: skip


def ago(days: int) -> str:
    return (NOW - timedelta(days=days)).isoformat()


def delivered(days: int, **changes: Any) -> dict[str, Any]:
    """Delivered `days` days before `NOW`."""
    return an_order(placed_at=ago(days + 9), paid_at=None, shipped_at=ago(days + 5), delivered_at=ago(days), **changes)


def on_the_way(days: int, **changes: Any) -> dict[str, Any]:
    """Shipped `days` days before `NOW`, not delivered."""
    return an_order(
        **{"status": "shipped", "placed_at": ago(days + 1), "shipped_at": ago(days), "delivered_at": None, **changes}
    )


def waiting(status: str = "pending") -> dict[str, Any]:
    return an_order(status=status, shipped_at=None, delivered_at=None)


def a_shopper(**changes: Any) -> dict[str, Any]:
    return {
        "id": "s-17",
        "payment_methods": [
            {"id": "m-1", "method": "wechat_pay"},
            {"id": "m-2", "method": "gift_card", "balance_minor": 5000},
        ],
        **changes,
    }


def products() -> list[dict[str, Any]]:
    return [
        {"id": "p-mug", "title": {"en": "Mug", "zh-hans": "马克杯"}, "category": "kitchen", "tags": ["gift"],
         "variants": [
            {"id": "v-white", "price_minor": 4300, "currency": "CNY", "stock": 4},
            {"id": "v-blue", "price_minor": 4900, "currency": "CNY", "stock": 2},
            {"id": "v-red", "price_minor": 4000, "currency": "CNY", "stock": 0},
        ]},
        {"id": "p-lamp", "title": {"en": "Lamp"}, "category": "home", "consumable": True, "variants": [
            {"id": "v-lamp", "price_minor": 12000, "currency": "CNY", "stock": 9},
        ]},
    ]  # fmt: skip


def verdict_on(
    request: dict[str, Any],
    *,
    order: dict[str, Any] | None = None,
    shopper: dict[str, Any] | None = None,
    ruleset: Ruleset | None = None,
    now: datetime = NOW,
) -> Verdict:
    """The verdict on the usual case, under `standard` unless told otherwise."""
    return decide(
        ruleset or load_shipped("standard"),
        order=an_order() if order is None else order,
        shopper=a_shopper() if shopper is None else shopper,
        products=products(),
        request=request,
        now=now,
    )


def a_ruleset(*rules: dict[str, Any], default: str = "escalate") -> Ruleset:
    return Ruleset.from_dict(
        {"name": "trial", "version": 3, "rules": list(rules), "default": {"outcome": default, "reasons": texts()}}
    )


def a_rule(identity: str, when: dict[str, Any] | None = None, outcome: str = "deny", **then: Any) -> dict[str, Any]:
    """A rule for any action."""
    rule = {"id": identity, "actions": "any", "then": {"outcome": outcome, "reasons": texts(), **then}}
    return rule if when is None else {**rule, "when": when}


def texts() -> dict[str, str]:
    return {"en": "so it is", "zh-hans": "就是这样"}

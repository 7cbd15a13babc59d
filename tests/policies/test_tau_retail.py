"""A written policy as rules of ours: on shops drawn at random, the rules say what the policy's text says."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.tau_retail import portal
from bench.tau_retail.elsewhere import elsewhere
from bench.tau_retail.oracle import answer
from bench.tau_retail.outcomes import come_out, state
from bench.tau_retail.replaying import replayed, request_of, told
from bench.tau_retail.requests import TOOLS, cases, with_some_acted_upon
from bench.tau_retail.shop import minor
from cs_portal.core.tenancy import scope
from cs_portal.learning.evaluation.policies import read_cases
from cs_portal.merchants.models import Member, Role
from cs_portal.policies.engine import Ruleset, decide
from tests.factories import make_member, make_merchant

RULESET = Path("bench/tau_retail/ruleset.json")
cents = st.integers(1, 9000).map(lambda amount: amount / 100)


@st.composite
def shops(draw: st.DrawFn) -> dict[str, Any]:
    """A few users, products and orders in the shape of the public shop."""
    products = {
        f"p{p}": {
            "name": "Thing", "product_id": f"p{p}",
            "variants": {
                f"i{p}{v}": {"item_id": f"i{p}{v}", "options": {"size": str(v)}, "available": draw(st.booleans()),
                             "price": draw(cents)}
                for v in range(draw(st.integers(1, 3)))
            },
        }
        for p in range(2)
    }  # fmt: skip
    address = {"address1": "1 Way", "address2": "", "city": "X", "country": "USA", "state": "CA", "zip": "1"}
    users = {
        f"u{u}": {
            "user_id": f"u{u}", "name": {"first_name": "A", "last_name": "B"}, "email": "a@b.example",
            "address": address,
            "payment_methods": {
                f"m{u}0": {"source": "gift_card", "id": f"m{u}0", "balance": draw(cents)},
                f"m{u}1": {"source": draw(st.sampled_from(["paypal", "credit_card"])), "id": f"m{u}1"},
                f"m{u}2": {"source": "gift_card", "id": f"m{u}2", "balance": draw(cents)},
            },
        }
        for u in range(2)
    }  # fmt: skip
    orders = {f"#W{n}": draw(_orders(f"#W{n}", products, users)) for n in range(4)}
    return {"products": products, "users": users, "orders": orders}


@st.composite
def _orders(draw: st.DrawFn, number: str, products: Any, users: Any) -> dict[str, Any]:
    user = draw(st.sampled_from(sorted(users)))
    items = []
    for _ in range(draw(st.integers(1, 3))):
        product = products[draw(st.sampled_from(sorted(products)))]
        variant = product["variants"][draw(st.sampled_from(sorted(product["variants"])))]
        items.append({"name": product["name"], "product_id": product["product_id"], "item_id": variant["item_id"],
                      "price": draw(cents), "options": variant["options"]})  # fmt: skip
    total = sum(minor(item["price"]) for item in items) / 100
    method = draw(st.sampled_from(sorted(users[user]["payment_methods"])))
    return {
        "order_id": number, "user_id": user, "address": users[user]["address"], "items": items,
        "status": draw(st.sampled_from(["pending", "pending", "delivered", "delivered", "processed", "cancelled"])),
        "fulfillments": [],
        "payment_history": [{"transaction_type": "payment", "amount": total, "payment_method_id": method}],
    }  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(shops(), st.integers(0, 10**6), st.booleans())
def test_the_rules_say_what_the_policy_says(shop: dict[str, Any], seed: int, moved: bool) -> None:
    ruleset = Ruleset.from_dict(json.loads(RULESET.read_text("utf-8")))
    shop = with_some_acted_upon(elsewhere(shop, seed) if moved else shop, seed)
    drawn = list(cases(shop, seed))
    assert len(drawn) == len(shop["orders"]) * len(TOOLS)
    for case in drawn:
        documents = {key: case[key] for key in ("order", "shopper", "products", "request")}
        verdict = decide(ruleset, now=datetime.fromisoformat(case["now"]), **documents)
        got = {"outcome": verdict.outcome}
        if verdict.outcome == "allow":
            got["amount_minor"] = verdict.amount_minor
        assert got == case["expected"], (case["id"], verdict.rule)


SHOP: dict[str, Any] = {
    "products": {
        "p": {"name": "Mug", "product_id": "p", "variants": {
            "old": {"item_id": "old", "options": {}, "available": True, "price": 10.0},
            "new": {"item_id": "new", "options": {}, "available": True, "price": 12.5},
            "gone": {"item_id": "gone", "options": {}, "available": False, "price": 1.0},
        }},
        "q": {"name": "Cup", "product_id": "q", "variants": {
            "cup": {"item_id": "cup", "options": {}, "available": True, "price": 1.0}}},
    },
    "users": {
        "u": {"user_id": "u", "payment_methods": {
            "card": {"source": "credit_card", "id": "card"},
            "poor": {"source": "gift_card", "id": "poor", "balance": 2.49},
            "rich": {"source": "gift_card", "id": "rich", "balance": 10.0},
        }},
    },
    "orders": {
        status: {"order_id": status, "user_id": "u", "status": status,
                 "items": [{"product_id": "p", "item_id": "old", "price": 10.0}],
                 "payment_history": [{"transaction_type": "payment", "amount": 10.0, "payment_method_id": "card"}]}
        for status in ("pending", "pending (items modifed)", "processed", "delivered", "cancelled")
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("tool", "order", "arguments", "expected"),
    [
        ("cancel_pending_order", "pending", {"reason": "no longer needed"}, "allow"),
        ("cancel_pending_order", "pending", {"reason": "too dear"}, "deny"),
        ("cancel_pending_order", "pending", {"reason": None}, "ask"),
        ("cancel_pending_order", "pending (items modifed)", {"reason": "no longer needed"}, "deny"),
        ("cancel_pending_order", "processed", {"reason": "no longer needed"}, "deny"),
        ("modify_pending_order_payment", "pending", {"payment_method_id": "card"}, "deny"),
        ("modify_pending_order_payment", "pending", {"payment_method_id": "poor"}, "deny"),
        ("modify_pending_order_payment", "pending", {"payment_method_id": "rich"}, "allow"),
        ("modify_pending_order_payment", "pending", {"payment_method_id": "else"}, "deny"),
        ("modify_pending_order_items", "pending", {"payment_method_id": "card", "swaps": [(0, "new")]}, "allow"),
        ("modify_pending_order_items", "pending", {"payment_method_id": "poor", "swaps": [(0, "new")]}, "deny"),
        ("modify_pending_order_items", "pending", {"payment_method_id": "card", "swaps": [(0, "old")]}, "deny"),
        ("modify_pending_order_items", "pending", {"payment_method_id": "card", "swaps": [(0, "gone")]}, "deny"),
        ("modify_pending_order_items", "pending", {"payment_method_id": "card", "swaps": [(0, "cup")]}, "deny"),
        ("exchange_delivered_order_items", "delivered", {"payment_method_id": "rich", "swaps": [(0, "new")]}, "allow"),
        ("exchange_delivered_order_items", "pending", {"payment_method_id": "rich", "swaps": [(0, "new")]}, "deny"),
        ("return_delivered_order_items", "delivered", {"payment_method_id": "poor", "items": [0]}, "allow"),
        ("return_delivered_order_items", "delivered", {"payment_method_id": "else", "items": [0]}, "deny"),
        ("return_delivered_order_items", "pending", {"payment_method_id": "card", "items": [0]}, "deny"),
    ],
)
def test_the_oracle_reads_the_policy(tool: str, order: str, arguments: dict[str, Any], expected: str) -> None:
    request = {"name": tool, "user_id": "u", "order_id": order, "confirmed": True, **arguments}
    assert answer(SHOP, request)[0] == expected
    assert answer(SHOP, {**request, "user_id": "somebody"})[0] == "deny"
    unconfirmed = answer(SHOP, {**request, "confirmed": False})[0]
    assert unconfirmed == ("ask" if expected == "allow" else expected)


def a_whole_shop() -> dict[str, Any]:
    shop = {**SHOP, "users": {"u": {**SHOP["users"]["u"], "name": {"first_name": "A", "last_name": "B"},
                                    "email": "a@b.example", "address": _ADDRESS}}}  # fmt: skip
    shop["orders"] = {
        key: {**order, "fulfillments": [], "address": _ADDRESS,
              "items": [{**order["items"][0], "name": "Mug", "options": {}}]}
        for key, order in SHOP["orders"].items()
    }  # fmt: skip
    return shop


def call(name: str, order: str, **arguments: Any) -> dict[str, Any]:
    return {"name": name, "arguments": {"order_id": order, **arguments}}


SWAP = {"item_ids": ["old"], "new_item_ids": ["new"], "payment_method_id": "rich"}


@pytest.fixture
def owner(db: None) -> Iterator[Member]:
    """The owner of a copy of the shop in this database, imported with its rules."""
    merchant = make_merchant("tau", timezone="America/New_York")
    member = make_member(merchant, Role.OWNER)
    with scope(merchant=merchant):
        portal.load(a_whole_shop(), json.loads(RULESET.read_text("utf-8")), by=member)
        yield member


def test_an_imported_order_is_that_of_the_shop(owner: Member) -> None:
    shop = a_whole_shop()
    for number in shop["orders"]:
        assert portal.state(number) == state(shop, number)


def test_recorded_actions_are_carried_out_one_on_the_other(owner: Member) -> None:
    again = {"item_ids": ["new"], "new_item_ids": ["old"], "payment_method_id": "card"}
    tasks = [
        {"user_id": "u", "actions": [
            call("modify_pending_order_payment", "pending", payment_method_id="rich"),
            call("modify_pending_order_items", "pending", **SWAP),
            call("modify_pending_order_items", "pending", **again),
            call("cancel_pending_order", "pending", reason="no longer needed"),
            call("get_order_details", "pending"),
        ]},
        {"user_id": "u", "actions": [
            call("exchange_delivered_order_items", "delivered", **{**SWAP, "item_ids": ["cup"]}),
            call("exchange_delivered_order_items", "delivered", **SWAP),
            call("return_delivered_order_items", "delivered", item_ids=["old"], payment_method_id="card"),
            call("modify_pending_order_items", "pending", **SWAP),
        ]},
    ]  # fmt: skip
    rows = list(replayed(a_whole_shop(), tasks, by=owner))
    assert [(row["ours"], row["rule"]) for row in rows] == [
        ("allow", "change"),
        ("deny", "difference-not-covered"),  # the card was charged with the order before
        ("deny", ""),  # the order holds no such item
        ("allow", "cancel"),
        ("deny", ""),
        ("allow", "exchange"),
        ("deny", "not-delivered"),
        ("allow", "change"),
    ]
    assert all(row["ours"] == row["policy"] and not row["differs"] for row in rows)
    # Every task began with the shop as published.
    assert portal.state("pending") == state(a_whole_shop(), "pending")
    assert "4 that it forbids" in told(rows, len(tasks))


@pytest.mark.parametrize(
    ("action", "found"),
    [
        (call("cancel_pending_order", "pending", reason="no longer needed"), {"status": "cancelled", "paid": {}}),
        (
            call("modify_pending_order_address", "pending", address1="2 Way", address2="Flat 3", city="Y", state="NY",
                 country="USA", zip="2"),
            {"address": {"address1": "2 Way", "address2": "Flat 3", "city": "Y", "state": "NY", "country": "USA",
                         "zip": "2"}},
        ),
        (
            call("modify_pending_order_payment", "pending", payment_method_id="rich"),
            {"paid": {"rich": 1000}, "cards": {"poor": 249, "rich": 0}},
        ),
        (
            call("modify_pending_order_items", "pending", **SWAP),
            {"status": "pending (items modifed)", "items": [("new", 1250)], "paid": {"card": 1000, "rich": 250},
             "cards": {"poor": 249, "rich": 750}},
        ),
        (
            call("return_delivered_order_items", "delivered", item_ids=["old"], payment_method_id="poor"),
            {"status": "return requested", "owed": {"poor": 1000}, "returned": ["old"]},
        ),
        (
            call("exchange_delivered_order_items", "delivered", **SWAP),
            {"status": "exchange requested", "swapped": [("old", "new")], "paid": {"card": 1000, "rich": 250},
             "cards": {"poor": 249, "rich": 750}},
        ),
    ],
)  # fmt: skip
def test_what_comes_out_is_what_the_policy_says(owner: Member, action: dict[str, Any], found: dict[str, Any]) -> None:
    shop = a_whole_shop()
    request = request_of(shop, "u", action)
    assert request is not None
    before = portal.state(request["order_id"])
    assert portal.act(request, by=owner)[0] == "allow"
    assert portal.state(request["order_id"]) == {**before, **found}
    copied = copy.deepcopy(shop)
    come_out(copied, request)
    assert state(copied, request["order_id"]) == {**before, **found}


def test_cases_are_what_the_command_reads(tmp_path: Path) -> None:
    shop = a_whole_shop()
    path = tmp_path / "cases.jsonl"
    path.write_text("".join(json.dumps(case) + "\n" for case in cases(shop, 3)))
    assert len(read_cases(path)) == len(shop["orders"]) * len(TOOLS)


_ADDRESS = {"address1": "1 Way", "address2": "", "city": "X", "country": "USA", "state": "CA", "zip": "1"}

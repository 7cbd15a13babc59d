"""Recorded actions carried out, each held against what the policy's text says (see `recorded.py`)."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction

from bench.tau_retail import portal
from bench.tau_retail.oracle import answer
from bench.tau_retail.outcomes import come_out, state
from bench.tau_retail.requests import TOOLS
from cs_portal.merchants.models import Member

Shop = dict[str, Any]


def request_of(shop: Shop, user_id: str, action: Mapping[str, Any]) -> dict[str, Any] | None:
    """The recorded call as a request of `oracle.py`; None for a call that is no decision on an order."""
    name, arguments = action["name"], action["arguments"]
    if name not in TOOLS:
        return None
    request = {"name": name, "user_id": user_id, "order_id": arguments["order_id"], "confirmed": True}
    request |= {key: arguments[key] for key in ("reason", "payment_method_id") if key in arguments}
    if name == "modify_pending_order_address":
        keys = ("address1", "address2", "city", "state", "country", "zip")
        request["address"] = {key: arguments[key] for key in keys}
    if "item_ids" in arguments:
        places = _places(shop["orders"][arguments["order_id"]], arguments["item_ids"])
        if "new_item_ids" in arguments:
            request["swaps"] = list(zip(places, arguments["new_item_ids"], strict=True))
        else:
            request["items"] = places
    return request


def _places(order: Mapping[str, Any], item_ids: list[str]) -> list[int]:
    """Which items of the order are meant; one named twice means two of its kind. -1: the order has none."""
    free = [item["item_id"] for item in order["items"]]
    places = []
    for item_id in item_ids:
        place = free.index(item_id) if item_id in free else -1
        if place >= 0:
            free[place] = ""
        places.append(place)
    return places


def replayed(shop: Shop, tasks: Sequence[Any], *, by: Member) -> Iterator[dict[str, Any]]:
    """Every recorded action: what our rules and the policy's text say of it, and where the order differs afterwards.

    Each task is a transaction that is rolled back, so that the next one begins with the shop as published.
    """
    for number, task in enumerate(tasks):
        with transaction.atomic():
            yield from _task(shop, number, task, by)
            transaction.set_rollback(True)


def _task(shop: Shop, number: int, task: Mapping[str, Any], by: Member) -> Iterator[dict[str, Any]]:
    copied = _copy_of(shop, task)
    for action in task["actions"]:
        request = request_of(copied, task["user_id"], action)
        if request is None:
            continue
        row = {"task": number, "tool": request["name"], "order": request["order_id"], "differs": {}}
        if any(place < 0 for place in [*request.get("items", ()), *(p for p, _new in request.get("swaps", ()))]):
            yield {**row, "ours": "deny", "policy": "deny", "rule": "", "because": "the order has no such item"}
            continue
        outcome, _dollars = answer(copied, request)
        ours, rule, because = portal.act(request, by=by)
        if outcome == "allow":
            come_out(copied, request)
        expected, found = state(copied, row["order"]), portal.state(row["order"])
        differs = {key: (expected[key], found[key]) for key in expected if expected[key] != found[key]}
        yield {**row, "ours": ours, "policy": outcome, "rule": rule, "because": because, "differs": differs}


def _copy_of(shop: Shop, task: Mapping[str, Any]) -> Shop:
    """The shop with its own copies of what the task may change."""
    named = {action["arguments"].get("order_id") for action in task["actions"]} & shop["orders"].keys()
    owners = {shop["orders"][key]["user_id"] for key in named}
    return {
        **shop,
        "orders": {**shop["orders"], **{key: copy.deepcopy(shop["orders"][key]) for key in named}},
        "users": {**shop["users"], **{key: copy.deepcopy(shop["users"][key]) for key in owners}},
    }


def told(rows: Sequence[Mapping[str, Any]], tasks: int) -> str:
    """Every action that the policy forbids and why, every order that came out otherwise, and the figures."""
    forbidden = [row for row in rows if row["policy"] != "allow"]
    wrong = [row for row in rows if row["ours"] != row["policy"]]
    other = [row for row in rows if row["differs"]]
    lines = ["Forbidden by the policy:"]
    lines += [f"{_place(row)}  {row['rule'] or '-':22}  {row['because']}" for row in forbidden]
    lines += ["Decided otherwise than by the policy:"]
    lines += [f"{_place(row)}  policy {row['policy']}, ours {row['ours']}: {row['because']}" for row in wrong]
    lines += ["Came out otherwise than the policy says:"]
    lines += [
        f"{_place(row)}  {key}: policy {expected}, ours {found}"
        for row in other
        for key, (expected, found) in row["differs"].items()
    ]
    lines += [
        f"{len(rows)} recorded actions of {tasks} tasks; {len(rows) - len(forbidden)} that the policy allows, "
        f"{len(forbidden)} that it forbids ({dict(Counter(row['rule'] for row in forbidden))}); "
        f"decided otherwise: {len(wrong)}; orders that came out otherwise: {len(other)}"
    ]
    return "\n".join(lines)


def _place(row: Mapping[str, Any]) -> str:
    return f"task {row['task']:3}  {row['order']}  {row['tool']:32}"

"""An order as it was at some time in the past, and the rules' verdict on it then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from cs_portal.policies.engine import Ruleset, decide
from cs_portal.policies.engine.shipped import load_shipped

Document = dict[str, Any]
#: Historical orders are taken up by the warehouse this long after they were placed.
PENDING = timedelta(hours=7)
CLOSED = timedelta(days=30)
RULESET = "standard"


def moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def as_of(document: Mapping[str, Any], at: datetime) -> Document:
    """The canonical order as one saw it at ``at``: what happened later has not happened."""

    def then(text: str | None) -> str | None:
        return text if text is not None and datetime.fromisoformat(text) <= at else None

    past: Document = {
        **document,
        **{key: then(document[key]) for key in ("paid_at", "shipped_at", "delivered_at", "cancelled_at")},
        "payments": [{**payment, "captured_at": then(payment["captured_at"])} for payment in document["payments"]],
        "refunds": [
            {key: value for key, value in refund.items() if key != "key"}
            for refund in document["refunds"]
            if then(refund["created_at"])
        ],
        "shipments": [
            {**parcel, "delivered_at": then(parcel["delivered_at"])}
            for parcel in document["shipments"]
            if then(parcel["shipped_at"])
        ],
    }
    past.pop("version", None)
    past["status"] = _status(past, document, at)
    return past


def _status(past: Mapping[str, Any], document: Mapping[str, Any], at: datetime) -> str:
    if past["cancelled_at"]:
        return "cancelled"
    delivered = moment(past["delivered_at"])
    if delivered is not None:
        # Whether somebody asked for a return meanwhile is for the conversation to say.
        return "closed" if document["status"] == "closed" and at > delivered + CLOSED else "delivered"
    if past["shipped_at"]:
        return "shipped"
    if document["status"] in {"pending", "processing"}:
        return str(document["status"])
    return "pending" if at < datetime.fromisoformat(document["placed_at"]) + PENDING else "processing"


def decided(
    order: Document, request: Mapping[str, Any], products: Mapping[str, Mapping[str, Any]], *, now: datetime
) -> dict[str, Any]:
    """The live rules' verdict, with the facts that they look at. For them a payment is one that was captured."""
    wanted = {line["product"] for line in order["lines"]}
    verdict = decide(
        _ruleset(),
        order={**order, "payments": [payment for payment in order["payments"] if payment["captured_at"]]},
        shopper={"id": order["shopper"]},
        products=[products[product] for product in wanted if product in products],
        request=request,
        now=now,
    )
    return {**verdict.to_dict(), "ruleset": RULESET, "version": 1}


@cache
def _ruleset() -> Ruleset:
    return load_shipped(RULESET)


def paid_minor(order: Mapping[str, Any]) -> int:
    return sum(payment["amount_minor"] for payment in order["payments"] if payment["captured_at"])


def refunded_minor(order: Mapping[str, Any]) -> int:
    return sum(share["amount_minor"] for refund in order["refunds"] for share in refund["payments"])


def shares(order: Mapping[str, Any], amount_minor: int) -> list[dict[str, Any]]:
    """``amount_minor`` split over the payments that still hold money, the first one first."""
    back: dict[str, int] = {}
    for refund in order["refunds"]:
        for share in refund["payments"]:
            back[share["id"]] = back.get(share["id"], 0) + share["amount_minor"]
    parts = []
    for payment in order["payments"]:
        held = payment["amount_minor"] - back.get(payment["id"], 0) if payment["captured_at"] else 0
        part = min(amount_minor, held)
        if part > 0:
            parts.append({"id": payment["id"], "amount_minor": part})
            amount_minor -= part
    return parts

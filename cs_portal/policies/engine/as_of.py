"""An order as it stood at an earlier moment, so that past requests can be decided anew.

Taken back are the times after the moment, refunds made after it, and the status as far as the times tell it. What
leaves no time behind (a note, an address, a line changed later) stays as it is now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from .documents import Order, Shipment

_AFTER_DELIVERY = frozenset({"return_requested", "exchange_requested", "returned", "closed"})


def order_as_of(order: Mapping[str, Any], moment: datetime) -> dict[str, Any]:
    """The canonical order as it was at ``moment`` (aware)."""
    earlier = dict(order)
    later = {key for key in ("paid_at", "shipped_at", "delivered_at", "cancelled_at") if _after(order.get(key), moment)}
    for key in later:
        earlier[key] = None
    earlier["refunds"] = [
        refund for refund in order.get("refunds") or () if not _after(refund.get("created_at"), moment)
    ]
    earlier["shipments"] = [
        {
            **shipment,
            **{key: None for key in ("shipped_at", "delivered_at") if _after(shipment.get(key), moment)},
        }
        for shipment in order.get("shipments") or ()
    ]
    earlier["status"] = _status(earlier, order, later)
    return earlier


def _status(earlier: Mapping[str, Any], order: Mapping[str, Any], later: set[str]) -> str:
    status = str(order["status"])
    if not later:
        refunded_since = len(earlier["refunds"]) < len(order.get("refunds") or ())
        return "delivered" if refunded_since and status in _AFTER_DELIVERY else status
    return _status_by_times(earlier.get("paid_at"), earlier.get("shipped_at"), earlier.get("delivered_at"))


def _after(value: object, moment: datetime) -> bool:
    if not isinstance(value, str):
        return False
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return False
    return at.utcoffset() is not None and at > moment


def order_at(order: Order, moment: datetime) -> Order:
    """`order_as_of` for an order that was read already: the same order, where nothing of it is later."""
    times = (order.paid_at, order.shipped_at, order.delivered_at, order.cancelled_at)
    paid, shipped, delivered, cancelled = (at is not None and at > moment for at in times)
    refunds = order.refunds
    if any(refund.created_at is not None and refund.created_at > moment for refund in refunds):
        refunds = tuple(r for r in refunds if r.created_at is None or r.created_at <= moment)
    shipments = tuple([_shipment_at(shipment, moment) for shipment in order.shipments])
    if not (paid or shipped or delivered or cancelled):
        if refunds is order.refunds and shipments == order.shipments:
            return order
        undone = refunds is not order.refunds and order.status in _AFTER_DELIVERY
        return replace(order, refunds=refunds, shipments=shipments, status="delivered" if undone else order.status)
    earlier = replace(
        order,
        paid_at=None if paid else order.paid_at,
        shipped_at=None if shipped else order.shipped_at,
        delivered_at=None if delivered else order.delivered_at,
        cancelled_at=None if cancelled else order.cancelled_at,
        refunds=refunds,
        shipments=shipments,
    )
    return replace(earlier, status=_status_by_times(earlier.paid_at, earlier.shipped_at, earlier.delivered_at))


def _shipment_at(shipment: Shipment, moment: datetime) -> Shipment:
    shipped = shipment.shipped_at is not None and shipment.shipped_at > moment
    delivered = shipment.delivered_at is not None and shipment.delivered_at > moment
    if not (shipped or delivered):
        return shipment
    return replace(
        shipment,
        shipped_at=None if shipped else shipment.shipped_at,
        delivered_at=None if delivered else shipment.delivered_at,
    )


def _status_by_times(paid_at: object, shipped_at: object, delivered_at: object) -> str:
    """How far an order was when something that its status may tell of had not happened yet."""
    if delivered_at:
        return "delivered"
    if shipped_at:
        return "shipped"
    return "processing" if paid_at else "pending"

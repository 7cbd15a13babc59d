"""Writing an order's history: what an action did, and what the rows of the shop tell that is not told yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from cs_portal.commerce.models import Happened, Order, OrderEvent, OrderStatus, Source

BATCH = 500
#: Kinds that happen to an order once.
_ONCE = {Happened.PLACED, Happened.DELIVERED, Happened.CANCELLED}


@dataclass(frozen=True, slots=True)
class Provenance:
    """By whom or what something happens, under which rule, from which draft and action. ``by`` is a public id."""

    source: str
    by: str = ""
    rules: UUID | None = None
    rules_version: int | None = None
    rule: str = ""
    draft: UUID | None = None
    action: UUID | None = None


PORTAL = Provenance(Source.SYSTEM)
SHOP = Provenance(Source.SHOP)


@dataclass(frozen=True, slots=True)
class _Known:
    """A moment that an order's rows tell of."""

    kind: Happened
    at: datetime
    data: Mapping[str, Any]
    status: str = ""

    @property
    def identity(self) -> tuple[str, str]:
        return _identity(self.kind, self.at, self.data)


def record(
    order: Order,
    kind: Happened,
    *,
    version: int,
    now: datetime,
    provenance: Provenance,
    before: str = "",
    after: str = "",
    data: Mapping[str, Any] | None = None,
) -> OrderEvent:
    """Append what just happened, in the caller's transaction. ``data`` holds ids and amounts, never text."""
    return OrderEvent.objects.create(
        order=order,
        kind=kind,
        at=now,
        recorded_at=now,
        source=provenance.source,
        by=provenance.by,
        status_before=before,
        status_after=after,
        version=version,
        rules=provenance.rules,
        rules_version=provenance.rules_version,
        rule=provenance.rule,
        draft=provenance.draft,
        action=provenance.action,
        data=dict(data or {}),
    )


def catch_up(order_ids: Iterable[int], *, provenance: Provenance, now: datetime) -> int:
    """Append what the rows of these orders tell and their history lacks: for whoever writes orders as documents.

    Idempotent; runs in the caller's transaction and returns how many events were new. The order's status as it is now
    ends the history, whatever led to it.
    """
    ids, count = list(order_ids), 0
    for start in range(0, len(ids), BATCH):
        orders = Order.objects.filter(pk__in=ids[start : start + BATCH]).order_by("pk")
        count += _catch_up(orders.prefetch_related("payments", "refunds", "shipments"), provenance, now)
    return count


def _catch_up(orders: QuerySet[Order], provenance: Provenance, now: datetime) -> int:
    told: dict[int, set[tuple[str, str]]] = defaultdict(set)
    status: dict[int, str] = {}
    for event in OrderEvent.objects.filter(order__in=[order.pk for order in orders]).order_by("id"):
        told[event.order_id].add(_identity(event.kind, event.at, event.data))
        status[event.order_id] = event.status_after or status.get(event.order_id, "")
    fresh = [
        OrderEvent(
            order=order,
            kind=known.kind,
            at=known.at,
            recorded_at=now,
            source=provenance.source,
            by=provenance.by,
            status_before=before,
            status_after=known.status,
            version=order.version,
            data=dict(known.data),
        )
        for order in orders
        for known, before in _untold(order, told[order.pk], status.get(order.pk), now)
    ]
    OrderEvent.objects.bulk_create(fresh, batch_size=BATCH)
    return len(fresh)


def _untold(
    order: Order, told: set[tuple[str, str]], status: str | None, now: datetime
) -> Iterator[tuple[_Known, str]]:
    """What is new, in the order in which it happened, each with the status before."""
    moments = sorted(_moments(order), key=lambda each: each.at)
    current = status or ""
    for known in moments:
        if known.identity not in told:
            yield known, current
            current = known.status or current
    if current != order.status:
        at = now if status is not None else max(known.at for known in moments)
        yield _Known(Happened.STATUS_CHANGED, at, {}, order.status), current


def _moments(order: Order) -> Iterator[_Known]:
    yield _Known(Happened.PLACED, order.placed_at, {}, OrderStatus.PENDING)
    for payment in order.payments.all():
        if payment.captured_at:
            data = {"payment": payment.external_id, "amount_minor": payment.amount_minor}
            yield _Known(Happened.PAID, payment.captured_at, data)
    parcels = {each.shipped_at for each in order.shipments.all() if each.shipped_at}
    if not parcels and order.shipped_at:
        parcels = {order.shipped_at}
    for at in parcels:
        yield _Known(Happened.SHIPPED, at, {}, OrderStatus.SHIPPED)
    if order.delivered_at:
        yield _Known(Happened.DELIVERED, order.delivered_at, {}, OrderStatus.DELIVERED)
    if order.cancelled_at:
        yield _Known(Happened.CANCELLED, order.cancelled_at, {}, OrderStatus.CANCELLED)
    for refund in order.refunds.all():
        data = {"refund": refund.external_id, "amount_minor": refund.amount_minor}
        yield _Known(Happened.REFUNDED, refund.created_at, data)


def _identity(kind: str, at: datetime, data: Mapping[str, Any]) -> tuple[str, str]:
    if kind in _ONCE:
        return kind, ""
    return kind, str(data.get("refund") or data.get("payment") or at.timestamp())

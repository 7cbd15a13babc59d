"""How an exchange ends: the new items are on their way, and the old ones are back on the shelf, or are not."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from cs_portal.commerce import history
from cs_portal.commerce.actions import pieces
from cs_portal.commerce.actions.applying import replace_pieces
from cs_portal.commerce.connectors.base import ActionRefused
from cs_portal.commerce.connectors.choice import connector_kind
from cs_portal.commerce.history import Provenance
from cs_portal.commerce.models import ConnectorKind, Exchange, Happened, Order, OrderLine, OrderStatus, Variant
from cs_portal.core.audit import Actor, record


def end_exchange(*, exchange_id: UUID, restock: bool, by: Actor, now: datetime) -> Order:
    """The new pieces take the old ones' place; the order goes on as delivered once its last exchange has ended.

    ``restock`` puts the old pieces back to stock.

    In the caller's transaction, once only. Raises :class:`ActionRefused` when it has ended, or in a remote shop.
    """
    found = Exchange.by_public_id(exchange_id)
    if connector_kind() != ConnectorKind.LOCAL:
        raise ActionRefused(_("The shop system ends exchanges; do it there."), code="remote_shop")
    # The order first, as everywhere; then whoever comes second finds the exchange ended.
    Order.objects.filter(pk=found.order_id).update(version=F("version") + 1)
    if not Exchange.objects.filter(pk=found.pk, ended_at=None).update(ended_at=now):
        raise ActionRefused(_("The exchange has ended already."), code="ended")
    order = Order.objects.select_related("shopper").prefetch_related("lines").get(pk=found.order_id)
    if restock:
        for step in pieces.stock_back(pieces.asked(order, [_old(line) for line in found.lines])):
            Variant.objects.filter(external_id=step.variant).update(stock=F("stock") + step.quantity)
    for line in found.lines:
        _become(order, line)
    before = order.status
    if not Exchange.objects.filter(order=order, ended_at=None).exists():
        Order.objects.filter(pk=order.pk, status=OrderStatus.EXCHANGE_REQUESTED).update(status=OrderStatus.DELIVERED)
        order.refresh_from_db(fields=["status"])
    moved = before != order.status
    history.record(
        order,
        Happened.EXCHANGE_ENDED,
        version=order.version,
        now=now,
        provenance=Provenance(source=by.kind, by=by.id),
        before=before if moved else "",
        after=order.status if moved else "",
        data={"lines": found.lines},
    )
    record(
        merchant_id=order.merchant_id,
        actor=by,
        action="exchange.ended",
        target=f"order:{order.public_id}",
        now=now,
        data={"restocked": restock},
    )
    return order


def _become(order: Order, line: dict[str, Any]) -> None:
    """Pieces that were registered without a variant were never counted as exchanged, and stay what they are."""
    if not line.get("to_variant"):
        return
    counted = OrderLine.objects.filter(
        order=order, external_id=line["id"], exchanged_quantity__gte=line["quantity"]
    ).update(exchanged_quantity=F("exchanged_quantity") - line["quantity"])
    if counted and "unit_price_minor" in line:
        new = {key: line[key] for key in ("product", "options", "unit_price_minor")}
        replace_pieces(order, line["id"], line["quantity"], {**new, "variant": line["to_variant"]})


def _old(line: dict[str, Any]) -> dict[str, Any]:
    return {"id": line["id"], "quantity": line["quantity"]}

"""Which shop system a merchant's actions go to."""

from __future__ import annotations

from cs_portal.commerce.connectors.base import ALL_KINDS, Connector
from cs_portal.commerce.models import ConnectorKind, OrderAction, ShopConnection


def connection() -> ShopConnection | None:
    """The active merchant's shop system; None where this database is the shop."""
    row: ShopConnection | None = ShopConnection.objects.exclude(kind=ConnectorKind.LOCAL).first()
    return row


def connector_kind() -> ConnectorKind:
    row = connection()
    return ConnectorKind(row.kind) if row else ConnectorKind.LOCAL


def supported_kinds() -> frozenset[str]:
    """The actions that the merchant's shop system carries out."""
    if connector_kind() != ConnectorKind.SHOPIFY:
        return ALL_KINDS
    from cs_portal.commerce.connectors.shopify import SUPPORTED

    return SUPPORTED


def connector_to(row: ShopConnection) -> Connector:
    from cs_portal.commerce.connectors.shopify import ShopifyConnector
    from cs_portal.commerce.connectors.webhook import WebhookConnector

    return WebhookConnector.of(row) if row.kind == ConnectorKind.WEBHOOK else ShopifyConnector.of(row)


def connector_of(action: OrderAction) -> Connector | None:
    """The connector that the action was proposed for; None once the merchant has another or none."""
    row = connection()
    return connector_to(row) if row is not None and row.kind == action.connector else None

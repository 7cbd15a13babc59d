"""The formats of other shop systems, and which of them a header belongs to."""

from __future__ import annotations

from collections.abc import Sequence

from cs_portal.commerce.imports.sources import shopify, taobao, woocommerce
from cs_portal.commerce.imports.sources.base import PORTAL, Source

SOURCES: dict[str, Source] = {
    source.name: source
    for source in (shopify.ORDERS, shopify.PRODUCTS, shopify.NEW_PRODUCTS, woocommerce.PRODUCTS, taobao.ORDERS)
}


def detected(header: Sequence[str]) -> str:
    """The name of the source whose header it is; :data:`PORTAL` for all others."""
    return next((name for name, source in SOURCES.items() if source.fits(header)), PORTAL)

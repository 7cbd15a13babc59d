"""Webhooks of Shopify, taken in: signed, once each, and never older news over newer ones.

Everything of one delivery happens in one transaction. What Shopify repeats is known by its id; what arrives late is
known by the row's ``updated_at``. What cannot be taken is noted and answered well: Shopify stops sending to an address
that keeps refusing, and would repeat what will never do.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DataError, transaction
from django.utils.translation import gettext as _

from cs_portal.commerce.canonical import CURRENCIES
from cs_portal.commerce.connectors.shopify import refund_number
from cs_portal.commerce.history import Provenance
from cs_portal.commerce.imports.sources.base import Extra
from cs_portal.commerce.models import ImportKind, Order, OrderStatus, Product, Source, Variant
from cs_portal.commerce.selectors import order_document
from cs_portal.core.errors import Invalid
from cs_portal.core.secrets import encrypt
from cs_portal.core.storable import first_unstorable
from cs_portal.core.tenancy import scope, scopes_disabled
from cs_portal.integrations.models import ReceivedWebhook, SeenVersion, ShopifyWebhook
from cs_portal.integrations.services.pushing import REFUSED, push
from cs_portal.integrations.shopify import Malformed, ShopOrder, order_of, product_of, refund_of
from cs_portal.merchants.models import Storefront

logger = logging.getLogger(__name__)

OLDER, REPEATED, IGNORED, UNKNOWN = "older", "repeated", "ignored", "unknown"
_DOMAIN = re.compile(r"[a-z0-9][a-z0-9-]*\.myshopify\.com")
#: States that the shop system does not know: its news leave them.
_OURS = {OrderStatus.RETURN_REQUESTED, OrderStatus.EXCHANGE_REQUESTED, OrderStatus.RETURNED, OrderStatus.CLOSED}


class WrongSignature(Exception):
    """The body was not signed with the shop's secret, or there is no such address."""


def add_webhook(*, domain: str, secret: str, storefront: str = "", now: datetime) -> ShopifyWebhook:
    """Accept webhooks of a shop; the same shop again gets the new secret. Raises :class:`Invalid`."""
    domain = domain.strip().lower()
    if not _DOMAIN.fullmatch(domain):
        raise Invalid(_("A shop's domain ends in .myshopify.com."), field="domain")
    if len(secret.strip()) < 16:
        raise Invalid(_("The secret is too short."), field="secret")
    if storefront and not Storefront.objects.filter(slug=storefront).exists():
        raise Invalid(_("There is no such storefront."), field="storefront")
    values = {"secret_encrypted": encrypt(secret.strip()), "storefront": storefront, "is_active": True}
    row, _made = ShopifyWebhook.objects.update_or_create(
        domain=domain, defaults=values, create_defaults={**values, "created_at": now}
    )
    return row


def signature(secret: str, body: bytes) -> str:
    """As Shopify makes it: base64 of the HMAC-SHA256 of the raw body."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def receive(*, webhook_id: UUID, headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """Take one delivery in and say what became of it. Raises :class:`WrongSignature` before anything is written."""
    with scopes_disabled():
        webhook = ShopifyWebhook.objects.filter(public_id=webhook_id, is_active=True).select_related("merchant").first()
    presented = headers.get("X-Shopify-Hmac-Sha256", "")
    # A secret that nobody has stands in for the one of an address that does not exist.
    secret = webhook.secret if webhook else "-" * 32
    fits = hmac.compare_digest(signature(secret, body).encode(), presented.encode())
    if webhook is None or not fits or headers.get("X-Shopify-Shop-Domain", "").lower() != webhook.domain:
        raise WrongSignature
    topic, delivery = headers.get("X-Shopify-Topic", "")[:40], headers.get("X-Shopify-Webhook-Id", "")[:100]
    with scope(merchant=webhook.merchant), transaction.atomic():
        ours = ReceivedWebhook(webhook=webhook, delivery=delivery, topic=topic, outcome="", received_at=now)
        if not delivery:
            ours.delivery = hashlib.sha256(topic.encode() + body).hexdigest()
        ReceivedWebhook.objects.bulk_create([ours], ignore_conflicts=True)
        row = ReceivedWebhook.objects.select_for_update().get(webhook=webhook, delivery=ours.delivery)
        if row.public_id != ours.public_id:
            return REPEATED
        outcome, problem = _take(webhook, topic, body, now)
        ReceivedWebhook.objects.filter(pk=row.pk).update(outcome=outcome, problem=problem[:200])
        ShopifyWebhook.objects.filter(pk=webhook.pk).update(last_received_at=now)
    return outcome


def _take(webhook: ShopifyWebhook, topic: str, body: bytes, now: datetime) -> tuple[str, str]:
    """What became of it, and what was wrong: where, never what was sent."""
    handlers = {
        "orders/create": _order,
        "orders/updated": _order,
        "refunds/create": _refund,
        "products/create": _product,
        "products/update": _product,
    }
    if topic not in handlers:
        return IGNORED, ""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return REFUSED, "not JSON"
    if not isinstance(data, dict):
        return REFUSED, "body"
    if first_unstorable(data) is not None:
        return REFUSED, "not text"
    try:
        # Of its own: what the database refuses leaves the delivery's note to be written.
        with transaction.atomic():
            return handlers[topic](webhook, data, now)
    except Malformed as error:
        return REFUSED, str(error)
    except (DataError, OverflowError, TypeError, ValueError) as error:
        logger.warning("A webhook of topic %s could not be taken: %s", topic, type(error).__name__)
        return REFUSED, "cannot be kept"


def _order(webhook: ShopifyWebhook, data: dict[str, Any], now: datetime) -> tuple[str, str]:
    found = order_of(data, storefront=webhook.storefront)
    document = found.document
    if not _is_news(ImportKind.ORDERS, document["number"], found.updated_at, foreign_id=str(data.get("id") or "")):
        return OLDER, ""
    _rename_lines(found)
    row = Order.objects.filter(number=document["number"]).select_related("shopper").first()
    extra = Extra(buyer=found.buyer)
    if row is not None:
        document["status"] = _status(row.status, document["status"])
        document["shopper"] = row.shopper.external_id or document["shopper"]
    refunds, rest = _new_refunds(row, found)
    if refunds:
        document["refunds"] = refunds
    if rest:
        extra = Extra(found.buyer, rest, found.updated_at)
    return _push(webhook, ImportKind.ORDERS, document, now, extra)


def _status(before: str, after: str) -> str:
    if before in _OURS and after != OrderStatus.CANCELLED:
        return before
    return before if (before, after) == (OrderStatus.DELIVERED, OrderStatus.SHIPPED) else after


def _rename_lines(found: ShopOrder) -> None:
    """Lines by the ids that the catalogue has here: a CSV knows variants by SKU and products by handle."""
    lines = found.document["lines"]
    wanted = {line["variant"] for line in lines} | {sku for sku in found.skus.values() if sku}
    known = dict(Variant.objects.filter(external_id__in=wanted).values_list("external_id", "product__external_id"))
    for line in lines:
        own = next((each for each in (line["variant"], found.skus.get(line["id"], "")) if each in known), "")
        if own:
            line["variant"], line["product"] = own, known[own]


def _new_refunds(row: Order | None, found: ShopOrder) -> tuple[list[dict[str, Any]], int]:
    """Refunds to add, or the sum of all where some were told to us by another way.

    A refund that was made from here, or came with a CSV, has another id than Shopify's; sums tell what is missing.
    """
    if row is None:
        return found.refunds, 0
    known = _numbers(row)
    if known <= {refund["id"] for refund in found.refunds}:
        return [refund for refund in found.refunds if refund["id"] not in known], 0
    return [], sum(share["amount_minor"] for refund in found.refunds for share in refund["payments"])


def _refund(webhook: ShopifyWebhook, data: dict[str, Any], now: datetime) -> tuple[str, str]:
    """One refund of an order that is known; an order that comes later brings its refunds along."""
    foreign = str(data.get("order_id") or "")
    seen = SeenVersion.objects.filter(kind=ImportKind.ORDERS, foreign_id=foreign).first() if foreign else None
    row = Order.objects.filter(number=seen.key).select_for_update().first() if seen else None
    if row is None:
        return UNKNOWN, ""
    refund = refund_of(data, row.currency)
    if not refund["payments"]:
        return IGNORED, ""
    if refund["id"] in _numbers(row) or _made_here(row, refund):
        return "unchanged", ""
    document = {**order_document(Order.objects.select_related("shopper").get(pk=row.pk)), "refunds": [refund]}
    held = {line["id"] for line in document["lines"]}
    refund["lines"] = [line for line in refund["lines"] if line["id"] in held]
    return _push(webhook, ImportKind.ORDERS, document, now, Extra())


def _made_here(row: Order, refund: dict[str, Any]) -> bool:
    """Whether a refund with an id of our own is this one: of the same amount, and not told by the shop before."""
    amount = refund["payments"][0]["amount_minor"]
    own = [each for each in row.refunds.all() if not refund_number(each.external_id).isdecimal()]
    return any(each.amount_minor == amount for each in own)


def _numbers(row: Order) -> set[str]:
    """The order's refunds as webhooks call them, those with the longer names of the shop's interface, too."""
    return {refund_number(each.external_id) for each in row.refunds.all()}


def _product(webhook: ShopifyWebhook, data: dict[str, Any], now: datetime) -> tuple[str, str]:
    found = product_of(data, currency=_currency(webhook))
    document = found.document
    if not _is_news(ImportKind.PRODUCTS, document["id"], found.updated_at):
        return OLDER, ""
    rows = Product.objects.filter(external_id__in=[document["id"], found.handle])
    if {row.external_id for row in rows} == {found.handle}:  # a CSV brought it: its names stay
        document["id"] = found.handle
        for variant in document["variants"]:
            variant["id"] = found.skus.get(variant["id"]) or variant["id"]
    return _push(webhook, ImportKind.PRODUCTS, document, now, Extra())


def _currency(webhook: ShopifyWebhook) -> str:
    """A product's webhook names none: its storefront's, else that of the merchant's first."""
    fronts = Storefront.objects.order_by("pk")
    front = (fronts.filter(slug=webhook.storefront) if webhook.storefront else fronts).first()
    return front.currency if front and front.currency in CURRENCIES else "CNY"


def _is_news(kind: str, key: str, updated_at: datetime, *, foreign_id: str = "") -> bool:
    """Whether nothing newer is known of the row; what is as new may be the same again, and does no harm."""
    fresh = SeenVersion(kind=kind, key=key[:64], updated_at=updated_at)
    SeenVersion.objects.bulk_create([fresh], ignore_conflicts=True)
    row = SeenVersion.objects.select_for_update().get(kind=kind, key=key[:64])
    if updated_at < row.updated_at:
        return False
    SeenVersion.objects.filter(pk=row.pk).update(updated_at=updated_at, foreign_id=foreign_id[:64])
    return True


def _push(webhook: ShopifyWebhook, kind: str, document: dict[str, Any], now: datetime, extra: Extra) -> tuple[str, str]:
    provenance = Provenance(Source.SHOP, by=webhook.domain[:64])
    (outcome,) = push(kind=kind, documents=[document], provenance=provenance, now=now, extras={0: extra})
    problems = "; ".join(f"{each.column}: {each.code}" for each in outcome.problems)
    return outcome.result, problems

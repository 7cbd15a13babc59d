"""Connecting a merchant to the shop system that carries out its actions."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cs_portal.commerce.connectors.shopify import SHOP
from cs_portal.commerce.models import NOT_SENT, UNDER_WAY, ConnectorKind, OrderAction, ShopConnection
from cs_portal.core.errors import Conflict, Invalid
from cs_portal.core.outbound import OutboundRefused, check_url
from cs_portal.core.secrets import encrypt
from cs_portal.merchants.models import Member
from cs_portal.merchants.services.roles import log, require_configurer


def connect_webhook(*, url: str, by: Member, now: datetime) -> str:
    """Have actions carried out behind a webhook; returns the signing secret, which is shown this once.

    Raises :class:`Invalid` for an address that is never called.
    """
    require_configurer(by)
    url = url.strip()
    try:
        check_url(url)
    except OutboundRefused as refused:
        if str(refused) == "private_address":
            raise Invalid(_("This address leads into a private network. It is never called."), field="url") from None
        raise Invalid(_("Write the address of the webhook: https://…"), field="url") from None
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    _connect(ConnectorKind.WEBHOOK, url, by=by, now=now, secret_encrypted=encrypt(secret), token_encrypted="")
    return secret


def connect_shopify(*, shop: str, token: str, by: Member, now: datetime) -> ShopConnection:
    """Have actions carried out at Shopify. ``shop`` is its own domain, ``token`` an Admin API access token.

    Raises :class:`Invalid`.
    """
    require_configurer(by)
    shop, token = shop.strip().lower(), token.strip()
    if not SHOP.fullmatch(shop):
        raise Invalid(_("Write the shop's own domain, such as my-shop.myshopify.com."), field="shop")
    if not token or not token.isascii() or not token.isprintable() or " " in token or len(token) > 200:
        raise Invalid(_("Write the access token of your app."), field="token")
    return _connect(ConnectorKind.SHOPIFY, shop, by=by, now=now, secret_encrypted="", token_encrypted=encrypt(token))


def disconnect_shop(*, by: Member, now: datetime) -> None:
    """From now on this database is the shop. Raises :class:`Conflict` while actions are under way there."""
    require_configurer(by)
    with transaction.atomic():
        _refuse_under_way()
        if ShopConnection.objects.select_for_update().first() is not None:
            ShopConnection.objects.all().delete()
            log(by, "shop.disconnected", f"merchant:{by.merchant.public_id}", now)


def _connect(kind: ConnectorKind, address: str, *, by: Member, now: datetime, **secret: str) -> ShopConnection:
    with transaction.atomic():
        known = ShopConnection.objects.select_for_update().first()
        if known is not None and (known.kind, known.address) != (kind, address):
            _refuse_under_way()
        row: ShopConnection
        row, _created = ShopConnection.objects.update_or_create(
            defaults={"kind": kind, "address": address, "updated_at": now, **secret},
            create_defaults={"kind": kind, "address": address, "updated_at": now, "created_at": now, **secret},
        )
        log(by, "shop.connected", f"merchant:{by.merchant.public_id}", now, {"kind": kind.value})
    return row


def _refuse_under_way() -> None:
    """What a shop was asked to do can only be found out in that shop. What never reached it can be asked elsewhere."""
    if OrderAction.objects.filter(state__in=UNDER_WAY).exclude(NOT_SENT).exists():
        raise Conflict(_("Actions are under way in the shop that is connected now. Wait for their results."))

"""Trying a connection: one signed look-up of an order, which changes nothing in the shop."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from cryptography.fernet import InvalidToken
from django.utils.translation import gettext as _

from cs_portal.commerce.connectors.base import ShopUnavailable
from cs_portal.commerce.connectors.choice import connection, connector_to
from cs_portal.commerce.models import ConnectorKind, OrderAction
from cs_portal.commerce.selectors import latest_numbers
from cs_portal.core.errors import Conflict
from cs_portal.core.ratelimit import hit
from cs_portal.merchants.models import Member
from cs_portal.merchants.services.roles import log, require_configurer

#: Asked for where the merchant has no order yet; the shop need not know it.
ANY_NUMBER = "1"
TRIES_A_MINUTE = 10


@dataclass(frozen=True, slots=True)
class Tried:
    """``code`` says what went wrong, empty when the shop answered; ``known`` whether it knows the order asked for."""

    code: str
    known: bool
    milliseconds: int


def try_connection(*, by: Member, now: datetime) -> Tried:
    """Ask the shop for an order. No transaction may be open: the call takes as long as the shop does.

    Raises :class:`Conflict` where no shop is connected, and :class:`TooMany`.
    """
    require_configurer(by)
    hit(scope="try-shop", subject=str(by.merchant_id), limit=TRIES_A_MINUTE, seconds=60, now=now)
    row = connection()
    if row is None:
        raise Conflict(_("No shop system is connected."))
    numbers = latest_numbers(1)
    started = time.monotonic()
    code, known = "", False
    try:
        known = connector_to(row).look_up_order(numbers[0] if numbers else ANY_NUMBER) is not None
    except ShopUnavailable as failure:
        code = str(failure.args[0])
    except InvalidToken:
        code = "secret_unreadable"
    took = round((time.monotonic() - started) * 1000)
    log(by, "shop.tried", f"merchant:{by.merchant.public_id}", now, {"kind": row.kind, "code": code})
    return Tried(code, known, took)


def last_calls(limit: int) -> list[OrderAction]:
    """The newest actions that a shop system was asked to carry out."""
    rows = OrderAction.objects.exclude(connector=ConnectorKind.LOCAL).exclude(begun_at=None)
    return list(rows.select_related("order").order_by("-begun_at", "-id")[:limit])

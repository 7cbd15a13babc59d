"""Who asks: the storefront by its public id, the shopper's browser by its bearer token.

These two look-ups are the only ones of this app that run outside a merchant's scope; what they find names the scope.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django_scopes import scopes_disabled

from cs_portal.core.secrets import token_hash
from cs_portal.merchants.models import Storefront
from cs_portal.storefront.models import ChatSession

LONGEST_TOKEN = 128


def storefront_of(public_id: UUID) -> Storefront | None:
    """The active storefront with this public id, with its merchant."""
    with scopes_disabled():
        return Storefront.objects.select_related("merchant").filter(public_id=public_id, is_active=True).first()


def session_of_token(token: str, *, now: datetime) -> ChatSession | None:
    """The living session that ``token`` opens, with its merchant, storefront, shopper and conversation."""
    if not token or len(token) > LONGEST_TOKEN:
        return None
    with scopes_disabled():
        rows = ChatSession.objects.select_related("merchant", "storefront", "shopper", "conversation")
        return rows.filter(token_hash=token_hash(token), expires_at__gt=now, storefront__is_active=True).first()


def bearer_token(header: str) -> str:
    """The token of an ``Authorization`` header, or an empty string."""
    kind, _, token = header.partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""

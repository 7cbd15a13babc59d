"""The signed identity of a shopper.

``base64url(json{sub, exp, name?, email?}) + "." + hex(HMAC-SHA256(secret, first part))``

The shop's server makes it, with the storefront's secret; the shop's page hands it to the widget.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.fernet import InvalidToken
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from cs_portal.merchants.models import Storefront

logger = logging.getLogger(__name__)

LONGEST_LIFE = timedelta(hours=24)
LONGEST_TOKEN = 2048
_SIGNATURE = re.compile(r"[0-9a-f]{64}")
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]+={0,2}")
_FIELDS = frozenset({"sub", "exp", "name", "email"})


class IdentityRefused(Exception):
    """The token proves nothing; ``args[0]`` says why, for the shop's developers."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the shop says the shopper is. ``sub`` is the shop's own id; ``digest`` is the hash of the token that says so,
    which ends at ``expires_at``."""

    sub: str
    name: str = ""
    email: str = ""
    digest: str = field(default="", compare=False)
    expires_at: datetime | None = field(default=None, compare=False)


def sign_identity(*, secret: str, sub: str, expires_at: datetime, name: str = "", email: str = "") -> str:
    """The token that a shop's server makes; raises ``ValueError`` for a blank secret or id."""
    if not secret or not sub:
        raise ValueError("An identity needs a secret and an id.")
    payload: dict[str, Any] = {"sub": sub, "exp": int(expires_at.timestamp())}
    payload |= {key: value for key, value in (("name", name), ("email", email)) if value}
    body = base64.urlsafe_b64encode(json.dumps(payload, separators=(",", ":")).encode()).rstrip(b"=").decode()
    return f"{body}.{_signature(secret, body)}"


def verify_identity(token: str, *, storefront: Storefront, now: datetime) -> Identity:
    """The identity that ``token`` proves to ``storefront``. Raises :class:`IdentityRefused`.

    The signature is compared in constant time and before anything inside the token is looked at.
    """
    body, dot, signature = token.partition(".")
    if not dot or len(token) > LONGEST_TOKEN or not _PAYLOAD.fullmatch(body) or not _SIGNATURE.fullmatch(signature):
        raise IdentityRefused("malformed")
    secret = _secret_of(storefront)
    if not secret or not hmac.compare_digest(_signature(secret, body), signature):
        raise IdentityRefused("signature")
    return replace(_checked(_decoded(body), now=now), digest=hashlib.sha256(body.rstrip("=").encode()).hexdigest())


def _signature(secret: str, body: str) -> str:
    return hmac.new(secret.encode(), body.encode(), hashlib.sha256).hexdigest()


def _secret_of(storefront: Storefront) -> str:
    try:
        return storefront.identity_secret
    except InvalidToken:
        logger.error("The identity secret of storefront %s cannot be read; SECRET_KEY changed.", storefront.public_id)
        return ""


def _decoded(body: str) -> Mapping[str, Any]:
    try:
        payload = json.loads(base64.urlsafe_b64decode(body.rstrip("=") + "=" * (-len(body.rstrip("=")) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        raise IdentityRefused("malformed") from None
    if not isinstance(payload, dict):
        raise IdentityRefused("malformed")
    return payload


def _checked(payload: Mapping[str, Any], *, now: datetime) -> Identity:
    if unknown := sorted(set(payload) - _FIELDS):
        raise IdentityRefused(f"unknown field {unknown[0][:40]}")
    sub, exp = payload.get("sub"), payload.get("exp")
    if not isinstance(sub, str) or not 0 < len(sub.strip()) <= 64 or sub != sub.strip() or "\x00" in sub:
        raise IdentityRefused("sub")
    if not isinstance(exp, int) or isinstance(exp, bool):
        raise IdentityRefused("exp")
    if exp <= now.timestamp():
        raise IdentityRefused("expired")
    if exp > (now + LONGEST_LIFE).timestamp():
        raise IdentityRefused("exp is more than 24 hours ahead")
    return Identity(
        sub=sub,
        name=_text(payload, "name", 120),
        email=_email(payload),
        expires_at=datetime.fromtimestamp(exp, UTC),
    )


def _text(payload: Mapping[str, Any], field: str, longest: int) -> str:
    value = payload.get(field) or ""
    if not isinstance(value, str) or len(value) > longest or "\x00" in value:
        raise IdentityRefused(field)
    return value.strip()


def _email(payload: Mapping[str, Any]) -> str:
    email = _text(payload, "email", 254)
    if email:
        try:
            validate_email(email)
        except ValidationError:
            raise IdentityRefused("email") from None
    return email

"""Changes of a merchant's storefronts. Each is one transaction with its entry in the log."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from cryptography.fernet import InvalidToken
from django.db import transaction
from django.utils.translation import gettext as _

from cs_portal.core.audit import Actor, record
from cs_portal.core.errors import Conflict, Invalid, NotAllowed
from cs_portal.core.secrets import encrypt, new_token
from cs_portal.merchants.models import Locale, Member, Storefront

MAX_ORIGINS = 20
_LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}


@dataclass(frozen=True, slots=True)
class StorefrontChange:
    """What a merchant configures of a storefront. ``accent`` is ``#rrggbb``."""

    name: str
    locale: str
    accent: str
    greeting_en: str
    greeting_zh: str
    allowed_origins: Sequence[str]
    is_active: bool


def normalised_origin(text: str) -> str:
    """``scheme://host[:port]`` in lower case, without the scheme's own port, as a browser's ``Origin`` header has it.

    https anywhere, http on this machine only. Raises :class:`Invalid` for everything else, wildcards and paths
    included.
    """
    refusal = Invalid(
        _("“%(origin)s” is not an origin. Write for example https://shop.example.com, without a path.")
        % {"origin": text},
        field="allowed_origins",
    )
    try:
        parts = urlsplit(text.strip().lower())
        port = parts.port
    except ValueError:
        raise refusal from None
    host = parts.hostname or ""
    literal = f"[{host}]" if ":" in host else host
    extras = parts.query or parts.fragment or parts.username or parts.password or parts.path not in {"", "/"}
    if parts.scheme not in {"http", "https"} or extras or not _is_host(literal):
        raise refusal
    if parts.scheme == "http" and literal not in _LOOPBACK:
        raise Invalid(_("“%(origin)s” must start with https://.") % {"origin": text}, field="allowed_origins")
    own = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{literal}" + (f":{port}" if port and port != own else "")


def _is_host(host: str) -> bool:
    return host in _LOOPBACK or bool(
        re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+", host)
    )


def update_storefront(*, storefront_id: UUID, by: Member, change: StorefrontChange, now: datetime) -> Storefront:
    """Raises :class:`Invalid` with the field, :class:`NotAllowed` for members who may not configure."""
    storefront = _configurable(storefront_id, by)
    if change.locale not in Locale.values:
        raise Invalid(_("Choose a language."), field="locale")
    if not re.fullmatch(r"#[0-9a-f]{6}", change.accent):
        raise Invalid(_("Write the colour as #rrggbb."), field="accent")
    origins = list(dict.fromkeys(normalised_origin(origin) for origin in change.allowed_origins))
    if len(origins) > MAX_ORIGINS:
        raise Invalid(_("At most %(limit)s origins.") % {"limit": MAX_ORIGINS}, field="allowed_origins")
    values = asdict(change) | {"allowed_origins": origins}
    changed = sorted(name for name, value in values.items() if getattr(storefront, name) != value)
    with transaction.atomic():
        for name in changed:
            setattr(storefront, name, values[name])
        storefront.save(update_fields=[*changed, "updated_at"])
        _log(storefront, by, "storefront.updated", now, fields=changed)
    return storefront


def rotate_identity_secret(*, storefront_id: UUID, by: Member, now: datetime) -> Storefront:
    """A new secret at once; identities signed with the old one are refused from now on."""
    storefront = _configurable(storefront_id, by)
    with transaction.atomic():
        storefront.identity_secret_encrypted = encrypt(new_token())
        storefront.save(update_fields=["identity_secret_encrypted", "updated_at"])
        _log(storefront, by, "storefront.secret_rotated", now)
    return storefront


def reveal_identity_secret(*, storefront_id: UUID, by: Member, now: datetime) -> str:
    """The secret in plain, for its way into the shop's server. Who looked is logged."""
    storefront = _configurable(storefront_id, by)
    try:
        secret = storefront.identity_secret
    except InvalidToken:
        raise Conflict(_("The secret cannot be read since SECRET_KEY changed. Replace it.")) from None
    _log(storefront, by, "storefront.secret_shown", now)
    return secret


def _configurable(storefront_id: UUID, by: Member) -> Storefront:
    if not by.may_configure:
        raise NotAllowed(_("Only an owner or an admin may change settings."))
    return Storefront.by_public_id(storefront_id)


def _log(storefront: Storefront, by: Member, action: str, now: datetime, **data: list[str]) -> None:
    record(
        merchant_id=storefront.merchant_id,
        actor=Actor("member", str(by.public_id)),
        action=action,
        target=f"storefront:{storefront.public_id}",
        now=now,
        data=data,
    )

"""Changes of a merchant's storefronts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from cryptography.fernet import InvalidToken
from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from cs_portal.core.errors import Conflict, Invalid
from cs_portal.core.secrets import encrypt, new_token
from cs_portal.merchants.hours import parse_hours
from cs_portal.merchants.models import Locale, Look, Member, Position, Storefront
from cs_portal.merchants.services.roles import log, require_configurer

MAX_ORIGINS = 20
MAX_STOREFRONTS = 50
MAX_QUICK_REPLIES = 8
QUICK_REPLY_LENGTH = 60
_LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}


@dataclass(frozen=True, slots=True)
class StorefrontChange:
    """What a merchant configures of a storefront. ``accent`` is ``#rrggbb``; ``hours`` None means the merchant's.

    ``quick_replies`` are ``{"en": …, "zh": …}``; one of the two may be empty.
    """

    name: str
    locale: str
    accent: str
    greeting_en: str
    greeting_zh: str
    allowed_origins: Sequence[str]
    is_active: bool
    look: str = Look.SYSTEM
    position: str = Position.RIGHT
    launcher_text_en: str = ""
    launcher_text_zh: str = ""
    hours: dict[str, Any] | None = None
    offline_notice_en: str = ""
    offline_notice_zh: str = ""
    offers_person: bool = True
    asks_csat: bool = True
    quick_replies: Sequence[dict[str, str]] = ()


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


def create_storefront(
    *, by: Member, name: str, locale: str, currency: str, allowed_origins: Sequence[str], now: datetime
) -> Storefront:
    """A further storefront, active at once: the chat opens on its origins only. Raises :class:`Invalid`."""
    require_configurer(by)
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise Invalid(_("Write the currency as three letters, for example CNY."), field="currency")
    change = _checked(
        StorefrontChange(
            name=name,
            locale=locale,
            accent=Storefront._meta.get_field("accent").default,
            greeting_en="",
            greeting_zh="",
            allowed_origins=allowed_origins,
            is_active=True,
        )
    )
    with transaction.atomic():
        if Storefront.objects.count() >= MAX_STOREFRONTS:
            raise Invalid(_("A merchant has at most %(limit)s storefronts.") % {"limit": MAX_STOREFRONTS})
        storefront = _insert(change, currency)
        log(by, "storefront.created", f"storefront:{storefront.public_id}", now)
    return storefront


def _insert(change: StorefrontChange, currency: str) -> Storefront:
    """The slug is for people who read exports; the first free one is taken."""
    stem = slugify(change.name)[:40] or "shop"
    taken = set(Storefront.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    slug = next(s for n in range(1, MAX_STOREFRONTS + 2) if (s := stem if n == 1 else f"{stem}-{n}") not in taken)
    try:
        with transaction.atomic():
            return Storefront.objects.create(
                slug=slug,
                name=change.name,
                locale=change.locale,
                currency=currency,
                allowed_origins=list(change.allowed_origins),
            )
    except IntegrityError:
        raise Conflict(_("A colleague made a storefront of this name at the same moment. Try again.")) from None


def update_storefront(*, storefront_id: UUID, by: Member, change: StorefrontChange, now: datetime) -> Storefront:
    """Raises :class:`Invalid` with the field, :class:`NotAllowed` for members who may not configure."""
    storefront = _configurable(storefront_id, by)
    values = asdict(_checked(change))
    changed = sorted(name for name, value in values.items() if getattr(storefront, name) != value)
    with transaction.atomic():
        for name in changed:
            setattr(storefront, name, values[name])
        storefront.save(update_fields=[*changed, "updated_at"])
        log(by, "storefront.updated", f"storefront:{storefront.public_id}", now, {"fields": changed})
    return storefront


def switch_storefront(*, storefront_id: UUID, by: Member, on: bool, now: datetime) -> Storefront:
    """Show or hide the chat on a storefront's sites; the same state again changes nothing."""
    storefront = _configurable(storefront_id, by)
    with transaction.atomic():
        if Storefront.objects.filter(pk=storefront.pk, is_active=not on).update(is_active=on, updated_at=now):
            action = "storefront.activated" if on else "storefront.deactivated"
            log(by, action, f"storefront:{storefront.public_id}", now)
    storefront.is_active = on
    return storefront


def _checked(change: StorefrontChange) -> StorefrontChange:
    """The change as it is stored; raises :class:`Invalid`."""
    if not change.name.strip():
        raise Invalid(_("Give the storefront a name."), field="name")
    if change.locale not in Locale.values:
        raise Invalid(_("Choose a language."), field="locale")
    if not re.fullmatch(r"#[0-9a-f]{6}", change.accent):
        raise Invalid(_("Write the colour as #rrggbb."), field="accent")
    if change.look not in Look.values or change.position not in Position.values:
        raise Invalid(_("Choose one of the values."), field="look")
    origins = list(dict.fromkeys(normalised_origin(origin) for origin in change.allowed_origins))
    if len(origins) > MAX_ORIGINS:
        raise Invalid(_("At most %(limit)s origins.") % {"limit": MAX_ORIGINS}, field="allowed_origins")
    hours = change.hours
    if hours is not None:
        parse_hours(hours, field="hours")
    return replace(
        change,
        name=change.name.strip(),
        allowed_origins=origins,
        quick_replies=_checked_quick_replies(change.quick_replies),
    )


def _checked_quick_replies(replies: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    kept = [{"en": r.get("en", "").strip(), "zh": r.get("zh", "").strip()} for r in replies]
    kept = [reply for reply in kept if reply["en"] or reply["zh"]]
    if len(kept) > MAX_QUICK_REPLIES:
        raise Invalid(_("At most %(limit)s quick replies.") % {"limit": MAX_QUICK_REPLIES}, field="quick_replies")
    if any(len(text) > QUICK_REPLY_LENGTH for reply in kept for text in reply.values()):
        raise Invalid(
            _("A quick reply has at most %(limit)s characters.") % {"limit": QUICK_REPLY_LENGTH}, field="quick_replies"
        )
    return kept


def rotate_identity_secret(*, storefront_id: UUID, by: Member, now: datetime) -> Storefront:
    """A new secret at once; identities signed with the old one are refused from now on."""
    storefront = _configurable(storefront_id, by)
    with transaction.atomic():
        storefront.identity_secret_encrypted = encrypt(new_token())
        storefront.save(update_fields=["identity_secret_encrypted", "updated_at"])
        log(by, "storefront.secret_rotated", f"storefront:{storefront.public_id}", now)
    return storefront


def reveal_identity_secret(*, storefront_id: UUID, by: Member, now: datetime) -> str:
    """The secret in plain, for its way into the shop's server. Who looked is logged."""
    storefront = _configurable(storefront_id, by)
    try:
        secret = storefront.identity_secret
    except InvalidToken:
        raise Conflict(_("The secret cannot be read since SECRET_KEY changed. Replace it.")) from None
    log(by, "storefront.secret_shown", f"storefront:{storefront.public_id}", now)
    return secret


def _configurable(storefront_id: UUID, by: Member) -> Storefront:
    require_configurer(by)
    return Storefront.by_public_id(storefront_id)

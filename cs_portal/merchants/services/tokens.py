"""API tokens: made once, shown once, kept as a hash of 256 random bits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from hmac import compare_digest
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from cs_portal.core import ratelimit
from cs_portal.core.errors import Invalid
from cs_portal.core.secrets import new_token, token_hash
from cs_portal.core.tenancy import scopes_disabled
from cs_portal.merchants.models import ApiToken, Member
from cs_portal.merchants.services.roles import log, require_configurer

PREFIX = "csp_"
SCOPES = ("read", "write")
MAX_TOKENS = 50
_SHAPE = re.compile(r"csp_[A-Za-z0-9_-]{43}")
#: ``last_used_at`` is for people: writing it once a minute is enough.
_USE_NOTED_EVERY = timedelta(minutes=1)


def tokens() -> QuerySet[ApiToken]:
    return ApiToken.objects.select_related("created_by__user")


def create_token(
    *, by: Member, name: str, scopes: Sequence[str], days: int | None, now: datetime
) -> tuple[ApiToken, str]:
    """The row, and the token itself for the only time. ``days`` None never expires. Raises :class:`Invalid`."""
    require_configurer(by)
    if not name.strip():
        raise Invalid(_("Name the program that will use it."), field="name")
    chosen = [scope for scope in SCOPES if scope in scopes]
    if not chosen or not set(scopes) <= set(SCOPES):
        raise Invalid(_("Choose what the token may do."), field="scopes")
    if days is not None and not 1 <= days <= 3650:
        raise Invalid(_("Choose how long the token is valid."), field="days")
    ratelimit.hit(scope="api-tokens", subject=str(by.pk), limit=20, seconds=3600, now=now)
    plain = PREFIX + new_token()
    with transaction.atomic():
        if ApiToken.objects.filter(revoked_at=None).count() >= MAX_TOKENS:
            raise Invalid(_("At most %(limit)s tokens. Revoke one that nobody uses.") % {"limit": MAX_TOKENS})
        token = ApiToken.objects.create(
            name=name.strip()[:80],
            hint=plain[:10],
            token_hash=token_hash(plain),
            scopes=chosen,
            created_by=by,
            created_at=now,
            expires_at=now + timedelta(days=days) if days else None,
        )
        log(by, "token.created", f"token:{token.public_id}", now, {"scopes": chosen, "days": days})
    return token, plain


def revoke_token(*, token_id: UUID, by: Member, now: datetime) -> ApiToken:
    """Refused from the next call on. There is no way back: a token that may have leaked must not live again."""
    require_configurer(by)
    token = ApiToken.by_public_id(token_id)
    with transaction.atomic():
        if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
            log(by, "token.revoked", f"token:{token.public_id}", now)
    return token


def revoke_tokens_of(member: Member, *, by: Member, now: datetime) -> None:
    """For a member who leaves or may make none any more: whoever made one knows it. Within the caller's transaction."""
    for token in ApiToken.objects.filter(created_by=member, revoked_at=None):
        if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
            log(by, "token.revoked", f"token:{token.public_id}", now)


def authenticate_token(*, presented: str, scope: str, now: datetime) -> ApiToken | None:
    """The living token that ``presented`` is and that may do ``scope``, with its merchant; otherwise ``None``.

    Looked up by its hash and compared in constant time: what an attacker could learn from the look-up is the time of
    a hash that they cannot steer.
    """
    if not _SHAPE.fullmatch(presented):
        return None
    digest = token_hash(presented)
    with scopes_disabled():
        token = (
            ApiToken.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now), token_hash=digest, revoked_at=None)
            .select_related("merchant")
            .first()
        )
        if token is None or not compare_digest(token.token_hash, digest) or scope not in token.scopes:
            return None
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - _USE_NOTED_EVERY)
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
    return token

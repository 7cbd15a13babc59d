"""Who calls: a bearer token with its scopes, within its limits, in its merchant's scope."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from ninja.security import HttpBearer

from cs_portal.core import ratelimit
from cs_portal.core.client_address import client_address
from cs_portal.core.tenancy import scope
from cs_portal.integrations.api.problems import Refusal
from cs_portal.merchants.models import ApiToken
from cs_portal.merchants.services.tokens import SCOPES, authenticate_token

FAILED_TOKENS, FAILED_SECONDS = 20, 600
_READING = {"GET", "HEAD", "OPTIONS"}

View: TypeAlias = Callable[..., HttpResponse]


class TokenAuth(HttpBearer):
    """``request.auth`` becomes the token. Reading needs the scope ``read``, everything else ``write``."""

    openapi_scheme = "bearer"

    def __call__(self, request: HttpRequest) -> ApiToken:
        kind, _space, presented = request.headers.get("Authorization", "").partition(" ")
        return self.authenticate(request, presented.strip() if kind.lower() == "bearer" else "")

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken:
        now = timezone.now()
        needed = "read" if request.method in _READING else "write"
        if found := authenticate_token(presented=token, scope=needed, now=now):
            ratelimit.hit(
                scope="api", subject=str(found.public_id), limit=settings.API_CALLS_PER_MINUTE, seconds=60, now=now
            )
            return found
        address = client_address(request)
        ratelimit.hit(scope="api-token", subject=address, limit=FAILED_TOKENS, seconds=FAILED_SECONDS, now=now)
        if any(authenticate_token(presented=token, scope=other, now=now) for other in SCOPES):
            raise Refusal(403, "insufficient_scope", f'This token lacks the scope "{needed}".')
        raise Refusal(
            401, "unauthenticated", "Send a living token as a bearer.", headers={"WWW-Authenticate": "Bearer"}
        )


def in_scope(view: View) -> View:
    """Run a view in the scope and time zone of its token's merchant; what is said is said in English."""

    @wraps(view)
    def scoped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        merchant = request.auth.merchant  # type: ignore[attr-defined]
        with scope(merchant=merchant), timezone.override(ZoneInfo(merchant.timezone)), translation.override("en"):
            return view(request, *args, **kwargs)

    return scoped

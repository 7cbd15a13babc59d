"""Who may follow a merchant's console live: its members, from the console's own pages."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from cs_portal.core.events import CONSOLE
from cs_portal.core.stream.audience import Audience, Refused, StreamRequest
from cs_portal.merchants.models import User
from cs_portal.merchants.selectors import membership


def console_audience(request: StreamRequest) -> Audience:
    """``/stream/console/<merchant slug>/`` with the session cookie; to a stranger there is no such merchant."""
    if not request.same_origin:
        raise Refused(403)
    user = _signed_in_user(request.cookie(settings.SESSION_COOKIE_NAME))
    if user is None:
        raise Refused(401)
    member = membership(user=user, slug=request.name)
    if member is None:
        raise Refused(404)
    return Audience(merchant_id=member.merchant_id, topics=(CONSOLE,), holder=f"user:{user.pk}")


def _signed_in_user(session_key: str) -> User | None:
    """The user of a living session: not expired, not logged out, password unchanged, account active."""
    if not session_key:
        return None
    http = HttpRequest()
    http.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = get_user(http)
    return user if isinstance(user, User) else None

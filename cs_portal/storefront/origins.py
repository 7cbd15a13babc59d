"""Where a request may come from. Origins are compared whole, never by prefix or suffix."""

from __future__ import annotations

import re

from django.conf import settings
from django.http import HttpRequest

from cs_portal.merchants.models import Storefront

#: scheme://host[:port] as a browser serialises it: lower case, no path, no user, no "null".
_ORIGIN = re.compile(r"https?://(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")


def is_origin(value: str) -> bool:
    """Whether ``value`` is an origin that can be allowed."""
    return _ORIGIN.fullmatch(value) is not None


def is_allowed(storefront: Storefront, origin: str) -> bool:
    """Whether pages of ``origin`` may embed this storefront's chat."""
    return is_origin(origin) and origin in storefront.allowed_origins


def frame_ancestors(storefront: Storefront) -> list[str]:
    """Sources for the CSP directive. What is no origin is left out: a stray ``*`` or ``;`` would open the page."""
    return [origin for origin in storefront.allowed_origins if isinstance(origin, str) and is_origin(origin)]


def is_own(request: HttpRequest) -> bool:
    """Whether a page of the portal itself asks, or no browser page at all.

    A browser sends ``Sec-Fetch-Site`` and, with a POST, ``Origin``; neither can be forged by a page. A client that
    is no browser sends neither, and has nothing but its bearer token.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("Origin")
    return origin is None or origin in {f"{request.scheme}://{request.get_host()}", settings.PORTAL_URL}

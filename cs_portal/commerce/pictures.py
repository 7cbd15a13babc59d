"""Where a merchant's pictures come from: pages that show them allow these origins and no others."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.core.cache import cache

from cs_portal.commerce.models import Product
from cs_portal.core.tenancy import current_merchant

#: Pictures of this many products, the newest, tell the origins; a shop has one or two.
LOOKED_AT = 500
MAX_ORIGINS = 8
KEPT_SECONDS = 300
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")


def web_address(url: str) -> str:
    """``url`` when it is a plain http(s) address, else nothing: it becomes a link and a picture's source."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and parts.hostname else ""


def origin_of(url: str) -> str:
    """``https://cdn.example.com`` of an address that is safe as a source of a Content-Security-Policy, else nothing.

    In ASCII, as a browser writes it: a host in another script is encoded (``xn--…``), and left out where it cannot be.
    """
    if not web_address(url):
        return ""
    parts = urlsplit(url)
    try:
        host, port = (parts.hostname or "").encode("idna").decode("ascii").lower(), parts.port
    except ValueError:  # UnicodeError is one
        return ""
    if not _HOST.fullmatch(host):
        return ""
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def picture_origins() -> list[str]:
    """Origins of the active merchant's product pictures, kept for a few minutes."""
    key = f"picture-origins:ascii:{current_merchant().pk}"
    kept: list[str] | None = cache.get(key)
    if kept is None:
        images = Product.objects.exclude(image="").order_by("-id").values_list("image", flat=True)[:LOOKED_AT]
        kept = sorted({origin for image in images if (origin := origin_of(image))})[:MAX_ORIGINS]
        cache.set(key, kept, KEPT_SECONDS)
    return kept

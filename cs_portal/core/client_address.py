"""The address that rate limits count by."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The peer's address; behind a proxy of ours (``TRUST_PROXY``) the one that the proxy appended.

    Only the last entry of ``X-Forwarded-For`` is the proxy's own word: all before it came from the client. IPv6
    addresses are counted by their /64, which is what one customer of a provider holds.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    if settings.TRUST_PROXY:
        peer = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() or peer
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)

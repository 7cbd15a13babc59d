"""Calls to addresses that merchants name: never into our own network, never past a redirect, never without an end.

The name is resolved here, once, every address it has must be public, and the connection goes to the very address that
was checked: a name that points elsewhere a moment later (DNS rebinding) gains nothing. TLS still verifies the name.
One deadline holds for the whole call, however slowly an answer drips.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpcore
from django.conf import settings

Resolver = Callable[[str, int], list[str]]
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
#: Not of the public internet, though Python's list lacks them: site-local, documentation, segment routing.
_NOT_PUBLIC = tuple(map(ipaddress.IPv6Network, ("fec0::/10", "3fff::/20", "5f00::/16", "64:ff9b:1::/48")))


class OutboundRefused(Exception):
    """We do not call this address; ``args[0]`` is a code. Nothing was sent."""


class NotReached(Exception):
    """No connection could be made; ``args[0]`` is a code. Nothing was sent."""


class Broken(Exception):
    """The call was made, and its answer did not come, or not whole; ``args[0]`` is a code."""


@dataclass(frozen=True, slots=True)
class Answer:
    """``headers`` in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def resolve(host: str, port: int) -> list[str]:
    """Every address of ``host``."""
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def post(
    url: str,
    *,
    body: bytes,
    headers: Mapping[str, str],
    seconds: float,
    max_bytes: int,
    resolver: Resolver = resolve,
) -> Answer:
    """POST ``body`` within ``seconds`` and read at most ``max_bytes``. A redirect is an answer like any other.

    Hosts of ``OUTBOUND_PRIVATE_HOSTS`` may be private and may speak plain HTTP; all others must be public, over TLS.
    Raises :class:`OutboundRefused`, :class:`NotReached` or :class:`Broken`.
    """
    trusted = check_url(url)
    backend = CheckedBackend(time.monotonic() + seconds, resolver, trusted=trusted)
    with httpcore.ConnectionPool(ssl_context=ssl.create_default_context(), network_backend=backend) as pool:
        try:
            with pool.stream("POST", url, headers=list(headers.items()), content=body) as response:
                kept = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
                return Answer(response.status, kept, _read(response.iter_stream(), max_bytes))
        except (httpcore.ConnectError, httpcore.ConnectTimeout):
            raise NotReached("no_connection") from None
        except httpcore.TimeoutException:
            raise Broken("timeout") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError):
            raise Broken("broken_connection") from None


def status_of(
    url: str, *, headers: Mapping[str, str], seconds: float, hops: int = 5, resolver: Resolver = resolve
) -> int:
    """The HTTP status that a GET of ``url`` ends with after at most ``hops`` redirects; no body is read.

    Every hop is checked like the first. All within ``seconds``. Raises as :func:`post` does; a redirect too many is
    :class:`Broken` with ``too_many_redirects``.
    """
    deadline = time.monotonic() + seconds
    for _hop in range(hops + 1):
        backend = CheckedBackend(deadline, resolver, trusted=check_url(url))
        with httpcore.ConnectionPool(ssl_context=ssl.create_default_context(), network_backend=backend) as pool:
            try:
                with pool.stream("GET", url, headers=list(headers.items())) as response:
                    found = {name.lower(): value.decode("latin-1") for name, value in response.headers}
                    status = int(response.status)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                raise NotReached("no_connection") from None
            except httpcore.TimeoutException:
                raise Broken("timeout") from None
            except (httpcore.NetworkError, httpcore.ProtocolError, OSError):
                raise Broken("broken_connection") from None
        target = found.get(b"location", "")
        if status not in {301, 302, 303, 307, 308} or not target:
            return status
        try:
            url = urljoin(url, target)
        except ValueError:
            raise Broken("bad_redirect") from None
    raise Broken("too_many_redirects")


def check_url(url: str, *, private_hosts: Collection[str] | None = None) -> bool:
    """Whether the host may be private; raises :class:`OutboundRefused` for an address that is never called.

    ``private_hosts`` are hosts, or hosts with a port, of those that may be; without it, ``OUTBOUND_PRIVATE_HOSTS``.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise OutboundRefused("bad_url") from None
    known = settings.OUTBOUND_PRIVATE_HOSTS if private_hosts is None else private_hosts
    trusted = host in known or f"{host}:{port or (443 if parts.scheme == 'https' else 80)}" in known
    if parts.scheme not in ({"https", "http"} if trusted else {"https"}):
        raise OutboundRefused("not_https")
    if not host or parts.username is not None or parts.password is not None or port == 0 or not url.isascii():
        raise OutboundRefused("bad_url")
    if not trusted and _is_address(host) and not is_public(host):
        raise OutboundRefused("private_address")
    return trusted


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet; what wraps another address is as public as that."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return is_public(str(found.ipv4_mapped))
        if found.sixtofour is not None or found.teredo is not None:
            return False
        if found in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
        if any(found in network for network in _NOT_PUBLIC):
            return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def _read(chunks: Iterable[bytes], max_bytes: int) -> bytes:
    found = bytearray()
    for chunk in chunks:
        found += chunk
        if len(found) > max_bytes:
            raise Broken("answer_too_long")
    return bytes(found)


class CheckedBackend(httpcore.NetworkBackend):
    """Connects to a checked address only, within the deadline."""

    def __init__(self, deadline: float, resolver: Resolver, *, trusted: bool) -> None:
        self._deadline, self._resolver, self._trusted = deadline, resolver, trusted
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            addresses = self._resolver(host, port)
        except (OSError, UnicodeError):
            raise NotReached("unknown_host") from None
        if not addresses:
            raise NotReached("unknown_host")
        if not self._trusted and not all(is_public(address) for address in addresses):
            raise OutboundRefused("private_address")
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise NotReached("timeout")
        return _Stream(self._sockets.connect_tcp(addresses[0], port, timeout=left), self._deadline)


class _Stream(httpcore.NetworkStream):
    """A connection whose every operation ends with the deadline."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: float) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._left(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._left(httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._left(httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)

    def _left(self, error: type[httpcore.TimeoutException]) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise error
        return left

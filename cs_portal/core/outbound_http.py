"""The calls of :mod:`cs_portal.core.outbound` for libraries that bring an HTTP client: the answer read as it comes."""

from __future__ import annotations

import ssl
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import httpcore
import httpx2

from cs_portal.core.outbound import Broken, CheckedBackend, Resolver, check_url, resolve


class GuardedTransport(httpx2.BaseTransport):
    """Each call on a connection of its own, to a checked address. Its read time-out is the deadline of the whole of it.

    Answers come uncompressed or not at all: a small one cannot unpack to a huge one.

    Raises httpx's errors for what may pass (no connection, a broken one, the deadline), and else as ``outbound.post``
    does: :class:`OutboundRefused`, :class:`NotReached` for an unknown host, :class:`Broken` for an endless
    answer or a compressed one.
    """

    def __init__(self, *, private_hosts: Collection[str], max_bytes: int, resolver: Resolver = resolve) -> None:
        self._private_hosts = private_hosts
        self._max_bytes = max_bytes
        self._resolver = resolver

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        trusted = check_url(str(request.url), private_hosts=self._private_hosts)
        deadline = time.monotonic() + request.extensions["timeout"]["read"]
        backend = CheckedBackend(deadline, self._resolver, trusted=trusted)
        request.headers["accept-encoding"] = "identity"
        pool = httpcore.ConnectionPool(ssl_context=ssl.create_default_context(), network_backend=backend)
        try:
            with _httpx_errors(request):
                answer = pool.handle_request(
                    httpcore.Request(
                        request.method, str(request.url), headers=request.headers.raw, content=request.read()
                    )
                )
            if any(name.lower() == b"content-encoding" and value != b"identity" for name, value in answer.headers):
                raise Broken("garbled")
        except BaseException:
            pool.close()
            raise
        body = _Body(answer, pool, request, self._max_bytes)
        return httpx2.Response(answer.status, headers=answer.headers, stream=body, request=request)


class _Body(httpx2.SyncByteStream):
    def __init__(
        self, answer: httpcore.Response, pool: httpcore.ConnectionPool, request: httpx2.Request, max_bytes: int
    ) -> None:
        self._answer, self._pool, self._request, self._left = answer, pool, request, max_bytes

    def __iter__(self) -> Iterator[bytes]:
        with _httpx_errors(self._request):
            for chunk in self._answer.iter_stream():
                self._left -= len(chunk)
                if self._left < 0:
                    raise Broken("answer_too_long")
                yield chunk

    def close(self) -> None:
        self._answer.close()
        self._pool.close()


@contextmanager
def _httpx_errors(request: httpx2.Request) -> Iterator[None]:
    try:
        yield
    except (httpcore.ConnectError, httpcore.ConnectTimeout):
        raise httpx2.ConnectError("no connection", request=request) from None
    except httpcore.TimeoutException:
        raise httpx2.ReadTimeout("the deadline passed", request=request) from None
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError):
        raise httpx2.ReadError("the connection broke", request=request) from None

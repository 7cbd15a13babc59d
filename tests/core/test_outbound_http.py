"""HTTP clients of libraries through our door: the same addresses, one deadline for the whole call, bounded answers."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx2
import pytest

from cs_portal.core.outbound import Broken, NotReached, OutboundRefused, Resolver
from cs_portal.core.outbound_http import GuardedTransport
from tests import model_server as behaviour
from tests.model_server import Behaviour, ModelServer, fails, model_server, says

LIMIT = 200_000


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server() as running:
        yield running


def _post(url: str, *, private: list[str], resolver: Resolver | None = None, seconds: float = 0.5) -> httpx2.Response:
    more = {} if resolver is None else {"resolver": resolver}
    transport = GuardedTransport(private_hosts=private, max_bytes=LIMIT, **more)
    with httpx2.Client(transport=transport, trust_env=False) as client:
        return client.post(url, json={}, timeout=seconds)


def test_a_listed_host_may_be_private_and_its_port_may_be_named(server: ModelServer) -> None:
    assert "All is well." not in _post(server.url, private=["127.0.0.1"]).text  # word by word
    assert _post(server.url, private=[server.host]).status_code == 200
    for private in ([], ["127.0.0.1:1"], ["127.0.0.2"]):
        with pytest.raises(OutboundRefused):
            _post(server.url, private=private)
    assert len(server.requests) == 2


def test_a_public_name_must_not_lead_into_the_own_network() -> None:
    with pytest.raises(OutboundRefused, match="private_address"):
        _post("https://models.example.com/", private=[], resolver=lambda *_: ["10.0.0.8"])
    with pytest.raises(NotReached, match="unknown_host"):
        _post("https://models.example.com/", private=[], resolver=lambda *_: [])


@pytest.mark.parametrize(
    ("behave", "error"),
    [
        (behaviour.hangs, httpx2.ReadTimeout),
        (behaviour.drips_headers, httpx2.ReadTimeout),
        (behaviour.drips_bytes, httpx2.ReadTimeout),
        (behaviour.drips_words, httpx2.ReadTimeout),
        (behaviour.floods, Broken),
        (behaviour.bomb, Broken),
        (behaviour.breaks_off, httpx2.ReadError),
    ],
)
def test_answers_without_an_end(server: ModelServer, behave: Behaviour, error: type[Exception]) -> None:
    server.always = behave
    started = time.monotonic()
    with pytest.raises(error):
        _post(server.url, private=[server.host])
    assert time.monotonic() - started < 2


def test_nobody_listens() -> None:
    with pytest.raises(httpx2.ConnectError):
        _post("http://127.0.0.1:1/", private=["127.0.0.1"])


def test_a_redirect_is_an_answer_and_an_error_has_its_body(server: ModelServer) -> None:
    server.plan.extend([fails(307, Location="http://169.254.169.254/"), says("no", status=500)])
    assert _post(server.url, private=[server.host]).status_code == 307
    assert _post(server.url, private=[server.host]).text == "no"
    assert server.headers[0]["accept-encoding"] == "identity"

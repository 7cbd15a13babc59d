"""Calls to addresses of others: never into our own network, whatever the name, the number or the moment."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from cs_portal.core import outbound
from cs_portal.core.outbound import NotReached, OutboundRefused


def _post(url: str, **more: Any) -> outbound.Answer:
    return outbound.post(url, body=b"{}", headers={}, seconds=0.5, max_bytes=100, **more)


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example.com/",
        "ftp://shop.example.com/",
        "https://user:secret@shop.example.com/",
        "https:///path",
        "https://shop.example.com:99999/",
        "https://[::1",
        "https://shöp.example.com/",
        "",
    ],
)
def test_addresses_that_are_never_called(url: str) -> None:
    with pytest.raises(OutboundRefused):
        _post(url, resolver=lambda *_: pytest.fail("resolved"))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.8",
        "172.16.3.4",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "ff02::1",
        "fec0::1",
        "3fff::1",
        "5f00::1",
        "64:ff9b:1::7f00:1",
        "not an address",
    ],
)
def test_a_name_of_a_private_address_is_refused(address: str) -> None:
    with pytest.raises(OutboundRefused, match="private_address"):
        _post("https://shop.example.com/", resolver=lambda *_: [address])


def test_one_private_address_among_public_ones_is_enough() -> None:
    with pytest.raises(OutboundRefused):
        _post("https://shop.example.com/", resolver=lambda *_: ["93.184.216.34", "127.0.0.1"])


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "[::ffff:127.0.0.1]", "localhost"])
def test_other_ways_to_write_loopback_are_refused(host: str) -> None:
    with pytest.raises((OutboundRefused, NotReached)):
        _post(f"https://{host}/")


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"])
def test_public_addresses_are_public(address: str) -> None:
    assert outbound.is_public(address)


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name is asked for once: what it says a moment later is never used."""
    asked: list[str] = []
    reached: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["93.184.216.34"] if len(asked) == 1 else ["127.0.0.1"]

    def connect(address: tuple[str, int], *_: Any, **__: Any) -> socket.socket:
        reached.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(NotReached):
        _post("https://shop.example.com/", resolver=rebinding)
    assert (asked, reached) == (["shop.example.com"], ["93.184.216.34"])


def test_a_name_that_nobody_knows_is_not_reached() -> None:
    def unknown(*_: Any) -> list[str]:
        raise socket.gaierror

    with pytest.raises(NotReached, match="unknown_host"):
        _post("https://shop.example.com/", resolver=unknown)


def test_only_a_named_host_may_be_private(settings: Any) -> None:
    settings.OUTBOUND_PRIVATE_HOSTS = ["shop.internal"]
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with pytest.raises(NotReached, match="no_connection"):
            _post(f"http://shop.internal:{port}/", resolver=lambda *_: ["127.0.0.1"])
    with pytest.raises(OutboundRefused):
        _post(f"http://other.internal:{port}/", resolver=lambda *_: ["127.0.0.1"])

"""Whose address counts."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from cs_portal.core.client_address import client_address


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "address"),
    [
        (False, "192.0.2.1", None, "192.0.2.1"),
        (False, "192.0.2.1", "203.0.113.9", "192.0.2.1"),
        (True, "192.0.2.1", None, "192.0.2.1"),
        (True, "192.0.2.1", "203.0.113.9", "203.0.113.9"),
        (True, "192.0.2.1", "10.0.0.1, 203.0.113.9", "203.0.113.9"),
        (True, "192.0.2.1", "203.0.113.9,", "192.0.2.1"),
        (True, "192.0.2.1", "nonsense", "unknown"),
        (False, "2001:db8:1:2:3:4:5:6", None, "2001:db8:1:2::/64"),
        (False, "::ffff:192.0.2.1", None, "192.0.2.1"),
        (False, "", None, "unknown"),
    ],
)
def test_client_address(settings: Any, trusted: bool, peer: str, forwarded: str | None, address: str) -> None:
    settings.TRUST_PROXY = trusted
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded, "X-Real-IP": "198.51.100.1"}
    request = RequestFactory().get("/", REMOTE_ADDR=peer, headers=headers)
    assert client_address(request) == address

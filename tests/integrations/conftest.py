from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Member, Merchant, Role
from cs_portal.merchants.services.tokens import create_token
from tests.factories import make_member, make_merchant


@dataclass
class Caller:
    """A program of a merchant, with a token."""

    merchant: Merchant
    owner: Member
    token: str

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        data = body if isinstance(body, (str, bytes)) else json.dumps(body)
        named = {"Authorization": f"Bearer {self.token}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        sent = {} if body is None else {"data": data, "content_type": "application/json"}
        return Client().generic(method, f"/api/v1/{path}", headers=named, **sent)


def caller(merchant: Merchant, *scopes: str) -> Caller:
    owner = make_member(merchant, Role.OWNER)
    with scope(merchant=merchant):
        _row, plain = create_token(
            by=owner, name="Shop", scopes=scopes or ("read", "write"), days=30, now=timezone.now()
        )
    return Caller(merchant, owner, plain)


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    made = make_merchant()
    with scope(merchant=made):
        yield made


@pytest.fixture
def shop(merchant: Merchant) -> Caller:
    return caller(merchant)

"""API tokens: shown once, hashed at rest, refused when revoked, expired, foreign or short of the scope."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from cs_portal.core.errors import Invalid, NotAllowed
from cs_portal.core.models import AuditEntry
from cs_portal.core.tenancy import scope, scopes_disabled
from cs_portal.merchants.models import ApiToken, Member, Role
from cs_portal.merchants.services.tokens import authenticate_token, create_token, revoke_token
from tests.factories import make_member, make_merchant

NOW = timezone.now()


@pytest.fixture
def ann(db: None) -> Iterator[Member]:
    merchant = make_merchant("mugs")
    member = make_member(merchant, Role.ADMIN)
    with scope(merchant=merchant):
        yield member


def _make(by: Member, scopes: tuple[str, ...] = ("read",), days: int | None = 30) -> tuple[ApiToken, str]:
    return create_token(by=by, name="ERP", scopes=scopes, days=days, now=NOW)


def test_the_token_opens_its_merchant_and_is_nowhere_in_the_database(ann: Member) -> None:
    token, plain = _make(ann)
    found = authenticate_token(presented=plain, scope="read", now=NOW)
    assert found is not None
    assert (found.pk, found.merchant) == (token.pk, ann.merchant)
    with scopes_disabled():
        stored = [str(row) for row in (*ApiToken.objects.values(), *AuditEntry.objects.values())]
    assert not any(plain in row or plain[10:] in row for row in stored)


def test_use_is_noted_once_a_minute(ann: Member) -> None:
    token, plain = _make(ann)
    for seconds, noted in ((0, 0), (30, 0), (90, 90)):
        authenticate_token(presented=plain, scope="read", now=NOW + timedelta(seconds=seconds))
        token.refresh_from_db()
        assert token.last_used_at == NOW + timedelta(seconds=noted)


def test_scope_expiry_and_revocation(ann: Member) -> None:
    token, plain = _make(ann)
    assert authenticate_token(presented=plain, scope="write", now=NOW) is None
    assert authenticate_token(presented=plain, scope="read", now=NOW + timedelta(days=30)) is None
    revoke_token(token_id=token.public_id, by=ann, now=NOW)
    assert authenticate_token(presented=plain, scope="read", now=NOW) is None


def test_a_token_without_end_stays(ann: Member) -> None:
    _token, plain = _make(ann, ("read", "write"), days=None)
    assert authenticate_token(presented=plain, scope="write", now=NOW + timedelta(days=4000)) is not None


@pytest.mark.parametrize("presented", ["", "csp_", "csp_" + "a" * 43, "x" * 5000, "csp_\x00", "Bearer csp_x"])
def test_guesses_open_nothing(ann: Member, presented: str) -> None:
    _make(ann)
    assert authenticate_token(presented=presented, scope="read", now=NOW) is None


@pytest.mark.parametrize(
    ("name", "scopes", "days"), [(" ", ["read"], 1), ("x", [], 1), ("x", ["root"], 1), ("x", ["read"], 0)]
)
def test_bad_input_makes_nothing(ann: Member, name: str, scopes: list[str], days: int) -> None:
    with pytest.raises(Invalid):
        create_token(by=ann, name=name, scopes=scopes, days=days, now=NOW)
    assert not ApiToken.objects.exists()


def test_only_configurers(ann: Member) -> None:
    olaf = make_member(ann.merchant, Role.OPERATOR)
    token, _plain = _make(ann)
    with pytest.raises(NotAllowed):
        _make(olaf)
    with pytest.raises(NotAllowed):
        revoke_token(token_id=token.public_id, by=olaf, now=NOW)
    assert ApiToken.objects.get().revoked_at is None

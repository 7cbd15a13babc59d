from datetime import UTC, datetime, timedelta

import pytest

from cs_portal.demo.identity import identity_token
from cs_portal.storefront.identity import IdentityRefused, verify_identity
from tests.factories import make_merchant, make_storefront

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


def test_the_token_is_the_contracts() -> None:
    # Worked out with: printf '%s' "$payload" | openssl dgst -sha256 -hmac secret
    assert identity_token("secret", shopper_id="s-001", expires_at=1795492800, name="Anna") == (
        "eyJzdWIiOiAicy0wMDEiLCAiZXhwIjogMTc5NTQ5MjgwMCwgIm5hbWUiOiAiQW5uYSJ9"
        ".9a5c4e3e6af52a4fd1ad2266d41407a128f350c8eb41f0fa55a0d232db8224b6"
    )


def test_it_has_no_padding_and_no_unsafe_character() -> None:
    for length in range(1, 9):
        payload, signature = identity_token("k", shopper_id="s" * length, expires_at=1, name="李娜??>>").split(".")
        assert set(payload) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        assert len(signature) == 64


@pytest.mark.django_db
def test_the_portal_believes_it_and_nobody_elses() -> None:
    storefront = make_storefront(make_merchant())
    expires_at = int((NOW + timedelta(hours=1)).timestamp())
    token = identity_token(
        storefront.identity_secret, shopper_id="s-002", expires_at=expires_at, name="林晓雨", email="lin@example.com"
    )
    identity = verify_identity(token, storefront=storefront, now=NOW)
    assert (identity.sub, identity.name, identity.email) == ("s-002", "林晓雨", "lin@example.com")
    forged = identity_token("a guess", shopper_id="s-002", expires_at=expires_at)
    with pytest.raises(IdentityRefused):
        verify_identity(forged, storefront=storefront, now=NOW)
    with pytest.raises(IdentityRefused):
        verify_identity(token, storefront=storefront, now=NOW + timedelta(hours=1))

"""The signed identity: what proves it, and everything that does not."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest

from cs_portal.core.secrets import encrypt
from cs_portal.merchants.models import Merchant, Storefront
from cs_portal.storefront.identity import Identity, IdentityRefused, sign_identity, verify_identity
from tests.factories import make_storefront
from tests.storefront.conftest import NOW

SECRET = "0123456789abcdef0123456789abcdef"
EXP = int((NOW + timedelta(hours=1)).timestamp())


@pytest.fixture
def shop(merchant: Merchant) -> Storefront:
    return make_storefront(merchant, identity_secret_encrypted=encrypt(SECRET))


def token(payload: Any, secret: str = SECRET, *, pad: bool = False) -> str:
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    body = base64.urlsafe_b64encode(raw).decode()
    body = body if pad else body.rstrip("=")
    return f"{body}.{hmac.new(secret.encode(), body.encode(), hashlib.sha256).hexdigest()}"


def refusal(value: str, shop: Storefront) -> str:
    with pytest.raises(IdentityRefused) as caught:
        verify_identity(value, storefront=shop, now=NOW)
    return str(caught.value)


def test_a_known_token_is_this_one() -> None:
    # The signature is what `openssl dgst -sha256 -hmac` says.
    signed = sign_identity(secret=SECRET, sub="s-17", expires_at=NOW + timedelta(hours=1))
    body, signature = signed.split(".")
    assert body == "eyJzdWIiOiJzLTE3IiwiZXhwIjoxNzk1NTE4MDAwfQ"
    assert signature == "c30e436ef8aea2ab1480594614d764d6d151a3f0ec8695e5f60828efbfc2aee6"


def test_all_fields_are_read(shop: Storefront) -> None:
    signed = sign_identity(
        secret=SECRET, sub="s-17", expires_at=NOW + timedelta(hours=24), name="李伟", email="li@example.com"
    )
    assert verify_identity(signed, storefront=shop, now=NOW) == Identity("s-17", "李伟", "li@example.com")


@pytest.mark.parametrize("pad", [True, False])
def test_padding_of_the_payload_is_the_signers_choice(shop: Storefront, pad: bool) -> None:
    signed = token({"sub": "s-1", "exp": EXP}, pad=pad)
    assert verify_identity(signed, storefront=shop, now=NOW) == Identity("s-1")


def test_every_flipped_bit_is_refused(shop: Storefront) -> None:
    good = token({"sub": "s-17", "exp": EXP}).encode()
    for at in range(len(good)):
        for bit in range(8):
            bad = bytearray(good)
            bad[at] ^= 1 << bit
            assert refusal(bytes(bad).decode("latin-1"), shop) in {"malformed", "signature"}


@pytest.mark.parametrize(
    "value",
    ["", ".", "a", "a.", ".a", f".{'0' * 64}", "a.b.c", " ", f"e30.{'0' * 63}", f"e30.{'G' * 64}", f"é.{'0' * 64}"],
)
def test_what_is_no_token_is_malformed(shop: Storefront, value: str) -> None:
    assert refusal(value, shop) == "malformed"


def test_a_blank_signature_is_refused(shop: Storefront) -> None:
    assert refusal(token({"sub": "s-17", "exp": EXP}).partition(".")[0] + ".", shop) == "malformed"


@pytest.mark.parametrize("blank", ["", None])
def test_a_storefront_with_a_blank_secret_knows_nobody(merchant: Merchant, blank: str | None) -> None:
    stored = encrypt("") if blank == "" else "not encrypted by us"
    shop = make_storefront(merchant, identity_secret_encrypted=stored)
    assert refusal(token({"sub": "s-17", "exp": EXP}, ""), shop) == "signature"


def test_another_storefronts_token_is_refused(merchant: Merchant, shop: Storefront) -> None:
    other = make_storefront(merchant, "other")
    signed = sign_identity(secret=other.identity_secret, sub="s-17", expires_at=NOW + timedelta(hours=1))
    assert refusal(signed, shop) == "signature"


def test_an_upper_case_signature_is_not_ours(shop: Storefront) -> None:
    body, _, signature = token({"sub": "s-17", "exp": EXP}).partition(".")
    assert refusal(f"{body}.{signature.upper()}", shop) == "malformed"


@pytest.mark.parametrize(
    ("exp", "why"),
    [
        (int(NOW.timestamp()), "expired"),
        (int(NOW.timestamp()) - 1, "expired"),
        (0, "expired"),
        (-1, "expired"),
        (int(NOW.timestamp()) + 86_401, "exp is more than 24 hours ahead"),
        (10**30, "exp is more than 24 hours ahead"),
        (None, "exp"),
        (str(EXP), "exp"),
        (float(EXP), "exp"),
        (True, "exp"),
    ],
)
def test_the_expiry_must_be_soon(shop: Storefront, exp: Any, why: str) -> None:
    assert refusal(token({"sub": "s-17", "exp": exp}), shop) == why


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"sub": ""}, "sub"),
        ({"sub": " "}, "sub"),
        ({"sub": " s-17"}, "sub"),
        ({"sub": None}, "sub"),
        ({"sub": 17}, "sub"),
        ({"sub": "x" * 65}, "sub"),
        ({"sub": "a\x00b"}, "sub"),
        ({"sub": "s-17", "name": 5}, "name"),
        ({"sub": "s-17", "name": "x" * 121}, "name"),
        ({"sub": "s-17", "email": "nobody"}, "email"),
        ({"sub": "s-17", "tags": ["vip"]}, "unknown field tags"),
    ],
)
def test_fields_are_checked(shop: Storefront, fields: dict[str, Any], why: str) -> None:
    assert refusal(token(fields | {"exp": EXP}), shop) == why


@pytest.mark.parametrize("payload", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 1000])
def test_a_signed_payload_must_be_an_object(shop: Storefront, payload: bytes) -> None:
    assert refusal(token(payload), shop) == "malformed"


def test_a_token_of_any_length_is_refused_quickly(shop: Storefront) -> None:
    assert refusal(token({"sub": "s-17", "exp": EXP, "name": "x" * 3000}), shop) == "malformed"


@pytest.mark.parametrize(("secret", "sub"), [("", "s-17"), (SECRET, "")])
def test_nothing_blank_is_signed(secret: str, sub: str) -> None:
    with pytest.raises(ValueError, match="needs a secret and an id"):
        sign_identity(secret=secret, sub=sub, expires_at=NOW)

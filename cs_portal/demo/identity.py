"""How a shop's server proves to the chat who is signed in; a merchant writes a function like this one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json


def identity_token(secret: str, *, shopper_id: str, expires_at: int, name: str = "", email: str = "") -> str:
    """``base64url(JSON without padding) + "." + hex(HMAC-SHA256(secret, that))``.

    ``secret`` is the storefront's, which never leaves the server; ``expires_at`` counts seconds since 1970 and lies at
    most 24 hours ahead.
    """
    claims: dict[str, str | int] = {"sub": shopper_id, "exp": expires_at}
    if name:
        claims["name"] = name
    if email:
        claims["email"] = email
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=")
    signature = hmac.new(secret.encode(), payload, hashlib.sha256).hexdigest()
    return f"{payload.decode()}.{signature}"

"""Refusals of the chat's HTTP interface that are no business of the domain."""

from __future__ import annotations

from typing import ClassVar


class Refusal(Exception):
    """``status`` and ``code`` are what the client gets; ``detail`` helps the shop's developers."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad_request"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.code)
        self.detail = detail


class BadRequest(Refusal):
    """The body is not JSON."""


class Unauthenticated(Refusal):
    """No token, or one that opens nothing."""

    status, code = 401, "unauthenticated"


class CrossOrigin(Refusal):
    """A page that is not the portal's own asked."""

    status, code = 403, "cross_origin"


class OriginRefused(Refusal):
    """The shop's page is not among the storefront's allowed origins."""

    status, code = 403, "origin_refused"


class IdentityNotProven(Refusal):
    """The signed identity is forged, blank, expired or of another storefront."""

    status, code = 403, "identity_refused"


class TokenRefused(Refusal):
    """The session token belongs to another storefront."""

    status, code = 403, "token_refused"


class TooLarge(Refusal):
    """The body is larger than this call takes: 64 kB, or 8 MB for a photo."""

    status, code = 413, "too_large"


class WrongType(Refusal):
    """The body is not declared as what this call takes."""

    status, code = 415, "wrong_content_type"

"""Named errors of the domain. Views turn them into 404, 409, 422 or 429; services only raise them."""

from __future__ import annotations


class DomainError(Exception):
    """Something that the caller may tell the user. ``args[0]`` is a sentence, already translated where it is shown."""


class NotFound(DomainError):
    """No such row for this merchant; also what a stranger gets."""


class Conflict(DomainError):
    """The row moved since it was read (HTTP 409)."""


class NotAllowed(DomainError):
    """The member's role does not permit this."""


class Invalid(DomainError):
    """Input that breaks a rule (HTTP 422); ``field`` names where."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class TooMany(DomainError):
    """A rate limit was hit (HTTP 429)."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(f"Too many requests; try again in {retry_after_seconds} s.")
        self.retry_after_seconds = retry_after_seconds

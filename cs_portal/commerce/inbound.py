"""Shop systems that tell us of their orders and products by themselves.

Who receives their webhooks lies above this app and is handed down by :func:`register`; pages that show and configure it
reach it here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from cs_portal.merchants.models import Member


@dataclass(frozen=True, slots=True)
class Sender:
    """A shop whose webhooks are accepted at ``address``. ``received`` and ``refused`` count what is remembered."""

    id: UUID
    domain: str
    storefront: str
    address: str
    is_active: bool
    created_at: datetime
    last_received_at: datetime | None
    received: int
    refused: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """``problem`` says where a refused one was wrong, never what was sent."""

    topic: str
    outcome: str
    problem: str
    at: datetime


class Inbound(Protocol):
    """The senders of the active merchant."""

    def senders(self) -> Sequence[Sender]: ...

    def deliveries(self, *, sender_id: UUID, limit: int) -> Sequence[Delivery]: ...

    def accept(self, *, domain: str, secret: str, storefront: str, by: Member, now: datetime) -> None:
        """Accept a shop's webhooks; the same shop again gets the new secret. Raises ``Invalid`` and ``NotAllowed``."""
        ...

    def stop(self, *, sender_id: UUID, by: Member, now: datetime) -> None:
        """Take nothing more from it; what was received stays. Raises ``NotFound`` and ``NotAllowed``."""
        ...


_inbound: Inbound | None = None


def register(inbound: Inbound) -> None:
    """Say who receives; called once, when the apps are ready."""
    global _inbound
    _inbound = inbound


def inbound() -> Inbound:
    assert _inbound is not None, "nobody receives webhooks"
    return _inbound

"""The append-only log of decisions: who or what, did what, to which row, resting on which versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from cs_portal.core.models import AuditEntry


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a member, a shopper, an autopilot rule, or the system itself. ``id`` is a public id."""

    kind: Literal["member", "shopper", "autopilot", "system"]
    id: str


SYSTEM = Actor("system", "")


def record(
    *, merchant_id: int, actor: Actor, action: str, target: str, now: datetime, data: Mapping[str, Any] | None = None
) -> AuditEntry:
    """Append an entry in the caller's transaction. ``data`` holds ids, versions, amounts and states, never text."""
    return AuditEntry.objects.create(
        merchant_number=merchant_id,
        actor_kind=actor.kind,
        actor_id=actor.id,
        action=action,
        target=target,
        at=now,
        data=dict(data or {}),
    )

"""What a connector is asked to do, and how it refuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cs_portal.core.errors import Conflict


class ActionRefused(Conflict):
    """The shop does not carry the action out: the order moved, or the money is not there."""


@dataclass(frozen=True, slots=True)
class Action:
    """One action on one order, as the verdict decided it. ``key`` makes it happen once.

    ``payments`` says which payment gives back how much (minor units of the order's currency).
    """

    kind: str
    order_id: int
    key: str
    payments: Sequence[Mapping[str, Any]] = ()
    lines: Sequence[Mapping[str, Any]] = ()
    address: Mapping[str, str] | None = None


SUPPORTED = frozenset({"refund", "return", "exchange", "cancel", "change_address"})

"""What a connector is asked to do, and how it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from cs_portal.commerce.history import PORTAL, Provenance
from cs_portal.commerce.models import ActionKind, OrderAction
from cs_portal.core.errors import Conflict


class ActionRefused(Conflict):
    """The shop does not carry the action out: the order moved, or the money is not there. ``code`` says which."""

    def __init__(self, message: object, *, code: str = "refused") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Action:
    """One action on one order, as the verdict decided it. ``key`` makes it happen once.

    ``payments`` says which payment gives back how much (minor units of the order's currency); ``amount_minor`` alone is
    split over the payments by the rule. ``shipping_minor`` of the amount is shipping fee, ``restocking_fee_minor`` was
    kept. ``lines`` are the request's; none means all. ``payment_method`` is the shopper's that money goes to or comes
    from. A new order names no ``order_id`` but a ``shopper_id``, and is placed only when the shopper ``confirmed``.
    """

    kind: str
    order_id: int | None
    key: str
    payments: Sequence[Mapping[str, Any]] = ()
    lines: Sequence[Mapping[str, Any]] = ()
    address: Mapping[str, str] | None = None
    amount_minor: int | None = None
    shipping_minor: int = 0
    restocking_fee_minor: int = 0
    payment_method: str | None = None
    shopper_id: int | None = None
    confirmed: bool = False
    reason: str = ""
    provenance: Provenance = PORTAL

    @classmethod
    def of(cls, row: OrderAction) -> Action:
        """The action that a row stands for."""
        request, verdict = row.request, row.verdict
        amount = verdict.get("amount_minor")
        return cls(
            kind=row.kind,
            order_id=row.order_id,
            key=row.key,
            payments=tuple(verdict.get("payments") or ()),
            lines=tuple(request.get("lines") or ()),
            address=request.get("address"),
            amount_minor=amount or None,
            shipping_minor=verdict.get("shipping_minor") or 0,
            restocking_fee_minor=verdict.get("restocking_fee_minor") or 0,
            payment_method=request.get("payment_method"),
            shopper_id=row.shopper_id,
            confirmed=bool(request.get("confirmed")),
            reason=request.get("reason") or "",
            provenance=Provenance(
                source=row.approved_by_kind or PORTAL.source,
                by=row.approved_by,
                rules=row.rules,
                rules_version=verdict.get("version"),
                rule=verdict.get("rule") or "",
                draft=row.draft,
                action=row.public_id,
            ),
        )


@dataclass(frozen=True, slots=True)
class Done:
    """The shop did it. ``reference`` is its own id of what it did, ``number`` that of an order it placed."""

    reference: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The shop did not do it, and will not. ``code`` is for the log and the operator, never a text of the shop."""

    code: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """Nothing reached the shop, or it asked to come again: calling once more is safe."""

    code: str
    retry_after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody knows whether the shop did it: only a look-up may lead on."""

    code: str


@dataclass(frozen=True, slots=True)
class NotFound:
    """A look-up's answer: the shop knows nothing of the action, so it was not done."""


Result = Done | Refused | NotSent | Unknown


class Connector(Protocol):
    """A shop system. Its calls happen outside of any transaction; none raises for what the shop answers."""

    name: ClassVar[str]
    supports: frozenset[str]

    def look_up_order(self, number: str) -> Mapping[str, Any] | None:
        """The canonical order of that number, or None; raises :class:`ShopUnavailable`."""

    def execute(self, row: OrderAction) -> Result:
        """Do it, under the row's key. Called once for a row, unless the call before was :class:`NotSent`."""

    def look_up(self, row: OrderAction) -> Result | NotFound:
        """What became of an earlier :meth:`execute`. Changes nothing in the shop."""


class ShopUnavailable(Exception):
    """The shop system did not answer, or not in its own terms. ``args[0]`` is a code."""


ALL_KINDS = frozenset(ActionKind.values)

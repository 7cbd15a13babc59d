"""A plan: the steps by which an action changes an order, in the order in which they are taken.

Preview and execution are the same plan; it can be kept as JSON, compared, and told in words
(:mod:`cs_portal.commerce.actions.words`). It holds ids, amounts and titles of products, nothing about a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, Self


class StepKind(StrEnum):
    """What a step does. Money first, then pieces, then the order itself."""

    MONEY_BACK = "money_back"  #: ``amount_minor`` goes back by ``payment``
    MONEY_TO = "money_to"  #: … and goes to the shopper's method ``method_id`` instead of where it came from
    MONEY_PROMISED = "money_promised"  #: ``amount_minor`` will go back by ``payment`` once the pieces are here
    MONEY_TAKEN = "money_taken"  #: ``amount_minor`` is paid by ``method_id``, as the new payment ``payment``
    CARD_CREDITED = "card_credited"  #: the balance of the gift card ``method_id`` grows
    CARD_DEBITED = "card_debited"  #: … shrinks
    PAYMENT_MOVED = "payment_moved"  #: what was not paid yet will be paid by ``method_id``
    PAYMENT_LOWERED = "payment_lowered"  #: … and comes to ``amount_minor`` less
    PAYMENT_RAISED = "payment_raised"  #: … more
    SHIPPING_BACK = "shipping_back"  #: how much of the money is shipping fee
    FEE_KEPT = "fee_kept"  #: how much is kept for restocking
    OFF_BEFORE = "off_before"  #: how much less it is because that much went back before, for no item in particular
    REFUNDED = "refunded"  #: ``quantity`` pieces of ``line`` are settled by the money
    LEFT_OUT = "left_out"  #: … were asked for as well, but are on a return or an exchange that is still open
    RETURNED = "returned"
    RECEIVED = "received"  #: … of a return are here
    EXCHANGED = "exchanged"  #: … for ``variant``, or for one that is yet to be chosen
    CANCELLED = "cancelled"
    RESENT = "resent"
    REPLACED = "replaced"  #: … become ``variant`` at ``amount_minor`` a piece
    STOCK_TAKEN = "stock_taken"  #: ``quantity`` of ``variant`` leave the stock
    STOCK_BACK = "stock_back"
    LINE = "line"  #: a line of a new order, at ``amount_minor`` a piece
    TOTAL = "total"  #: what a new order comes to
    ADDRESS = "address"
    SHIPMENT = "shipment"
    STATUS = "status"  #: from ``was`` to ``status``


@dataclass(frozen=True, slots=True)
class Step:
    what: StepKind
    line: str = ""
    title: str = ""
    product: str = ""
    variant: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    quantity: int = 0
    payment: str = ""
    method: str = ""
    method_id: str = ""
    amount_minor: int = 0
    was: str = ""
    status: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Only what says something."""
        return {each.name: value for each in fields(self) if (value := getattr(self, each.name))}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        return cls(**{**data, "what": StepKind(data["what"])})


@dataclass(frozen=True, slots=True)
class Plan:
    """``order`` is the number of the order, empty for one that is to be placed."""

    kind: str
    currency: str
    order: str = ""
    steps: tuple[Step, ...] = ()

    def of(self, *kinds: StepKind) -> Iterator[Step]:
        return (step for step in self.steps if step.what in kinds)

    def amount(self, kind: StepKind) -> int:
        """The sum of the steps of that kind, in minor units."""
        return sum(step.amount_minor for step in self.of(kind))

    @property
    def money_back_minor(self) -> int:
        return self.amount(StepKind.MONEY_BACK)

    @property
    def given_back_minor(self) -> int:
        """What goes back now, and what is promised for when the pieces are here."""
        return self.money_back_minor + self.amount(StepKind.MONEY_PROMISED)

    def to_dict(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "currency": self.currency,
            "order": self.order,
            "steps": [step.to_dict() for step in self.steps],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            kind=data["kind"],
            currency=data["currency"],
            order=data["order"],
            steps=tuple(Step.from_dict(step) for step in data["steps"]),
        )

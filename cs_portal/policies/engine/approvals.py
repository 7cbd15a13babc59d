"""Who approves how much: tiers by amount, for each currency.

JSON: ``{"CNY": [{"up_to_minor": 20000, "approver": "autopilot"}, {"up_to_minor": 200000, "approver": "operator"},
{"approver": "admin"}]}``. The first tier that the amount fits into names who must at least approve; the last has no
bound. What a rule itself demands stands where it is stricter. An amount in a currency without tiers is `NO_APPROVER`:
nobody was named for it, so a person decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .missing import Missing, Problem
from .money import MINOR_DIGITS
from .reading import ObjectReader, RulesetError
from .vocabulary import APPROVERS


@dataclass(frozen=True, slots=True)
class Tier:
    """`up_to_minor` is included; None is no bound."""

    up_to_minor: int | None
    approver: str


Approvals = Mapping[str, tuple[Tier, ...]]


def tier_of(approvals: Approvals, amount_minor: int, currency: str) -> Tier | Missing:
    """The tier that the amount fits into."""
    for tier in approvals.get(currency, ()):
        if tier.up_to_minor is None or amount_minor <= tier.up_to_minor:
            return tier
    return Missing(Problem.NO_APPROVER)


def stricter(one: str, other: str) -> str:
    return max(one, other, key=APPROVERS.index)


def parse_approvals(parent: ObjectReader, key: str) -> dict[str, tuple[Tier, ...]]:
    read = ObjectReader(parent.value(key), parent.at(key), known=MINOR_DIGITS, error=RulesetError)
    found = {currency: _parse_tiers(read, currency) for currency in MINOR_DIGITS if read.has(currency)}
    if not found:
        raise parent.fail(key, "must name at least one currency")
    return found


def _parse_tiers(read: ObjectReader, currency: str) -> tuple[Tier, ...]:
    tiers: list[Tier] = []
    for item, path in read.items(currency):
        tier = ObjectReader(item, path, known=("up_to_minor", "approver"), error=RulesetError)
        tiers.append(Tier(tier.optional_integer("up_to_minor"), tier.choice("approver", APPROVERS)))
        if len(tiers) > 1:
            _follows(tiers[-2], tiers[-1], tier)
    if not tiers or tiers[-1].up_to_minor is not None:
        raise read.fail(currency, "must end with a tier without up_to_minor")
    return tuple(tiers)


def _follows(before: Tier, tier: Tier, read: ObjectReader) -> None:
    if before.up_to_minor is None or (tier.up_to_minor is not None and tier.up_to_minor <= before.up_to_minor):
        raise read.fail("up_to_minor", "must be more than that of the tier before")
    if APPROVERS.index(tier.approver) < APPROVERS.index(before.approver):
        raise read.fail("approver", "must not be less than that of the tier before")


def approvals_to_dict(approvals: Approvals) -> dict[str, Any]:
    return {
        currency: [
            {**({} if tier.up_to_minor is None else {"up_to_minor": tier.up_to_minor}), "approver": tier.approver}
            for tier in tiers
        ]
        for currency, tiers in approvals.items()
    }

"""What the rules decided, and the money that went back because of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count
from django.db.models.fields.json import KT

from cs_portal.analytics.filters import Filters, drafts, reviews
from cs_portal.commerce.models import Refund
from cs_portal.core.public_ids import as_uuid
from cs_portal.drafting.models import Decision, DraftState

#: Refunds whose reviews are looked up in one query.
LOOKED_UP = 900


@dataclass(frozen=True, slots=True)
class Deciding:
    """``by_rule`` counts drafts by rule and outcome. ``refunded`` is money in minor units and refunds, by currency."""

    by_rule: dict[str, Counter[str]]
    overridden: int
    refunded: dict[str, tuple[int, int]]

    @property
    def outcomes(self) -> Counter[str]:
        return sum(self.by_rule.values(), Counter())


def deciding(filters: Filters) -> Deciding:
    """Four queries, and one more for every 900 refunds. A draft that a newer one replaced counts no more."""
    by_rule: dict[str, Counter[str]] = {}
    decided = drafts(filters).exclude(verdict=None).exclude(state=DraftState.SUPERSEDED)
    counted = decided.values_list(KT("verdict__rule"), KT("verdict__outcome")).annotate(n=Count("pk")).order_by("-n")
    for rule, outcome, n in counted:
        by_rule.setdefault(rule or "", Counter())[outcome or ""] += n
    return Deciding(
        by_rule=by_rule,
        overridden=reviews(filters).filter(decision=Decision.OVERRIDDEN).count(),
        refunded=refunded(filters),
    )


def refunded(filters: Filters) -> dict[str, tuple[int, int]]:
    """Refunds that approvals of the period carried out: the refund's key is the review's public id.

    Refunds are fewer than approvals, so those since the beginning are read and their reviews looked up.
    """
    start, _end = filters.span
    refunds = (
        Refund.objects.filter(created_at__gte=start).order_by().values_list("key", "amount_minor", "order__currency")
    )
    made = {key: refund for text, *refund in refunds.iterator(chunk_size=5000) if (key := _review(text))}
    approved = reviews(filters).filter(
        decision__in=[Decision.APPROVED, Decision.EDITED], executed_at__isnull=False, draft__request__isnull=False
    )
    money: Counter[str] = Counter()
    number: Counter[str] = Counter()
    keys = list(made)
    for at in range(0, len(keys), LOOKED_UP):
        for key in approved.filter(public_id__in=keys[at : at + LOOKED_UP]).values_list("public_id", flat=True):
            amount, currency = made[key]
            money[currency] += amount
            number[currency] += 1
    return {currency: (money[currency], number[currency]) for currency in sorted(money)}


def _review(text: str) -> UUID | None:
    """None for a key that no review gave: other systems make refunds, too."""
    key = as_uuid(text)
    return key if str(key) == text else None

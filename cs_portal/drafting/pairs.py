"""Four eyes: whether two people must agree to what an action gives back, and who agreed so far."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Sum

from cs_portal.commerce.actions.plan import Plan
from cs_portal.commerce.models import Order
from cs_portal.drafting.models import Decision, Draft, DraftState, PairLimit, Review
from cs_portal.drafting.staleness import fingerprint


def needs_pair(plan: Plan | None, *, order: Order | None) -> bool:
    """Whether ``plan`` gives back, or promises to, more than one person may let go. No query where it gives nothing.

    What the ``order`` gave back or promised before counts in, as for the rules' tiers: many small amounts are no way
    around the limit.
    """
    if plan is None or not plan.given_back_minor:
        return False
    limit = PairLimit.objects.filter(currency=plan.currency).first()
    if limit is None:
        return False
    return plan.given_back_minor + _given_before(order) > limit.above_minor


def _given_before(order: Order | None) -> int:
    if order is None:
        return 0
    under_way = order.returns.filter(received_at=None, closed_at=None).aggregate(promised=Sum("amount_minor"))
    return int(order.refunded_minor) + int(under_way["promised"] or 0)


def agreed_once(**by: Any) -> Exists:
    """Of drafts: whether somebody agreed first, be it to what they are now or to what they were.

    Where no limit asks for two any more, in the currency of the order, that counts for nothing.
    """
    limited = Exists(PairLimit.objects.filter(currency=OuterRef("draft__order__currency")))
    return Exists(Review.objects.filter(limited, draft=OuterRef("pk"), decision=Decision.FIRST, undone_at=None, **by))


def first_approval(draft: Draft) -> Review | None:
    """Who agreed to the waiting draft as it is now; ``None`` as soon as anything of it moved."""
    return first_approvals([draft]).get(draft.pk)


def first_approvals(drafts: Iterable[Draft]) -> dict[int, Review]:
    """The same by draft; one query, none where no draft waits."""
    waiting = {draft.pk: draft for draft in drafts if draft.state == DraftState.READY}
    if not waiting:
        return {}
    rows = Review.objects.filter(draft__in=waiting, decision=Decision.FIRST, undone_at=None)
    last = {row.draft_id: row for row in rows.select_related("member__user", "candidate").order_by("id")}
    return {pk: row for pk, row in last.items() if _stands(row, waiting[pk])}


def _stands(row: Review, draft: Draft) -> bool:
    """What a colleague agreed to who has left since, or may not review any more, counts no longer."""
    return row.member is not None and row.member.may_be_assigned and row.seen == fingerprint(draft)

"""Four eyes: whether two people must agree to what an action gives back, and who agreed so far."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef

from cs_portal.commerce.actions.plan import Plan
from cs_portal.drafting.models import Decision, Draft, DraftState, PairLimit, Review
from cs_portal.drafting.staleness import fingerprint


def needs_pair(plan: Plan | None) -> bool:
    """Whether ``plan`` gives back, or promises to, more than one person may let go. No query where it gives nothing."""
    if plan is None or not plan.given_back_minor:
        return False
    return PairLimit.objects.filter(currency=plan.currency, above_minor__lt=plan.given_back_minor).exists()


def agreed_once(**by: Any) -> Exists:
    """Of drafts: whether somebody agreed first, be it to what they are now or to what they were."""
    return Exists(Review.objects.filter(draft=OuterRef("pk"), decision=Decision.FIRST, undone_at=None, **by))


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

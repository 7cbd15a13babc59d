"""An approved draft comes back to the queue unsent, and says why."""

from __future__ import annotations

from datetime import datetime

from cs_portal.core.audit import Actor, record
from cs_portal.drafting.evidence import Texts
from cs_portal.drafting.models import Draft, DraftState, Review
from cs_portal.drafting.services.faq_hits import keep_hits
from cs_portal.drafting.services.notices import tell_console


def reopen(draft: Draft, review: Review, *, because: Texts, now: datetime) -> None:
    """Within the caller's transaction, which holds the draft."""
    Review.objects.filter(pk=review.pk).update(undone_at=now)
    Draft.objects.filter(pk=draft.pk).update(state=DraftState.READY, closed_at=None, reopened_because=because)
    keep_hits(draft)
    log_sending(draft, review, "draft.reopened", now)
    tell_console(draft, "draft:reopened", now=now)


def approver_of(review: Review) -> Actor:
    """The member who approved, or the autopilot rule that was on."""
    if review.autopilot is not None:
        return Actor("autopilot", review.autopilot["rule"])
    return Actor("member", str(review.member.public_id)) if review.member else Actor("system", "")


def log_sending(draft: Draft, review: Review, action: str, now: datetime, **data: str | int) -> None:
    """What became of an approval, in the name of who gave it."""
    verdict = draft.verdict or {}
    record(
        merchant_id=draft.merchant_id,
        actor=approver_of(review),
        action=action,
        target=f"draft:{draft.public_id}",
        now=now,
        data={
            "review": str(review.public_id),
            "ruleset": str(draft.ruleset.public_id) if draft.ruleset else "",
            "rule": verdict.get("rule") or "",
            "overridden": bool(draft.override),
            "model": draft.model_version,
            **data,
        },
    )

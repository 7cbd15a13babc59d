"""The first of two people who must agree to what goes back: their approval waits for a colleague's."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from cs_portal.core.audit import Actor, record
from cs_portal.drafting.errors import TooLateToUndo
from cs_portal.drafting.models import Decision, Draft, DraftCandidate, Review
from cs_portal.drafting.pairs import first_approval
from cs_portal.drafting.services.notices import tell_console
from cs_portal.drafting.services.roles import require_reviewer
from cs_portal.drafting.staleness import fingerprint
from cs_portal.merchants.models import Member


def agree_first(
    draft: Draft,
    *,
    by: Member,
    candidate: DraftCandidate | None,
    text: str,
    cards: list[dict[str, str]],
    plan: dict[str, Any] | None,
    now: datetime,
) -> Review:
    """Within the caller's transaction, which holds the waiting draft and has checked it. Nothing leaves by it."""
    Draft.objects.filter(pk=draft.pk).update(cards=cards, claimed_by=None, claimed_until=None)
    draft.refresh_from_db(fields=["cards", "claimed_by", "claimed_until"])
    review: Review = Review.objects.create(
        draft=draft,
        member=by,
        decision=Decision.FIRST,
        candidate=candidate,
        text=text,
        plan=plan,
        seen=fingerprint(draft),
        created_at=now,
    )
    _log(draft, by, "draft.agreed_first", review, now)
    tell_console(draft, "draft:updated", now=now)
    return review


def withdraw_first(*, draft_id: UUID, by: Member, now: datetime) -> Draft:
    """Take one's own approval back while it waits for a colleague's; raises :class:`TooLateToUndo` otherwise."""
    require_reviewer(by)
    with transaction.atomic():
        draft: Draft = Draft.objects.select_for_update().get(pk=Draft.by_public_id(draft_id).pk)
        review = first_approval(draft)
        if review is None or review.member_id != by.pk:
            raise TooLateToUndo(_("It is too late to undo: the draft was worked on since."))
        Review.objects.filter(pk=review.pk).update(undone_at=now)
        _log(draft, by, "draft.undone", review, now)
        tell_console(draft, "draft:undone", now=now)
    return draft


def _log(draft: Draft, by: Member, action: str, review: Review, now: datetime) -> None:
    record(
        merchant_id=draft.merchant_id,
        actor=Actor("member", str(by.public_id)),
        action=action,
        target=f"draft:{draft.public_id}",
        now=now,
        data={"review": str(review.public_id)},
    )

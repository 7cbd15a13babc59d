"""The bot's wordings are no good: a person has to answer. And: that was a mistake, have them back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from cs_portal.conversations.models import Conversation
from cs_portal.core.audit import Actor, record
from cs_portal.core.errors import Invalid
from cs_portal.drafting.errors import DraftAlreadyDecided, TooLateToUndo
from cs_portal.drafting.models import Decision, Draft, DraftState, RejectReason, Review
from cs_portal.drafting.services.claims import refuse_claimed
from cs_portal.drafting.services.faq_hits import keep_hits
from cs_portal.drafting.services.notices import tell_console
from cs_portal.drafting.services.roles import require_reviewer
from cs_portal.merchants.models import Member


def reject_draft(*, draft_id: UUID, by: Member, reason: str, note: str, now: datetime) -> Review:
    """Discard the bot's wordings. The question stays in the queue, for a person to answer or to ask the bot anew."""
    require_reviewer(by)
    draft = Draft.by_public_id(draft_id)
    if draft.state != DraftState.READY:
        raise DraftAlreadyDecided(_("A colleague was faster: this draft is decided."))
    refuse_claimed(draft, by, now)
    if reason not in RejectReason.values:
        raise Invalid(_("Choose a reason."), field="reason")
    if len(note) > 500:
        raise Invalid(_("A note has at most 500 characters."), field="note")
    with transaction.atomic():
        # Locks in the order in which every writer takes them: conversation, draft.
        conversation = Conversation.objects.select_for_update().get(pk=draft.conversation_id)
        held = Draft.objects.select_for_update().filter(pk=draft.pk, state=DraftState.READY).first()
        if held is None:
            raise DraftAlreadyDecided(_("A colleague was faster: this draft is decided."))
        Conversation.objects.filter(pk=conversation.pk).update(needs_person=True)
        Draft.objects.filter(pk=draft.pk).update(
            generation=F("generation") + 1,
            needs_person=True,
            model_state="done",
            model_note="",
            model_attempts=[],
            claimed_by=None,
        )
        review = Review.objects.create(
            draft=draft,
            member=by,
            decision=Decision.REJECTED,
            candidate=held.candidates.filter(generation=held.generation, position=held.selected).first(),
            reason=reason,
            note=note.strip(),
            before={
                "generation": held.generation,
                "draft_needs_person": held.needs_person,
                "conversation_needs_person": conversation.needs_person,
            },
            created_at=now,
        )
        keep_hits(draft)
        _log(draft, by, "draft.rejected", now, reason=reason)
        tell_console(draft, "draft:rejected", now=now)
    return review


def standing_rejection(draft: Draft) -> Review | None:
    """The rejection that took the draft's wordings, while nothing has come in their place."""
    if draft.state != DraftState.READY or draft.candidates.filter(generation=draft.generation).exists():
        return None
    rows = Review.objects.filter(draft=draft, decision=Decision.REJECTED, undone_at=None)
    return rows.order_by("-id").first()


def undo_rejection(*, draft_id: UUID, by: Member, now: datetime) -> Draft:
    """Bring the rejected wordings back; raises :class:`TooLateToUndo` once somebody went on from there."""
    require_reviewer(by)
    draft = Draft.by_public_id(draft_id)
    review = standing_rejection(draft)
    if review is None or review.before is None:
        raise TooLateToUndo(_("It is too late to undo: the draft was worked on since."))
    before = review.before
    with transaction.atomic():
        Conversation.objects.filter(pk=draft.conversation_id).update(needs_person=before["conversation_needs_person"])
        taken_back = Draft.objects.filter(
            pk=draft.pk, state=DraftState.READY, generation=before["generation"] + 1
        ).update(generation=before["generation"], needs_person=before["draft_needs_person"])
        if not taken_back or not Review.objects.filter(pk=review.pk, undone_at=None).update(undone_at=now):
            raise TooLateToUndo(_("It is too late to undo: the draft was worked on since."))
        keep_hits(draft)
        _log(draft, by, "draft.undone", now, review=str(review.public_id))
        tell_console(draft, "draft:undone", now=now)
    draft.refresh_from_db()
    return draft


def _log(draft: Draft, by: Member, action: str, now: datetime, **data: str) -> None:
    record(
        merchant_id=draft.merchant_id,
        actor=Actor("member", str(by.public_id)),
        action=action,
        target=f"draft:{draft.public_id}",
        now=now,
        data={
            "ruleset": str(draft.ruleset.public_id) if draft.ruleset else "",
            "rule": (draft.verdict or {}).get("rule") or "",
            "model": draft.model_version,
            **data,
        },
    )

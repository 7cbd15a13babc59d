"""Open drafts make room: for a newer one, for a person, for a reply in somebody's own words. And come back."""

from __future__ import annotations

from datetime import datetime

from cs_portal.conversations.models import Conversation, ConversationState, Handler, Message
from cs_portal.conversations.selectors import unanswered_turns
from cs_portal.core import jobs
from cs_portal.core.audit import SYSTEM, Actor, record
from cs_portal.drafting.models import Decision, Draft, DraftState, Review
from cs_portal.drafting.services.faq_hits import keep_hits
from cs_portal.drafting.services.notices import tell_console
from cs_portal.merchants.models import Member

OPEN = (DraftState.READY, DraftState.APPROVED)


def supersede_drafts(conversation: Conversation, *, by: Member | None, now: datetime) -> None:
    """Close the open draft, an approval that was not carried out yet included. Within the caller's transaction."""
    for draft in Draft.objects.filter(conversation=conversation, state__in=OPEN):
        if not Draft.objects.filter(pk=draft.pk, state__in=OPEN).update(
            state=DraftState.SUPERSEDED, closed_at=now, claimed_by=None, claimed_until=None
        ):
            continue  # the sender was first: the reply has left
        for review in Review.objects.filter(draft=draft, undone_at=None, executed_at=None, execute_after__isnull=False):
            # A job that has begun finds the draft closed and sends nothing.
            jobs.cancel(key=f"send:{review.public_id}", now=now)
            Review.objects.filter(pk=review.pk).update(undone_at=now)
        Review.objects.create(draft=draft, member=by, decision=Decision.SUPERSEDED, created_at=now)
        keep_hits(draft)
        _log(draft, "draft.superseded", by, now)
        tell_console(draft, "draft:superseded", now=now)


def revive_draft(conversation: Conversation, *, by: Member | None, now: datetime) -> bool:
    """Bring the draft to the last unanswered message back as it was; False when there is none to bring back."""
    question = _question(conversation)
    draft = question and Draft.objects.filter(message=question, state=DraftState.SUPERSEDED).first()
    if not draft or Draft.objects.filter(conversation=conversation, state__in=OPEN).exists():
        return False
    Review.objects.filter(draft=draft, decision=Decision.SUPERSEDED, undone_at=None).update(undone_at=now)
    Draft.objects.filter(pk=draft.pk).update(state=DraftState.READY, closed_at=None)
    keep_hits(draft)
    _log(draft, "draft.revived", by, now)
    tell_console(draft, "draft:ready", now=now)
    return True


def ask_for_draft(conversation: Conversation, *, now: datetime) -> None:
    """The bot is wanted (again): revive its draft and make it anew on current facts, or ask for a first one."""
    if conversation.handled_by != Handler.BOT or conversation.state == ConversationState.RESOLVED:
        return
    question = _question(conversation)
    if question is None or Draft.objects.filter(conversation=conversation, state__in=OPEN).exists():
        return
    if not revive_draft(conversation, by=None, now=now):
        _enqueue("draft_reply", f"draft:{question.public_id}:{now.isoformat()}", conversation, now, message=question.pk)
        return
    draft = Draft.objects.get(message=question)
    generation = draft.generation + 1
    key = f"renew:{draft.public_id}:{now.isoformat()}"
    _enqueue("renew_draft", key, conversation, now, draft=draft.pk, generation=generation)


def _enqueue(kind: str, key: str, conversation: Conversation, now: datetime, **payload: int) -> None:
    jobs.enqueue(kind, key=key, merchant_id=conversation.merchant_id, payload=payload, now=now)


def _question(conversation: Conversation) -> Message | None:
    """The last message that nobody answered; a draft answers all unanswered ones through it."""
    turns = unanswered_turns(conversation_id=conversation.pk)
    return turns[-1] if turns else None


def _log(draft: Draft, action: str, by: Member | None, now: datetime) -> None:
    record(
        merchant_id=draft.merchant_id,
        actor=Actor("member", str(by.public_id)) if by else SYSTEM,
        action=action,
        target=f"draft:{draft.public_id}",
        now=now,
    )

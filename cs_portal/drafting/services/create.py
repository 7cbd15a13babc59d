"""A shopper's message becomes a draft: prepared without a transaction, saved with the end of its job."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from bots.types import Candidate
from cs_portal.conversations.models import (
    Author,
    Conversation,
    ConversationState,
    Handler,
    HandoverReason,
    Message,
)
from cs_portal.conversations.services import bot_involved, needs_a_person, reply_being_checked
from cs_portal.conversations.services.rows import locked
from cs_portal.core import jobs
from cs_portal.core.jobs import Lease
from cs_portal.drafting import engine
from cs_portal.drafting.assessing import assessed
from cs_portal.drafting.handover import handover_reason, was_answered
from cs_portal.drafting.model_choice import has_model
from cs_portal.drafting.models import Draft, DraftCandidate
from cs_portal.drafting.prepare import Prepared, prepare
from cs_portal.drafting.services.autopilot_sending import approve_by_autopilot
from cs_portal.drafting.services.faq_hits import keep_hits
from cs_portal.drafting.services.notices import tell_console
from cs_portal.drafting.services.ranking import ask_for_daily_learning
from cs_portal.drafting.services.supersede import supersede_drafts
from cs_portal.knowledge.services.gap_watch import ask_for_daily_mining
from cs_portal.recommendations.services import ask_for_refresh


class ConversationMoved(Exception):
    """The conversation changed while the draft was prepared, without a message that would bring its own job."""


def create_draft(*, lease: Lease, message_id: int, now: datetime) -> Draft | None:
    """Draft a reply to the shopper's message and finish the job with it.

    ``None`` when there is nothing to draft any more: the message was answered, a person took the conversation over or
    resolved it, or a later message of the shopper brought its own job, which covers all unanswered turns.
    """
    message = Message.objects.select_related("conversation").get(pk=message_id)
    later = Message.objects.filter(conversation_id=message.conversation_id, id__gt=message.pk)
    done = later.exclude(author=Author.SYSTEM).exists() or Draft.objects.filter(message=message).exists()
    if done or not _bot_is_wanted(message.conversation_id):
        with lease.finishing(now=now):
            return None
    prepared = prepare(message, now=now)
    started = time.monotonic()
    composed = engine.compose(prepared.request)
    prepared.seconds["compose"] = round(time.monotonic() - started, 4)
    ready_at = timezone.now()
    with lease.finishing(now=ready_at):
        if not _still_last(prepared):
            if later.exclude(author=Author.SYSTEM).exists():
                return None
            raise ConversationMoved  # the shopper signed in meanwhile, say: prepare again on what is known now
        if not _bot_is_wanted(message.conversation_id):
            return None
        supersede_drafts(prepared.conversation, by=None, now=ready_at)
        draft = Draft.objects.create(message=message, created_at=ready_at, **contents(prepared, composed))
        add_candidate(draft, composed, position=1, now=ready_at)
        Conversation.objects.filter(pk=draft.conversation_id).update(locale=draft.locale)
        bot_involved(conversation_id=draft.conversation_id, now=ready_at)
        if draft.needs_person:
            needs_a_person(conversation_id=draft.conversation_id, now=ready_at, reason=draft.handover_reason)
        if approve_by_autopilot(draft, now=ready_at) is None:
            ask_for_candidates(draft, now=ready_at)
            tell_console(draft, "draft:ready", now=ready_at)
        keep_hits(draft)
        ask_for_refresh(now=ready_at)
        ask_for_daily_mining(now=ready_at)
        ask_for_daily_learning(now=ready_at)
        reply_being_checked(conversation=prepared.conversation, now=ready_at)
    return draft


def leave_to_a_person(*, message_id: int, now: datetime) -> None:
    """No draft could be made: the question enters the queue all the same, with an empty reply for a person to write."""
    message = Message.objects.select_related("conversation").get(pk=message_id)
    conversation = message.conversation
    later = Message.objects.filter(conversation=conversation, id__gt=message.pk).exclude(author=Author.SYSTEM)
    with transaction.atomic():
        conversation = locked(conversation.pk)
        if later.exists() or Draft.objects.filter(message=message).exists():
            return
        if not _bot_is_wanted(conversation.pk):
            return
        supersede_drafts(conversation, by=None, now=now)
        draft = Draft.objects.create(
            conversation=conversation,
            message=message,
            locale=conversation.locale,
            intent="other",
            confidence=0,
            needs_person=True,
            handover_reason=HandoverReason.TOOL_FAILURE,
            conversation_version=conversation.version,
            model_state="done",
            created_at=now,
        )
        needs_a_person(conversation_id=conversation.pk, now=now, reason=HandoverReason.TOOL_FAILURE)
        tell_console(draft, "draft:ready", now=now)


def _still_last(prepared: Prepared) -> bool:
    """Lock the conversation and see that nothing was said while the draft was prepared."""
    unmoved = Conversation.objects.filter(pk=prepared.conversation.pk, version=prepared.conversation.version).update(
        version=F("version")
    )
    return bool(unmoved)


def _bot_is_wanted(conversation_id: int) -> bool:
    """No person took over, and it is not resolved."""
    rows = Conversation.objects.filter(pk=conversation_id, handled_by=Handler.BOT)
    return rows.exclude(state=ConversationState.RESOLVED).exists()


def contents(prepared: Prepared, composed: Candidate) -> dict[str, object]:
    """The fields of a draft that come from preparing it, while ``composed`` is the wording that is shown."""
    understanding = prepared.understanding
    reason = handover_reason(prepared)
    allowed = (prepared.standing_verdict or {}).get("outcome") == "allow"
    return {
        "conversation": prepared.conversation,
        "locale": understanding.language,
        "intent": understanding.intent.name,
        "intents": [
            *(asdict(guess) for guess in understanding.intents[:3]),
            *(
                {"name": "other", "probability": 0.0, "question": each, "unanswered": True}
                for each in prepared.unanswered
            ),
        ],
        "entities": [asdict(entity) for entity in understanding.entities],
        **assessed(prepared, composed),
        "needs_person": bool(reason),
        "handover_reason": reason,
        "answered": was_answered(prepared),
        "injection": understanding.injection,
        "order": prepared.order,
        "request": prepared.action,
        "verdict": prepared.verdict,
        "override": prepared.override,
        "ruleset": prepared.ruleset,
        "evidence": prepared.evidence,
        "cards": prepared.cards,
        "withheld": allowed and not prepared.promised,
        "conversation_version": prepared.conversation.version,
        "order_version": prepared.order.version if prepared.order else None,
        "model_state": "waiting" if has_model(understanding.language) else "off",
        "model_note": "",
        "model_writing": "",
        "model_attempts": [],
        "timings": prepared.seconds,
    }


def add_candidate(draft: Draft, candidate: Candidate, *, position: int, now: datetime) -> DraftCandidate:
    return DraftCandidate.objects.create(
        draft=draft,
        generation=draft.generation,
        position=position,
        source=candidate.source,
        model=candidate.model,
        text=candidate.text,
        score=candidate.score,
        signals=asdict(candidate.signals) if candidate.signals is not None else {},
        log_probability=candidate.log_probability,
        links=[asdict(link) for link in candidate.links],
        violations=[asdict(violation) for violation in candidate.violations],
        seconds=round(candidate.seconds, 3),
        created_at=now,
    )


def ask_for_candidates(draft: Draft, *, now: datetime) -> None:
    """Ask the model queue for further wordings, where a language model writes the draft's language."""
    if not has_model(draft.locale):
        return
    jobs.enqueue(
        "add_candidates",
        key=f"candidates:{draft.public_id}:{draft.generation}",
        merchant_id=draft.merchant_id,
        payload={"draft": draft.pk, "generation": draft.generation},
        now=now,
    )

"""A shopper's message becomes a draft: prepared without a transaction, saved with the end of its job."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from bots.types import Candidate
from cs_portal.conversations.models import Author, Conversation, Message
from cs_portal.conversations.services import needs_a_person, reply_being_checked
from cs_portal.core import jobs
from cs_portal.core.audit import SYSTEM, record
from cs_portal.core.jobs import Lease
from cs_portal.drafting import engine
from cs_portal.drafting.models import Decision, Draft, DraftCandidate, DraftState, Review
from cs_portal.drafting.prepare import Prepared, prepare
from cs_portal.drafting.services.notices import tell_console


class ConversationMoved(Exception):
    """The conversation changed while the draft was prepared, without a message that would bring its own job."""


def create_draft(*, lease: Lease, message_id: int, now: datetime) -> Draft | None:
    """Draft a reply to the shopper's message and finish the job with it.

    ``None`` when there is nothing to draft any more: the message was answered, or a later message of the shopper
    brought its own job, which covers all unanswered turns.
    """
    message = Message.objects.select_related("conversation").get(pk=message_id)
    later = Message.objects.filter(conversation_id=message.conversation_id, id__gt=message.pk)
    if later.exclude(author=Author.SYSTEM).exists() or Draft.objects.filter(message=message).exists():
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
        _supersede(prepared.conversation, now=ready_at)
        draft = Draft.objects.create(message=message, created_at=ready_at, **contents(prepared))
        add_candidate(draft, composed, position=1, now=ready_at)
        Conversation.objects.filter(pk=draft.conversation_id).update(
            locale=draft.locale, needs_person=draft.needs_person
        )
        ask_for_candidates(draft, now=ready_at)
        tell_console(draft, "draft:ready", now=ready_at)
        reply_being_checked(conversation=prepared.conversation, now=ready_at)
    return draft


def leave_to_a_person(*, message_id: int, now: datetime) -> None:
    """No draft could be made: the question enters the queue all the same, with an empty reply for a person to write."""
    message = Message.objects.select_related("conversation").get(pk=message_id)
    conversation = message.conversation
    later = Message.objects.filter(conversation=conversation, id__gt=message.pk).exclude(author=Author.SYSTEM)
    with transaction.atomic():
        if later.exists() or Draft.objects.filter(message=message).exists():
            return
        _supersede(conversation, now=now)
        draft = Draft.objects.create(
            conversation=conversation,
            message=message,
            locale=conversation.locale,
            intent="other",
            confidence=0,
            needs_person=True,
            conversation_version=conversation.version,
            model_state="done",
            created_at=now,
        )
        needs_a_person(conversation_id=conversation.pk, now=now)
        tell_console(draft, "draft:ready", now=now)


def _still_last(prepared: Prepared) -> bool:
    """Lock the conversation and see that nothing was said while the draft was prepared."""
    unmoved = Conversation.objects.filter(pk=prepared.conversation.pk, version=prepared.conversation.version).update(
        version=F("version")
    )
    return bool(unmoved)


def _supersede(conversation: Conversation, *, now: datetime) -> None:
    """Close the open draft that the new one replaces, an approval that was not carried out yet included."""
    for draft in Draft.objects.filter(conversation=conversation, state__in=[DraftState.READY, DraftState.APPROVED]):
        for review in Review.objects.filter(draft=draft, undone_at=None, executed_at=None):
            if jobs.cancel(key=f"send:{review.public_id}", now=now):
                Review.objects.filter(pk=review.pk).update(undone_at=now)
        Draft.objects.filter(pk=draft.pk).update(state=DraftState.SUPERSEDED, closed_at=now, claimed_by=None)
        Review.objects.create(draft=draft, decision=Decision.SUPERSEDED, created_at=now)
        record(
            merchant_id=draft.merchant_id,
            actor=SYSTEM,
            action="draft.superseded",
            target=f"draft:{draft.public_id}",
            now=now,
        )
        tell_console(draft, "draft:superseded", now=now)


def contents(prepared: Prepared) -> dict[str, object]:
    """The fields of a draft that come from preparing it."""
    understanding = prepared.understanding
    outcome = (prepared.verdict or {}).get("outcome")
    return {
        "conversation": prepared.conversation,
        "locale": understanding.language,
        "intent": understanding.intent.name,
        "intents": [asdict(guess) for guess in understanding.intents[:3]],
        "entities": [asdict(entity) for entity in understanding.entities],
        "confidence": prepared.confidence,
        "needs_person": understanding.wants_person or understanding.injection or outcome == "escalate",
        "injection": understanding.injection,
        "order": prepared.order,
        "request": prepared.action,
        "verdict": prepared.verdict,
        "ruleset": prepared.ruleset,
        "evidence": prepared.evidence,
        "conversation_version": prepared.conversation.version,
        "order_version": prepared.order.version if prepared.order else None,
        "model_state": "waiting" if engine.has_language_model() else "off",
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
        log_probability=candidate.log_probability,
        links=[asdict(link) for link in candidate.links],
        violations=[asdict(violation) for violation in candidate.violations],
        seconds=round(candidate.seconds, 3),
        created_at=now,
    )


def ask_for_candidates(draft: Draft, *, now: datetime) -> None:
    """Ask the model queue for further wordings, where a language model is installed."""
    if not engine.has_language_model():
        return
    jobs.enqueue(
        "add_candidates",
        key=f"candidates:{draft.public_id}:{draft.generation}",
        merchant_id=draft.merchant_id,
        payload={"draft": draft.pk, "generation": draft.generation},
        now=now,
    )

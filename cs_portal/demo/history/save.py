"""The ledger goes into the database: a few bulk inserts, in the order in which things happened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from django.db.models import Model

from cs_portal.commerce.models import Order, Shopper
from cs_portal.conversations import search
from cs_portal.conversations.models import (
    Activity,
    Author,
    Conversation,
    ConversationState,
    ConversationTag,
    Message,
    Note,
    OutgoingReply,
)
from cs_portal.core import jobs
from cs_portal.core.models import AuditEntry
from cs_portal.demo.history.ledger import Cast, Ledger
from cs_portal.demo.history.thread import SILENCE
from cs_portal.drafting.models import Draft, DraftCandidate, Review
from cs_portal.drafting.services.faq_hits import keep_hits_of

BATCH = 500
Row = TypeVar("Row", bound=Model)


def save(ledger: Ledger, orders: Mapping[str, Order], *, cast: Cast) -> None:
    """Within the merchant's scope and the caller's transaction."""
    for draft, number in ledger.orders:
        draft.order = orders[number]
    _insert(Shopper, ledger.visitors)
    _known_since(ledger)
    for conversation in ledger.conversations:
        conversation.shopper = conversation.shopper  # the visitor's key is known by now
    _insert(Conversation, _in_time(ledger.conversations))
    _insert(Message, _in_time(ledger.messages))
    _insert(Draft, _in_time(ledger.drafts))
    _insert(DraftCandidate, _in_time(ledger.candidates))
    _insert(Review, _in_time(ledger.reviews))
    _insert(OutgoingReply, _in_time(ledger.outgoing))
    _insert(Note, _in_time(ledger.notes))
    _insert(Activity, _in_time(ledger.activities))
    _insert(ConversationTag, ledger.tagged)
    AuditEntry.objects.bulk_create(sorted(ledger.audits, key=lambda entry: entry.at), batch_size=BATCH)
    _promise(ledger, cast)
    search.reindex(conversation.pk for conversation in ledger.conversations)
    keep_hits_of([draft.pk for draft in ledger.drafts])


def _known_since(ledger: Ledger) -> None:
    """Nobody wrote before the shop knew of them."""
    first: dict[int, Conversation] = {}
    for conversation in _in_time(ledger.conversations):
        first.setdefault(conversation.shopper.pk, conversation)
    for shopper, conversation in first.items():
        late = Shopper.objects.filter(pk=shopper, created_at__gt=conversation.created_at)
        late.update(created_at=conversation.created_at)


def _in_time(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row.created_at)  # type: ignore[attr-defined]


def _insert(model: Any, rows: Iterable[Model]) -> None:
    model.objects.bulk_create(rows, batch_size=BATCH)


def _promise(ledger: Ledger, cast: Cast) -> None:
    """The jobs that still lie ahead: ends of snoozes, and conversations that silence will resolve."""
    last = {message.conversation_id: message for message in _in_time(ledger.messages)}
    for row in ledger.conversations:
        if row.state == ConversationState.SNOOZED and row.snoozed_until:
            until = row.snoozed_until
            jobs.enqueue(
                "wake_conversation",
                key=f"wake:{row.public_id}:{until.isoformat()}",
                merchant_id=cast.merchant.pk,
                payload={"conversation": row.pk, "until": until.isoformat()},
                now=cast.now,
                execute_after=until,
            )
        message = last[row.pk]
        if row.state == ConversationState.OPEN and message.author != Author.SHOPPER:
            jobs.enqueue(
                "assume_resolved",
                key=f"assume:{message.public_id}",
                merchant_id=cast.merchant.pk,
                payload={"message": message.pk},
                now=cast.now,
                execute_after=max(message.created_at + SILENCE, cast.now + timedelta(minutes=1)),
            )

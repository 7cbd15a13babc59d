"""A shopper's message in the language of who reads it, by a language model that the merchant connected.

Nobody waits for it in a request: a job asks the model, masked as drafting does it and within the same budget. What was
translated is kept.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bots.types import as_language
from cs_portal.commerce.selectors import orders_of
from cs_portal.conversations.models import Author, Message
from cs_portal.core import jobs
from cs_portal.core.audit import Actor, record
from cs_portal.core.errors import Invalid, NotFound
from cs_portal.core.jobs import Lease
from cs_portal.drafting.facts import personal_values
from cs_portal.drafting.model_choice import connected_models
from cs_portal.drafting.models import MessageTranslation, TranslationState
from cs_portal.drafting.services.model_calls import translate_text
from cs_portal.drafting.services.notices import tell_conversation
from cs_portal.drafting.services.roles import require_reviewer
from cs_portal.merchants.models import Locale, Member

TRANSLATE = "translate_message"


def ask_for_translation(
    *, conversation_id: UUID, message_id: UUID, locale: str, by: Member, now: datetime
) -> MessageTranslation:
    """Have a shopper's message translated; what is translated, or being translated, is only given back.

    Raises :class:`NotFound` for a message that is not the shopper's or not of this conversation, :class:`Invalid` where
    no connected model writes ``locale``.
    """
    require_reviewer(by)
    message = Message.objects.filter(
        public_id=message_id, conversation__public_id=conversation_id, author=Author.SHOPPER
    ).first()
    if message is None:
        raise NotFound
    if locale not in Locale.values or not connected_models(locale):
        raise Invalid(_("Connect a language model first: it translates messages."))
    with transaction.atomic():
        row, made = MessageTranslation.objects.get_or_create(
            message=message, locale=locale, defaults={"created_at": now}
        )
        again = MessageTranslation.objects.filter(pk=row.pk, state=TranslationState.FAILED)
        if not made and not again.update(state=TranslationState.WAITING, failure=""):
            return row
        jobs.enqueue(
            TRANSLATE,
            key=f"translate:{row.public_id}:{uuid4()}",
            merchant_id=row.merchant_id,
            payload={"translation": row.pk},
            now=now,
        )
        record(
            merchant_id=row.merchant_id,
            actor=Actor("member", str(by.public_id)),
            action="message.translated",
            target=f"conversation:{conversation_id}",
            now=now,
            data={"message": str(message_id), "locale": locale},
        )
    row.refresh_from_db()
    return row


def translate_message(*, lease: Lease, translation_id: int, now: datetime) -> None:
    """The job: ask the model and keep what it says, or why it says nothing."""
    rows = MessageTranslation.objects.select_related("message__conversation__shopper")
    row = rows.filter(pk=translation_id, state=TranslationState.WAITING).first()
    if row is None:
        with lease.finishing(now=now):
            return
    conversation = row.message.conversation
    shopper = conversation.shopper
    personal = personal_values(
        shopper, list(orders_of(shopper=shopper)[:20]) if shopper.is_identified else [], email=conversation.email
    )
    connection.close()  # the model takes seconds; a connection is not held for that long
    made, failure = translate_text(
        row.message.text, language=as_language(row.locale), personal=personal, clock=timezone.now
    )
    with lease.finishing(now=timezone.now()):
        MessageTranslation.objects.filter(pk=row.pk).update(
            state=TranslationState.FAILED if made is None else TranslationState.DONE,
            text=made.text if made is not None else "",
            model=made.model if made is not None else "",
            failure=failure,
        )
        tell_conversation(conversation, "message:translated", now=timezone.now())


def give_up_translation(*, translation_id: int, now: datetime) -> None:
    """Every attempt failed: it can be asked for again."""
    with transaction.atomic():
        rows = MessageTranslation.objects.filter(pk=translation_id, state=TranslationState.WAITING)
        if rows.update(state=TranslationState.FAILED, failure="worker"):
            row = MessageTranslation.objects.select_related("message__conversation").get(pk=translation_id)
            tell_conversation(row.message.conversation, "message:translated", now=now)

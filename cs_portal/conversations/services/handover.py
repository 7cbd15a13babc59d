"""From the bot to a person and back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from cs_portal.conversations.models import (
    ActivityKind,
    Conversation,
    ConversationState,
    Handler,
    HandoverReason,
)
from cs_portal.conversations.services.assignment import give_to
from cs_portal.conversations.services.notices import happened, log, tell
from cs_portal.conversations.services.receive import bring_back
from cs_portal.conversations.services.reply import post_system_message
from cs_portal.conversations.services.roles import require_operator
from cs_portal.conversations.services.rows import change, locked
from cs_portal.conversations.services.wishes import hand_over, has_kept_wish, is_answerable
from cs_portal.conversations.signals import draft_unwanted, draft_wanted
from cs_portal.core.audit import Actor
from cs_portal.core.errors import Conflict
from cs_portal.merchants.hours import schedule_of
from cs_portal.merchants.models import Member


@transaction.atomic
def needs_a_person(*, conversation_id: int, now: datetime, reason: str = "", reopen: bool = False) -> None:
    """The bot will not settle this: the conversation waits for an operator. ``reason`` is a :class:`HandoverReason`.

    ``reopen``: even when it is resolved or snoozed, because the shopper wants something new.
    """
    conversation = locked(conversation_id)
    if reopen:
        bring_back(conversation, now)
    hand_over(conversation, reason, now)


@transaction.atomic
def ask_for_person(*, conversation_id: int, now: datetime) -> Conversation:
    """The shopper chose a person in the chat; they read that one will come. Once more is harmless.

    It opens a resolved or snoozed conversation again, as their message would.
    """
    conversation = locked(conversation_id)
    wanted = conversation.needs_person or has_kept_wish(conversation)
    known = wanted and conversation.handover_reason == HandoverReason.ASKED_FOR_PERSON
    if known or conversation.handled_by == Handler.PERSON:
        return conversation
    bring_back(conversation, now)
    hand_over(conversation, HandoverReason.ASKED_FOR_PERSON, now)
    shopper = Actor("shopper", str(conversation.shopper.public_id))
    log(conversation, "conversation.person_asked_for", now, actor=shopper)
    is_open = schedule_of(conversation.storefront).is_open(now)
    with translation.override(conversation.locale):
        text = (
            _("Write down what it is about, and a colleague will answer you here.")
            if not is_answerable(conversation)
            else _("A colleague will answer you here.")
            if is_open
            else _("We are closed right now. A colleague will answer you when we are back.")
        )
    post_system_message(conversation=conversation, text=text, now=now)
    return conversation


@transaction.atomic
def take_over(*, conversation_id: UUID, by: Member, now: datetime) -> Conversation:
    """From now on a person answers: the open draft is withdrawn and no further one is made. It becomes theirs, and
    the shopper reads who has joined.

    Raises :class:`Conflict` when a colleague took it over already, or when it is resolved.
    """
    require_operator(by)
    conversation = locked(conversation_id)
    if conversation.state == ConversationState.RESOLVED:
        raise Conflict(_("This conversation is resolved. Reopen it first."))
    if conversation.handled_by == Handler.PERSON:
        raise Conflict(_("A person handles this conversation already."))
    change(conversation, handled_by=Handler.PERSON, handed_over_at=conversation.handed_over_at or now)
    happened(conversation, ActivityKind.TAKEN_OVER, now, by=by)
    log(conversation, "conversation.taken_over", now, by=by)
    if conversation.assignee_id != by.pk:
        give_to(conversation, by, by=by, now=now)
    draft_unwanted.send(Conversation, conversation=conversation, by=by, now=now)
    with translation.override(conversation.locale):
        joined = _("%(name)s has joined the conversation.") % {"name": _name(by)}
    post_system_message(conversation=conversation, text=joined, now=now)
    tell(conversation, "conversation:taken_over", now)
    return conversation


@transaction.atomic
def give_back(*, conversation_id: UUID, by: Member, now: datetime) -> Conversation:
    """The bot drafts again, beginning with the messages that nobody answered yet. The shopper reads that, too."""
    require_operator(by)
    conversation = locked(conversation_id)
    if conversation.handled_by == Handler.BOT:
        raise Conflict(_("The bot handles this conversation already."))
    change(conversation, handled_by=Handler.BOT)
    happened(conversation, ActivityKind.GIVEN_BACK, now, by=by)
    log(conversation, "conversation.given_back", now, by=by)
    draft_wanted.send(Conversation, conversation=conversation, now=now)
    with translation.override(conversation.locale):
        left = _("%(name)s has left. Our assistant answers again, and a colleague checks each reply.")
        left %= {"name": _name(by)}
    post_system_message(conversation=conversation, text=left, now=now)
    tell(conversation, "conversation:given_back", now)
    return conversation


def _name(member: Member) -> str:
    """As the chat names a colleague."""
    return member.user.name or _("A colleague")


@transaction.atomic
def bot_involved(*, conversation_id: int, now: datetime) -> None:
    """The bot drafted: counted once per conversation."""
    Conversation.objects.filter(pk=conversation_id, bot_involved_at=None).update(bot_involved_at=now)

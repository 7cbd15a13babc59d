"""An operator writes themselves. They always may: with a draft or without, whatever state the conversation is in.

The wish, its job and the end of the open draft are one transaction; the job posts the reply once the undo window has
passed. The reply is the person's own, so it goes even if the shopper wrote meanwhile: :func:`wrote_meanwhile` says so.
Sent into a resolved conversation it leaves it resolved; only the shopper's answer opens it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from cs_portal.commerce.cards import reference_text, references_from
from cs_portal.conversations.models import Author, Conversation, Message, OutgoingReply
from cs_portal.conversations.services import post_reply, undo
from cs_portal.conversations.services.macros import finish_macro
from cs_portal.conversations.services.rows import locked
from cs_portal.conversations.services.texts import clean
from cs_portal.conversations.variables import refuse_gaps
from cs_portal.core import jobs
from cs_portal.core.audit import Actor, record
from cs_portal.core.errors import Conflict, Invalid, NotFound
from cs_portal.core.jobs import Lease
from cs_portal.drafting.errors import TooLateToUndo
from cs_portal.drafting.services.notices import tell_conversation
from cs_portal.drafting.services.roles import require_reviewer
from cs_portal.drafting.services.supersede import revive_draft, supersede_drafts
from cs_portal.merchants.models import Member

MAX_CARDS = 6


@transaction.atomic
def send_own_reply(
    *,
    conversation_id: UUID,
    by: Member,
    text: str,
    now: datetime,
    cards: Sequence[dict[str, Any]] = (),
    macro: UUID | None = None,
    batch: UUID | None = None,
) -> OutgoingReply:
    """Send ``text`` after the undo window. The bot's open draft is withdrawn.

    ``macro`` is the one that brought the text: what it does besides is done now, as far as its ``batch`` did not do it.

    Raises :class:`Invalid` for an empty or overlong text and for cards that may not be sent, :class:`Conflict` while
    another own reply waits for its undo window, so that a double click sends once.
    """
    require_reviewer(by)
    text = clean(text, empty=_("Write a reply first."))
    refuse_gaps(text)
    if len(cards) > MAX_CARDS:
        raise Invalid(_("At most %(limit)s cards go with a reply.") % {"limit": MAX_CARDS}, field="cards")
    conversation = locked(conversation_id)
    cards = references_from([reference_text(card) for card in cards], shopper=conversation.shopper)
    if waiting_reply(conversation) is not None:
        raise Conflict(_("A reply is just being sent. Wait until it has left, or take it back."))
    execute_after = now + timedelta(seconds=settings.UNDO_SECONDS)
    reply = OutgoingReply.objects.create(
        conversation=conversation,
        member=by,
        text=text,
        cards=list(cards),
        macro=macro,
        batch=batch,
        execute_after=execute_after,
        created_at=now,
    )
    jobs.enqueue(
        "send_own_reply",
        key=_key(reply),
        merchant_id=conversation.merchant_id,
        payload={"reply": reply.pk},
        now=now,
        execute_after=execute_after,
    )
    supersede_drafts(conversation, by=by, now=now)
    if macro is not None:
        batch = finish_macro(conversation_id=conversation_id, macro_id=macro, by=by, now=now, batch=batch)
        OutgoingReply.objects.filter(pk=reply.pk).update(batch=batch)
        reply.batch = batch
    _log(reply, "reply.written", by, now)
    tell_conversation(conversation, "reply:written", now=now)
    return reply


def waiting_reply(conversation: Conversation) -> OutgoingReply | None:
    """The own reply that waits for its undo window to pass."""
    rows = OutgoingReply.objects.filter(conversation=conversation, undone_at=None, executed_at=None)
    return rows.select_related("member__user").order_by("-id").first()


@transaction.atomic
def undo_own_reply(*, reply_id: UUID, by: Member, now: datetime, conversation_id: UUID | None = None) -> OutgoingReply:
    """Take it back while its job has not begun; the draft that it replaced comes back, what its macro did is undone.

    Raises :class:`TooLateToUndo` otherwise, and :class:`NotFound` when it is not of ``conversation_id``.
    """
    require_reviewer(by)
    reply = OutgoingReply.by_public_id(reply_id)
    if conversation_id not in {None, reply.conversation.public_id}:
        raise NotFound
    conversation = locked(reply.conversation_id)
    if not jobs.cancel(key=_key(reply), now=now):
        raise TooLateToUndo(_("It is too late to undo: the reply is on its way."))
    OutgoingReply.objects.filter(pk=reply.pk).update(undone_at=now)
    revive_draft(conversation, by=by, now=now)
    if reply.batch is not None:
        with suppress(NotFound):  # the macro changed nothing, or that was taken back by itself
            undo(batch=reply.batch, by=by, now=now)
    _log(reply, "reply.undone", by, now)
    tell_conversation(conversation, "reply:undone", now=now)
    reply.refresh_from_db()
    return reply


def post_own_reply(*, lease: Lease, reply_id: int, now: datetime) -> Message | None:
    """The job: post the reply and finish, in one transaction. A reply that was taken back or posted is left alone."""
    with lease.finishing(now=now):
        waiting = OutgoingReply.objects.filter(pk=reply_id, undone_at=None, executed_at=None)
        if not waiting.update(executed_at=now):
            return None
        reply = OutgoingReply.objects.select_related("conversation", "member").get(pk=reply_id)
        message = post_reply(
            conversation=reply.conversation,
            author=Author.OPERATOR,
            member=reply.member,
            text=reply.text,
            cards=reply.cards,
            draft_key=reply.public_id,
            now=now,
            written_at=reply.created_at,
        )
        _log(reply, "reply.sent", reply.member, now, message=str(message.public_id))
        return message


def give_up_own_reply(*, reply_id: int, now: datetime) -> None:
    """Every attempt failed: the reply counts as taken back, so that nobody believes it was sent."""
    with transaction.atomic():
        if not OutgoingReply.objects.filter(pk=reply_id, undone_at=None, executed_at=None).update(undone_at=now):
            return
        reply = OutgoingReply.objects.select_related("conversation").get(pk=reply_id)
        revive_draft(reply.conversation, by=None, now=now)
        _log(reply, "reply.failed", None, now)
        tell_conversation(reply.conversation, "reply:failed", now=now)


def wrote_meanwhile(conversation: Conversation, *, seen: int | None) -> bool:
    """Whether messages came since the version that the operator looked at."""
    return seen is not None and conversation.version != seen


def _key(reply: OutgoingReply) -> str:
    return f"reply:{reply.public_id}"


def _log(reply: OutgoingReply, action: str, by: Member | None, now: datetime, **data: str) -> None:
    record(
        merchant_id=reply.merchant_id,
        actor=Actor("member", str(by.public_id)) if by else Actor("system", ""),
        action=action,
        target=f"conversation:{reply.conversation.public_id}",
        now=now,
        data={"reply": str(reply.public_id), **data},
    )

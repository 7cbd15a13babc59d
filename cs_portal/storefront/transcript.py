"""A conversation as the shopper may keep it: as text, as a page of its own, or as a letter.

A letter goes only to an address that the shop vouches for. Anyone can type anyone's address into a chat, and we will
not carry their words there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cs_portal.conversations.models import Conversation
from cs_portal.conversations.reply_mail import thread_of
from cs_portal.core import jobs
from cs_portal.core.errors import NotAllowed
from cs_portal.storefront.models import ChatSession
from cs_portal.storefront.presenters import messages_json
from cs_portal.storefront.selectors import transcript

JOB = "email_transcript"
Format = Literal["html", "txt"]


def render_transcript(*, conversation: Conversation, kind: Format, now: datetime) -> str:
    """The transcript in the conversation's language and the merchant's time zone."""
    zone = ZoneInfo(conversation.merchant.timezone)
    with translation.override(conversation.locale), timezone.override(zone):
        return render_to_string(f"storefront/transcript.{kind}", _context(conversation, now))


def _context(conversation: Conversation, now: datetime) -> Mapping[str, Any]:
    shop = conversation.merchant.name_in(conversation.locale)
    rows = messages_json(transcript(conversation=conversation), conversation=conversation)
    names = {"shopper": _("You"), "operator": "", "bot": shop, "system": ""}
    messages = [
        {**row, "at": datetime.fromisoformat(row["at"]), "who": row["name"] or names[row["author"]] or shop}
        for row in rows
    ]
    return {
        "locale": conversation.locale,
        "shop": " ".join(shop.split()),
        "messages": messages,
        "now": now,
        "zone": conversation.merchant.timezone,
    }


def proven_address(session: ChatSession) -> str:
    """Where the transcript may be sent: the address in the shop's own records, or nothing."""
    return session.shopper.email if session.shopper.is_identified else ""


def mail_transcript(*, session: ChatSession, now: datetime) -> str:
    """Send the transcript to the shopper; returns the address. Raises :class:`NotAllowed` where none is proven."""
    address = proven_address(session)
    if not address:
        raise NotAllowed(_("Sign in to the shop first, so that we know the address is yours."))
    jobs.enqueue(
        JOB,
        key=f"transcript:{session.conversation.public_id}:{int(now.timestamp())}",
        merchant_id=session.merchant_id,
        payload={"conversation": session.conversation_id},
        now=now,
    )
    return address


def transcript_letter(*, conversation: Conversation, now: datetime) -> EmailMultiAlternatives | None:
    """The letter, or None when the shopper has no proven address (any more)."""
    shopper = conversation.shopper
    if not shopper.is_identified or not shopper.email:
        return None
    with translation.override(conversation.locale):
        shop = " ".join(conversation.merchant.name_in(conversation.locale).split())
        letter = EmailMultiAlternatives(
            subject=_("Your conversation with %(shop)s") % {"shop": shop},
            body=render_transcript(conversation=conversation, kind="txt", now=now),
            to=[shopper.email],
            headers={"Auto-Submitted": "auto-generated", "References": thread_of(conversation)},
        )
        letter.attach_alternative(render_transcript(conversation=conversation, kind="html", now=now), "text/html")
    return letter

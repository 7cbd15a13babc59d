"""The letter to a shopper who left before the reply came.

It holds the approved reply and a way back to the shop, and not what the shopper wrote: anyone can type anyone's
address into the chat, and we will not carry their words there.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from cs_portal.commerce.cards import ProductCard, resolve_cards
from cs_portal.conversations.models import Author, Conversation, Message
from cs_portal.conversations.services import AWAY_AFTER, is_away
from cs_portal.core import jobs

JOB = "email_reply"


def due_at(*, message: Message, conversation: Conversation, now: datetime) -> datetime | None:
    """When the letter should go: ``now`` or earlier when the shopper has left, later when they may still be looking.

    None when no letter is due: there is no address, or the reply was on screen already.
    """
    if not conversation.email:
        return None
    if is_away(conversation, now=now):
        return now
    seen_at = conversation.shopper_seen_at
    assert seen_at is not None  # whoever was never seen is away
    return None if seen_at > message.created_at else seen_at + AWAY_AFTER + timedelta(seconds=1)


def postpone(*, message: Message, until: datetime, now: datetime) -> None:
    """Look again at ``until``, within the caller's transaction."""
    jobs.enqueue(
        JOB,
        key=_later_key(message),
        merchant_id=message.merchant_id,
        payload={"message": message.pk},
        now=now,
        execute_after=until,
    )


def call_off(*, conversation_id: int, now: datetime) -> None:
    """The shopper looks at the chat: postponed letters of this conversation are not needed."""
    recent = Message.objects.filter(
        conversation_id=conversation_id,
        author__in=[Author.OPERATOR, Author.BOT],
        created_at__gt=now - 3 * AWAY_AFTER,
    )
    for message in recent.only("public_id"):
        jobs.cancel(key=_later_key(message), now=now)


def _later_key(message: Message) -> str:
    return f"email:{message.public_id}:later"


def reply_letter(*, message: Message, conversation: Conversation) -> EmailMultiAlternatives:
    """The letter, in the conversation's language. Its Message-ID is the same however often it is built."""
    with translation.override(conversation.locale):
        shop = " ".join(conversation.merchant.name_in(conversation.locale).split())
        context = {
            "locale": conversation.locale,
            "shop": shop,
            "name": conversation.shopper.name,
            "text": message.text,
            "products": _products(message, conversation),
            "link": _way_back(conversation),
        }
        letter = EmailMultiAlternatives(
            subject=_("%(shop)s has replied to you") % {"shop": shop},
            body=render_to_string("storefront/mail/reply.txt", context),
            to=[conversation.email],
            headers=_headers(message, conversation),
        )
        letter.attach_alternative(render_to_string("storefront/mail/reply.html", context), "text/html")
    return letter


def _products(message: Message, conversation: Conversation) -> list[ProductCard]:
    """The products on the reply's cards: the text names them, and a letter has no cards to carry their links."""
    cards = resolve_cards(message.cards, locale=conversation.locale, shopper=None) if message.cards else []
    return [card for card in cards if isinstance(card, ProductCard) and card.url]


def thread_of(conversation: Conversation) -> str:
    """What every letter of a conversation refers to; an erasure finds them by it."""
    return f"<conversation.{conversation.public_id}@{_host()}>"


def _host() -> str:
    return urlsplit(settings.PORTAL_URL).hostname or "localhost"


def _headers(message: Message, conversation: Conversation) -> dict[str, str]:
    thread = thread_of(conversation)
    return {
        "Message-ID": f"<reply.{message.public_id}@{_host()}>",
        "In-Reply-To": thread,
        "References": thread,
        "Auto-Submitted": "auto-generated",
    }


def _way_back(conversation: Conversation) -> str:
    """The shop's page with the chat open (the loader looks for the fragment), or nothing to link to."""
    origins: list[str] = conversation.storefront.allowed_origins
    return f"{origins[0]}/#csportal=open" if origins else ""

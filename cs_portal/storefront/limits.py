"""How often one browser, or one address, may do what. Each call raises :class:`~cs_portal.core.errors.TooMany`."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from cs_portal.core import ratelimit
from cs_portal.storefront.models import ChatSession

FAILED_TOKENS_PER_ADDRESS = 20
FAILED_TOKENS_SECONDS = 600
EMAILS_PER_SESSION = 5
QUIET_CALLS_PER_SESSION = 60
WISHES_PER_SESSION = 10
CALLS_PER_SHOPPER = 20
#: Shared addresses are common: a whole office may ask.
CALLS_PER_ADDRESS = 60
LOOKS_PER_SESSION = 30
REQUESTS_PER_SHOPPER = 20
PHOTOS_PER_SESSION = 12
PHOTOS_PER_SHOPPER = 40
#: Decoding a picture costs more than any other call.
PHOTOS_PER_ADDRESS = 120
LETTERS_PER_SESSION = 3
LETTERS_PER_SHOPPER = 5
LETTERS_PER_ADDRESS = 30


def _hit(scope: str, subject: str, limit: int, now: datetime, seconds: int = 60) -> None:
    ratelimit.hit(scope=scope, subject=subject, limit=limit, seconds=seconds, now=now)


def new_session(*, address: str, now: datetime) -> None:
    _hit("chat-session", address, settings.CHAT_SESSIONS_PER_MINUTE, now)


def failed_token(*, address: str, now: datetime) -> None:
    """Count a token that opens nothing. Guessing 256 bits is hopeless; this keeps the attempt from costing us."""
    _hit("chat-token", address, FAILED_TOKENS_PER_ADDRESS, now, FAILED_TOKENS_SECONDS)


def message(*, session: ChatSession, address: str, now: datetime) -> None:
    _hit("chat-message", str(session.public_id), settings.CHAT_MESSAGES_PER_SESSION, now)
    _hit("chat-message-address", address, settings.CHAT_MESSAGES_PER_MINUTE, now)


def email(*, session: ChatSession, now: datetime) -> None:
    _hit("chat-email", str(session.public_id), EMAILS_PER_SESSION, now, 600)


def quiet_call(*, kind: str, session: ChatSession, now: datetime) -> None:
    """Typing, seen and leave: cheap, but each writes."""
    _hit(f"chat-{kind}", str(session.public_id), QUIET_CALLS_PER_SESSION, now)


def wish(*, kind: str, session: ChatSession, now: datetime) -> None:
    """A person, the end, a rating, a copy, a deletion: each now and then."""
    _hit(f"chat-{kind}", str(session.public_id), WISHES_PER_SESSION, now)


def call_for_people(*, kind: str, session: ChatSession, address: str, now: datetime) -> None:
    """A person, or a deletion: colleagues hear of it, and a new session costs nothing."""
    wish(kind=kind, session=session, now=now)
    _hit(f"chat-{kind}-shopper", str(session.shopper.public_id), CALLS_PER_SHOPPER, now, 600)
    _hit(f"chat-{kind}-address", address, CALLS_PER_ADDRESS, now, 600)


def letter(*, session: ChatSession, address: str, now: datetime) -> None:
    _hit("chat-letter", str(session.public_id), LETTERS_PER_SESSION, now, 3600)
    _hit("chat-letter-shopper", str(session.shopper.public_id), LETTERS_PER_SHOPPER, now, 3600)
    _hit("chat-letter-address", address, LETTERS_PER_ADDRESS, now, 3600)


def look(*, session: ChatSession, now: datetime) -> None:
    """A request is looked at before it is confirmed: the rules are asked, nothing is written."""
    _hit("chat-look", str(session.public_id), LOOKS_PER_SESSION, now)


def request(*, session: ChatSession, address: str, now: datetime) -> None:
    """A confirmed request is a message, and colleagues hear of it."""
    message(session=session, address=address, now=now)
    _hit("chat-request-shopper", str(session.shopper.public_id), REQUESTS_PER_SHOPPER, now, 600)


def photo(*, session: ChatSession, address: str, now: datetime) -> None:
    _hit("chat-photo", str(session.public_id), PHOTOS_PER_SESSION, now, 600)
    _hit("chat-photo-shopper", str(session.shopper.public_id), PHOTOS_PER_SHOPPER, now, 3600)
    _hit("chat-photo-address", address, PHOTOS_PER_ADDRESS, now, 3600)

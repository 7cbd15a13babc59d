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

"""Chat sessions: opening, resuming and identifying them. A session's token is handed out once and kept as a hash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from cs_portal.commerce.models import Shopper
from cs_portal.conversations import services as conversations
from cs_portal.conversations.models import Conversation
from cs_portal.core import audit
from cs_portal.core.secrets import new_token, token_hash
from cs_portal.merchants.models import Storefront
from cs_portal.storefront.identity import Identity
from cs_portal.storefront.models import ChatSession

SESSION_LIFE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class OpenedSession:
    session: ChatSession
    token: str


def open_session(
    *,
    storefront: Storefront,
    presented: ChatSession | None,
    presented_token: str,
    identity: Identity | None,
    locale: str,
    now: datetime,
) -> OpenedSession:
    """Resume the ``presented`` session, identify it, or start a new one; all within the storefront's scope.

    History follows the token *and* the identity: an identified conversation is resumed only while the shop still
    vouches for the same shopper. An identity alone (which may be replayed) starts an empty conversation.
    """
    if presented is not None and presented.storefront_id == storefront.pk:
        if _is_for(presented.shopper, identity):
            return _resume(presented, presented_token, now=now)
        if identity is not None and not presented.shopper.is_identified:
            return _identify(presented, identity, now=now)
    return _start(storefront, identity, locale=locale, now=now)


def _is_for(shopper: Shopper, identity: Identity | None) -> bool:
    return shopper.external_id == (identity.sub if identity else None)


def _resume(session: ChatSession, token: str, *, now: datetime) -> OpenedSession:
    ChatSession.objects.filter(pk=session.pk).update(expires_at=now + SESSION_LIFE)
    return OpenedSession(session, token)


@transaction.atomic
def _start(storefront: Storefront, identity: Identity | None, *, locale: str, now: datetime) -> OpenedSession:
    if identity is None:
        shopper = Shopper.objects.create(locale=locale, created_at=now)
    else:
        shopper = _shopper_of(identity, locale=locale, now=now)
    conversation = conversations.start_conversation(storefront=storefront, shopper=shopper, locale=locale, now=now)
    token = new_token()
    session = ChatSession.objects.create(
        storefront=storefront,
        shopper=shopper,
        conversation=conversation,
        token_hash=token_hash(token),
        expires_at=now + SESSION_LIFE,
        created_at=now,
    )
    return OpenedSession(session, token)


@transaction.atomic
def _identify(session: ChatSession, identity: Identity, *, now: datetime) -> OpenedSession:
    """Move an anonymous session's conversation to the identified shopper, under a new token.

    The old token stops to work: whoever knew it before the shopper signed in must not read on. The conversation's
    version grows, since a draft that was made for a stranger no longer fits.
    """
    anonymous = session.shopper
    shopper = _shopper_of(identity, locale=session.conversation.locale, now=now)
    token = new_token()
    moved = ChatSession.objects.filter(pk=session.pk, shopper=anonymous).update(
        shopper=shopper, token_hash=token_hash(token), expires_at=now + SESSION_LIFE
    )
    if not moved:  # another tab was first: this one gets a session of its own
        return _start(session.storefront, identity, locale=session.conversation.locale, now=now)
    Conversation.objects.filter(pk=session.conversation_id).update(
        shopper=shopper, email=shopper.email or session.conversation.email, version=F("version") + 1
    )
    audit.record(
        merchant_id=session.merchant_id,
        actor=audit.Actor("shopper", str(shopper.public_id)),
        action="conversation.identified",
        target=f"conversation:{session.conversation.public_id}",
        now=now,
        data={"from_shopper": str(anonymous.public_id)},
    )
    if not Conversation.objects.filter(shopper=anonymous).exists():
        anonymous.delete()
    return OpenedSession(ChatSession.objects.select_related("shopper", "conversation").get(pk=session.pk), token)


def _shopper_of(identity: Identity, *, locale: str, now: datetime) -> Shopper:
    """The shop's customer, made when unknown. What our records already say about them stands."""
    shopper, created = Shopper.objects.get_or_create(
        external_id=identity.sub,
        defaults={"name": identity.name, "email": identity.email, "locale": locale, "created_at": now},
    )
    if created:
        return shopper
    blanks = {
        field: value
        for field, value in (("name", identity.name), ("email", identity.email))
        if value and not getattr(shopper, field)
    }
    for field, value in blanks.items():
        setattr(shopper, field, value)
    if blanks:
        shopper.save(update_fields=list(blanks))
    return shopper

"""Chat sessions: opening, resuming and identifying them. A session's token is handed out once and kept as a hash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F

from cs_portal.commerce.models import Shopper
from cs_portal.conversations import search
from cs_portal.conversations import services as conversations
from cs_portal.conversations.models import Conversation, ConversationState
from cs_portal.core import audit
from cs_portal.core.secrets import new_token, token_hash
from cs_portal.merchants.models import Storefront
from cs_portal.storefront.identity import Identity
from cs_portal.storefront.models import ChatSession, UsedIdentity

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

    History follows the identity that the shop signed: with the session's token it resumes the session, and alone, the
    first time it is used, it continues the shopper's open conversation from wherever they wrote it. An identity that
    was used before may have been copied from a page: alone it starts an empty conversation. Without an identity only
    the token counts.
    """
    fresh = identity is not None and _first_use(storefront, identity, now=now)
    if presented is not None and presented.storefront_id == storefront.pk:
        if _is_for(presented.shopper, identity):
            return _resume(presented, presented_token, fresh=fresh, now=now)
        if identity is not None and not presented.shopper.is_identified:
            return _identify(presented, identity, fresh=fresh, now=now)
    return _start(storefront, identity, fresh=fresh, locale=locale, now=now)


def _first_use(storefront: Storefront, identity: Identity, *, now: datetime) -> bool:
    """Whether this very token was never used; of two at the same time one is the first, by constraint."""
    UsedIdentity.objects.filter(expires_at__lte=now).delete()
    try:
        with transaction.atomic():
            UsedIdentity.objects.create(digest=identity.digest, expires_at=identity.expires_at)
    except IntegrityError:
        return False
    return True


def _open_conversation(storefront: Storefront, shopper: Shopper) -> Conversation | None:
    """What the shopper and the shop last talked about here and have not settled."""
    rows = Conversation.objects.filter(storefront=storefront, shopper=shopper).exclude(last_author="")
    return rows.exclude(state=ConversationState.RESOLVED).order_by("-last_message_at", "-id").first()


def _is_for(shopper: Shopper, identity: Identity | None) -> bool:
    return shopper.external_id == (identity.sub if identity else None)


def _resume(session: ChatSession, token: str, *, fresh: bool, now: datetime) -> OpenedSession:
    ChatSession.objects.filter(pk=session.pk).update(expires_at=now + SESSION_LIFE)
    if fresh:
        _join_open(session, now=now)
    return OpenedSession(session, token)


def _join_open(session: ChatSession, *, now: datetime) -> None:
    """A session that shows nothing, or only what is settled, goes on with what is open elsewhere."""
    current = session.conversation
    if current.last_author and current.state != ConversationState.RESOLVED:
        return
    found = _open_conversation(session.storefront, session.shopper)
    if found is not None and found.pk != current.pk:
        ChatSession.objects.filter(pk=session.pk).update(conversation=found)
        session.conversation = found
        _log_continued(found, session.shopper, now=now)


def _log_continued(conversation: Conversation, shopper: Shopper, *, now: datetime) -> None:
    audit.record(
        merchant_id=conversation.merchant_id,
        actor=audit.Actor("shopper", str(shopper.public_id)),
        action="conversation.continued",
        target=f"conversation:{conversation.public_id}",
        now=now,
    )


@transaction.atomic
def _start(
    storefront: Storefront, identity: Identity | None, *, fresh: bool, locale: str, now: datetime
) -> OpenedSession:
    if identity is None:
        shopper = Shopper.objects.create(locale=locale, created_at=now)
    else:
        shopper = _shopper_of(identity, locale=locale, now=now)
    conversation = _open_conversation(storefront, shopper) if fresh else None
    if conversation is not None:
        _log_continued(conversation, shopper, now=now)
    else:
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
def _identify(session: ChatSession, identity: Identity, *, fresh: bool, now: datetime) -> OpenedSession:
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
        return _start(session.storefront, identity, fresh=fresh, locale=session.conversation.locale, now=now)
    Conversation.objects.filter(pk=session.conversation_id).update(
        shopper=shopper, email=shopper.email or session.conversation.email, version=F("version") + 1
    )
    search.reindex([session.conversation_id])
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
    identified = ChatSession.objects.select_related("storefront", "shopper", "conversation").get(pk=session.pk)
    if fresh:
        _join_open(identified, now=now)
    return OpenedSession(identified, token)


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
        search.index_shoppers([shopper.pk])
    return shopper

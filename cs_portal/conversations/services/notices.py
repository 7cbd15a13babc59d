"""What every transition leaves behind: an event for who listens, a line of the timeline, an entry of the log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cs_portal.conversations.models import Activity, ActivityKind, Conversation
from cs_portal.core import events
from cs_portal.core.audit import SYSTEM, Actor, record
from cs_portal.merchants.models import Member

Data = Mapping[str, str | int | bool]


def tell_shopper(conversation: Conversation, name: str, now: datetime, data: Data | None = None) -> None:
    topic = events.conversation_topic(conversation.public_id)
    events.publish(merchant_id=conversation.merchant_id, topic=topic, name=name, data=data or {}, now=now)


def tell_console(conversation: Conversation, name: str, now: datetime, data: Data | None = None) -> None:
    named = {**(data or {}), "conversation": str(conversation.public_id)}
    events.publish(merchant_id=conversation.merchant_id, topic=events.CONSOLE, name=name, data=named, now=now)


def tell(conversation: Conversation, name: str, now: datetime, data: Data | None = None) -> None:
    tell_shopper(conversation, name, now, data)
    tell_console(conversation, name, now, data)


def happened(
    conversation: Conversation, kind: ActivityKind, now: datetime, *, by: Member | None = None, **data: Any
) -> Activity:
    """A line of the timeline. ``data`` holds ids, times and states, never text."""
    return Activity.objects.create(conversation=conversation, kind=kind, member=by, data=data, created_at=now)


def log(
    conversation: Conversation,
    action: str,
    now: datetime,
    *,
    by: Member | None = None,
    actor: Actor | None = None,
    **data: Any,
) -> None:
    """An entry of the append-only log: by the member, else by ``actor``, else by the system."""
    who = Actor("member", str(by.public_id)) if by is not None else (actor or SYSTEM)
    record(
        merchant_id=conversation.merchant_id,
        actor=who,
        action=action,
        target=f"conversation:{conversation.public_id}",
        now=now,
        data=data,
    )

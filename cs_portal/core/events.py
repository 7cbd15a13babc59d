"""Live events: a row in the transaction of the change; streams tail the table (:mod:`cs_portal.core.stream`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from cs_portal.core.hints import hint
from cs_portal.core.models import Event

CONSOLE = "console"


def conversation_topic(public_id: UUID) -> str:
    return f"conversation:{public_id}"


def publish(*, merchant_id: int, topic: str, name: str, data: Mapping[str, str | int | bool], now: datetime) -> Event:
    """Append an event. ``data`` carries ids and states only: whoever hears it fetches what they may see.

    Names are past tense and namespaced (``draft:ready``).
    """
    event = Event.objects.create(merchant_id=merchant_id, topic=topic, name=name, data=dict(data), created_at=now)
    transaction.on_commit(hint)
    return event

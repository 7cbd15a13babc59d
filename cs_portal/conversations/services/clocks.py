"""The promise to answer in time, counted in the storefront's business hours."""

from __future__ import annotations

from datetime import datetime

from cs_portal.conversations.models import Conversation
from cs_portal.merchants.hours import schedule_of


def reply_due_at(conversation: Conversation, *, since: datetime) -> datetime:
    """When the answer to a message of ``since`` is due. ``conversation`` comes with its storefront and merchant."""
    merchant = conversation.merchant
    first = conversation.first_reply_at is None
    minutes = merchant.first_reply_minutes if first else merchant.next_reply_minutes
    return schedule_of(conversation.storefront).add_minutes(since, minutes)

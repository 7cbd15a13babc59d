"""Who is told when a draft moves."""

from __future__ import annotations

from datetime import datetime

from cs_portal.core import events
from cs_portal.drafting.models import Draft


def tell_console(draft: Draft, name: str, *, now: datetime) -> None:
    """Publish ``draft:…`` or ``candidate:added`` to every member's console."""
    events.publish(
        merchant_id=draft.merchant_id,
        topic=events.CONSOLE,
        name=name,
        data={"draft": str(draft.public_id), "conversation": str(draft.conversation.public_id)},
        now=now,
    )

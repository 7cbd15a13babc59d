"""A conversation to print or to save: what both sides said, with or without the team's notes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cs_portal.console.presenters.inbox_timeline import Item, Names, items
from cs_portal.console.presenters.queue import shopper_name
from cs_portal.conversations.models import Conversation
from cs_portal.conversations.selectors import Detail, Window


@dataclass(frozen=True, slots=True)
class Transcript:
    conversation: Conversation
    shopper_name: str
    items: list[Item]
    with_notes: bool
    made_at: datetime


def transcript_of(detail: Detail, window: Window, *, with_notes: bool, now: datetime) -> Transcript:
    wanted = {"message", "note"} if with_notes else {"message"}
    name = shopper_name(detail.conversation.shopper)
    entries = [entry for entry in window.entries if entry.kind in wanted]
    said = items(entries, conversation=detail.conversation, shopper=name, names=Names({}, {}))
    return Transcript(detail.conversation, name, said, with_notes, now)

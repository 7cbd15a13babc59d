"""What one may read of conversations. The files beside hold one job each."""

from cs_portal.conversations.selectors.inbox import InboxFilters, Sort, inbox, numbers
from cs_portal.conversations.selectors.reading import (
    BEGUN,
    Detail,
    colleagues,
    conversation,
    detail,
    messages_after,
    photos_of,
    tags,
    unanswered_turns,
)
from cs_portal.conversations.selectors.timeline import Entry, Window, timeline

__all__ = [
    "BEGUN",
    "Detail",
    "Entry",
    "InboxFilters",
    "Sort",
    "Window",
    "colleagues",
    "conversation",
    "detail",
    "inbox",
    "messages_after",
    "numbers",
    "photos_of",
    "tags",
    "timeline",
    "unanswered_turns",
]

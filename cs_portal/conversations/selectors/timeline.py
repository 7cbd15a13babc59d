"""Everything that happened in a conversation, in one order: messages, notes, activities and what other layers add."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cs_portal.conversations.models import Activity, Message, Note

#: As many entries are shown at once; older ones by a link.
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """``kind`` is ``message``, ``note``, ``activity``, or what a layer above calls its own."""

    kind: str
    at: datetime
    row: Any


@dataclass(frozen=True, slots=True)
class Window:
    """Oldest first. ``older`` is the ``before`` of the window before this one, None at the beginning."""

    entries: list[Entry]
    older: datetime | None


def timeline(
    *, conversation_id: int, before: datetime | None = None, more: Sequence[Entry] = (), limit: int | None = SHOWN
) -> Window:
    """The latest ``limit`` entries before ``before``; everything for None. ``more`` comes cut by the same ``before``.

    Entries of one instant stay together: those that do not fit all come with the older ones.
    """
    entries = list(more)
    for kind, model, related in (
        ("message", Message, "member__user"),
        ("note", Note, "member__user"),
        ("activity", Activity, "member__user"),
    ):
        rows = model.objects.filter(conversation_id=conversation_id).select_related(related)
        if before is not None:
            rows = rows.filter(created_at__lt=before)
        rows = rows.order_by("-id")
        entries += [Entry(kind, row.created_at, row) for row in (rows if limit is None else rows[: limit + 1])]
    entries.sort(key=lambda entry: (entry.at, _rank(entry), entry.row.pk))
    if limit is None or len(entries) <= limit:
        return Window(entries, None)
    first = last = len(entries) - limit
    while first < len(entries) and entries[first].at == entries[first - 1].at:
        first += 1
    if first == len(entries):  # all of one instant: an import, say
        first = last
    return Window(entries[first:], entries[first].at)


def _rank(entry: Entry) -> int:
    """What a message caused stands below it."""
    return 0 if entry.kind == "message" else 1

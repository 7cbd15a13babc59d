"""Server-sent events as bytes (WHATWG HTML, section 9.2)."""

from __future__ import annotations

import json
from typing import NamedTuple

RETRY = b"retry: 1000\n"


class EventRow(NamedTuple):
    """One row of the event table, as the stream reads it."""

    id: int
    merchant_id: int
    topic: str
    name: str
    data: dict[str, object]


def event_frame(row: EventRow, *, late: bool = False) -> bytes:
    """One event. A late one carries no id: a client's last id must never go back."""
    # JSON escapes line breaks, so data is always one line; a name is a constant of the code.
    body = f"event: {row.name}\ndata: {json.dumps(row.data, separators=(',', ':'))}\n\n"
    return (body if late else f"id: {row.id}\n{body}").encode()


def opening(position: int | None) -> bytes:
    """What a stream starts with; ``position`` gives a new client the id to come back with before any event came."""
    return RETRY + (b"\n" if position is None else b"id: %d\n\n" % position)


def resync(position: int) -> bytes:
    """Tells the client that events were missed: fetch the state anew, then follow from here."""
    return b"id: %d\nevent: resync\ndata: {}\n\n" % position


def heartbeat(position: int) -> bytes:
    """A comment that keeps proxies from closing; its id keeps a quiet client's last id from expiring."""
    return b": beat\nid: %d\n\n" % position

"""The stream's queries. All are synchronous and run in the stream's own threads."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from django.conf import settings
from django.db import connections
from django.db.models import Q

from cs_portal.core.models import Event
from cs_portal.core.stream.audience import Audience
from cs_portal.core.stream.frames import EventRow

T = TypeVar("T")
COLUMNS = ("id", "merchant_id", "topic", "name", "data")
#: With what the sequencer releases at once, no more than a listener's queue holds.
POLL_ROWS = 50
REPLAY_ROWS = 500
#: So far below the newest id a process that starts looks for rows that are not committed yet.
START_WINDOW = 100
PRUNE_ROWS = 5000


def and_disconnect(work: Callable[[], T]) -> T:
    """Run ``work`` and close this thread's connections."""
    try:
        return work()
    finally:
        connections.close_all()


class Start(NamedTuple):
    newest: int
    missing: frozenset[int]


def start() -> Start:
    """The newest id, and the ids shortly below it that have no row (yet)."""
    ids = list(Event.objects.order_by("-id").values_list("id", flat=True)[:START_WINDOW])
    if not ids:
        return Start(0, frozenset())
    return Start(ids[0], frozenset(range(ids[-1], ids[0])) - frozenset(ids))


def rows_after(position: int, *, missing: Collection[int]) -> list[EventRow]:
    """The next rows, and those of the missing ids that appeared, in one query."""
    wanted = Q(id__gt=position)
    if missing:
        wanted |= Q(id__in=missing)
    return [EventRow(*row) for row in Event.objects.filter(wanted).order_by("id").values_list(*COLUMNS)[:POLL_ROWS]]


def replay(audience: Audience, *, after: int, through: int, without: Collection[int]) -> list[EventRow] | None:
    """What ``audience`` missed after the id ``after``; ``None`` when that is too much, or can no longer be told.

    ``through`` and ``without`` are the tailer's position: what it has yet to give out is not replayed.
    """
    if after > through:
        # Another process was ahead of this one, or the id is from another time of the database.
        return [] if Event.objects.filter(id__gte=after).exists() else None
    rows = Event.objects.filter(
        merchant_id=audience.merchant_id, topic__in=audience.topics, id__gt=after, id__lte=through
    ).exclude(id__in=without)
    missed = [EventRow(*row) for row in rows.order_by("id").values_list(*COLUMNS)[: REPLAY_ROWS + 1]]
    # Asked after the rows were read, so that pruning in between cannot go unnoticed.
    oldest = Event.objects.order_by("id").values_list("id", flat=True).first()
    if len(missed) > REPLAY_ROWS or (oldest is not None and after < oldest - 1):
        return None
    return missed


def prune(*, now: datetime) -> int:
    """Delete events older than ``EVENT_RETENTION_HOURS`` and return how many.

    The newest row stays: it tells a quiet merchant's clients that they missed nothing.
    """
    expired = Q(created_at__lt=now - timedelta(hours=settings.EVENT_RETENTION_HOURS))
    newest = Event.objects.order_by("-id").values_list("id", flat=True).first() or 0
    deleted = 0
    while True:
        # In batches by primary key: short locks, and no scan of what is young.
        batch = list(Event.objects.order_by("id").values_list("id", flat=True)[:PRUNE_ROWS])
        if not batch:
            return deleted
        count, _ = Event.objects.filter(expired, id__lte=batch[-1], id__lt=newest).delete()
        deleted += count
        if count < PRUNE_ROWS:
            return deleted

"""A model that keeps failing is left alone for a while: nobody waits for it, and it is not paid for.

The state is a row, so all workers and the console see the same. After three failures in a row there is a pause that
doubles with every further one; when it is over, one call tries, and ends it or begins the next.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F

from cs_portal.drafting.models import LanguageModelConnection

TOLERATED = 3
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=10)
#: Failures that say nothing about the next call.
OF_ONE_CALL = {"too_long", "budget", "unwanted"}


def may_call(connection: LanguageModelConnection, *, now: datetime) -> bool:
    """Whether to call now. After a pause the first who asks may; the others wait for what comes of it."""
    paused_until = connection.paused_until
    if paused_until is None:
        return True
    if paused_until > now:
        return False
    attempt_ends = now + timedelta(seconds=connection.deadline_seconds + 5)
    rows = LanguageModelConnection.objects.filter(pk=connection.pk, paused_until=paused_until)
    return bool(rows.update(paused_until=attempt_ends))


def note_outcome(connection: LanguageModelConnection, *, failure: str, now: datetime) -> None:
    """``failure`` is a code, empty for a call that gave wordings."""
    if failure in OF_ONE_CALL:
        return
    rows = LanguageModelConnection.objects.filter(pk=connection.pk)
    if not failure:
        rows.exclude(failures=0, paused_until=None).update(failures=0, last_failure="", paused_until=None)
        return
    rows.update(failures=F("failures") + 1, last_failure=failure)
    failures = rows.values_list("failures", flat=True).first() or 0
    if failures >= TOLERATED:
        rows.update(paused_until=now + pause_after(failures))


def pause_after(failures: int) -> timedelta:
    return min(FIRST_PAUSE * 2 ** min(failures - TOLERATED, 10), LONGEST_PAUSE)

"""Whether the addresses in answers work: asked by a worker, now and then, a host at most once in two seconds.

An address is broken when its server says that the page is gone, or when it failed three times over hours. A server that
wants a login or no robots works; what is not HTTPS or not public is not asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import uuid4

from django.utils import timezone

from cs_portal.core import jobs, outbound
from cs_portal.core.jobs import Lease
from cs_portal.core.models import Job, JobState
from cs_portal.core.tenancy import current_merchant
from cs_portal.knowledge.models import LinkCheck, LinkState
from cs_portal.knowledge.services.quality_runs import ask_for_check

JOB = "check_links"
#: Addresses that one job asks; the next one goes on.
BATCH = 40
SECONDS = 8.0
GONE = {404, 410}
_FAILS_BEFORE_BROKEN = 3
_BETWEEN_CALLS = 2.0
_AGAIN = timedelta(hours=3)
_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)
_HEADERS = {"user-agent": "CSPortal-LinkCheck/1.0", "accept": "*/*"}


def ask_for_links(*, now: datetime) -> None:
    """Have the addresses that are due asked, at the earliest time that one is; within the caller's transaction."""
    merchant = current_merchant()
    first = LinkCheck.objects.order_by("due_at").values_list("due_at", flat=True).first()
    waiting = Job.objects.filter(merchant=merchant, kind=JOB, state=JobState.READY)
    if first is None or waiting.filter(execute_after__lte=max(first, now)).exists():
        return
    waiting.update(state=JobState.CANCELLED, finished_at=now)
    jobs.enqueue(
        JOB,
        key=f"{JOB}:{merchant.public_id}:{uuid4()}",
        merchant_id=merchant.pk,
        payload={},
        now=now,
        execute_after=max(first, now),
    )


def check_links(
    *,
    lease: Lease,
    now: datetime,
    resolver: outbound.Resolver = outbound.resolve,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Ask up to ``BATCH`` addresses that are due; returns how many. No transaction is held while one is asked."""
    due = list(LinkCheck.objects.filter(due_at__lte=now).order_by("due_at", "pk")[:BATCH])
    changed, asked_at = False, dict[str, float]()
    for row in due:
        host = urlsplit(row.url).hostname or ""
        wait = asked_at.get(host, -_BETWEEN_CALLS) + _BETWEEN_CALLS - time.monotonic()
        if host in asked_at and wait > 0:
            sleep(wait)
        before = row.state
        _judge(row, *_ask(row.url, resolver), now=timezone.now())
        asked_at[host] = time.monotonic()
        row.save(update_fields=["state", "note", "failures", "checked_at", "due_at"])
        changed |= (before == LinkState.BROKEN) != (row.state == LinkState.BROKEN)
    with lease.finishing(now=timezone.now()):
        ask_for_links(now=timezone.now())
        if changed:
            ask_for_check(now=timezone.now())
    return len(due)


def _ask(url: str, resolver: outbound.Resolver) -> tuple[str, str]:
    """(``ok``, ``gone``, ``failed`` or ``refused``; what was answered)."""
    try:
        status = outbound.status_of(url, headers=_HEADERS, seconds=SECONDS, resolver=resolver)
    except outbound.OutboundRefused as refusal:
        return "refused", str(refusal.args[0])
    except (outbound.NotReached, outbound.Broken) as failure:
        return "failed", str(failure.args[0])
    if status in GONE:
        return "gone", str(status)
    return ("failed" if status >= 500 else "ok"), str(status)


def _judge(row: LinkCheck, outcome: str, note: str, *, now: datetime) -> None:
    row.checked_at, row.note = now, note[:40]
    row.failures = row.failures + 1 if outcome == "failed" else 0
    if outcome == "ok":
        row.state, row.due_at = LinkState.OK, now + _WEEK
    elif outcome == "refused":
        row.state, row.due_at = LinkState.UNCHECKED, now + _WEEK
    elif outcome == "gone" or row.failures >= _FAILS_BEFORE_BROKEN:
        row.state, row.due_at = LinkState.BROKEN, now + _DAY
    elif row.state != LinkState.BROKEN:
        row.state, row.due_at = LinkState.DOUBTFUL, now + _AGAIN
    else:
        row.due_at = now + _DAY

"""Checking a merchant's answers: asked for whenever one of them or the rules change, done by a worker, kept as rows.

A check looks at all answers, as one that changes may contradict one that does not. It waits a moment for further
changes, and the longer, the longer the last one took. What is found again stays the row it was, with its "ignore"; what
is not found any more goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction

from cs_portal.core import jobs
from cs_portal.core.jobs import Lease
from cs_portal.core.models import Job, JobState
from cs_portal.core.tenancy import current_merchant
from cs_portal.knowledge.models import Faq, FaqFigures, FaqState, LinkCheck, LinkState, QualityCheck, QualityFinding
from cs_portal.knowledge.quality.checks import Checked, Found, addresses_of
from cs_portal.knowledge.selectors import working_copies

#: The handler is registered by drafting, which holds the engine and sees the rules.
JOB = "check_answers"
_PAUSE = timedelta(seconds=5)
_DAILY = timedelta(days=1)
#: A check is asked for at most so many times as long after the last one as that took.
_REST = 10


def ask_for_check(*, now: datetime, at_once: bool = False) -> None:
    """See to it that a check comes soon, within the caller's transaction; one that waits for it already is enough."""
    last = QualityCheck.objects.first()
    due = now if at_once else now + _PAUSE
    if last is not None and not at_once:
        due = max(due, last.finished_at + timedelta(seconds=last.seconds * _REST))
    _enqueue(due, now=now)


def _enqueue(due: datetime, *, now: datetime) -> None:
    merchant = current_merchant()
    waiting = Job.objects.filter(merchant=merchant, kind=JOB, state=JobState.READY)
    if waiting.filter(execute_after__lte=due).exists():
        return
    # One that was to come later comes now: else tomorrow's would pile up.
    if waiting.update(execute_after=due):
        if due <= now:
            transaction.on_commit(lambda: jobs.wake(jobs.HANDLERS[JOB].queue))
        return
    jobs.enqueue(
        JOB,
        key=f"{JOB}:{merchant.public_id}:{uuid4()}",
        merchant_id=merchant.pk,
        payload={},
        now=now,
        execute_after=due,
    )


def faqs_to_check() -> list[Checked]:
    """Every FAQ that is not archived, by its newest content."""
    rows = list(Faq.objects.exclude(state=FaqState.ARCHIVED).prefetch_related("texts").order_by("pk"))
    copies = working_copies(rows)
    used = set(FaqFigures.objects.filter(hits__gt=0).values_list("faq", flat=True))
    return [
        Checked(row.pk, copies[row.pk], row.state == FaqState.PUBLISHED, row.updated_at, row.pk not in used)
        for row in rows
    ]


def watch_links(faqs: Iterable[Checked], *, now: datetime) -> dict[str, str]:
    """Watch the addresses that answers name, and no others; those known to be broken, with what they answered."""
    named = {url for faq in faqs for url in addresses_of(faq)}
    known = dict(LinkCheck.objects.values_list("url", "pk"))
    LinkCheck.objects.filter(pk__in=[pk for url, pk in known.items() if url not in named]).delete()
    LinkCheck.objects.bulk_create(
        [LinkCheck(url=url, due_at=now) for url in sorted(named - known.keys())], ignore_conflicts=True
    )
    return dict(LinkCheck.objects.filter(state=LinkState.BROKEN).values_list("url", "note"))


def keep_findings(
    found: Sequence[Found], *, lease: Lease, faqs: int, compared: bool, seconds: float, now: datetime
) -> None:
    """Write what was found and finish the job with it; ask for tomorrow's check. ``compared``: by meaning, too."""
    wanted = {one.fingerprint: one for one in found}
    with lease.finishing(now=now):
        alive = set(Faq.objects.values_list("pk", flat=True))
        known = set(QualityFinding.objects.values_list("fingerprint", flat=True))
        _delete(known - wanted.keys())
        QualityFinding.objects.bulk_create(
            [
                QualityFinding(
                    kind=one.kind,
                    faq_id=one.faq,
                    other_id=one.other,
                    fingerprint=fingerprint,
                    detail=dict(one.detail),
                    found_at=now,
                )
                for fingerprint, one in wanted.items()
                if fingerprint not in known and {one.faq, one.other} - {None} <= alive
            ],
            batch_size=500,
            ignore_conflicts=True,
        )
        values = {"finished_at": now, "seconds": seconds, "faqs": faqs, "compared": compared}
        QualityCheck.objects.update_or_create(defaults=values)
        _enqueue(now + _DAILY, now=now)


def _delete(fingerprints: Iterable[str]) -> None:
    doomed = sorted(fingerprints)
    for start in range(0, len(doomed), 500):
        QualityFinding.objects.filter(fingerprint__in=doomed[start : start + 500]).delete()


def is_waiting(*, now: datetime) -> bool:
    """Whether a check runs, or comes within the minute."""
    rows = Job.objects.filter(merchant=current_merchant(), kind=JOB)
    soon = rows.filter(state=JobState.READY, execute_after__lte=now + timedelta(minutes=1))
    return bool((soon | rows.filter(state=JobState.LEASED)).exists())

"""Runs of the regression set: asking for one, keeping what a worker finds, and publishing what a run was about.

A worker of drafting does the asking (``drafting.services.regression_running``), since only it holds the engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from cs_portal.core import jobs, ratelimit
from cs_portal.core.audit import Actor, record
from cs_portal.core.errors import Conflict, DomainError, Invalid, NotFound
from cs_portal.core.jobs import Lease, LeaseLost
from cs_portal.core.models import Job
from cs_portal.knowledge.content import ConditionalAnswer, FaqContent, LocaleText
from cs_portal.knowledge.models import (
    Change,
    Faq,
    FaqPhrasing,
    FaqState,
    RegressionCase,
    RegressionResult,
    RegressionRun,
    RunKind,
    RunState,
)
from cs_portal.knowledge.regression import SMALL, SMALL_KNOWLEDGE, Outcome, figures_of
from cs_portal.knowledge.selectors import knowledge_version, served_content, working_copies
from cs_portal.knowledge.services.approving import publish_seen
from cs_portal.knowledge.services.checking import check
from cs_portal.knowledge.services.lifecycle import MAX_BULK, BulkResult
from cs_portal.knowledge.services.writing import may_edit
from cs_portal.merchants.models import Member

#: The handlers are registered by drafting. A large set waits behind imports, not in front of shoppers.
JOB, LONG_JOB = "run_regression", "run_long_regression"
KEPT_RUNS = 50
PER_MINUTE = 20
_OPEN = [RunState.WAITING, RunState.RUNNING]


def start_run(*, by: Member, now: datetime) -> RegressionRun:
    """Ask every case of what is live. Raises :class:`Invalid` for an empty set; a run that goes on is returned."""
    may_edit(by)
    going = RegressionRun.objects.filter(kind=RunKind.LIVE, state__in=_OPEN).order_by("-id").first()
    if going is not None:
        return going
    if not _cases().exists():
        raise Invalid(_("The set has no cases yet."))
    _limit(by, now)
    return _start(RunKind.LIVE, [], by=by, now=now)


def ask_afterwards(*, by: Member, now: datetime) -> RegressionRun | None:
    """Ask every case of what went live by a file, within the caller's transaction; ``None`` where the set is empty.

    A run that goes on has begun before, so it is none of this.
    """
    return _start(RunKind.LIVE, [], by=by, now=now) if _cases().exists() else None


def start_check(*, faq_ids: Iterable[UUID], by: Member, now: datetime) -> tuple[RegressionRun | None, BulkResult]:
    """Ask every case as if the newest revisions of these FAQs were live.

    No run where there is nothing to ask: no case, or nothing that a search would notice; the caller publishes at once.
    FAQs that cannot be published are named in the result and left out. Raises :class:`Invalid` for too many.
    """
    may_edit(by)
    ids = list(faq_ids)
    if len(ids) > MAX_BULK:
        raise Invalid(_("At most %(limit)s FAQs at a time.") % {"limit": MAX_BULK})
    if not _cases().exists():
        return None, BulkResult(0, (), None)
    rows = list(Faq.objects.filter(public_id__in=ids).prefetch_related("texts").order_by("id"))
    copies = working_copies(rows)
    changes, refused, noticed = [], [], False
    for faq in rows:
        try:
            check(copies[faq.pk], publishing=True)
        except DomainError as error:
            refused.append((faq.title, str(error)))
            continue
        if faq.state != FaqState.PUBLISHED or faq.has_unpublished_changes:
            changes.append({"faq": str(faq.public_id), "revision": faq.latest})
            noticed = noticed or asks_first(faq, copies[faq.pk])
    result = BulkResult(0, tuple(refused), None)
    if not noticed:
        return None, result
    _limit(by, now)
    return _start(RunKind.PUBLISHING, changes, by=by, now=now), result


def asks_first(faq: Faq | None, content: FaqContent) -> bool:
    """Whether the set has to be asked before ``content`` goes live: it has cases, and a search would notice."""
    live = faq is not None and faq.state == FaqState.PUBLISHED
    noticed = not live or faq is None or _searched(content) != _searched(served_content(faq))
    return noticed and _cases().exists()


def publish_run(*, run_id: UUID, by: Member, now: datetime) -> BulkResult:
    """Publish what the run was about, as it was tried, whether or not the run has ended.

    An FAQ that was changed since is named and left as it is. Raises :class:`Conflict` the second time.
    """
    may_edit(by)
    run = RegressionRun.by_public_id(run_id)
    if run.kind != RunKind.PUBLISHING:
        raise NotFound
    seen = {UUID(change["faq"]): int(change["revision"]) for change in run.changes}
    with transaction.atomic():
        if not RegressionRun.objects.filter(pk=run.pk, published_at=None).update(published_at=now):
            raise Conflict(_("This was published already."))
        result = publish_seen(seen=seen, by=by, now=now)
        if result.changed:
            _keep_passed(run)
            _log(by, "regression.published", run, now, changed=result.changed, worse=run.figures.get("worse", 0))
        else:
            RegressionRun.objects.filter(pk=run.pk).update(published_at=None)
    return result


def begin(run_id: int, *, now: datetime) -> RegressionRun | None:
    """The run, for the worker that is going to do it; ``None`` when it is over or gone."""
    run: RegressionRun | None = RegressionRun.objects.filter(pk=run_id, state__in=_OPEN).first()
    if run is not None and run.state == RunState.WAITING:
        values = {"state": RunState.RUNNING, "total": _cases().count(), "knowledge_version": knowledge_version()}
        RegressionRun.objects.filter(pk=run.pk, state=RunState.WAITING).update(**values)
        for name, value in values.items():
            setattr(run, name, value)
    return run


def cases_left(run: RegressionRun, *, limit: int) -> list[RegressionCase]:
    """The next cases that the run has not asked, oldest first, each with its FAQ."""
    rows = _cases().exclude(results__run=run)
    return list(rows.select_related("faq").order_by("id")[:limit])


def keep_results(*, lease: Lease, run: RegressionRun, results: Sequence[RegressionResult], clock: datetime) -> None:
    """One chunk and the progress, while the worker still holds its lease; raises :class:`LeaseLost` otherwise."""
    with transaction.atomic():
        if not lease.renew(until=clock + timedelta(seconds=settings.JOB_LEASE_SECONDS)):
            raise LeaseLost
        standing = set(_cases().filter(pk__in=[r.case_id for r in results]).values_list("pk", flat=True))
        RegressionResult.objects.bulk_create([r for r in results if r.case_id in standing])
        run.done += len(results)
        RegressionRun.objects.filter(pk=run.pk).update(done=run.done)


def result_of(
    run: RegressionRun, case: RegressionCase, *, before: Outcome | None, after: Outcome, counts: bool
) -> RegressionResult:
    """``before`` is ``None`` in a run over what is live. ``counts``: the case's FAQ is live, or would be."""
    expected = str(case.faq.public_id) if case.faq else None
    passed, passed_before = after.passes(expected), before is not None and before.passes(expected)
    change = Change.SAME
    if before is not None and counts and passed != passed_before:
        change = Change.BETTER if passed else Change.WORSE
    return RegressionResult(
        run=run,
        case=case,
        counts=counts,
        passed=passed,
        change=change,
        before=before.to_json() if before is not None else None,
        after=after.to_json(),
    )


def queue_of(run: RegressionRun) -> str:
    """The queue that the run waits in, empty for one whose job is gone."""
    return Job.objects.filter(key=_key(run)).values_list("queue", flat=True).first() or ""


def finish(*, lease: Lease, run_id: int, now: datetime) -> None:
    """Count what was found and end the job with it. A run that was deleted meanwhile is no error."""
    with lease.finishing(now=now):
        run = RegressionRun.objects.filter(pk=run_id, state=RunState.RUNNING).first()
        if run is None:
            return
        run.figures, run.state, run.finished_at = _figures(run), RunState.DONE, now
        run.save(update_fields=["figures", "state", "finished_at"])
        if run.kind == RunKind.LIVE or run.published_at is not None:
            _keep_passed(run)


def fail_run(*, run_id: int, now: datetime) -> None:
    RegressionRun.objects.filter(pk=run_id, state__in=_OPEN).update(state=RunState.FAILED, finished_at=now)


def _searched(content: FaqContent) -> tuple[list[LocaleText], tuple[ConditionalAnswer, ...]]:
    """What of an FAQ a search can notice: the languages in which it replies, and the products that its answers name."""
    return [text for code, text in content.texts.items() if content.is_complete(code)], content.answers


def _cases() -> Any:
    return RegressionCase.objects.filter(removed_at=None)


def _limit(by: Member, now: datetime) -> None:
    ratelimit.hit(scope="regression", subject=str(by.merchant_id), limit=PER_MINUTE, seconds=60, now=now)


def _start(kind: RunKind, changes: list[dict[str, Any]], *, by: Member, now: datetime) -> RegressionRun:
    with transaction.atomic():
        total = _cases().count()
        run: RegressionRun = RegressionRun.objects.create(
            kind=kind, changes=changes, member=by, total=total, knowledge_version=knowledge_version(), created_at=now
        )
        is_small = total <= SMALL and FaqPhrasing.objects.count() <= SMALL_KNOWLEDGE
        jobs.enqueue(
            JOB if is_small else LONG_JOB,
            key=_key(run),
            merchant_id=run.merchant_id,
            payload={"run": run.pk},
            now=now,
        )
        _log(by, "regression.run", run, now, cases=total, kind=str(kind))
        edge = RegressionRun.objects.order_by("-id").values_list("id", flat=True)[KEPT_RUNS : KEPT_RUNS + 1]
        for last in edge:
            RegressionRun.objects.filter(pk__lte=last).delete()
    return run


def _key(run: RegressionRun) -> str:
    return f"regression:{run.public_id}"


def _figures(run: RegressionRun) -> dict[str, Any]:
    results = list(RegressionResult.objects.filter(run=run).select_related("case__faq"))
    counted = [(_expected(r.case), r) for r in results if r.counts]
    before = [(faq, Outcome.from_json(r.before)) for faq, r in counted if r.before is not None]
    return {
        "after": asdict(figures_of((faq, Outcome.from_json(r.after)) for faq, r in counted)),
        "before": asdict(figures_of(before)) if run.kind == RunKind.PUBLISHING else None,
        "better": sum(r.change == Change.BETTER for _faq, r in counted),
        "worse": sum(r.change == Change.WORSE for _faq, r in counted),
        "skipped": len(results) - len(counted),
    }


def _expected(case: RegressionCase) -> str | None:
    return str(case.faq.public_id) if case.faq else None


def _keep_passed(run: RegressionRun) -> None:
    """What the set's list shows of each case, unless the case was corrected since."""
    results = RegressionResult.objects.filter(run=run)
    for passed in (True, False):
        ids = results.filter(counts=True, passed=passed).values("case_id")
        RegressionCase.objects.filter(pk__in=ids).exclude(passed=passed).update(passed=passed)
    RegressionCase.objects.filter(Q(pk__in=results.filter(counts=False).values("case_id"))).update(passed=None)


def _log(by: Member, action: str, run: RegressionRun, now: datetime, **data: int | str) -> None:
    record(
        merchant_id=by.merchant_id,
        actor=Actor("member", str(by.public_id)),
        action=action,
        target=f"regression_run:{run.public_id}",
        now=now,
        data=data,
    )

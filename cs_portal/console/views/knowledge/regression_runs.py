"""Runs of the regression set: their history, one of them while it goes on and after, and publishing from it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from cs_portal.console.feedback import done
from cs_portal.console.paging import page_of
from cs_portal.console.presenters.knowledge_quality import shown as shown_findings
from cs_portal.console.presenters.regression import result_rows, run_view, run_views
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import member_view, reviewer
from cs_portal.console.views.knowledge.editor import to_faq, undo_link
from cs_portal.core.errors import Invalid
from cs_portal.core.workers import alive_queues
from cs_portal.drafting.contradictions import contradictions_of
from cs_portal.knowledge.models import Change, RegressionRun, RunKind, RunState
from cs_portal.knowledge.regression_selectors import changed_results, regression_run, regression_runs, results_of
from cs_portal.knowledge.selectors import knowledge_version
from cs_portal.knowledge.services.quality_runs import is_waiting
from cs_portal.knowledge.services.regression_runs import publish_run, queue_of, start_run

#: After this long a run that nobody began says that the worker is late.
LATE = timedelta(seconds=10)


@require_safe
@member_view
def runs(request: ConsoleRequest) -> HttpResponse:
    page = page_of(regression_runs(), by=("-id",), request=request)
    context = {"section": "knowledge", "page": page, "rows": run_views(page.rows)}
    return render(request, "console/knowledge/regression/runs.html", context)


@require_POST
@reviewer
def start(request: ConsoleRequest) -> HttpResponse:
    try:
        row = start_run(by=request.member, now=timezone.now())
    except Invalid as refusal:
        messages.error(request, str(refusal))
        return redirect("console:regression", merchant=request.merchant.slug)
    return redirect("console:regression_run", merchant=request.merchant.slug, asking_id=row.public_id)


@require_safe
@member_view
def run(request: ConsoleRequest, asking_id: UUID) -> HttpResponse:
    """The page, or for htmx the part of it that waits."""
    row, now = regression_run(asking_id), timezone.now()
    context: dict[str, Any] = {"section": "knowledge", "run": row, "view": run_view(row)} | _waiting(row, now)
    if row.state == RunState.DONE:
        # What gets worse stands above, one by one.
        failing = page_of(
            results_of(row).filter(passed=False).exclude(change=Change.WORSE), by=("-id",), request=request
        )
        context |= {
            "worse": result_rows(changed_results(row, Change.WORSE)),
            "better": result_rows(changed_results(row, Change.BETTER)),
            "page": failing,
            "failing": result_rows(failing.rows),
            "moved_on": row.knowledge_version != knowledge_version() and row.published_at is None,
        }
    if row.kind == RunKind.PUBLISHING and row.published_at is None:
        context |= {"against": shown_findings(contradictions_of(_tried(row))), "check_waits": is_waiting(now=now)}
    template = "console/knowledge/regression/run_body.html" if request.htmx else "console/knowledge/regression/run.html"
    return render(request, template, context)


@require_POST
@reviewer
def publish(request: ConsoleRequest, asking_id: UUID) -> HttpResponse:
    """Publish what the run was about: what was tried, not what was written since."""
    row = regression_run(asking_id)
    result = publish_run(run_id=asking_id, by=request.member, now=timezone.now())
    for title, reason in result.refused[:3]:
        messages.error(
            request, _("“%(title)s” was left as it is: %(reason)s") % {"title": title or "FAQ", "reason": reason}
        )
    if result.changed:
        count = {"count": result.changed}
        sentence = ngettext("%(count)s FAQ published.", "%(count)s FAQs published.", result.changed) % count
        done(request, sentence, undo=undo_link(request, result.change_id))
    if len(row.changes) == 1:
        return to_faq(request, UUID(row.changes[0]["faq"]))
    return redirect("console:knowledge", merchant=request.merchant.slug)


def _tried(row: RegressionRun) -> list[UUID]:
    return [UUID(change["faq"]) for change in row.changes]


def _waiting(row: RegressionRun, now: datetime) -> dict[str, Any]:
    waiting = row.state == RunState.WAITING
    return {
        "busy": not row.is_over,
        "late": waiting and now - row.created_at > LATE,
        "no_worker": waiting and queue_of(row) not in alive_queues(now=now),
    }

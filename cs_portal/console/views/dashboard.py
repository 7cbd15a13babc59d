"""The home page of a merchant."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cs_portal.console.feedback import done
from cs_portal.console.middleware import SINCE
from cs_portal.console.presenters.audit import describe_all
from cs_portal.console.presenters.dashboard import dashboard_of
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import configurer, member_view
from cs_portal.merchants.services.failed_work import retry_job


@require_safe
@member_view
def dashboard(request: ConsoleRequest) -> HttpResponse:
    since = request.session.get(f"{SINCE}:{request.merchant.slug}")
    board = dashboard_of(request.member, since=datetime.fromisoformat(since) if since else None, now=timezone.now())
    context = {"board": board, "changes": describe_all(board.changes), "section": "home"}
    return render(request, "console/home/page.html", context)


@require_POST
@configurer
def retry(request: ConsoleRequest, job_id: int) -> HttpResponse:
    retry_job(job_id=job_id, by=request.member, now=timezone.now())
    done(request, _("The job runs again."))
    return redirect("console:dashboard", merchant=request.merchant.slug)

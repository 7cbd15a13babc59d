"""What is wrong with answers: the page of all findings, and what is done about one of them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cs_portal.console.feedback import done
from cs_portal.console.paging import page_of
from cs_portal.console.presenters.knowledge_list import KIND_NAMES
from cs_portal.console.presenters.knowledge_quality import ICONS, shown
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import member_view, reviewer
from cs_portal.console.views.knowledge.editor import undo_link
from cs_portal.core import ratelimit
from cs_portal.core.errors import Invalid
from cs_portal.core.workers import has_worker
from cs_portal.drafting.selectors import faqs_marked_wrong
from cs_portal.knowledge.findings import active_faqs, counts, findings, last_check
from cs_portal.knowledge.quality.kinds import Kind
from cs_portal.knowledge.services.mending import mend as mend_finding
from cs_portal.knowledge.services.quality import heed_finding, ignore_finding
from cs_portal.knowledge.services.quality_runs import JOB, ask_for_check, is_waiting

PAGE = 25
CHECKS_PER_MINUTE = 3


@require_safe
@member_view
def quality(request: ConsoleRequest) -> HttpResponse:
    """All findings of a kind, or those that are ignored; eleven queries, however many there are."""
    now, kind, ignored = timezone.now(), request.GET.get("kind", ""), request.GET.get("ignored") == "1"
    kind = kind if kind in set(Kind) else ""
    found = counts()
    page = page_of(findings(kind=kind, ignored=ignored), by=("-grave", "-id"), request=request, size=PAGE)
    waiting = is_waiting(now=now)
    context = {
        "section": "knowledge",
        "page": page,
        "items": shown(page.rows),
        "kinds": [(one.value, KIND_NAMES[one], ICONS[one], found.by_kind[one]) for one in Kind if one in found.by_kind],
        "kind": kind,
        "ignored": ignored,
        "counts": found,
        "check": last_check(),
        "waiting": waiting,
        "no_worker": waiting and not has_worker(JOB, now=now),
        "faqs": active_faqs(),
        "marked_wrong": [] if kind or ignored else faqs_marked_wrong(),
    }
    return render(request, "console/knowledge/quality.html", context)


@require_POST
@reviewer
def check_now(request: ConsoleRequest) -> HttpResponse:
    now = timezone.now()
    ratelimit.hit(
        scope="check_answers", subject=str(request.merchant.public_id), limit=CHECKS_PER_MINUTE, seconds=60, now=now
    )
    ask_for_check(now=now, at_once=True)
    done(request, _("All answers are being checked."))
    return redirect("console:knowledge_quality", merchant=request.merchant.slug)


@require_POST
@reviewer
def mend(request: ConsoleRequest, finding_id: UUID) -> HttpResponse:
    """One click that ends the finding."""
    deed = request.POST.get("deed", "")
    try:
        change = mend_finding(finding_id=finding_id, deed=deed, by=request.member, now=timezone.now())
    except Invalid as refusal:
        messages.error(request, str(refusal))
    else:
        sentence = _("The address is being checked again.") if deed == "recheck" else _("Mended.")
        done(request, sentence, undo=undo_link(request, change))
    return _back(request)


@require_POST
@reviewer
def ignore(request: ConsoleRequest, finding_id: UUID) -> HttpResponse:
    reason = request.POST.get("reason", "")
    try:
        row = ignore_finding(finding_id=finding_id, by=request.member, reason=reason, now=timezone.now())
    except Invalid as refusal:
        messages.error(request, str(refusal))
    else:
        undo = reverse("console:finding_heed", args=[request.merchant.slug, row.public_id])
        done(request, _("Ignored until something changes."), undo=undo)
    return _back(request)


@require_POST
@reviewer
def heed(request: ConsoleRequest, finding_id: UUID) -> HttpResponse:
    """Take an "ignore" back."""
    heed_finding(finding_id=finding_id, by=request.member, now=timezone.now())
    done(request, _("It is shown again."))
    return _back(request)


def _back(request: ConsoleRequest) -> HttpResponseRedirect:
    """To the page on which one clicked: that of all findings, or an FAQ's."""
    came_from = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure()):
        return redirect(came_from)
    return redirect("console:knowledge_quality", merchant=request.merchant.slug)

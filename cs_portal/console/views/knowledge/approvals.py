"""The second pair of eyes: what waits for approval, deciding on it, and whether the merchant wants it at all."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cs_portal.console.feedback import done
from cs_portal.console.forms.knowledge import DeclineForm
from cs_portal.console.paging import page_of
from cs_portal.console.presenters.faq_approvals import request_rows
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import configurer, member_view, reviewer
from cs_portal.console.views.knowledge.editor import to_faq, undo_link
from cs_portal.console.views.knowledge.publishing import ask_set
from cs_portal.core.errors import Invalid
from cs_portal.knowledge.approvals import declined_requests, may_approve, publication_request, waiting_requests
from cs_portal.knowledge.models import PublicationRequest
from cs_portal.knowledge.services import approving
from cs_portal.merchants.services.profile import require_approval

PAGE = 20


@require_safe
@member_view
def approvals(request: ConsoleRequest) -> HttpResponse:
    page = page_of(waiting_requests(), by=("asked_at", "id"), request=request, size=PAGE)
    context = {
        "section": "knowledge",
        "page": page,
        "rows": request_rows(page.rows, member=request.member),
        "declined": list(declined_requests(request.member, now=timezone.now())[:PAGE]),
        "wanted": request.merchant.publishing_needs_approval,
    }
    return render(request, "console/knowledge/approvals.html", context)


@require_POST
@reviewer
def approve(request: ConsoleRequest, approval_id: UUID) -> HttpResponse:
    row = publication_request(approval_id)
    if may_approve(row, request.member) and (page := ask_set(request, [row.faq.public_id])):
        return page
    change = approving.approve_publication(request_id=approval_id, by=request.member, now=timezone.now())
    done(request, _("Approved. The bot uses it now."), undo=undo_link(request, change.change_id))
    return _back(request, row)


@require_POST
@reviewer
def decline(request: ConsoleRequest, approval_id: UUID) -> HttpResponse:
    row = publication_request(approval_id)
    form = DeclineForm(request.POST)
    form.is_valid()
    try:
        reason = form.cleaned_data.get("reason", "")
        approving.decline_publication(request_id=approval_id, by=request.member, reason=reason, now=timezone.now())
    except Invalid as refusal:
        messages.error(request, str(refusal))
    else:
        done(request, _("Declined. Whoever asked is told why."), undo=_reopen_link(request, row))
    return _back(request, row)


@require_POST
@reviewer
def withdraw(request: ConsoleRequest, approval_id: UUID) -> HttpResponse:
    row = publication_request(approval_id)
    approving.withdraw_publication(request_id=approval_id, by=request.member, now=timezone.now())
    done(request, _("Withdrawn. It stays as it is saved."), undo=_reopen_link(request, row))
    return _back(request, row)


@require_POST
@reviewer
def reopen(request: ConsoleRequest, approval_id: UUID) -> HttpResponse:
    row = approving.reopen_publication(request_id=approval_id, by=request.member, now=timezone.now())
    done(request, _("Undone."))
    return _back(request, row)


@require_POST
@configurer
def want_approval(request: ConsoleRequest) -> HttpResponse:
    required = request.POST.get("required") == "yes"
    require_approval(by=request.member, required=required, now=timezone.now())
    if required:
        done(request, _("What operators publish waits for a colleague from now on."))
    else:
        done(request, _("Operators publish by themselves from now on."))
    return redirect("console:knowledge_approvals", merchant=request.merchant.slug)


def _reopen_link(request: ConsoleRequest, row: PublicationRequest) -> str:
    return reverse("console:knowledge_reopen", args=[request.merchant.slug, row.public_id])


def _back(request: ConsoleRequest, row: PublicationRequest) -> HttpResponseRedirect:
    """To the FAQ where the decision was made there, else to what waits."""
    if request.POST.get("from") == "faq":
        return to_faq(request, row.faq.public_id)
    return redirect("console:knowledge_approvals", merchant=request.merchant.slug)

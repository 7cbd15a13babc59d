"""Proposals from colleagues' edits: the list, one of them, and what becomes of it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cs_portal.console.feedback import done
from cs_portal.console.forms.gaps import ProposalForm
from cs_portal.console.paging import page_of
from cs_portal.console.presenters.proposals import proposal_rows
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import member_view, reviewer
from cs_portal.console.views.knowledge.taught import go_live
from cs_portal.core.errors import Conflict, Invalid
from cs_portal.knowledge.gaps import proposal as proposal_of
from cs_portal.knowledge.gaps import proposals
from cs_portal.knowledge.models import FaqProposal, ProposalState
from cs_portal.knowledge.services import teaching
from cs_portal.knowledge.services.writing import FaqMoved

ALL = "all"
STATES = [
    ("", ProposalState.OPEN.label),
    (ProposalState.ACCEPTED, ProposalState.ACCEPTED.label),
    (ProposalState.DISMISSED, ProposalState.DISMISSED.label),
    (ProposalState.STALE, ProposalState.STALE.label),
]


@require_safe
@member_view
def proposal_list(request: ConsoleRequest) -> HttpResponse:
    asked = request.GET.get("state", "")
    state = asked if asked in ProposalState.values else ProposalState.OPEN
    page = page_of(proposals(state), by=("-created_at", "-id"), request=request, size=25)
    context = {
        "section": "knowledge",
        "page": page,
        "rows": proposal_rows(page.rows),
        "states": STATES,
        "state": state,
    }
    return render(request, "console/knowledge/proposals/list.html", context)


@require_safe
@member_view
def proposal(request: ConsoleRequest, proposal_id: UUID) -> HttpResponse:
    return _page(request, proposal_of(proposal_id))


@require_POST
@reviewer
def accept(request: ConsoleRequest, proposal_id: UUID) -> HttpResponse:
    """Into the FAQ, published or not, as proposed or in other words."""
    row = proposal_of(proposal_id)
    form = ProposalForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    publish = "publish" in request.POST
    try:
        change = teaching.accept_proposal(
            proposal_id=proposal_id,
            by=request.member,
            seen=form.cleaned_data["seen"],
            answer=form.cleaned_data["answer"] or None,
            now=timezone.now(),
        )
    except FaqMoved as moved:
        messages.error(request, str(moved))
        return _page(request, row, status=HTTPStatus.CONFLICT)
    except Invalid as refusal:
        form.add_error("answer", str(refusal))
        return _page(request, row, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except Conflict as refusal:
        messages.error(request, str(refusal))
        return _to(request, row)
    undo = reverse("console:proposal_undo", args=[request.merchant.slug, proposal_id])
    if change.change_id is None:
        messages.warning(request, _("The sentence is not in the FAQ any more, so there is nothing to change."))
    elif publish:
        return go_live(request, change, undo=undo) or _to(request, row)
    else:
        done(request, _("Saved. The bot uses the published text until you publish this one."), undo=undo)
    return _to(request, row)


@require_POST
@reviewer
def dismiss(request: ConsoleRequest, proposal_id: UUID) -> HttpResponse:
    row = proposal_of(proposal_id)
    try:
        teaching.dismiss_proposal(proposal_id=proposal_id, by=request.member, now=timezone.now())
    except Conflict as refusal:
        messages.error(request, str(refusal))
        return _to(request, row)
    done(request, _("Dismissed."), undo=reverse("console:proposal_undo", args=[request.merchant.slug, proposal_id]))
    return redirect("console:proposals", merchant=request.merchant.slug)


@require_POST
@reviewer
def undo(request: ConsoleRequest, proposal_id: UUID) -> HttpResponse:
    row = proposal_of(proposal_id)
    teaching.undo_proposal(proposal_id=proposal_id, by=request.member, now=timezone.now())
    done(request, _("Undone."))
    return _to(request, row)


def _to(request: ConsoleRequest, row: FaqProposal) -> HttpResponseRedirect:
    return redirect("console:proposal", merchant=request.merchant.slug, proposal_id=row.public_id)


def _page(
    request: ConsoleRequest, row: FaqProposal, form: ProposalForm | None = None, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    row = proposal_of(row.public_id)
    shown = proposal_rows([row])[0]
    start = {"answer": shown.answer or "", "seen": row.faq.latest}
    context: dict[str, Any] = {
        "section": "knowledge",
        "row": shown,
        "proposal": row,
        "edits": row.edits.order_by("-edited_at", "-id")[:10],
        "form": form or ProposalForm(initial=start),
        "may_edit": request.member.may_review,
    }
    return render(request, "console/knowledge/proposals/proposal.html", context, status=status)

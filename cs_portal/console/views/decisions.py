"""Decisions on a draft."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.forms import Form
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cs_portal.console.forms.drafts import ApproveForm, OverrideForm, RejectForm
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import configurer, reviewer
from cs_portal.console.views.workspace import advance, keeps_text, refused, show
from cs_portal.drafting.models import Draft
from cs_portal.drafting.services.review import approve_draft, override_verdict, reject_draft, undo_approval


@require_POST
@reviewer
@keeps_text
def approve(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    """Approve as it is or edited; the reply leaves after the undo window."""
    form = ApproveForm(request.POST)
    if not form.is_valid():
        return refused(request, draft_id, _first_error(form), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    approve_draft(draft_id=draft_id, by=request.member, now=timezone.now(), **form.cleaned_data)
    return advance(request, draft_id, _("Approved. The reply is being sent."), undo=True)


@require_POST
@reviewer
@keeps_text
def reject(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    form = RejectForm(request.POST)
    if not form.is_valid():
        return refused(request, draft_id, _first_error(form), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    reject_draft(draft_id=draft_id, by=request.member, now=timezone.now(), **form.cleaned_data)
    return advance(request, draft_id, _("Rejected. The conversation waits for a person."), undo=False)


@require_POST
@reviewer
@keeps_text
def undo(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    undo_approval(draft_id=draft_id, by=request.member, now=timezone.now())
    return show(request, draft_id, _("Taken back. Nothing was sent."))


@require_POST
@configurer
@keeps_text
def override(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    """Decide against the rules, with a reason."""
    order = Draft.by_public_id(draft_id).order
    form = OverrideForm(request.POST, currency=order.currency if order else "")
    if not form.is_valid():
        return refused(request, draft_id, _first_error(form), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    override_verdict(
        draft_id=draft_id,
        by=request.member,
        outcome=form.cleaned_data["outcome"],
        amount_minor=form.cleaned_data["amount"],
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return show(request, draft_id, _("The verdict was overridden. Check that the reply still fits."))


def _first_error(form: Form) -> str:
    return next(str(error) for errors in form.errors.values() for error in errors)

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
from cs_portal.console.presenters.queue import shopper_name
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import configurer, reviewer
from cs_portal.console.views.workspace import advance, cards_sent, keeps_text, refused, show, taken_back
from cs_portal.core.errors import Invalid
from cs_portal.drafting.models import Decision, Draft
from cs_portal.drafting.services.rejecting import reject_draft
from cs_portal.drafting.services.review import approve_draft, override_verdict
from cs_portal.drafting.services.undoing import undo_decision


@require_POST
@reviewer
@keeps_text
def approve(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    """Approve as it is or edited; the reply leaves after the undo window."""
    form = ApproveForm(request.POST)
    if not form.is_valid():
        return refused(request, draft_id, _first_error(form), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    review = approve_draft(
        draft_id=draft_id, by=request.member, now=timezone.now(), cards=cards_sent(request), **form.cleaned_data
    )
    if review.decision == Decision.FIRST:
        told = _("Approved by you. Nothing is sent to %(name)s until a colleague agrees, too.")
        return advance(request, draft_id, told % _named(draft_id), undo=True)
    return advance(request, draft_id, _("Approved. The reply to %(name)s is being sent.") % _named(draft_id), undo=True)


@require_POST
@reviewer
@keeps_text
def reject(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    form = RejectForm(request.POST)
    if not form.is_valid():
        return refused(request, draft_id, _first_error(form), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    reject_draft(draft_id=draft_id, by=request.member, now=timezone.now(), **form.cleaned_data)
    return advance(request, draft_id, _("Rejected. The conversation waits for a person."), undo=True)


@require_POST
@reviewer
@keeps_text
def undo(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    """Take an approval or a rejection back."""

    def take_back() -> str:
        undo_decision(draft_id=draft_id, by=request.member, now=timezone.now())
        return _("Taken back. The draft for %(name)s waits as before; nothing was sent to them.") % _named(draft_id)

    return taken_back(request, draft_id, take_back)


@require_POST
@configurer
@keeps_text
def override(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    """Decide against the rules, with a reason."""
    order = Draft.by_public_id(draft_id).order
    form = OverrideForm(request.POST, currency=order.currency if order else "")
    if not form.is_valid():
        return _not_overridden(request, draft_id, _first_error(form))
    try:
        override_verdict(
            draft_id=draft_id,
            by=request.member,
            outcome=form.cleaned_data["outcome"],
            amount_minor=form.cleaned_data["amount"],
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
        )
    except Invalid as refusal:
        return _not_overridden(request, draft_id, str(refusal))
    return show(request, draft_id, _("The verdict was overridden. The reply is being written anew."))


def _not_overridden(request: ConsoleRequest, draft_id: UUID, sentence: str) -> HttpResponse:
    """The dialog again, with what was written into it and what is wrong."""
    wish = {name: request.POST.get(name, "")[:300] for name in ("outcome", "amount", "reason")}
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return refused(request, draft_id, "", status=status, overriding={**wish, "error": sentence})


def _named(draft_id: UUID) -> dict[str, str]:
    return {"name": shopper_name(Draft.by_public_id(draft_id).conversation.shopper)}


def _first_error(form: Form) -> str:
    return next(str(error) for errors in form.errors.values() for error in errors)

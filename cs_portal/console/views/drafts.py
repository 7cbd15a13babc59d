"""What an operator does with a draft before deciding."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cs_portal.console.forms.drafts import SelectForm
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import reviewer
from cs_portal.console.views.workspace import keeps_text, show, workspace_of
from cs_portal.core.errors import Invalid
from cs_portal.drafting.services.candidates import regenerate_draft
from cs_portal.drafting.services.claims import claim_draft, release_draft, tell_typing
from cs_portal.drafting.services.review import select_candidate


@require_POST
@reviewer
@keeps_text
def regenerate(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    regenerate_draft(draft_id=draft_id, by=request.member, now=timezone.now())
    return show(request, draft_id, _("A new draft is being made on the current facts."))


@require_POST
@reviewer
@keeps_text
def select(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    form = SelectForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("Choose one of the candidates."), field="position")
    select_candidate(draft_id=draft_id, by=request.member, position=form.cleaned_data["position"], now=timezone.now())
    return show(request, draft_id)


@require_POST
@reviewer
def claim(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    """Say that one looks at it; also sent again to keep the claim alive."""
    claim_draft(draft_id=draft_id, by=request.member, now=timezone.now())
    return _status(request, draft_id)


@require_POST
@reviewer
def release(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    release_draft(draft_id=draft_id, by=request.member, now=timezone.now())
    return _status(request, draft_id)


@require_POST
@reviewer
def typing(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    tell_typing(draft_id=draft_id, by=request.member, now=timezone.now())
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _status(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    if not request.htmx:
        return redirect("console:draft", merchant=request.merchant.slug, draft_id=draft_id)
    return render(request, "console/review/status.html", {"work": workspace_of(request, draft_id)})

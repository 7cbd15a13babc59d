"""Saved views of the inbox: the filters of the URL under a name; renamed, shared, changed and deleted."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cs_portal.console import feedback
from cs_portal.console.forms.inbox import ViewForm, query_of
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import reviewer
from cs_portal.console.views.inbox.rendering import inbox_url, view_filters
from cs_portal.conversations.services.views import change_view, delete_view, edit_view, reachable_view, save_view
from cs_portal.core.errors import Invalid, NotFound


@require_POST
@reviewer
def save(request: ConsoleRequest) -> HttpResponse:
    """Keep the filters of the URL under a name, or let the view that ``replaces`` names stand for them."""
    now, query = timezone.now(), query_of(request.GET)
    try:
        if replaced := request.POST.get("replaces"):
            change_view(view_id=_view_id(replaced), by=request.member, query=query, now=now)
        else:
            name, shared = request.POST.get("name", ""), request.POST.get("shared") == "1"
            save_view(by=request.member, name=name, query=query, now=now, shared=shared)
    except Invalid as refusal:
        messages.error(request, str(refusal))
    else:
        feedback.done(request, _("View saved."))
    return redirect(inbox_url(request))


def _view_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


@require_http_methods(["GET", "HEAD", "POST"])
@reviewer
def edit(request: ConsoleRequest, view_id: UUID) -> HttpResponse:
    """Its name, and for those who configure whether all colleagues see it."""
    view = reachable_view(view_id=view_id, by=request.member)
    form = ViewForm(
        request.POST if request.method == "POST" else None,
        initial={"name": view.name, "shared": view.member_id is None},
        may_share=request.member.may_configure,
    )
    status = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                edit_view(view_id=view_id, by=request.member, now=timezone.now(), **form.cleaned_data)
            except Invalid as refusal:
                form.add_error("name", str(refusal))
            else:
                feedback.done(request, _("View changed."))
                return redirect(f"{reverse('console:inbox', args=[request.merchant.slug])}?{view.query}")
    context = {"section": "inbox", "view": view, "form": form, "filters": view_filters(QueryDict(view.query))}
    return render(request, "console/inbox/view.html", context, status=status)


@require_POST
@reviewer
def delete(request: ConsoleRequest, view_id: UUID) -> HttpResponse:
    delete_view(view_id=view_id, by=request.member, now=timezone.now())
    feedback.done(request, _("View deleted."))
    return redirect("console:inbox", merchant=request.merchant.slug)

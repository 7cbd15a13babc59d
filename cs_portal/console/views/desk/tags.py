"""Settings: tags."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cs_portal.console.feedback import done
from cs_portal.console.forms.desk import TagForm
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import configurer, read_by_all
from cs_portal.conversations.models import Tag
from cs_portal.conversations.selectors import desk
from cs_portal.conversations.services.tag_catalogue import create_tag, delete_tag, update_tag
from cs_portal.core.errors import Invalid

_HERE = {"section": "settings", "setting": "tags"}


@read_by_all
def tag_list(request: ConsoleRequest) -> HttpResponse:
    """All tags, and the form for a new one."""
    if request.method != "POST":
        return _list(request, TagForm())
    form = TagForm(request.POST)
    if form.is_valid():
        try:
            create_tag(by=request.member, now=timezone.now(), **form.cleaned_data)
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            done(request, _("Saved."))
            return redirect("console:tags", merchant=request.merchant.slug)
    return _list(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@require_http_methods(["GET", "HEAD", "POST"])
@configurer
def tag(request: ConsoleRequest, tag_id: UUID) -> HttpResponse:
    row = Tag.by_public_id(tag_id)
    form = TagForm(request.POST if request.method == "POST" else None, initial={"name": row.name, "tone": row.tone})
    status = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                update_tag(tag_id=tag_id, by=request.member, now=timezone.now(), **form.cleaned_data)
            except Invalid as refusal:
                form.refuse(refusal)
            else:
                done(request, _("Saved."))
                return redirect("console:tags", merchant=request.merchant.slug)
    return render(request, "console/desk/tag.html", _HERE | {"tag": row, "form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@configurer
def delete(request: ConsoleRequest, tag_id: UUID) -> HttpResponse:
    """It cannot be undone: the page before says what it does."""
    row = desk.tags_with_usage().filter(public_id=tag_id).first() or Tag.by_public_id(tag_id)
    if request.method != "POST":
        return render(request, "console/desk/tag_delete.html", _HERE | {"tag": row})
    delete_tag(tag_id=tag_id, by=request.member, now=timezone.now())
    done(request, _("“%(title)s” was deleted.") % {"title": row.name})
    return redirect("console:tags", merchant=request.merchant.slug)


def _list(request: ConsoleRequest, form: TagForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
    context = {"tags": desk.tags_with_usage(), "form": form}
    return render(request, "console/desk/tag_list.html", _HERE | context, status=status)

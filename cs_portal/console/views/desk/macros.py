"""Settings: macros."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cs_portal.console import removed
from cs_portal.console.feedback import done
from cs_portal.console.forms.desk import MacroForm
from cs_portal.console.paging import page_of
from cs_portal.console.presenters.desk import macro_lines
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import configurer, member_view, read_by_all
from cs_portal.conversations.models import Macro
from cs_portal.conversations.selectors import desk, tags
from cs_portal.conversations.services.macros import (
    RemovedMacro,
    create_macro,
    delete_macro,
    restore_macro,
    update_macro,
)
from cs_portal.core.errors import Conflict, Invalid

_HERE = {"section": "settings", "setting": "macros"}


@require_safe
@member_view
def macro_list(request: ConsoleRequest) -> HttpResponse:
    page = page_of(desk.macros(), request=request, by=("name", "id"))
    lines = macro_lines(page.rows, {str(tag.public_id): tag for tag in tags()})
    return render(request, "console/desk/macro_list.html", _HERE | {"page": page, "lines": lines})


@require_http_methods(["GET", "HEAD", "POST"])
@configurer
def new_macro(request: ConsoleRequest) -> HttpResponse:
    if request.method != "POST":
        return _editor(request, _form())
    return _save(request, None, lambda form: create_macro(by=request.member, change=form.change(), now=timezone.now()))


@read_by_all
def macro(request: ConsoleRequest, macro_id: UUID) -> HttpResponse:
    """The editor for those who may configure, the steps to read for all others."""
    row = Macro.by_public_id(macro_id)
    if request.method != "POST":
        return _editor(request, _form(initial=MacroForm.values_of(row)), row)
    return _save(
        request,
        row,
        lambda form: update_macro(
            macro_id=macro_id,
            by=request.member,
            change=form.change(),
            now=timezone.now(),
            seen=form.cleaned_data["seen"],
        ),
    )


@require_POST
@configurer
def delete(request: ConsoleRequest, macro_id: UUID) -> HttpResponse:
    gone = delete_macro(macro_id=macro_id, by=request.member, now=timezone.now())
    removed.keep(request, f"macro:{macro_id}", asdict(gone))
    undo = reverse("console:macro_restore", args=[request.merchant.slug, macro_id])
    done(request, _("“%(title)s” was deleted.") % {"title": gone.name}, undo=undo)
    return redirect("console:macros", merchant=request.merchant.slug)


@require_POST
@configurer
def restore(request: ConsoleRequest, macro_id: UUID) -> HttpResponse:
    gone = RemovedMacro(**removed.recall(request, f"macro:{macro_id}"))
    restore_macro(removed=gone, by=request.member, now=timezone.now())
    removed.forget(request, f"macro:{macro_id}")
    done(request, _("“%(title)s” is back.") % {"title": gone.name})
    return redirect("console:macros", merchant=request.merchant.slug)


def _form(data: Any = None, **given: Any) -> MacroForm:
    return MacroForm(data, replies=list(desk.canned_replies()[:500]), tags=tags(), **given)


def _save(request: ConsoleRequest, row: Macro | None, service: Callable[[MacroForm], Macro]) -> HttpResponse:
    form = _form(request.POST)
    if form.is_valid():
        try:
            service(form)
        except Invalid as refusal:
            form.refuse(refusal)
        except Conflict as conflict:
            latest = Macro.by_public_id(row.public_id) if row else None
            return _editor(request, form, latest, status=HTTPStatus.CONFLICT, conflict=str(conflict))
        else:
            done(request, _("Saved."))
            return redirect("console:macros", merchant=request.merchant.slug)
    return _editor(request, form, row, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _editor(
    request: ConsoleRequest, form: MacroForm, row: Macro | None = None, *, status: int = HTTPStatus.OK, **context: Any
) -> HttpResponse:
    by_id = {str(tag.public_id): tag for tag in tags()} if row else {}
    context = {"form": form, "macro": row, "line": macro_lines([row], by_id)[0] if row else None} | context
    return render(request, "console/desk/macro.html", _HERE | context, status=status)

"""Settings: canned replies."""

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
from cs_portal.console.forms.desk import CannedReplyForm
from cs_portal.console.paging import page_of
from cs_portal.console.presenters.desk import previews
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import configurer, member_view, read_by_all
from cs_portal.conversations.models import CannedReply
from cs_portal.conversations.selectors import desk
from cs_portal.conversations.services.canned import (
    CannedReplyChange,
    RemovedCannedReply,
    create_canned_reply,
    delete_canned_reply,
    restore_canned_reply,
    update_canned_reply,
)
from cs_portal.conversations.variables import VARIABLES
from cs_portal.core.errors import Conflict, Invalid
from cs_portal.core.public_ids import as_uuid

_HERE = {"section": "settings", "setting": "canned"}


@require_safe
@member_view
def canned_replies(request: ConsoleRequest) -> HttpResponse:
    words = request.GET.get("q", "").replace("\x00", "")[:100]
    page = page_of(desk.canned_replies(search=words), request=request, by=("shortcut", "id"))
    return render(request, "console/desk/canned_list.html", _HERE | {"page": page, "words": words.strip()})


@require_http_methods(["GET", "HEAD", "POST"])
@configurer
def new_canned_reply(request: ConsoleRequest) -> HttpResponse:
    if request.method != "POST":
        return _editor(request, CannedReplyForm())
    return _save(
        request, None, lambda form: create_canned_reply(by=request.member, change=form.change(), now=timezone.now())
    )


@read_by_all
def canned_reply(request: ConsoleRequest, canned_id: UUID) -> HttpResponse:
    """The editor for those who may configure, the texts to read for all others."""
    row = CannedReply.by_public_id(canned_id)
    if request.method != "POST":
        return _editor(request, CannedReplyForm.of(row), row)
    return _save(
        request,
        row,
        lambda form: update_canned_reply(
            reply_id=canned_id,
            by=request.member,
            change=form.change(),
            now=timezone.now(),
            seen=form.cleaned_data["seen"],
        ),
    )


@require_POST
@configurer
def preview(request: ConsoleRequest) -> HttpResponse:
    """What the texts will look like: the part of the page by htmx, else the page with what was typed, unsaved."""
    form = CannedReplyForm(request.POST)
    form.is_valid()
    if request.htmx:
        return render(request, "console/desk/canned_preview.html", {"previews": _previews(form)})
    row = CannedReply.objects.filter(public_id=as_uuid(request.POST.get("of", ""))).first()
    return _editor(request, CannedReplyForm(initial=request.POST.dict()), row, previews=_previews(form))


@require_POST
@configurer
def delete(request: ConsoleRequest, canned_id: UUID) -> HttpResponse:
    gone = delete_canned_reply(reply_id=canned_id, by=request.member, now=timezone.now())
    removed.keep(request, f"canned:{canned_id}", asdict(gone))
    undo = reverse("console:canned_reply_restore", args=[request.merchant.slug, canned_id])
    done(request, _("“%(title)s” was deleted.") % {"title": gone.change.title}, undo=undo)
    return redirect("console:canned_replies", merchant=request.merchant.slug)


@require_POST
@configurer
def restore(request: ConsoleRequest, canned_id: UUID) -> HttpResponse:
    kept: dict[str, Any] = removed.recall(request, f"canned:{canned_id}")
    gone = RemovedCannedReply(kept["public_id"], CannedReplyChange(**kept["change"]), kept["macros"])
    restore_canned_reply(removed=gone, by=request.member, now=timezone.now())
    removed.forget(request, f"canned:{canned_id}")
    done(request, _("“%(title)s” is back.") % {"title": gone.change.title})
    return redirect("console:canned_replies", merchant=request.merchant.slug)


def _save(
    request: ConsoleRequest, row: CannedReply | None, service: Callable[[CannedReplyForm], CannedReply]
) -> HttpResponse:
    form = CannedReplyForm(request.POST)
    if form.is_valid():
        try:
            service(form)
        except Invalid as refusal:
            form.refuse(refusal)
        except Conflict as conflict:
            latest = CannedReply.by_public_id(row.public_id) if row else None
            return _editor(request, form, latest, status=HTTPStatus.CONFLICT, conflict=str(conflict))
        else:
            done(request, _("Saved."))
            return redirect("console:canned_replies", merchant=request.merchant.slug)
    return _editor(request, form, row, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _editor(
    request: ConsoleRequest,
    form: CannedReplyForm,
    row: CannedReply | None = None,
    *,
    status: int = HTTPStatus.OK,
    **context: Any,
) -> HttpResponse:
    context = {"form": form, "reply": row, "previews": _previews(form), "variables": VARIABLES} | context
    return render(request, "console/desk/canned.html", _HERE | context, status=status)


def _previews(form: CannedReplyForm) -> list[Any]:
    return previews(form["text_en"].value() or "", form["text_zh"].value() or "")

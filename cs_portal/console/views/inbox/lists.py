"""The list of conversations: the page, the part that live updates fetch, and deeds on a selection."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from cs_portal.console import feedback
from cs_portal.console.forms.inbox import BulkForm
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import member_view, reviewer
from cs_portal.console.views.inbox.acts import assignee_of
from cs_portal.console.views.inbox.rendering import inbox_url, list_context, render_desk, show, with_list
from cs_portal.conversations.services import Bulk, assign_all, resolve_all, snooze_all, tag_all, undo
from cs_portal.core.errors import Invalid


@require_safe
@member_view
def inbox(request: ConsoleRequest) -> HttpResponse:
    """The list with no conversation open."""
    return render_desk(request, None)


@require_safe
@member_view
def inbox_list(request: ConsoleRequest) -> HttpResponse:
    """The list and its views alone; the browser knows which conversation is open."""
    return render(request, "console/inbox/list_response.html", list_context(request))


@require_POST
@reviewer
def bulk(request: ConsoleRequest) -> HttpResponse:
    """One deed on the ticked conversations; says how many changed and offers to take it back."""
    form = BulkForm(request.POST)
    try:
        if not form.is_valid():
            raise Invalid(next(str(error) for errors in form.errors.values() for error in errors))
        done = _deed(request, form.cleaned_data, timezone.now())
    except Invalid as refusal:
        messages.error(request, str(refusal))
        return redirect(inbox_url(request))
    feedback.done(request, _told(done), undo=undo_url(request, done.batch) if done.changed else None)
    return redirect(inbox_url(request))


def _deed(request: ConsoleRequest, data: dict[str, Any], now: datetime) -> Bulk:
    ids, by = data["ids"], request.member
    if data["deed"] == "assign":
        return assign_all(ids=ids, by=by, to=assignee_of(request, data["assignee"]), now=now)
    if data["deed"] == "tag":
        return tag_all(ids=ids, by=by, tag_id=data["tag"], now=now)
    if data["deed"] == "snooze":
        return snooze_all(ids=ids, by=by, until=data["until"], now=now)
    return resolve_all(ids=ids, by=by, now=now)


def _told(done: Bulk) -> str:
    if not done.changed:
        return _("Nothing changed: the selected conversations were like that already.")
    sentence = ngettext("%(count)s conversation changed.", "%(count)s conversations changed.", done.changed) % {
        "count": done.changed
    }
    rest = done.selected - done.changed
    if rest:
        sentence += " " + ngettext("%(count)s was like that already.", "%(count)s were like that already.", rest) % {
            "count": rest
        }
    return sentence


@require_POST
@reviewer
def take_back(request: ConsoleRequest, batch: UUID) -> HttpResponse:
    """Undo a deed, on one conversation or on many."""
    undone = undo(batch=batch, by=request.member, now=timezone.now())
    if len(undone) == 1:
        return show(request, undone[0], _("Taken back."))
    if undone:
        feedback.done(request, _("Taken back."))
    else:
        messages.warning(request, _("Nothing was taken back: the conversations moved on."))
    return redirect(inbox_url(request))


def undo_url(request: ConsoleRequest, batch: UUID | str) -> str:
    return with_list(request, reverse("console:inbox_undo", args=[request.merchant.slug, batch]))

"""Rendering the workspace: whole page or fragment, after success or refusal. Shared by the views of drafts."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django_htmx.http import push_url, trigger_client_event

from cs_portal.console.presenters.draft import Workspace, present
from cs_portal.console.presenters.queue import queue_rows
from cs_portal.console.requests import ConsoleRequest
from cs_portal.core.errors import Conflict, Invalid
from cs_portal.drafting.models import Draft, RejectReason
from cs_portal.drafting.selectors import draft_detail, drafts_awaiting_review

View = Callable[..., HttpResponse]


def workspace_of(request: ConsoleRequest, draft_id: UUID, **typed: Any) -> Workspace:
    now = timezone.now()
    return present(draft_detail(draft_id=draft_id, now=now), member=request.member, now=now, **typed)


def queue_context(request: ConsoleRequest, selected: UUID | None = None) -> dict[str, Any]:
    drafts = list(drafts_awaiting_review()[:200])
    rows = queue_rows(drafts, member=request.member, now=timezone.now(), selected=selected)
    return {"rows": rows, "selected": selected, "section": "review"}


def render_draft(
    request: ConsoleRequest, workspace: Workspace | None, *, status: int = HTTPStatus.OK, **context: Any
) -> HttpResponse:
    """The workspace for htmx, the whole page for everybody else. ``None`` shows that nothing waits."""
    context |= {"work": workspace, "section": "review", "reject_reasons": RejectReason.choices}
    if workspace is None:
        context |= queue_context(request)
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "console/review/workspace_response.html", context, status=status)
    if workspace is not None:
        context |= queue_context(request, workspace.detail.draft.public_id)
    return render(request, "console/review/page.html", context, status=status)


def advance(request: ConsoleRequest, done: UUID, sentence: str, *, undo: bool) -> HttpResponse:
    """After a decision: with htmx on to the next draft, with a notice; without htmx the decided one again."""
    if not request.htmx:
        messages.success(request, sentence)
        return redirect("console:draft", merchant=request.merchant.slug, draft_id=done)
    following = _following(request, done)
    workspace = workspace_of(request, following) if following else None
    decided = workspace_of(request, done)
    response = render_draft(request, workspace, decided=decided, sentence=sentence, undo=undo)
    url = _draft_url(request, following) if following else reverse("console:review", args=[request.merchant.slug])
    return trigger_client_event(push_url(response, url), "queue:changed", after="settle")


def show(request: ConsoleRequest, draft_id: UUID, sentence: str = "") -> HttpResponse:
    """The draft again, after something about it changed."""
    if not request.htmx:
        if sentence:
            messages.success(request, sentence)
        return redirect("console:draft", merchant=request.merchant.slug, draft_id=draft_id)
    response = render_draft(request, workspace_of(request, draft_id), sentence=sentence)
    return trigger_client_event(push_url(response, _draft_url(request, draft_id)), "queue:changed", after="settle")


def keeps_text(view: View) -> View:
    """A refused decision shows the draft again as it now is, says why, and keeps what the operator typed."""

    @wraps(view)
    def kept(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
        try:
            return view(request, draft_id=draft_id)
        except (Conflict, Invalid) as refusal:
            status = HTTPStatus.CONFLICT if isinstance(refusal, Conflict) else HTTPStatus.UNPROCESSABLE_ENTITY
            changes = getattr(refusal, "changes", [])
            return refused(request, draft_id, str(refusal), status=status, changes=changes)

    return kept


def refused(
    request: ConsoleRequest, draft_id: UUID, sentence: str, *, status: int, changes: list[str] | None = None
) -> HttpResponse:
    candidate = request.POST.get("candidate", "")
    workspace = workspace_of(
        request,
        draft_id,
        typed=request.POST.get("text"),
        candidate=int(candidate) if candidate.isdecimal() and len(candidate) < 4 else None,
    )
    return render_draft(request, workspace, status=status, refusal=sentence, refusal_changes=changes or [])


def _following(request: ConsoleRequest, done: UUID) -> UUID | None:
    """The next draft that nobody else looks at: the one after ``done``, else the longest waiting."""
    rows = queue_rows(drafts_awaiting_review(), member=request.member, now=timezone.now())
    free = [row.id for row in rows if not row.claimed_by and row.id != done]
    if not free:
        return None
    decided = Draft.by_public_id(done)
    later = drafts_awaiting_review().filter(created_at__gt=decided.created_at, public_id__in=free).first()
    return later.public_id if later else free[0]


def _draft_url(request: ConsoleRequest, draft_id: UUID) -> str:
    return reverse("console:draft", args=[request.merchant.slug, draft_id])

"""Rendering the workspace: whole page or fragment, after success or refusal. Shared by the views of drafts."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django_htmx.http import push_url, reswap, trigger_client_event

from cs_portal.console import feedback
from cs_portal.console.paging import capped_count
from cs_portal.console.pictures import allow_pictures
from cs_portal.console.presenters.draft import Workspace, present
from cs_portal.console.presenters.queue import queue_rows
from cs_portal.console.presenters.queue_filters import choices_of, filters_of
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.beside import query_beside, standing_beside
from cs_portal.core.errors import Conflict, Invalid
from cs_portal.drafting.models import Draft, RejectReason
from cs_portal.drafting.pairs import agreed_once
from cs_portal.drafting.selectors import draft_detail, drafts_awaiting_review
from cs_portal.drafting.services.autopilot_sampling import sends_to_check

View = Callable[..., HttpResponse]


def workspace_of(request: ConsoleRequest, draft_id: UUID, **typed: Any) -> Workspace:
    now = timezone.now()
    return present(draft_detail(draft_id=draft_id, now=now), member=request.member, now=now, **typed)


def queue_context(request: ConsoleRequest, selected: UUID | None = None) -> dict[str, Any]:
    now, filters = timezone.now(), filters_of(request)
    drafts = filters.narrow(drafts_awaiting_review(), member=request.member, now=now)
    rows = queue_rows(drafts[: filters.shown + 1], member=request.member, now=now, selected=selected)
    return {
        "rows": rows[: filters.shown],
        "more_rows": len(rows) > filters.shown,
        "outdated_count": sum(row.outdated for row in rows[: filters.shown]),
        "rows_count": capped_count(drafts) if len(rows) > filters.shown else len(rows),
        "autopilot_to_check": sends_to_check().count(),
        "filters": filters,
        "choices": choices_of(filters),
        "selected": selected,
        "section": "review",
    }


def render_draft(
    request: ConsoleRequest, workspace: Workspace | None, *, status: int = HTTPStatus.OK, **context: Any
) -> HttpResponse:
    """The workspace for htmx, the whole page for everybody else. ``None`` shows that nothing waits."""
    context |= {"work": workspace, "section": "review", "reject_reasons": RejectReason.choices}
    context["filters"] = filters_of(request)
    if workspace is not None:
        context |= desk_context(request, workspace)
    if workspace is None:
        context |= queue_context(request)
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "console/review/workspace_response.html", context, status=status)
    if workspace is not None:
        context |= queue_context(request, workspace.detail.draft.public_id)
    response = render(request, "console/review/page.html", context, status=status)
    allow_pictures(response)
    return response


def desk_context(request: ConsoleRequest, workspace: Workspace) -> dict[str, Any]:
    """The conversation with what one may do with it, as the parts of the inbox want it."""
    draft = workspace.detail.draft
    return {"desk": standing_beside(request, draft), "query_string": query_beside(request, draft)}


def advance(
    request: ConsoleRequest, done: UUID, sentence: str, *, undo: bool = False, undo_url: str = ""
) -> HttpResponse:
    """After a decision: with htmx on to the next draft, with a notice; without htmx the decided one again.

    ``undo`` offers to take an approval back while its window is open, ``undo_url`` whatever that URL takes back.
    """
    if not request.htmx:
        feedback.done(request, sentence, undo=undo_url or None)
        return redirect("console:draft", merchant=request.merchant.slug, draft_id=done)
    following = _following(request, done)
    workspace = workspace_of(request, following) if following else None
    decided = workspace_of(request, done)
    response = render_draft(request, workspace, decided=decided, sentence=sentence, undo=undo, undo_url=undo_url)
    query = filters_of(request).query
    url = (
        _draft_url(request, following) if following else reverse("console:review", args=[request.merchant.slug]) + query
    )
    return trigger_client_event(push_url(response, url), "queue:changed", after="settle")


def show(
    request: ConsoleRequest, draft_id: UUID, sentence: str = "", *, undo_url: str = "", given: str = ""
) -> HttpResponse:
    """The draft again, after something about it changed; what the operator typed stays.

    ``given`` is a text that they asked for, a macro's: it becomes the reply. ``undo_url`` takes the deed back.
    """
    if not request.htmx and sentence:
        feedback.done(request, sentence, undo=undo_url or None)
    if not request.htmx and not given:
        return redirect("console:draft", merchant=request.merchant.slug, draft_id=draft_id)
    typed = None if "writes" in request.POST else request.POST.get("text")
    workspace = workspace_of(request, draft_id, typed=given or typed)
    response = render_draft(request, workspace, sentence=sentence, undo_url=undo_url, given=bool(given))
    return trigger_client_event(push_url(response, _draft_url(request, draft_id)), "queue:changed", after="settle")


def taken_back(request: ConsoleRequest, draft_id: UUID, take_back: Callable[[], str]) -> HttpResponse:
    """Run ``take_back`` and say what it says. Another draft that is at hand stays, with what is typed into it."""
    at_hand = _at_hand(request)
    if at_hand is None or at_hand == draft_id:
        return trigger_client_event(show(request, draft_id, take_back()), f"draft:undone:{draft_id}")
    context: dict[str, Any] = {"decided": workspace_of(request, draft_id)}
    try:
        context |= {"sentence": take_back(), "offers_draft": True}
    except Conflict as refusal:
        context |= {"sentence": str(refusal), "wrong": True}
    status = HTTPStatus.CONFLICT if "wrong" in context else HTTPStatus.OK
    response = reswap(render(request, "console/review/toast_response.html", context, status=status), "none")
    trigger_client_event(response, f"draft:undone:{draft_id}")
    return trigger_client_event(response, "queue:changed", after="settle")


def _at_hand(request: ConsoleRequest) -> UUID | None:
    """The draft that the page around a fragment shows."""
    if not request.htmx:
        return None
    try:
        place = resolve(urlsplit(request.htmx.current_url_abs_path or "").path)
    except Resolver404:
        return None
    return place.kwargs["draft_id"] if place.view_name == "console:draft" else None


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
    request: ConsoleRequest,
    draft_id: UUID,
    sentence: str,
    *,
    status: int,
    changes: list[str] | None = None,
    overriding: dict[str, str] | None = None,
) -> HttpResponse:
    """``overriding`` is what stood in the dialog for overriding, with the ``error`` that is shown there."""
    candidate = request.POST.get("candidate", "")
    workspace = workspace_of(
        request,
        draft_id,
        typed=request.POST.get("text"),
        candidate=int(candidate) if candidate.isdecimal() and len(candidate) < 4 else None,
        cards=cards_sent(request),
    )
    return render_draft(
        request,
        workspace,
        status=status,
        refusal=sentence,
        refusal_changes=changes or [],
        overriding=overriding,
    )


def cards_sent(request: ConsoleRequest) -> list[str] | None:
    """The cards that were ticked; ``None`` where the form showed none. A bare id is a product's."""
    if "cards_shown" not in request.POST:
        return None
    sent = [text.strip() for text in request.POST.getlist("cards")]
    return [text if ":" in text else f"product:{text}" for text in sent if text]


def _following(request: ConsoleRequest, done: UUID) -> UUID | None:
    """The next draft of the filtered queue that waits for this member: the one after ``done``, else the first."""
    now = timezone.now()
    waiting = filters_of(request).narrow(drafts_awaiting_review(), member=request.member, now=now)
    others = Q(claimed_until__gte=now) & Q(claimed_by__isnull=False) & ~Q(claimed_by=request.member)
    free = waiting.exclude(others).exclude(agreed_once(member=request.member)).exclude(public_id=done)
    decided = Draft.by_public_id(done)
    later = Q(created_at__gt=decided.created_at) | Q(created_at=decided.created_at, id__gt=decided.pk)
    following = free.filter(later).first() or free.first()
    return following.public_id if following else None


def _draft_url(request: ConsoleRequest, draft_id: UUID) -> str:
    return reverse("console:draft", args=[request.merchant.slug, draft_id]) + filters_of(request).query

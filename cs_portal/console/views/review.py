"""The review queue: pages and the fragments that live updates fetch. Reading changes nothing."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from cs_portal.console.presenters.draft import state_context
from cs_portal.console.presenters.queue_filters import filters_of
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import member_view
from cs_portal.console.views.inbox.writing import canned_text
from cs_portal.console.views.workspace import desk_context, queue_context, render_draft, workspace_of
from cs_portal.core.public_ids import as_uuid
from cs_portal.drafting.models import Draft


@require_safe
@member_view
def review(request: ConsoleRequest) -> HttpResponse:
    """The queue with no draft open; ``?draft=`` opens one."""
    if wanted := as_uuid(request.GET.get("draft", "")):
        place = reverse("console:draft", args=[request.merchant.slug, wanted])
        return redirect(place + filters_of(request).query)
    return render_draft(request, None)


@require_safe
@member_view
def review_queue(request: ConsoleRequest) -> HttpResponse:
    """The list alone, with the count in the top bar; the browser knows which draft is open."""
    return render(request, "console/review/queue_response.html", queue_context(request))


@require_safe
@member_view
def review_count(request: ConsoleRequest) -> HttpResponse:
    return render(request, "components/review_count.html")


@require_safe
@member_view
def draft(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    """``?canned=`` makes a canned reply the text, for who has no JavaScript."""
    wanted = request.GET.get("canned", "")
    given = canned_text(request, Draft.by_public_id(draft_id).conversation, wanted) if wanted else ""
    return render_draft(request, workspace_of(request, draft_id, typed=given or None), given=bool(given))


@require_safe
@member_view
def draft_head(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    """Where the draft's conversation stands: its clock, whose it is, its tags."""
    work = workspace_of(request, draft_id)
    context = {"work": work, "filters": filters_of(request), **desk_context(request, work)}
    return render(request, "console/review/head.html", context)


@require_safe
@member_view
def draft_candidates(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    return render(request, "console/review/candidates.html", {"work": workspace_of(request, draft_id)})


@require_safe
@member_view
def draft_writing(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    """What a language model has written so far."""
    return render(request, "console/review/writing.html", {"draft": Draft.by_public_id(draft_id)})


@require_safe
@member_view
def draft_thread(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    return render(request, "console/review/thread.html", {"work": workspace_of(request, draft_id)})


@require_safe
@member_view
def draft_status(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    """Whether the draft is still what the reader looks at (``?seen=``), who handles it, and what moved."""
    work = workspace_of(request, draft_id)
    context = {"work": work, "refused": request.GET.get("refused", "")}
    context |= state_context(work, seen=request.GET.get("seen", ""))
    return render(request, "console/review/status.html", context)

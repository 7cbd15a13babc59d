"""The review queue: pages and the fragments that live updates fetch. Reading changes nothing."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from cs_portal.console.presenters.draft import state_context
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import member_view
from cs_portal.console.views.workspace import queue_context, render_draft, workspace_of


@require_safe
@member_view
def review(request: ConsoleRequest) -> HttpResponse:
    """The queue with no draft open; ``?draft=`` opens one."""
    if wanted := _uuid(request.GET.get("draft", "")):
        return redirect("console:draft", merchant=request.merchant.slug, draft_id=wanted)
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
    return render_draft(request, workspace_of(request, draft_id))


@require_safe
@member_view
def draft_candidates(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    return render(request, "console/review/candidates.html", {"work": workspace_of(request, draft_id)})


@require_safe
@member_view
def draft_thread(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    return render(request, "console/review/thread.html", {"work": workspace_of(request, draft_id)})


@require_safe
@member_view
def draft_status(request: ConsoleRequest, draft_id: UUID) -> HttpResponse:
    """Whether the draft is still what the reader looks at (``?seen=``), who handles it, and what moved."""
    work = workspace_of(request, draft_id)
    return render(
        request, "console/review/status.html", {"work": work, **state_context(work, seen=request.GET.get("seen", ""))}
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None

"""One search over everything that a member may read: the palette's results, and a page of its own."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cs_portal.console.presenters.finds import finds_for
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import member_view


@require_safe
@member_view
def search(request: ConsoleRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:200]
    groups = finds_for(query, merchant=request.merchant.slug) if query else []
    template = "console/search/found.html" if request.htmx else "console/search/page.html"
    return render(request, template, {"query": query, "groups": groups})

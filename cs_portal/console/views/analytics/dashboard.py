"""Figures of a period, on a page and as files."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from cs_portal.console.files import csv_file
from cs_portal.console.presenters.analytics_outline import OUTLINES, outline_of
from cs_portal.console.presenters.analytics_page import report
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import member_view
from cs_portal.core.errors import NotFound


@require_GET
@member_view
def analytics(request: ConsoleRequest) -> HttpResponse:
    """Where counting takes long, sections follow one by one; ``?all=1`` waits for all of them."""
    shown = report(request.GET, request.merchant, now=timezone.now(), whole="all" in request.GET)
    return render(request, "console/analytics/page.html", {"section": "analytics", "report": shown})


@require_GET
@member_view
def analytics_section(request: ConsoleRequest, part: str) -> HttpResponse:
    """One section: the part of the page for htmx, a page of its own for everybody else."""
    if part not in OUTLINES:
        raise NotFound
    shown = report(request.GET, request.merchant, now=timezone.now(), only=part)
    template = "console/analytics/section.html" if request.htmx else "console/analytics/page.html"
    context = {"section": "analytics", "report": shown, "part": shown.parts[0]}
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_GET
@member_view
def analytics_csv(request: ConsoleRequest, table: str) -> HttpResponse:
    """One table of the page, with the same filters."""
    outline = outline_of(table)
    if outline is None:
        raise NotFound
    shown = report(request.GET, request.merchant, now=timezone.now(), only=outline.key)
    found = shown.table(table)
    if found is None:
        raise NotFound
    period = shown.wanted.filters.period
    rows = [found.columns, *([cell.text for cell in row] for row in found.rows)]
    return csv_file(f"{table}_{period.first}_{period.last}", rows)

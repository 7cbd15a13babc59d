"""FAQs as files: of what the list shows, and templates to fill."""

from __future__ import annotations

from http import HTTPStatus

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from cs_portal.console.forms.knowledge_list import FilterForm, query_of
from cs_portal.console.paging import capped_count
from cs_portal.console.presenters.faq_imports import SHOWN
from cs_portal.console.presenters.faq_notices import notice_rows
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import member_page, member_view
from cs_portal.core.errors import Invalid
from cs_portal.knowledge.formats.entries import Written
from cs_portal.knowledge.formats.reading import TABLES
from cs_portal.knowledge.formats.tables import template as template_faqs
from cs_portal.knowledge.formats.writing import FORMATS
from cs_portal.knowledge.listing import faqs, today
from cs_portal.knowledge.services.exporting import export_faqs


@member_page
def export(request: ConsoleRequest) -> HttpResponse:
    """Choose a format; the file follows, unless the format cannot hold everything: then that is told first."""
    query = QueryDict(query_of(request.GET))
    if request.method != "POST":
        return _page(request, query)
    rows = faqs(FilterForm(query).wanted(today=today(now=timezone.now())))
    chosen = request.POST.get("format", "")
    try:
        written = export_faqs(rows=rows, format=chosen, by=request.member, now=timezone.now())
    except Invalid as refusal:
        return _page(request, query, refusal=str(refusal))
    if written.lost and "anyway" not in request.POST:
        return _page(request, query, chosen=chosen, written=written)
    return _file(chosen, f"faqs-{timezone.localdate():%Y-%m-%d}", written)


def _page(
    request: ConsoleRequest, query: QueryDict, *, chosen: str = "", written: Written | None = None, refusal: str = ""
) -> HttpResponse:
    found = faqs(FilterForm(query).wanted(today=today(now=timezone.now())))
    lost = [notice.as_json() for notice in written.lost] if written else []
    context = {
        "section": "knowledge",
        "query": query.urlencode(),
        "count": capped_count(found),
        "formats": list(FORMATS.values()),
        "chosen": FORMATS.get(chosen),
        "lost": notice_rows(lost[:SHOWN]),
        "more": max(0, len(lost) - SHOWN),
        "refusal": refusal,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK
    return render(request, "console/knowledge/export.html", context, status=status)


@require_safe
@member_view
def template(request: ConsoleRequest, format_name: str) -> HttpResponse:
    """A table with all columns and an example in both languages; it can be imported as it is."""
    if format_name not in TABLES:
        raise Http404
    return _file(format_name, "faq-template", FORMATS[format_name].write(template_faqs()))


def _file(name: str, title: str, written: Written) -> HttpResponse:
    form = FORMATS[name]
    response = HttpResponse(written.data, content_type=form.content_type)
    response["Content-Disposition"] = f'attachment; filename="{title}.{form.ending}"'
    return response

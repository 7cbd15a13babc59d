"""The list of FAQs, and its saved views."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cs_portal.console import feedback
from cs_portal.console.forms.inbox import ViewForm
from cs_portal.console.forms.knowledge_list import HAS, MISSING, SORTS, STATES, VALIDITY, FilterForm, query_of
from cs_portal.console.paging import capped_count, page_of
from cs_portal.console.presenters.categories import category_choices
from cs_portal.console.presenters.knowledge_list import PROBLEMS, chips, rows_of, view_filters, views_of
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import member_view, reviewer
from cs_portal.conversations.models import SavedPlace, SavedView
from cs_portal.conversations.selectors.desk import saved_views
from cs_portal.conversations.services.views import change_view, delete_view, edit_view, reachable_view, save_view
from cs_portal.core.errors import Invalid, NotFound
from cs_portal.core.public_ids import as_uuid
from cs_portal.knowledge.findings import problems_of
from cs_portal.knowledge.listing import KEYS, categories, editors, faqs, in_order, tags, today
from cs_portal.knowledge.selectors import any_faq


@require_safe
@member_view
def knowledge(request: ConsoleRequest) -> HttpResponse:
    """Fourteen queries, however many FAQs there are and however they are narrowed."""
    day = today(now=timezone.now())
    filters = FilterForm(request.GET)
    wanted, order = filters.wanted(today=day), filters.order()
    found = faqs(wanted)
    page = page_of(in_order(found, order, words=wanted.words), by=KEYS[order], request=request)
    people = list(editors())
    context = {
        "section": "knowledge",
        "page": page,
        "rows": rows_of(page.rows, problems_of(page.rows), today=day),
        "count": capped_count(found),
        "filters": filters,
        "order": order,
        "chips": chips(request.GET, editors=people),
        "query": request.GET.urlencode(),
        "views": views_of(request.GET, list(saved_views(request.member, SavedPlace.KNOWLEDGE)), member=request.member),
        "states": STATES,
        "missing": MISSING,
        "validity": VALIDITY,
        "has": HAS,
        "problems": PROBLEMS,
        "sorts": SORTS if wanted.words else SORTS[1:],
        "categories": category_choices(categories()),
        "tags": tags(),
        "editors": people,
        "any_faq": bool(page) or any_faq(),
    }
    return render(request, "console/knowledge/list.html", context)


@require_POST
@reviewer
def save(request: ConsoleRequest) -> HttpResponse:
    """Keep the filters of the URL under a name, or let the view that ``replaces`` names stand for them."""
    now, query = timezone.now(), query_of(request.GET)
    try:
        if replaced := request.POST.get("replaces"):
            if (view_id := as_uuid(replaced)) is None:
                raise NotFound
            change_view(view_id=view_id, by=request.member, query=query, now=now)
        else:
            save_view(
                by=request.member,
                name=request.POST.get("name", ""),
                query=query,
                now=now,
                shared=request.POST.get("shared") == "1",
                place=SavedPlace.KNOWLEDGE,
            )
    except Invalid as refusal:
        messages.error(request, str(refusal))
    else:
        feedback.done(request, _("View saved."))
    return redirect(f"{_list_url(request)}?{query}")


@require_http_methods(["GET", "HEAD", "POST"])
@reviewer
def edit(request: ConsoleRequest, saved_id: UUID) -> HttpResponse:
    """Its name, and for those who configure whether all colleagues see it."""
    view = _reachable(request, saved_id)
    form = ViewForm(
        request.POST if request.method == "POST" else None,
        initial={"name": view.name, "shared": view.member_id is None},
        may_share=request.member.may_configure,
    )
    status = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                edit_view(view_id=saved_id, by=request.member, now=timezone.now(), **form.cleaned_data)
            except Invalid as refusal:
                form.add_error("name", str(refusal))
            else:
                feedback.done(request, _("View changed."))
                return redirect(f"{_list_url(request)}?{view.query}")
    context = {
        "section": "knowledge",
        "view": view,
        "form": form,
        "filters": view_filters(QueryDict(view.query), editors=list(editors())),
    }
    return render(request, "console/knowledge/view.html", context, status=status)


@require_POST
@reviewer
def delete(request: ConsoleRequest, saved_id: UUID) -> HttpResponse:
    _reachable(request, saved_id)
    delete_view(view_id=saved_id, by=request.member, now=timezone.now())
    feedback.done(request, _("View deleted."))
    return redirect("console:knowledge", merchant=request.merchant.slug)


def _reachable(request: ConsoleRequest, view_id: UUID) -> SavedView:
    """A view of this list that the reader may change."""
    view = reachable_view(view_id=view_id, by=request.member)
    if view.place != SavedPlace.KNOWLEDGE:
        raise NotFound
    return view


def _list_url(request: ConsoleRequest) -> str:
    return reverse("console:knowledge", args=[request.merchant.slug])

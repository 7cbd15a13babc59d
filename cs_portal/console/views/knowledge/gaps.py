"""The list of knowledge gaps, looking for them now, and steps for many."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from cs_portal.analytics.selectors.home import unanswered_lately
from cs_portal.console.feedback import done
from cs_portal.console.forms.gaps import LANGUAGES, MISSES, SORT_NAMES, STATES, GapFilterForm, GapsForm
from cs_portal.console.paging import capped_count, page_of
from cs_portal.console.presenters.gaps import gap_rows
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import member_view, reviewer
from cs_portal.conversations.selectors import colleagues
from cs_portal.core.errors import DomainError, Invalid
from cs_portal.core.workers import has_worker
from cs_portal.knowledge.gaps import any_gap, gaps, last_mined
from cs_portal.knowledge.models import Dismissal
from cs_portal.knowledge.services import gaps as service
from cs_portal.knowledge.services.gap_runs import MINE, ask_for_mining, mining_under_way


@require_safe
@member_view
def gap_list(request: ConsoleRequest) -> HttpResponse:
    filters, now = GapFilterForm(request.GET), timezone.now()
    found = gaps(filters.wanted(), member=request.member)
    page = page_of(found, by=filters.order(), request=request)
    under_way = mining_under_way()
    context = {
        "section": "knowledge",
        "page": page,
        "rows": gap_rows(page.rows, now=now),
        "count": capped_count(found),
        "filters": filters,
        "query": request.GET.urlencode(),
        "states": STATES,
        "any_language": LANGUAGES,
        "misses": MISSES,
        "sorts": SORT_NAMES,
        "dismissals": Dismissal.choices,
        "colleagues": colleagues(),
        "any_gap": bool(page) or any_gap(),
        "lately": unanswered_lately(now=now, merchant=request.merchant),
        "mined": last_mined(),
        "run": under_way,
        "no_worker": under_way is not None and not has_worker(MINE, now=now),
    }
    return render(request, "console/knowledge/gaps/list.html", context)


@require_POST
@reviewer
def mine(request: ConsoleRequest) -> HttpResponse:
    """Look for gaps now."""
    ask_for_mining(by=request.member, now=timezone.now())
    return redirect("console:gaps", merchant=request.merchant.slug)


@require_POST
@reviewer
def bulk(request: ConsoleRequest) -> HttpResponse:
    """What was chosen for the ticked gaps; a refusal is said on the list."""
    form, query = GapsForm(request.POST), request.POST.get("query", "")
    if not form.is_valid() or not form.cleaned_data["gap"]:
        messages.error(request, _("Choose at least one gap."))
        return _to_list(request, query)
    given, now = form.cleaned_data, timezone.now()
    ids: list[UUID] = given["gap"]
    try:
        if given["action"] == "assign":
            count = service.assign_gaps(gap_ids=ids, to=given["member"], by=request.member, now=now)
            done(request, ngettext("%(count)s gap assigned.", "%(count)s gaps assigned.", count) % {"count": count})
        elif given["action"] == "merge":
            _merge(request, ids)
        elif given["action"] == "reopen":
            service.reopen_gaps(gap_ids=ids, by=request.member, now=now)
            done(request, _("Open again."))
        else:
            count = service.dismiss_gaps(gap_ids=ids, reason=given["reason"] or "", by=request.member, now=now)
            sentence = ngettext("%(count)s gap dismissed.", "%(count)s gaps dismissed.", count) % {"count": count}
            done(request, sentence, undo=undo_of(request, "console:gaps_reopen", ids))
    except DomainError as refusal:
        messages.error(request, str(refusal))
    return _to_list(request, query)


def _merge(request: ConsoleRequest, ids: list[UUID]) -> None:
    """Into the one that is asked most; the first of the list, where it is sorted so."""
    merged = service.merge_gaps(into=ids[0], gap_ids=ids[1:], by=request.member, now=timezone.now())
    done(request, _("Merged."), undo=undo_of(request, "console:gaps_unmerge", [gap.public_id for gap in merged]))


@require_POST
@reviewer
def reopen(request: ConsoleRequest) -> HttpResponse:
    """Takes a dismissal back."""
    service.reopen_gaps(gap_ids=named(request), by=request.member, now=timezone.now())
    done(request, _("Open again."))
    return _back(request)


@require_POST
@reviewer
def unmerge(request: ConsoleRequest) -> HttpResponse:
    service.unmerge_gaps(gap_ids=named(request), by=request.member, now=timezone.now())
    done(request, _("Undone."))
    return _back(request)


def undo_of(request: ConsoleRequest, name: str, ids: Iterable[UUID]) -> str:
    query = urlencode([("gap", str(public_id)) for public_id in ids])
    return f"{reverse(name, args=[request.merchant.slug])}?{query}"


def named(request: ConsoleRequest) -> list[UUID]:
    """The gaps that the address of an undo names."""
    form = GapsForm(request.GET)
    if not form.is_valid() or not form.cleaned_data["gap"]:
        raise Invalid(_("Choose at least one gap."), field="gap")
    return list(form.cleaned_data["gap"])


def _back(request: ConsoleRequest) -> HttpResponseRedirect:
    ids = named(request)
    if len(ids) == 1:
        return redirect("console:gap", merchant=request.merchant.slug, gap_id=ids[0])
    return _to_list(request)


def _to_list(request: ConsoleRequest, query: str = "") -> HttpResponseRedirect:
    url = reverse("console:gaps", args=[request.merchant.slug])
    return redirect(f"{url}?{query[:1000]}" if query else url)

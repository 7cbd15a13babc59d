"""The cases of the regression set: the list, one case, adding and taking away."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cs_portal.console.feedback import done
from cs_portal.console.files import csv_response
from cs_portal.console.forms.regression import STATES, AddForm, CaseFilterForm, CaseForm, ChosenCasesForm
from cs_portal.console.paging import capped_count, page_of
from cs_portal.console.presenters.regression import case_rows, result_rows, run_view, titled
from cs_portal.console.removed import keep, recall
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import member_view, read_by_all_written_by_reviewers, reviewer
from cs_portal.core.errors import Conflict, Invalid
from cs_portal.core.public_ids import as_uuid
from cs_portal.knowledge.listing import KEYS, FaqFilter, FaqOrder, faqs, in_order
from cs_portal.knowledge.models import CaseOrigin, Faq, QuestionTest, RegressionCase
from cs_portal.knowledge.regression_files import as_csv
from cs_portal.knowledge.regression_selectors import (
    NOTHING,
    case_counts,
    exported_cases,
    last_counting_run,
    regression_cases,
    results_of_case,
    run_going_on,
)
from cs_portal.knowledge.services.regression_cases import add_case, bring_back, case_of, change_case, remove_cases

#: FAQs offered for a case.
OFFERED = 8


@require_safe
@member_view
def regression(request: ConsoleRequest) -> HttpResponse:
    filters = CaseFilterForm(request.GET)
    found = regression_cases(filters.wanted())
    page = page_of(found, by=("-id",), request=request)
    last = last_counting_run()
    going = run_going_on()
    context = {
        "section": "knowledge",
        "page": page,
        "rows": case_rows(page.rows),
        "count": capped_count(found),
        "filters": filters,
        "states": STATES,
        "counts": case_counts(),
        "last": run_view(last) if last else None,
        "going": going,
        "of_faq": Faq.objects.filter(public_id=filters.wanted().faq).first() if filters.wanted().faq else None,
        "query": request.GET.urlencode(),
    }
    return render(request, "console/knowledge/regression/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@reviewer
def new_case(request: ConsoleRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, CaseForm(initial=request.GET.dict()))
    form = CaseForm(request.POST)
    if form.is_valid():
        try:
            case = add_case(
                question=form.cleaned_data["question"],
                faq_id=form.cleaned_data["expects"],
                by=request.member,
                now=timezone.now(),
            )
        except (Invalid, Conflict) as refusal:
            form.add_error("question", str(refusal))
        else:
            done(request, _("Added to the regression set."), undo=_removal_of(request, case))
            return redirect("console:regression", merchant=request.merchant.slug)
    return _page(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@read_by_all_written_by_reviewers
def case(request: ConsoleRequest, case_id: UUID) -> HttpResponse:
    row = case_of(case_id)
    if request.method != "POST":
        start = {"question": row.question, "expects": str(row.faq.public_id) if row.faq else NOTHING}
        return _page(request, CaseForm(initial=start | request.GET.dict()), row)
    form = CaseForm(request.POST)
    if form.is_valid():
        try:
            change_case(
                case_id=case_id,
                question=form.cleaned_data["question"],
                faq_id=form.cleaned_data["expects"],
                by=request.member,
                now=timezone.now(),
            )
        except (Invalid, Conflict) as refusal:
            form.add_error("question", str(refusal))
        else:
            done(request, _("Saved."))
            return redirect("console:regression", merchant=request.merchant.slug)
    return _page(request, form, row, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@require_POST
@reviewer
def add(request: ConsoleRequest) -> HttpResponse:
    """One click, from a tested question or from an FAQ: back to where it came from."""
    form = AddForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("Reload the page and try again."), field="question")
    faq_id = form.cleaned_data["faq"]
    try:
        made = add_case(
            question=form.cleaned_data["question"],
            faq_id=faq_id,
            by=request.member,
            origin=CaseOrigin.TEST,
            now=timezone.now(),
        )
    except (Invalid, Conflict) as refusal:
        done(request, str(refusal))
    else:
        sentence = _("Every run of the set asks this question now.")
        done(request, sentence, undo=_removal_of(request, made))
    test = QuestionTest.objects.filter(public_id=as_uuid(request.POST.get("test", ""))).first()
    if test is not None:
        return redirect("console:knowledge_test_result", merchant=request.merchant.slug, test_id=test.public_id)
    return redirect("console:regression", merchant=request.merchant.slug)


@require_POST
@reviewer
def remove(request: ConsoleRequest) -> HttpResponse:
    """Take away what was ticked; for a day it can be brought back."""
    form, now = ChosenCasesForm(request.POST), timezone.now()
    if not form.is_valid() or not form.cleaned_data["case"]:
        raise Invalid(_("Choose at least one case."), field="case")
    count = remove_cases(case_ids=form.cleaned_data["case"], by=request.member, now=now)
    keep(request, "regression", {"at": now.isoformat()})
    sentence = ngettext("%(count)s case removed.", "%(count)s cases removed.", count) % {"count": count}
    undo = reverse("console:regression_restore", args=[request.merchant.slug])
    done(request, sentence, undo=undo if count else None)
    return _to_list(request)


@require_POST
@reviewer
def restore(request: ConsoleRequest) -> HttpResponse:
    removed_at = datetime.fromisoformat(recall(request, "regression")["at"])
    bring_back(removed_at=removed_at, by=request.member, now=timezone.now())
    done(request, _("Undone."))
    return redirect("console:regression", merchant=request.merchant.slug)


@require_safe
@member_view
def export(request: ConsoleRequest) -> HttpResponse:
    return csv_response("regression-set", as_csv(exported_cases()))


def _removal_of(request: ConsoleRequest, row: RegressionCase) -> str:
    return reverse("console:regression_unadd", args=[request.merchant.slug, row.public_id])


@require_POST
@reviewer
def unadd(request: ConsoleRequest, case_id: UUID) -> HttpResponse:
    """Undo of an addition."""
    remove_cases(case_ids=[case_of(case_id).public_id], by=request.member, now=timezone.now())
    done(request, _("Undone."))
    return redirect("console:regression", merchant=request.merchant.slug)


def _page(
    request: ConsoleRequest, form: CaseForm, row: RegressionCase | None = None, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    chosen = str(form["expects"].value() or "")
    words = str(form["find"].value() or "")[:200]
    order = FaqOrder.RELEVANCE if words.strip() else FaqOrder.CHANGED
    offered = list(in_order(faqs(FaqFilter(words=words)), order, words=words).order_by(*KEYS[order])[:OFFERED])
    kept = Faq.objects.filter(public_id=as_uuid(chosen)).first() if as_uuid(chosen) else None
    if kept is not None:
        offered = [kept, *(faq for faq in offered if faq.pk != kept.pk)]
    titled(offered)
    context: dict[str, Any] = {
        "section": "knowledge",
        "form": form,
        "case": row,
        "chosen": chosen,
        "nothing": NOTHING,
        "offered": offered,
        "history": _history(row) if row else [],
    }
    return render(request, "console/knowledge/regression/case.html", context, status=status)


def _history(row: RegressionCase) -> list[tuple[Any, Any]]:
    results = results_of_case(row)
    return [(result.run, shown) for result, shown in zip(results, result_rows(results), strict=True)]


def _to_list(request: ConsoleRequest) -> HttpResponseRedirect:
    url = reverse("console:regression", args=[request.merchant.slug])
    query = request.POST.get("query", "")[:1000]
    return redirect(f"{url}?{query}" if query else url)

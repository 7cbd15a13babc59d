"""Cases from elsewhere: from a file, looked at before it is taken, and from what operators approved."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from cs_portal.console.feedback import done
from cs_portal.console.forms.regression import CaseFileForm, ConfirmForm, ReviewCasesForm
from cs_portal.console.presenters.regression import titled
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import reviewer
from cs_portal.core.errors import Conflict, Invalid
from cs_portal.drafting.answering import local_day
from cs_portal.drafting.regression_candidates import answered_questions
from cs_portal.knowledge.models import CaseOrigin
from cs_portal.knowledge.regression_files import FileCase, Refusal
from cs_portal.knowledge.services.regression_cases import Added, NewCase, add_cases, checked_question
from cs_portal.knowledge.services.regression_import import import_cases, weigh

#: Rows that the preview shows; all are counted.
SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
@reviewer
def from_file(request: ConsoleRequest) -> HttpResponse:
    """A file is read and weighed; nothing is written before it is confirmed."""
    if request.method != "POST":
        return _file_page(request, CaseFileForm())
    form = CaseFileForm(request.POST, request.FILES)
    read = form.read() if form.is_valid() else None
    if read is None:
        return _file_page(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _file_page(request, CaseFileForm(), **_preview(*read))


@require_POST
@reviewer
def confirm_file(request: ConsoleRequest) -> HttpResponse:
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        again = CaseFileForm()
        return _file_page(request, again, status=HTTPStatus.UNPROCESSABLE_ENTITY, stale=True)
    try:
        added = import_cases(cases=form.cleaned_data["cases"], by=request.member, now=timezone.now())
    except (Conflict, Invalid) as refusal:
        preview = _preview(form.cleaned_data["cases"], [])
        return _file_page(request, CaseFileForm(), status=HTTPStatus.CONFLICT, refusal=str(refusal), **preview)
    _say(request, added)
    return redirect("console:regression", merchant=request.merchant.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@reviewer
def from_reviews(request: ConsoleRequest) -> HttpResponse:
    """Questions whose answer an operator approved, each with the FAQ that the reply rested on."""
    offered = answered_questions(today=local_day(request.merchant, timezone.now()))
    if request.method != "POST":
        return _reviews_page(request, offered)
    form = ReviewCasesForm(request.POST)
    chosen = set(form.cleaned_data["draft"]) if form.is_valid() else set()
    if not chosen:
        return _reviews_page(request, offered, refusal=_("Choose at least one question."), status=422)
    try:
        cases = [
            NewCase(checked_question(request.POST.get(f"question-{each.draft}", "")), each.faq, each.draft)
            for each in offered
            if each.draft in chosen
        ]
        added = add_cases(cases=cases, by=request.member, origin=CaseOrigin.REVIEW, now=timezone.now())
    except (Conflict, Invalid) as refusal:
        return _reviews_page(request, offered, refusal=str(refusal), chosen=chosen, status=422)
    _say(request, added)
    return redirect("console:regression", merchant=request.merchant.slug)


def _preview(cases: list[FileCase], refused: list[Refusal]) -> dict[str, Any]:
    weighed = weigh(cases)
    titled(faq for _case, faq in weighed.new[:SHOWN])
    every = sorted([*refused, *weighed.refused], key=lambda each: each.line)
    return {
        "weighed": weighed,
        "new": weighed.new[:SHOWN],
        "nothing": sum(faq is None for _case, faq in weighed.new),
        "refused": every[:SHOWN],
        "refused_count": len(every),
        "confirm": ConfirmForm(initial={"cases": ConfirmForm.written([case for case, _faq in weighed.new])}),
    }


def _say(request: ConsoleRequest, added: Added) -> None:
    sentence = ngettext("%(count)s case added.", "%(count)s cases added.", added.added) % {"count": added.added}
    done(request, sentence)


def _file_page(
    request: ConsoleRequest, form: CaseFileForm, *, status: int = HTTPStatus.OK, **more: Any
) -> HttpResponse:
    context = {"section": "knowledge", "form": form, "shown": SHOWN, **more}
    return render(request, "console/knowledge/regression/file.html", context, status=status)


def _reviews_page(request: ConsoleRequest, offered: Any, *, status: int = HTTPStatus.OK, **more: Any) -> HttpResponse:
    titled(each.faq for each in offered)
    context = {"section": "knowledge", "offered": offered, "posted": request.POST, **more}
    return render(request, "console/knowledge/regression/reviews.html", context, status=status)

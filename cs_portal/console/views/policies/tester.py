"""Trying the rules: one request, decided by the live rules and by the working copy, explained to the last fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cs_portal.commerce.models import Order
from cs_portal.console.forms.policies_tester import CaseForm, TrialForm
from cs_portal.console.presenters.policies_problems import problem_words
from cs_portal.console.presenters.policies_trace import TrialView, differences, trial_view
from cs_portal.console.presenters.wording import in_language
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import member_view
from cs_portal.policies.engine import CanonicalError
from cs_portal.policies.engine.as_of import order_as_of
from cs_portal.policies.selectors import (
    case_documents,
    live_version,
    main_currency,
    order_to_try,
    orders_to_try,
    working_copy,
)
from cs_portal.policies.services.deciding import Case, try_rules


@require_http_methods(["GET", "HEAD", "POST"])
@member_view
def tester(request: ConsoleRequest) -> HttpResponse:
    """A request on an order lives in the URL; a pasted case may hold personal data and is sent by POST."""
    if request.method == "POST":
        return _pasted(request)
    number = request.GET.get("order", "").strip()
    order = order_to_try(number=number) if number else None
    if order is None:
        text = request.GET.get("q", number).strip()
        context = _context(request, q=text, orders=orders_to_try(text=text[:40]), case_form=CaseForm())
        return render(request, "console/policies/tester.html", context)
    return _on_order(request, order)


def _on_order(request: ConsoleRequest, order: Order) -> HttpResponse:
    now = timezone.now()
    document, shopper, products = case_documents(order=order, now=now)
    asked = "action" in request.GET
    data = TrialForm.with_whole_lines(request.GET, order) if asked else None
    form = TrialForm(data, order=order, now=now, variants=_variants(products))
    context = _context(request, order=order, form=form)
    status = HTTPStatus.OK
    if asked and form.is_valid():
        # A moment in the past means the order as it stood then; anything else, as it is.
        at = form.at()
        case = Case(order_as_of(document, at) if at < now else document, shopper, products, form.request(), at)
        context["trials"] = _trials(case)
    elif asked:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, "console/policies/tester.html", context, status=status)


def _pasted(request: ConsoleRequest) -> HttpResponse:
    form = CaseForm(request.POST)
    context = _context(request, case_form=form, pasted=True)
    if form.is_valid():
        case = form.trial(now=timezone.now())
        try:
            context["trials"] = _trials(case)
            return render(request, "console/policies/tester.html", context)
        except CanonicalError as error:
            form.add_error("case", f"{error.path}: {problem_words(error.problem)}")
    return render(request, "console/policies/tester.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _context(request: ConsoleRequest, **more: Any) -> dict[str, Any]:
    return {"section": "policies", "tab": "test", "live": live_version(), "copy": working_copy(), **more}


def _trials(case: Case) -> list[TrialView]:
    """The live rules' verdict and the working copy's, with what they do not share marked in both."""
    live, copy, currency = live_version(), working_copy(), main_currency()
    named: list[tuple[str, Mapping[str, Any]]] = []
    if live is not None:
        named.append((_("Live: version %(number)d") % {"number": live.number}, live.document))
    if copy is not None and (live is None or live.document != copy.document):
        named.append((_("Working copy"), copy.document))
    explained = [(name, try_rules(document=document, case=case, currency=currency)) for name, document in named]
    order = case.order if isinstance(case.order, Mapping) else None
    views = [trial_view(name, explanation, order) for name, explanation in explained]
    if len(explained) == 2:
        differing = differences(explained[0][1].verdict, explained[1][1].verdict)
        views = [replace(view, differs=differing) for view in views]
    return views


def _variants(products: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Every variant of the order's products, by what it is called."""
    return [
        (variant["id"], " · ".join([in_language(product["title"]), *map(str, variant["options"].values())]))
        for product in products
        for variant in product["variants"]
    ]

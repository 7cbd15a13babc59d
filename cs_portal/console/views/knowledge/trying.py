"""Trying a question on the bot itself, which runs in a worker: the page waits for it, with or without scripts."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cs_portal.commerce.selectors import active_products
from cs_portal.console.feedback import done
from cs_portal.console.forms.knowledge_trials import PhrasingForm, TryForm
from cs_portal.console.presenters.knowledge_trials import trial_of
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import member_view, read_by_all_written_by_reviewers, reviewer
from cs_portal.console.views.knowledge.editor import to_faq, undo_link
from cs_portal.core.errors import Invalid
from cs_portal.core.models import Queue
from cs_portal.core.workers import alive_queues
from cs_portal.knowledge.models import QuestionTest, TrialState
from cs_portal.knowledge.selectors import question_test, recent_tests
from cs_portal.knowledge.services.trying import add_tried_phrasing, ask_question

#: After this long the page says that the worker is late.
LATE = timedelta(seconds=10)
#: Products offered while one types; any other is found by its id or title.
MAX_PRODUCTS = 100


@read_by_all_written_by_reviewers
def new_test(request: ConsoleRequest) -> HttpResponse:
    if request.method != "POST":
        start = {name: request.GET.get(name, "")[:500] for name in ("question", "faq", "order", "shopper", "product")}
        return _page(request, TryForm(initial=start))
    form = TryForm(request.POST)
    if form.is_valid():
        try:
            test = ask_question(
                question=form.cleaned_data["question"],
                asker=form.asker(),
                include_drafts=form.cleaned_data["include_drafts"],
                faq_id=form.cleaned_data["faq"],
                by=request.member,
                now=timezone.now(),
            )
        except Invalid as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            return redirect("console:knowledge_test_result", merchant=request.merchant.slug, test_id=test.public_id)
    return _page(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@require_safe
@member_view
def test_result(request: ConsoleRequest, test_id: UUID) -> HttpResponse:
    """The page, or for htmx the part of it that waits."""
    test = question_test(test_id)
    if request.htmx:
        return render(request, "console/knowledge/trial.html", _result(test))
    start = {
        "question": test.question,
        "include_drafts": test.include_drafts,
        "faq": test.faq.public_id if test.faq else None,
        "order": test.order.number if test.order else "",
        "shopper": _name_of(test),
        "product": test.product.external_id if test.product else "",
        "storefront": str(test.storefront.public_id) if test.storefront else "",
    }
    return _page(request, TryForm(initial=start), test=test)


@require_POST
@reviewer
def add_phrasing(request: ConsoleRequest, test_id: UUID) -> HttpResponse:
    """The tested question becomes a phrasing of an FAQ; it goes live when somebody publishes the FAQ."""
    test, form = question_test(test_id), PhrasingForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("Reload the page and try again."), field="faq")
    back = redirect("console:knowledge_test_result", merchant=request.merchant.slug, test_id=test_id)
    faq_id = form.cleaned_data["faq"]
    try:
        change = add_tried_phrasing(test=test, faq_id=faq_id, by=request.member, now=timezone.now())
    except Invalid as refusal:
        messages.error(request, str(refusal))
        return back
    if change.change_id is None:
        done(request, _("The FAQ has this phrasing already."))
        return back
    done(
        request,
        _("The question is a phrasing of this FAQ now. It counts once you publish it."),
        undo=undo_link(request, change.change_id),
    )
    return to_faq(request, faq_id)


def _name_of(test: QuestionTest) -> str:
    """How the form names the shopper; an order names its own."""
    shopper = test.shopper if test.order is None else None
    return "" if shopper is None else shopper.external_id or shopper.email or shopper.phone


def _result(test: QuestionTest) -> dict[str, Any]:
    now = timezone.now()
    waiting = test.state == TrialState.WAITING
    return {
        "test": test,
        "trial": trial_of(test),
        "waiting": waiting,
        "late": waiting and now - test.created_at > LATE,
        "no_worker": waiting and Queue.FAST not in alive_queues(now=now),
    }


def _page(
    request: ConsoleRequest, form: TryForm, *, test: QuestionTest | None = None, status: int = HTTPStatus.OK
) -> HttpResponse:
    context: dict[str, Any] = {
        "section": "knowledge",
        "form": form,
        "test": test,
        "recent": recent_tests(by=request.member),
        "may_test": request.member.may_review,
        "products": active_products().prefetch_related(None)[:MAX_PRODUCTS],
    }
    if test is not None:
        context |= _result(test)
    return render(request, "console/knowledge/test.html", context, status=status)

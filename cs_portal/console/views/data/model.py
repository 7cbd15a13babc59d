"""The language model: which one, in which state, how quick, and a try."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from cs_portal.console.forms.settings import QuestionForm, mark_errors
from cs_portal.console.presenters.models import asked_models
from cs_portal.console.presenters.wording import VIOLATIONS, word
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import configurer, member_view
from cs_portal.core.errors import Conflict, Invalid
from cs_portal.drafting.model_card import model_card, pace
from cs_portal.drafting.selectors import model_status
from cs_portal.drafting.services.model_trial import ask_model
from cs_portal.drafting.services.model_trial import trial as trial_of
from cs_portal.merchants.models import ModelTrial, WorkState


@require_safe
@member_view
def language_model(request: ConsoleRequest) -> HttpResponse:
    return _page(request, QuestionForm())


@require_POST
@configurer
def model_try(request: ConsoleRequest) -> HttpResponse:
    form = QuestionForm(request.POST)
    if form.is_valid():
        try:
            made = ask_model(by=request.member, question=form.cleaned_data["question"], now=timezone.now())
        except (Invalid, Conflict) as refusal:
            form.add_error("question", str(refusal))
        else:
            return redirect("console:model_trial", merchant=request.merchant.slug, trial_id=made.public_id)
    return _page(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@require_safe
@configurer
def model_trial(request: ConsoleRequest, trial_id: UUID) -> HttpResponse:
    """The page with the answer, or the fragment alone for htmx, which asks again while the model works."""
    row = trial_of(trial_id=trial_id)
    context = _answer(row)
    if request.htmx:
        return render(request, "console/settings/model_trial.html", context)
    return _page(request, QuestionForm(initial={"question": row.question}), answer=context)


def _answer(row: ModelTrial) -> dict[str, object]:
    return {
        "trial": row,
        "waiting": row.state == WorkState.WAITING,
        "violations": [(word(VIOLATIONS, each["kind"]), each["text"]) for each in row.violations],
    }


def _page(
    request: ConsoleRequest,
    form: QuestionForm,
    *,
    status: int = HTTPStatus.OK,
    answer: Mapping[str, object] | None = None,
) -> HttpResponse:
    mark_errors(form)
    context = {
        **(answer or {}),
        "section": "settings",
        "setting": "model",
        "form": form,
        "card": model_card(),
        "asked": asked_models(),
        "pace": pace(),
        "state": model_status(now=timezone.now()),
        "wordings": settings.MODEL_CANDIDATES,
        "deadline": settings.MODEL_DEADLINE_SECONDS,
        "examples": ModelTrial.objects.order_by("-pk")[:5] if request.member.may_configure else [],
    }
    return render(request, "console/settings/language_model.html", context, status=status)

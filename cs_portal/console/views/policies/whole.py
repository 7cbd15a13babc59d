"""What the rules begin with, and what holds for all of them: templates, the clock, who approves how much."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from cs_portal.console.feedback import done
from cs_portal.console.forms.policies_whole import ZONES, WholeForm
from cs_portal.console.presenters.policies import rules_view
from cs_portal.console.presenters.policies_problems import problem_words
from cs_portal.console.presenters.policies_templates import shipped_views
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import read_by_all
from cs_portal.console.views.policies.editor import revision_of, undo_url
from cs_portal.core.errors import Conflict, Invalid
from cs_portal.policies.engine import load_shipped
from cs_portal.policies.selectors import live_version, main_currency, working_copy
from cs_portal.policies.services.checking import InvalidRules
from cs_portal.policies.services.working_copy import begin_from_shipped, save_whole


@read_by_all
def templates(request: ConsoleRequest) -> HttpResponse:
    """The rulesets that come with the portal, each to be read, and one to begin with."""
    if request.method != "POST":
        return _templates(request)
    copy = working_copy()
    revision = revision_of(request) if "revision" in request.POST else None
    try:
        changed = begin_from_shipped(
            name=request.POST.get("name", ""), by=request.member, revision=revision, now=timezone.now()
        )
    except Conflict as conflict:
        return _templates(request, conflict=str(conflict), status=HTTPStatus.CONFLICT)
    said = _("The rules are in the working copy.")
    done(request, said, undo=undo_url(request, changed) if copy is not None else None)
    return redirect("console:working_copy", merchant=request.merchant.slug)


def _templates(request: ConsoleRequest, *, conflict: str = "", status: int = HTTPStatus.OK) -> HttpResponse:
    shipped = shipped_views(request.GET.get("name", ""))
    chosen = next((item for item in shipped if item.chosen), shipped[0])
    context = {
        "section": "policies",
        "tab": "copy",
        "copy": working_copy(),
        "live": live_version(),
        "shipped": shipped,
        "chosen": chosen,
        "rules": rules_view(load_shipped(chosen.name).to_dict(), main_currency()),
        "conflict": conflict,
    }
    return render(request, "console/policies/templates.html", context, status=status)


@read_by_all
def whole(request: ConsoleRequest) -> HttpResponse:
    """The clock of all rules and the tiers of approval, in the working copy."""
    copy = working_copy()
    document = copy.document if copy else {}
    form = WholeForm(request.POST if request.method == "POST" else None, document=document, currency=main_currency())
    if request.method != "POST":
        return _whole(request, form)
    if not form.is_valid():
        return _whole(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        changed = save_whole(
            time_zone=form.cleaned_data["time_zone"],
            approvals=form.approvals(),
            by=request.member,
            revision=revision_of(request),
            now=timezone.now(),
        )
    except InvalidRules as refusal:
        form.add_error(None, problem_words(refusal.problem))
        return _whole(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except (Conflict, Invalid) as conflict:
        return _whole(request, form, conflict=str(conflict), status=HTTPStatus.CONFLICT)
    done(request, _("Saved in the working copy."), undo=undo_url(request, changed))
    return redirect("console:working_copy", merchant=request.merchant.slug)


def _whole(
    request: ConsoleRequest, form: WholeForm, *, conflict: str = "", status: int = HTTPStatus.OK
) -> HttpResponse:
    context = {"section": "policies", "tab": "copy", "copy": working_copy(), "form": form, "zones": ZONES}
    context["conflict"] = conflict
    return render(request, "console/policies/whole.html", context, status=status)

"""One rule of the working copy: its form, with the sentence that it makes."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cs_portal.console.feedback import done
from cs_portal.console.forms.policies import DecisionForm, RuleForm
from cs_portal.console.presenters.policies import RuleView, anchor, default_view, rule_view
from cs_portal.console.presenters.policies_editor import fillable_facts, rows, sketch
from cs_portal.console.presenters.policies_findings import findings_of_rule
from cs_portal.console.presenters.policies_problems import problem_words
from cs_portal.console.presenters.policies_touched import touched_view
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import read_by_all
from cs_portal.console.views.policies.editor import revision_of, undo_url
from cs_portal.core.errors import Conflict, NotFound
from cs_portal.policies.engine import DEFAULT_RULE, Ruleset, RulesetError
from cs_portal.policies.models import WorkingCopy
from cs_portal.policies.selectors import main_currency, suggestions, working_copy
from cs_portal.policies.services.checking import InvalidRules
from cs_portal.policies.services.touching import touched_by
from cs_portal.policies.services.working_copy import free_rule_id, save_default, save_rule

Form = DecisionForm | RuleForm
#: What a rule that was never saved is called while it is looked at.
NEW_RULE = "new rule being written"


@read_by_all
def rule(request: ConsoleRequest) -> HttpResponse:
    """The rule that ``id`` names, the default for ``id=default``, and a new one without.

    A button named ``do`` other than ``save`` changes the form only: rows come and go, and the sentence follows.
    """
    copy, rule_id = working_copy(), request.GET.get("id", "")
    try:
        given = _given(copy, rule_id)
    except NotFound:
        if request.method != "POST":
            raise
        return _gone(request, copy)
    if request.method != "POST":
        return _page(request, copy, rule_id, _form(None, given, rule_id))
    form, deed = _form(request.POST, given, rule_id), request.POST.get("do", "save")
    if deed != "save":
        return _changed(request, copy, rule_id, form, deed)
    if copy is None:
        ended = _("The working copy was published or thrown away meanwhile. Begin a new one, then save again.")
        return _page(request, copy, rule_id, form, conflict=ended, status=HTTPStatus.CONFLICT)
    if not form.is_valid():
        return _page(request, copy, rule_id, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _saved(request, copy, rule_id, form)


def _gone(request: ConsoleRequest, copy: WorkingCopy | None) -> HttpResponse:
    """A colleague deleted the rule meanwhile: what was written is offered as a new one."""
    form = RuleForm(request.POST, currency=main_currency())
    deleted = _("This rule was deleted meanwhile. Saving adds it again, as the last one.")
    return _page(request, copy, "", form, conflict=deleted, status=HTTPStatus.CONFLICT)


def _place(copy: WorkingCopy | None, rule_id: str) -> int:
    """Where the rule stands, from 1; 0 for a new one."""
    ids = [item["id"] for item in copy.document["rules"]] if copy else []
    return ids.index(rule_id) + 1 if rule_id in ids else 0


def _given(copy: WorkingCopy | None, rule_id: str) -> dict[str, Any] | None:
    if not rule_id or copy is None:
        return None
    if rule_id == DEFAULT_RULE:
        return {"then": copy.document["default"]}
    found: dict[str, Any] | None = next((item for item in copy.document["rules"] if item["id"] == rule_id), None)
    if found is None:
        raise NotFound
    return found


def _form(data: QueryDict | None, given: dict[str, Any] | None, rule_id: str) -> Form:
    if rule_id == DEFAULT_RULE:
        return DecisionForm(data, currency=main_currency(), then=given["then"] if given else None)
    return RuleForm(data, currency=main_currency(), rule=given)


def _changed(request: ConsoleRequest, copy: WorkingCopy | None, rule_id: str, form: Form, deed: str) -> HttpResponse:
    """The form with its rows changed and nothing saved; for htmx the part that changed."""
    if isinstance(form, RuleForm):
        form.rearranged(deed)
    if deed == "preview" and request.htmx:
        return render(
            request,
            "console/policies/preview.html",
            {"preview": _preview(copy, rule_id, form, None), "rule_id": rule_id},
        )
    if request.htmx:
        return render(request, "console/policies/conditions_response.html", _context(copy, rule_id, form, fresh=True))
    return render(request, "console/policies/rule.html", _context(copy, rule_id, form, fresh=True))


def _saved(request: ConsoleRequest, copy: WorkingCopy, rule_id: str, form: Form) -> HttpResponse:
    member, revision, now = request.member, revision_of(request), timezone.now()
    known = rule_id
    try:
        if not isinstance(form, RuleForm):
            changed = save_default(then=form.decision(), by=member, revision=revision, now=now)
        else:
            known = rule_id or free_rule_id(form.new_id(), [item["id"] for item in copy.document["rules"]])
            changed = save_rule(
                rule=form.rule(known),
                rule_id=rule_id or None,
                place=form.cleaned_data["place"],
                by=member,
                revision=revision,
                now=now,
            )
    except InvalidRules as refusal:
        _index, _dot, within = refusal.path.partition(".")
        form.complain(within if refusal.path.startswith("rules[") else f"then.{within}", problem_words(refusal.problem))
        return _page(request, copy, rule_id, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except Conflict as conflict:
        # What was typed is kept; sending it again saves it over what is there now.
        return _page(request, working_copy(), rule_id, form, conflict=str(conflict), status=HTTPStatus.CONFLICT)
    done(request, _("Saved in the working copy."), undo=undo_url(request, changed))
    return redirect(reverse("console:working_copy", args=[request.merchant.slug]) + f"#{anchor(known)}")


def _page(
    request: ConsoleRequest,
    copy: WorkingCopy | None,
    rule_id: str,
    form: Form,
    *,
    conflict: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    context = {**_context(copy, rule_id, form), "conflict": conflict}
    return render(request, "console/policies/rule.html", context, status=status)


def _context(copy: WorkingCopy | None, rule_id: str, form: Form, *, fresh: bool = False) -> dict[str, Any]:
    """``fresh``: the reader is still writing, so that nothing is called wrong yet."""
    context: dict[str, Any] = {
        "section": "policies",
        "tab": "copy",
        "copy": copy,
        "rule_id": rule_id,
        "is_default": rule_id == DEFAULT_RULE,
        "preview": _preview(copy, rule_id, form, _given(copy, rule_id), whole=not fresh),
        "form": form,
        "fillable": fillable_facts(),
        "place_now": _place(copy, rule_id),
    }
    if isinstance(form, RuleForm):
        if fresh:
            for node in form.conditions.walk():
                node.errors.clear()
        context["conditions"] = rows(form.conditions, currency=form.currency, suggestions=suggestions())
    if fresh:
        form.errors.clear()
    return context


def _preview(
    copy: WorkingCopy | None, rule_id: str, form: Form, given: dict[str, Any] | None, *, whole: bool = True
) -> RuleView | None:
    """The rule as a sentence, as far as the form makes one; as a ``whole`` with what is found in it and how much it is
    about, which takes longer.
    """
    data = sketch(form) if form.is_bound else given
    if data is None:
        return None
    view = _sentence(data, form.currency)
    if view is None or copy is None or "actions" not in data or not whole:
        return view
    written = {**data, "id": rule_id or NEW_RULE}
    place = form.cleaned_data.get("place") if form.is_bound else None
    findings = findings_of_rule(document=copy.document, rule=written, rule_id=rule_id, place=place)
    counted = touched_by(rule=written, now=timezone.now())
    return replace(view, findings=findings, touched=touched_view(counted))


def _sentence(data: dict[str, Any], currency: str) -> RuleView | None:
    whole = "actions" in data
    document = {"name": "preview", "rules": [{**data, "id": "preview"}] if whole else [], "default": data["then"]}
    try:
        ruleset = Ruleset.from_dict(document)
    except RulesetError:
        return None
    return rule_view(ruleset.rules[0], 0, currency) if whole else default_view(ruleset.default)

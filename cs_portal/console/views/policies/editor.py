"""The working copy: its rules in their order, and what moves, copies and deletes them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cs_portal.console.feedback import done
from cs_portal.console.forms.policies_publish import ImportForm
from cs_portal.console.presenters.policies import anchor, rules_view, waits_for_autopilot
from cs_portal.console.presenters.policies_changes import changes_view
from cs_portal.console.presenters.policies_findings import FindingsView, annotated, findings_view
from cs_portal.console.presenters.policies_problems import place_words, problem_words
from cs_portal.console.presenters.policies_touched import TouchedView, touched_view
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import configurer, member_view, read_by_all
from cs_portal.core.errors import Conflict, Invalid
from cs_portal.drafting.services.autopilot import switches
from cs_portal.policies.models import WorkingCopy
from cs_portal.policies.selectors import live_version, main_currency, working_copy
from cs_portal.policies.services.analysing import analyse_rules
from cs_portal.policies.services.checking import InvalidRules, read_json
from cs_portal.policies.services.rewording import leftovers_by_rule, reword_rule
from cs_portal.policies.services.touching import touched_by_rule
from cs_portal.policies.services.working_copy import (
    Arrangement,
    arrange_rule,
    begin_working_copy,
    discard_working_copy,
    import_rules,
    place_rule,
    undo_change,
)


@require_safe
@member_view
def editor(request: ConsoleRequest) -> HttpResponse:
    return _page(request)


def _page(request: ConsoleRequest, *, conflict: str = "", status: int = HTTPStatus.OK) -> HttpResponse:
    copy, live, currency = working_copy(), live_version(), main_currency()
    context: dict[str, Any] = {"section": "policies", "tab": "copy", "copy": copy, "live": live, "conflict": conflict}
    if copy is not None:
        left = leftovers_by_rule(live.document, copy.document, currency) if live else {}
        findings = _findings(copy.document, currency)
        counts = _touched(copy.document) if "count" in request.GET else {}
        rules = rules_view(copy.document, currency, action=request.GET.get("action", ""), leftovers=left)
        context["rules"] = annotated(rules, findings, counts)
        context["changes"] = changes_view(live.document, copy.document, currency) if live else None
        context |= {"findings": findings, "counted": bool(counts)}
        context["unswitched"] = waits_for_autopilot(copy.document, switches())
        context["overtaken"] = live is not None and copy.base_id != live.pk
    return render(request, "console/policies/editor.html", context, status=status)


def _findings(document: dict[str, Any], currency: str) -> FindingsView:
    found = analyse_rules(document=document, today=timezone.localdate(), currency=currency)
    return findings_view(found, document)


def _touched(document: dict[str, Any]) -> dict[str, TouchedView]:
    counted = touched_by_rule(document=document, now=timezone.now())
    return {rule: touched_view(count) for rule, count in counted.items()}


@require_safe
@member_view
def touched(request: ConsoleRequest) -> HttpResponse:
    """At each rule, how many of last month's orders it is about: a fragment, asked for once the page stands."""
    copy = working_copy()
    counts = [(anchor(rule), view) for rule, view in _touched(copy.document).items()] if copy else []
    return render(request, "console/policies/touched_response.html", {"counts": counts})


@require_POST
@configurer
def begin(request: ConsoleRequest) -> HttpResponse:
    begin_working_copy(by=request.member, now=timezone.now())
    return redirect("console:working_copy", merchant=request.merchant.slug)


@require_POST
@configurer
def arrange(request: ConsoleRequest) -> HttpResponse:
    """Move, copy or delete one rule; when a colleague was quicker, the page as it is now, and 409."""
    rule_id, deed = request.POST.get("rule", ""), request.POST.get("deed", "")
    if deed not in Arrangement.__members__.values():
        raise Invalid(_("This is no way to arrange a rule."), field="deed")
    try:
        copy = arrange_rule(
            rule_id=rule_id,
            arrangement=Arrangement(deed),
            by=request.member,
            revision=revision_of(request),
            now=timezone.now(),
        )
    except Conflict as conflict:
        return _page(request, conflict=str(conflict), status=HTTPStatus.CONFLICT)
    sentences = {
        Arrangement.UP: _("Moved up."),
        Arrangement.DOWN: _("Moved down."),
        Arrangement.DUPLICATE: _("Copied. The copy stands below."),
        Arrangement.DELETE: _("Rule deleted."),
    }
    done(request, sentences[Arrangement(deed)], undo=undo_url(request, copy))
    at = "" if deed == Arrangement.DELETE else f"#{anchor(rule_id)}"
    return redirect(reverse("console:working_copy", args=[request.merchant.slug]) + at)


@require_POST
@configurer
def place(request: ConsoleRequest) -> HttpResponse:
    """A rule was dragged to another place."""
    given, rule_id = request.POST.get("place", ""), request.POST.get("rule", "")
    if not (given.isascii() and given.isdecimal() and len(given) < 5):
        raise Invalid(_("This is no way to arrange a rule."), field="place")
    try:
        copy = place_rule(
            rule_id=rule_id, place=int(given), by=request.member, revision=revision_of(request), now=timezone.now()
        )
    except Conflict as conflict:
        return _page(request, conflict=str(conflict), status=HTTPStatus.CONFLICT)
    done(request, _("Moved to place %(place)s.") % {"place": given}, undo=undo_url(request, copy))
    return redirect(reverse("console:working_copy", args=[request.merchant.slug]) + f"#{anchor(rule_id)}")


@require_POST
@configurer
def reword(request: ConsoleRequest) -> HttpResponse:
    """Let the reply of a rule say the rule's new numbers."""
    rule_id = request.POST.get("rule", "")
    try:
        copy = reword_rule(rule_id=rule_id, by=request.member, revision=revision_of(request), now=timezone.now())
    except Conflict as conflict:
        return _page(request, conflict=str(conflict), status=HTTPStatus.CONFLICT)
    done(request, _("The reply says the new numbers."), undo=undo_url(request, copy))
    return redirect(reverse("console:working_copy", args=[request.merchant.slug]) + f"#{anchor(rule_id)}")


@require_POST
@configurer
def undo(request: ConsoleRequest) -> HttpResponse:
    try:
        copy = undo_change(by=request.member, revision=revision_of(request), now=timezone.now())
    except Conflict as conflict:
        return _page(request, conflict=str(conflict), status=HTTPStatus.CONFLICT)
    done(request, _("Taken back."), undo=undo_url(request, copy), undone=True)
    return redirect("console:working_copy", merchant=request.merchant.slug)


def revision_of(request: ConsoleRequest) -> int:
    """The revision that the member saw; one that cannot be read is none, and ends in a conflict."""
    given = request.POST.get("revision") or request.GET.get("revision") or ""
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0


def undo_url(request: ConsoleRequest, copy: WorkingCopy) -> str:
    return f"{reverse('console:working_copy_undo', args=[request.merchant.slug])}?revision={copy.revision}"


@read_by_all
def discard(request: ConsoleRequest) -> HttpResponse:
    """Asks first: there is no way back."""
    copy, live = working_copy(), live_version()
    if request.method == "POST":
        discard_working_copy(by=request.member, revision=revision_of(request), now=timezone.now())
        done(request, _("The working copy was thrown away. The live rules are as they were."))
        return redirect("console:policies", merchant=request.merchant.slug)
    changes = changes_view(live.document, copy.document, main_currency()) if live and copy else None
    context = {"section": "policies", "tab": "copy", "copy": copy, "live": live, "changes": changes}
    return render(request, "console/policies/discard.html", context)


@read_by_all
def import_page(request: ConsoleRequest) -> HttpResponse:
    """Rules as JSON become the working copy; what is wrong is named by rule and field."""
    copy = working_copy()
    if request.method != "POST":
        return _import_page(request, ImportForm(initial={"revision": copy.revision if copy else None}))
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _import_page(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    text, revision = form.cleaned_data["text"], form.cleaned_data["revision"]
    try:
        changed = import_rules(text=text, by=request.member, revision=revision, now=timezone.now())
    except InvalidRules as refusal:
        faults = {"place": place_words(refusal.path, _readable(text)), "problem": problem_words(refusal.problem)}
        return _import_page(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY, **faults)
    except Conflict as conflict:
        return _import_page(request, form, status=HTTPStatus.CONFLICT, problem=str(conflict))
    done(request, _("The rules are in the working copy."), undo=undo_url(request, changed) if revision else None)
    return redirect("console:working_copy", merchant=request.merchant.slug)


def _import_page(
    request: ConsoleRequest, form: ImportForm, *, status: int = HTTPStatus.OK, **more: str
) -> HttpResponse:
    context = {"section": "policies", "tab": "copy", "form": form, "copy": working_copy(), **more}
    return render(request, "console/policies/import.html", context, status=status)


def _readable(text: str) -> object:
    try:
        return read_json(text)
    except InvalidRules:
        return None

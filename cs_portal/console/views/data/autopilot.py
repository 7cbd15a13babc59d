"""Autopilot: switches for what shoppers confirm in the chat's form, rules for words, and the stop of everything."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cs_portal.commerce.money import minor_from_decimal
from cs_portal.console.feedback import done
from cs_portal.console.forms.autopilot import AutopilotRuleForm, NewAutopilotRuleForm
from cs_portal.console.presenters.autopilot import switch_lines
from cs_portal.console.presenters.autopilot_rules import rule_lines, rule_page
from cs_portal.console.presenters.wording import ACTIONS, INTENTS, word
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import configurer, member_view, reviewer
from cs_portal.core.errors import Invalid
from cs_portal.drafting.autopilot_cases import NEVER
from cs_portal.drafting.models import AutopilotRule, AutopilotState
from cs_portal.drafting.services import autopilot_rules as service
from cs_portal.drafting.services.autopilot import limit_autopilot, stop_autopilot, switch_autopilot
from cs_portal.drafting.services.autopilot_sampling import sends_to_check
from cs_portal.policies.engine.money import MAX_MINOR
from cs_portal.policies.selectors import main_currency


@require_safe
@member_view
def autopilot(request: ConsoleRequest) -> HttpResponse:
    switches = switch_lines()
    rules = rule_lines(service.word_rules(), now=timezone.now())
    context = {
        **_SECTION,
        "switches": switches,
        "rules": rules,
        "anything_on": any(row.on for row in switches) or any(rule.state == AutopilotState.ON for rule in rules),
        "never": [word(INTENTS, intent) for intent in sorted(NEVER)],
        "currency": main_currency(),
        "to_check": sends_to_check().count(),
    }
    return render(request, "console/settings/autopilot.html", context)


@require_POST
@configurer
def autopilot_switch(request: ConsoleRequest) -> HttpResponse:
    """Switch one action on or off."""
    action, on = request.POST.get("action", ""), request.POST.get("on") == "1"
    changed = switch_autopilot(by=request.member, action=action, on=on, now=timezone.now())
    label = {"action": word(ACTIONS, action)}
    sentence = _("Autopilot is on for: %(action)s.") if on else _("Autopilot is off for: %(action)s.")
    done(request, sentence % label if changed else _("Nothing changed."))
    return redirect("console:autopilot", merchant=request.merchant.slug)


@require_POST
@configurer
def autopilot_limit(request: ConsoleRequest) -> HttpResponse:
    """The switch's own limit, in the shop's currency; an empty one leaves it to the rules."""
    text, currency = request.POST.get("limit", "").strip(), main_currency()
    changed = limit_autopilot(
        by=request.member,
        action=request.POST.get("action", ""),
        limit_minor=_minor(text, currency) if text else None,
        currency=currency,
        now=timezone.now(),
    )
    done(request, _("Saved.") if changed else _("Nothing changed."))
    return redirect("console:autopilot", merchant=request.merchant.slug)


def _minor(text: str, currency: str) -> int:
    try:
        minor = minor_from_decimal(text, currency)
    except ValueError:
        minor = -1
    if not 0 <= minor <= MAX_MINOR:
        raise Invalid(_("Write an amount in %(currency)s.") % {"currency": currency}, field="limit")
    return minor


@require_POST
@reviewer
def autopilot_stop(request: ConsoleRequest) -> HttpResponse:
    """Everything off at once; back to where the button was."""
    stopped = stop_autopilot(by=request.member, now=timezone.now())
    done(request, _("Autopilot is stopped. Every reply waits for a person.") if stopped else _("Nothing changed."))
    back = "console:review" if request.POST.get("back") == "review" else "console:autopilot"
    return redirect(back, merchant=request.merchant.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@configurer
def autopilot_rule_new(request: ConsoleRequest) -> HttpResponse:
    if request.method != "POST":
        return _form(request, NewAutopilotRuleForm())
    form = NewAutopilotRuleForm(request.POST)
    if form.is_valid():
        try:
            shadow, now = form.cleaned_data["shadow"], timezone.now()
            rule = service.create_rule(by=request.member, change=form.change(), shadow=shadow, now=now)
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            done(request, _("The rule is in shadow. It sends nothing.") if shadow else _("The rule is made, and off."))
            return _to(request, rule.public_id)
    return _form(request, form)


@require_safe
@member_view
def autopilot_rule(request: ConsoleRequest, autopilot_rule_id: UUID) -> HttpResponse:
    if AutopilotRule.by_public_id(autopilot_rule_id).action:  # a switch: its page is the list
        return redirect("console:autopilot", merchant=request.merchant.slug)
    page = rule_page(service.word_rule(autopilot_rule_id), now=timezone.now())
    return render(request, "console/settings/autopilot_rule.html", {**_SECTION, "page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@configurer
def autopilot_rule_edit(request: ConsoleRequest, autopilot_rule_id: UUID) -> HttpResponse:
    rule = service.word_rule(autopilot_rule_id)
    if request.method != "POST":
        return _form(request, AutopilotRuleForm.of(rule), rule=rule)
    form = AutopilotRuleForm(request.POST)
    if form.is_valid():
        try:
            changed = service.change_rule(
                rule_id=rule.public_id, by=request.member, change=form.change(), now=timezone.now()
            )
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            done(request, _changed(rule, changed))
            return _to(request, rule.public_id)
    return _form(request, form, rule=rule)


def _changed(before: AutopilotRule, after: AutopilotRule) -> str:
    if after.version == before.version:
        return _("Saved.")
    if before.state == AutopilotState.ON:
        return _("Saved. The rule is in shadow again and has to show anew what it would send.")
    return _("Saved. What it has shown so far counts no more.")


@require_POST
@configurer
def autopilot_rule_state(request: ConsoleRequest, autopilot_rule_id: UUID) -> HttpResponse:
    """Off, shadow or on. A rule whose evidence does not allow it stays as it is, and the refusal says why."""
    seen = request.POST.get("seen", "")
    rule = service.place_rule(
        rule_id=autopilot_rule_id,
        by=request.member,
        state=request.POST.get("state", ""),
        seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0,
        now=timezone.now(),
    )
    sentences = {
        AutopilotState.OFF: _("The rule is off."),
        AutopilotState.SHADOW: _("The rule is in shadow. It sends nothing."),
        AutopilotState.ON: _("The rule is on: replies that fit it go out unreviewed."),
    }
    done(request, sentences[AutopilotState(rule.state)])
    return _to(request, rule.public_id)


@require_POST
@configurer
def autopilot_rule_delete(request: ConsoleRequest, autopilot_rule_id: UUID) -> HttpResponse:
    service.delete_rule(rule_id=autopilot_rule_id, by=request.member, now=timezone.now())
    done(request, _("Deleted, with what it showed in shadow."))
    return redirect("console:autopilot", merchant=request.merchant.slug)


_SECTION = {"section": "settings", "setting": "autopilot"}


def _to(request: ConsoleRequest, rule_id: UUID) -> HttpResponse:
    return redirect("console:autopilot_rule", merchant=request.merchant.slug, autopilot_rule_id=rule_id)


def _form(request: ConsoleRequest, form: AutopilotRuleForm, *, rule: AutopilotRule | None = None) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    days = settings.AUTOPILOT_SHADOW_DAYS
    needed = ngettext(
        "%(least)s decided replies on %(count)s day", "%(least)s decided replies on %(count)s different days", days
    ) % {"least": settings.AUTOPILOT_SHADOW_LEAST, "count": days}
    never = [word(INTENTS, intent) for intent in sorted(NEVER)]
    context = {**_SECTION, "form": form, "rule": rule, "needed": needed, "never": never}
    return render(request, "console/settings/autopilot_rule_form.html", context, status=status)

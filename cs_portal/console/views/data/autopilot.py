"""Autopilot: switches for what shoppers confirm in the chat's form, and thresholds that are only prepared."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cs_portal.console.feedback import done
from cs_portal.console.presenters.autopilot import autopilot_tiers
from cs_portal.console.presenters.wording import ACTIONS, INTENTS, word
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import configurer, read_by_all
from cs_portal.core.errors import Invalid
from cs_portal.drafting.services.autopilot import (
    NEVER,
    outlook,
    save_thresholds,
    stop_autopilot,
    switch_autopilot,
    switches,
    thresholds,
)


@read_by_all
def autopilot(request: ConsoleRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    try:
        chosen = {intent: _share(request.POST[intent]) for intent in thresholds() if intent in request.POST}
        changed = save_thresholds(by=request.member, chosen=chosen, now=timezone.now())
    except Invalid as refusal:
        return _page(request, error=str(refusal), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    done(request, _("Saved. Nothing is sent by these thresholds.") if changed else _("Nothing changed."))
    return redirect("console:autopilot", merchant=request.merchant.slug)


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
def autopilot_stop(request: ConsoleRequest) -> HttpResponse:
    """Everything off at once."""
    stopped = stop_autopilot(by=request.member, now=timezone.now())
    done(request, _("Autopilot is stopped. Every reply waits for a person.") if stopped else _("Nothing changed."))
    return redirect("console:autopilot", merchant=request.merchant.slug)


def _share(percent: str) -> float:
    """``"90"`` → 0.9; what is no whole number of percent is refused."""
    if not percent.isascii() or not percent.isdigit() or len(percent) > 3:
        raise Invalid(_("Between 50 % and 100 %."))
    return int(percent) / 100


def _switches() -> list[tuple[str, str, bool, str]]:
    """Of each action its code, its words, whether it is on, and what the live rules leave to autopilot."""
    on, tiers = switches(), autopilot_tiers()
    return [(kind, word(ACTIONS, kind), on[kind], tiers.get(kind, "")) for kind in on]


def _page(request: ConsoleRequest, *, error: str = "", status: int = HTTPStatus.OK) -> HttpResponse:
    rows = [(row, word(INTENTS, row.intent), round(row.threshold * 100)) for row in outlook(now=timezone.now())]
    context = {
        "section": "settings",
        "setting": "autopilot",
        "rows": rows,
        "switches": _switches(),
        "anything_on": any(switches().values()),
        "never": [word(INTENTS, intent) for intent in sorted(NEVER)],
        "error": error,
    }
    return render(request, "console/settings/autopilot.html", context, status=status)

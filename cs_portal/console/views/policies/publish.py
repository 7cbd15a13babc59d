"""Making rules live, and rolling back: what differs, what it would have meant, and a sentence for the history."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from cs_portal.console.feedback import done
from cs_portal.console.forms.policies_publish import PublishForm
from cs_portal.console.presenters.policies import waits_for_autopilot
from cs_portal.console.presenters.policies_changes import changes_view
from cs_portal.console.presenters.policies_replay import ReplayView, past_requests, replay_view
from cs_portal.console.presenters.policies_simulation import SimulationView, simulation_summary
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import read_by_all
from cs_portal.core.errors import Conflict, Invalid
from cs_portal.drafting.services.autopilot import switches
from cs_portal.policies.models import RulesetVersion, Simulation
from cs_portal.policies.selectors import live_version, main_currency, simulation_of, version_by_id, working_copy
from cs_portal.policies.services import publish_working_copy, restore_version
from cs_portal.policies.services.replaying import replay
from cs_portal.policies.services.rewording import leftovers_by_rule


@read_by_all
def publish(request: ConsoleRequest) -> HttpResponse:
    """The working copy against the live rules; publishing it is one sentence and one button."""
    if request.method != "POST":
        return _publish_page(request)
    form = PublishForm(request.POST)
    if not form.is_valid():
        return _publish_page(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    data = form.cleaned_data
    try:
        version = publish_working_copy(
            by=request.member,
            revision=data["revision"] or 0,
            seen_live=data["live"],
            note=data["note"],
            now=timezone.now(),
        )
    except Conflict as conflict:
        return _publish_page(request, note=data["note"], conflict=str(conflict), status=HTTPStatus.CONFLICT)
    except Invalid as refusal:
        form.add_error(refusal.field or None, str(refusal))
        return _publish_page(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    done(request, _("Version %(number)d is live.") % {"number": version.number})
    return redirect("console:policies", merchant=request.merchant.slug)


def _publish_page(
    request: ConsoleRequest,
    form: PublishForm | None = None,
    *,
    note: str = "",
    conflict: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    copy, live = working_copy(), live_version()
    form = form or PublishForm(initial=_seen(live, note, copy.revision if copy else None))
    context: dict[str, Any] = {
        "section": "policies",
        "tab": "copy",
        "copy": copy,
        "live": live,
        "form": form,
        "conflict": conflict,
    }
    if copy is not None:
        context["unswitched"] = waits_for_autopilot(copy.document, switches())
    if copy is not None and live is not None:
        context["changes"] = changes_view(live.document, copy.document, main_currency())
        context["replay"] = _replayed(live, copy.document)
        context["simulation"] = _simulated(live, copy.document)
        context["leftovers"] = leftovers_by_rule(live.document, copy.document, main_currency())
    return render(request, "console/policies/publish.html", context, status=status)


@read_by_all
def restore(request: ConsoleRequest, version_id: UUID) -> HttpResponse:
    """Roll back to an older version: its rules become the next version."""
    version = version_by_id(version_id=version_id)
    if request.method != "POST":
        return _restore_page(request, version)
    form = PublishForm(request.POST)
    if not form.is_valid():
        return _restore_page(request, version, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    data = form.cleaned_data
    try:
        restored = restore_version(
            version_id=version_id, by=request.member, seen_live=data["live"], note=data["note"], now=timezone.now()
        )
    except Conflict as conflict:
        return _restore_page(request, version, note=data["note"], conflict=str(conflict), status=HTTPStatus.CONFLICT)
    except Invalid as refusal:
        form.add_error(refusal.field or None, str(refusal))
        return _restore_page(request, version, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    named = {"old": version.number, "number": restored.number}
    done(request, _("The rules of version %(old)d are live again, as version %(number)d.") % named)
    return redirect("console:policies", merchant=request.merchant.slug)


def _restore_page(
    request: ConsoleRequest,
    version: RulesetVersion,
    form: PublishForm | None = None,
    *,
    note: str = "",
    conflict: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    live = live_version()
    context: dict[str, Any] = {
        "section": "policies",
        "tab": "versions",
        "version": version,
        "live": live,
        "form": form or PublishForm(initial=_seen(live, note, None)),
        "conflict": conflict,
    }
    if live is not None:
        context["changes"] = changes_view(live.document, version.document, main_currency())
        context["replay"] = _replayed(live, version.document)
    return render(request, "console/policies/restore.html", context, status=status)


def _seen(live: RulesetVersion | None, note: str, revision: int | None) -> dict[str, Any]:
    return {"live": live.public_id if live else None, "note": note, "revision": revision}


def _replayed(live: RulesetVersion, document: dict[str, Any]) -> ReplayView:
    past, real = past_requests(now=timezone.now())
    return replay_view(replay(before=live.document, after=document, past=past), real=real)


def _simulated(live: RulesetVersion, document: dict[str, Any]) -> tuple[Simulation, SimulationView] | None:
    """The latest simulation of these very rules beside the live ones."""
    found = simulation_of(document=document, live=live)
    return None if found is None else (found, simulation_summary(found))

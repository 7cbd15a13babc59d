"""Simulations: starting one, watching it, reading what it found, taking it along as a table."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cs_portal.console.feedback import done
from cs_portal.console.files import csv_file
from cs_portal.console.forms.policies_simulation import ChangesFilter, SimulationForm, usual_days
from cs_portal.console.paging import page_of
from cs_portal.console.presenters.policies_simulation import changed_rows, simulation_summary, simulation_view, table
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import configurer, member_view, read_by_all
from cs_portal.core.errors import Conflict
from cs_portal.policies.models import SimulationSource
from cs_portal.policies.selectors import (
    changes_of,
    live_version,
    open_simulation,
    simulation_by_id,
    simulations,
    working_copy,
)
from cs_portal.policies.services.past import requests_made
from cs_portal.policies.services.simulating import KEPT_CHANGES, cancel_simulation, start_simulation

DAYS = 30


@read_by_all
def simulation_list(request: ConsoleRequest) -> HttpResponse:
    """Those that were made, and the form for a new one."""
    if request.method != "POST":
        return _list(request)
    form = SimulationForm(request.POST)
    if not form.is_valid():
        return _list(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    data = form.cleaned_data
    try:
        simulation = start_simulation(
            by=request.member,
            revision=data["revision"] or 0,
            days=data["days"],
            source=data["source"],
            now=timezone.now(),
        )
    except Conflict as conflict:
        return _list(request, conflict=str(conflict), status=HTTPStatus.CONFLICT)
    return redirect("console:simulation", merchant=request.merchant.slug, simulation_id=simulation.public_id)


def _list(
    request: ConsoleRequest, form: SimulationForm | None = None, *, conflict: str = "", status: int = HTTPStatus.OK
) -> HttpResponse:
    copy = working_copy()
    page = page_of(simulations(), by=("-id",), request=request, size=20)
    real = bool(requests_made().latest(limit=1))
    source = SimulationSource.REQUESTS if real else SimulationSource.ORDERS
    initial = {"source": source, "days": DAYS, "revision": copy.revision if copy else None}
    context = {
        "section": "policies",
        "tab": "simulations",
        "copy": copy,
        "live": live_version(),
        "form": form or SimulationForm(initial=initial),
        "usual_days": usual_days(),
        "running": open_simulation(),
        "conflict": conflict,
        "page": page,
        "rows": [(row, simulation_summary(row)) for row in page.rows],
    }
    return render(request, "console/policies/simulations.html", context, status=status)


@require_safe
@member_view
def simulation(request: ConsoleRequest, simulation_id: UUID) -> HttpResponse:
    """One simulation; the page asks for itself again while it runs."""
    row = simulation_by_id(simulation_id=simulation_id)
    view, form, copy = simulation_view(row), ChangesFilter(request.GET), working_copy()
    context = {"section": "policies", "tab": "simulations", "simulation": row, "view": view, "filter": form}
    context["current"] = copy is not None and copy.document == row.document
    if not view.busy:
        found = changes_of(simulation=row, **form.wanted()).prefetch_related("order__lines")
        page = page_of(found, by=("id",), request=request, size=25)
        context |= {"page": page, "rows": changed_rows(row, page.rows), "filtered": bool(form.wanted())}
        context |= {"filter_query": urlencode(form.wanted()), "kept": KEPT_CHANGES}
    return render(request, "console/policies/simulation.html", context)


@require_POST
@configurer
def cancel(request: ConsoleRequest, simulation_id: UUID) -> HttpResponse:
    row = simulation_by_id(simulation_id=simulation_id)
    cancel_simulation(simulation=row, by=request.member, now=timezone.now())
    done(request, _("The simulation was cancelled."))
    return redirect("console:simulation", merchant=request.merchant.slug, simulation_id=simulation_id)


@require_safe
@member_view
def export(request: ConsoleRequest, simulation_id: UUID) -> HttpResponse:
    """The changed requests that the filter leaves, as a table."""
    row = simulation_by_id(simulation_id=simulation_id)
    found = changes_of(simulation=row, **ChangesFilter(request.GET).wanted())
    return csv_file(f"simulation-{timezone.localtime(row.created_at):%Y-%m-%d}", table(row, found))

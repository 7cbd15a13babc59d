"""Addresses under ``/api/`` that there are not: refused as programs read refusals, never as a page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from cs_portal.integrations.api.problems import problem


@csrf_exempt
def no_such_address(request: HttpRequest) -> HttpResponse:
    return problem(404, "not_found", "There is no such address.")

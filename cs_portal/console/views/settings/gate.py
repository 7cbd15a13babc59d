"""A merchant that requires two-step sign-in: without it the console shows the way to set it up, and nothing else."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpResponse
from django.shortcuts import render

from cs_portal.console.requests import ConsoleRequest
from cs_portal.merchants.services.team import has_second_factor


def second_factor_missing(request: ConsoleRequest) -> HttpResponse | None:
    """The page that says so, where the merchant requires a second factor that the reader lacks."""
    if not request.merchant.requires_mfa or has_second_factor(request.user):
        return None
    return render(request, "console/settings/two_step_required.html", status=HTTPStatus.FORBIDDEN)

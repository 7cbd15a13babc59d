"""All settings at a glance."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cs_portal.console.presenters.settings import cards
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import member_view


@require_safe
@member_view
def settings(request: ConsoleRequest) -> HttpResponse:
    context = {"section": "settings", "groups": cards(request.merchant, request.member)}
    return render(request, "console/settings/index.html", context)

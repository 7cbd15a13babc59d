"""From the front door to the reader's work."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from cs_portal.merchants.models import User
from cs_portal.merchants.selectors import memberships_of


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The home page of the first merchant; a page that says so for a user whom no merchant has invited."""
    assert isinstance(request.user, User)
    memberships = memberships_of(user=request.user)
    if not memberships:
        return render(request, "console/no_merchant.html")
    return redirect("console:dashboard", merchant=memberships[0].merchant.slug)

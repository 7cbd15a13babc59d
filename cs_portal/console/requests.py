"""What a view of the console may rely on."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from cs_portal.merchants.models import Member, Merchant, User


class ConsoleRequest(HttpRequest):
    """A request under ``/console/<merchant>/``: its scope is entered and its user is a member."""

    htmx: HtmxDetails
    merchant: Merchant
    member: Member
    user: User

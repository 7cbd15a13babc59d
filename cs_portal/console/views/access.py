"""Which role may use a view. The middleware has already turned strangers away."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cs_portal.console.requests import ConsoleRequest
from cs_portal.core.errors import NotAllowed
from cs_portal.merchants.models import Member

View = Callable[..., HttpResponse]


def _restricted(view: View, permits: Callable[[Member], bool]) -> View:
    @wraps(view)
    def restricted(request: HttpRequest, merchant: str, **kwargs: Any) -> HttpResponse:
        console = cast(ConsoleRequest, request)
        if not permits(console.member):
            raise NotAllowed(_("Your role does not permit this."))
        return view(console, **kwargs)

    return restricted


def member_view(view: View) -> View:
    """For every member, analysts included. The merchant of the URL is ``request.merchant``."""
    return _restricted(view, lambda member: True)


def reviewer(view: View) -> View:
    """For those who may decide on drafts."""
    return _restricted(view, lambda member: member.may_review)


def read_by_all(view: View) -> View:
    """For a page that every member reads, and whose form (a POST) those may send who may change how the shop works."""
    return _form_page(view, lambda member: member.may_configure)


def read_by_all_written_by_reviewers(view: View) -> View:
    """For a page that every member reads, and whose form those may send who may decide on drafts."""
    return _form_page(view, lambda member: member.may_review)


def member_page(view: View) -> View:
    """For a page that every member reads, and whose form every member may send."""
    return _form_page(view, lambda member: True)


def _form_page(view: View, permits: Callable[[Member], bool]) -> View:
    restricted = _restricted(view, permits)

    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def page(request: HttpRequest, merchant: str, **kwargs: Any) -> HttpResponse:
        shown = restricted if request.method == "POST" else member_view(view)
        return shown(request, merchant, **kwargs)

    return page


def configurer(view: View) -> View:
    """For those who may change how the merchant works."""
    return _restricted(view, lambda member: member.may_configure)

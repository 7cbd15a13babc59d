"""Domain errors as responses, in one place."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.defaults import page_not_found

from cs_portal.console.requests import ConsoleRequest
from cs_portal.core.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, TooMany

_STATUS: dict[type[DomainError], HTTPStatus] = {
    NotAllowed: HTTPStatus.FORBIDDEN,
    Conflict: HTTPStatus.CONFLICT,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
}


def refusal(request: ConsoleRequest, error: DomainError) -> HttpResponse:
    """The page for an error that no view answered itself. A missing row looks like any missing page."""
    if isinstance(error, NotFound):
        return page_not_found(request, Http404())
    status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), HTTPStatus.BAD_REQUEST)
    context = {"sentence": str(error) or _explain(status), "back": _page_before(request)}
    response = render(request, "console/refusal.html", context, status=status)
    if isinstance(error, TooMany):
        response["Retry-After"] = str(error.retry_after_seconds)
    return response


def _page_before(request: ConsoleRequest) -> str:
    """The page of this merchant that the reader came from, if the browser says so."""
    came_from = urlsplit(request.headers.get("Referer", ""))
    ours = came_from.netloc == request.get_host() and came_from.path.startswith(f"/console/{request.merchant.slug}/")
    if not ours or came_from.path == request.path:
        return ""
    return came_from.path + (f"?{came_from.query}" if came_from.query else "")


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without a valid token: an old tab, as a rule."""
    sentence = _("This page was open for too long. Reload it and try again.")
    return render(request, "refusal.html", {"sentence": sentence}, status=HTTPStatus.FORBIDDEN)


def _explain(status: HTTPStatus) -> str:
    if status == HTTPStatus.CONFLICT:
        return _("This changed in the meantime. Reload the page and look again.")
    return _("This did not work. Reload the page and try again.")

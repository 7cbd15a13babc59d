"""Domain errors as responses, in one place."""

from __future__ import annotations

from http import HTTPStatus

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
    response = render(request, "refusal.html", {"sentence": str(error) or _explain(status)}, status=status)
    if isinstance(error, TooMany):
        response["Retry-After"] = str(error.retry_after_seconds)
    return response


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without a valid token: an old tab, as a rule."""
    sentence = _("This page was open for too long. Reload it and try again.")
    return render(request, "refusal.html", {"sentence": sentence}, status=HTTPStatus.FORBIDDEN)


def _explain(status: HTTPStatus) -> str:
    if status == HTTPStatus.CONFLICT:
        return _("This changed in the meantime. Reload the page and look again.")
    return _("This did not work. Reload the page and try again.")

"""The door of the console: who is not a member of the merchant in the URL does not learn that it exists."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect

from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.refusals import refusal
from cs_portal.console.views.settings.gate import second_factor_missing
from cs_portal.core.errors import DomainError
from cs_portal.core.tenancy import scope
from cs_portal.merchants.selectors import membership
from cs_portal.merchants.services.visits import note_visit

#: Prefix of the session's key.
SINCE = "since"


class MerchantMiddleware:
    """Resolve ``request.merchant`` and ``request.member``, and hold scope and time zone for the whole request."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        match = _match(request)
        request.META["QUERY_STRING"] = _without_nul(request.META.get("QUERY_STRING", ""))
        if match is None or match.app_name != "console":
            return self.get_response(request)
        if not request.user.is_authenticated:
            return _sign_in(cast(ConsoleRequest, request))
        if "merchant" not in match.kwargs:
            return _private(self.get_response(request))
        member = membership(user=request.user, slug=match.kwargs["merchant"])
        if member is None:
            raise Http404
        console = cast(ConsoleRequest, request)
        console.member, console.merchant = member, member.merchant
        with scope(merchant=member.merchant), timezone.override(ZoneInfo(member.merchant.timezone)):
            _note_visit(console)
            return _private(second_factor_missing(console) or self.get_response(request))

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        """No text of a form holds NUL: PostgreSQL takes none, neither in a row nor in a question."""
        if request.method != "POST" or not hasattr(request, "member"):
            return
        if any("\x00" in value for _name, values in request.POST.lists() for value in values):
            clean = request.POST.copy()
            for name, values in request.POST.lists():
                clean.setlist(name, [value.replace("\x00", "") for value in values])
            clean._mutable = False
            request.POST = clean  # type: ignore[assignment]

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Domain errors of the console become responses here and nowhere else."""
        if isinstance(error, DomainError) and hasattr(request, "member"):
            return refusal(cast(ConsoleRequest, request), error)
        return None


def _note_visit(request: ConsoleRequest) -> None:
    """The session keeps when the visit before ended, for "since your last visit"."""
    ended = note_visit(member=request.member, now=timezone.now())
    if ended is not None:
        request.session[f"{SINCE}:{request.merchant.slug}"] = ended.isoformat()


def _without_nul(query: str) -> str:
    """Taking one out may join the signs around it to another."""
    while "%00" in query or "\x00" in query:
        query = query.replace("%00", "").replace("\x00", "")
    return query


def _match(request: HttpRequest) -> ResolverMatch | None:
    try:
        return resolve(request.path_info)
    except Resolver404:
        return None


def _sign_in(request: ConsoleRequest) -> HttpResponseBase:
    """To the sign-in page and back. For a fragment the page around it has to come back, not the fragment."""
    if request.htmx:
        page = urlsplit(request.htmx.current_url_abs_path or "/")
        where = f"{page.path}?{page.query}" if page.query else page.path
        return HttpResponseClientRedirect(redirect_to_login(where).url)
    return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")


def _private(response: HttpResponseBase) -> HttpResponseBase:
    """Pages of the console hold personal data and differ for htmx."""
    patch_vary_headers(response, ["HX-Request"])
    patch_cache_control(response, private=True, no_store=True)
    return response

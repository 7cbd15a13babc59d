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
from cs_portal.core.errors import DomainError
from cs_portal.core.tenancy import scope
from cs_portal.merchants.selectors import membership


class MerchantMiddleware:
    """Resolve ``request.merchant`` and ``request.member``, and hold scope and time zone for the whole request."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        match = _match(request)
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
            return _private(self.get_response(request))

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Domain errors of the console become responses here and nowhere else."""
        if isinstance(error, DomainError) and hasattr(request, "member"):
            return refusal(cast(ConsoleRequest, request), error)
        return None


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

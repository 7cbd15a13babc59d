"""What every call of the chat's HTTP interface has in common: origin, token, scope, language, and errors as JSON.

The calls are exempt from CSRF tokens: nothing of theirs rests on a cookie. The bearer token is put in by the
portal's own page, which another site can neither read nor make the browser send.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeAlias

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt

from cs_portal.core.client_address import client_address
from cs_portal.core.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, TooMany
from cs_portal.core.tenancy import scope
from cs_portal.storefront import limits
from cs_portal.storefront.authentication import bearer_token, session_of_token
from cs_portal.storefront.errors import CrossOrigin, Refusal, Unauthenticated
from cs_portal.storefront.models import ChatSession
from cs_portal.storefront.origins import is_own

P = ParamSpec("P")
View: TypeAlias = Callable[Concatenate[HttpRequest, P], HttpResponse]
SessionView: TypeAlias = Callable[[HttpRequest, ChatSession], HttpResponse]

_DOMAIN: tuple[tuple[type[DomainError], int, str], ...] = (
    (NotFound, 404, "not_found"),
    (Conflict, 409, "conflict"),
    (NotAllowed, 403, "not_allowed"),
    (Invalid, 422, "invalid"),
    (TooMany, 429, "too_many"),
)


def endpoint(*methods: str) -> Callable[[View[P]], View[P]]:
    """A call of the interface: one of ``methods``, from the portal's own page or from no page at all."""

    def decorate(view: View[P]) -> View[P]:
        @csrf_exempt
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.method not in methods:
                return _private(HttpResponseNotAllowed(methods))
            try:
                if not is_own(request):
                    raise CrossOrigin
                return _private(view(request, *args, **kwargs))
            except Refusal as refusal:
                return _private(_refusal(refusal))
            except DomainError as error:
                return _private(_domain_error(error))

        return guarded

    return decorate


def with_session(view: SessionView) -> View[[]]:
    """Authenticate the bearer token and run the view in its merchant's scope and its conversation's language."""

    @wraps(view)
    def authenticated(request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        session = session_of_token(bearer_token(request.headers.get("Authorization", "")), now=now)
        if session is None:
            limits.failed_token(address=client_address(request), now=now)
            raise Unauthenticated
        with scope(merchant=session.merchant), translation.override(session.conversation.locale):
            return view(request, session)

    return authenticated


def no_content() -> HttpResponse:
    return HttpResponse(status=204)


def error_json(status: int, code: str, message: str, field: str = "") -> JsonResponse:
    error: dict[str, Any] = {"code": code, "message": message}
    if field:
        error["field"] = field
    return JsonResponse({"error": error}, status=status)


def _refusal(refusal: Refusal) -> HttpResponse:
    response = error_json(refusal.status, refusal.code, refusal.detail)
    if isinstance(refusal, Unauthenticated):
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _domain_error(error: DomainError) -> HttpResponse:
    status, code = next(((status, code) for kind, status, code in _DOMAIN if isinstance(error, kind)), (400, "refused"))
    response = error_json(status, code, str(error), getattr(error, "field", ""))
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after_seconds)
    return response


def _private(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-store"
    return response

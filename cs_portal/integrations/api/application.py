"""The API itself: its routes, its OpenAPI document, and how it refuses."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from cs_portal.core.errors import Conflict, DomainError, Invalid, NotFound, TooMany
from cs_portal.integrations.api import openapi
from cs_portal.integrations.api.problems import Refusal, problem
from cs_portal.integrations.api.resources import RESOURCES, router_of
from cs_portal.integrations.api.security import TokenAuth

TITLE = "CS Portal"
VERSION = "1"


class PortalAPI(NinjaAPI):
    """Its document holds the canonical schemas."""

    def get_openapi_schema(self, *args: Any, **kwargs: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(*args, **kwargs)
        schema.setdefault("components", {}).setdefault("schemas", {}).update(openapi.components())
        return schema


api = PortalAPI(
    title=TITLE,
    version=VERSION,
    description="Push products, shoppers and orders in their canonical JSON, and read them. See docs/api.md.",
    urls_namespace="api",
    docs_url=None,
    openapi_url="/openapi.json",
    auth=TokenAuth(),
)
for resource in RESOURCES:
    api.add_router(f"/{resource.kind}", router_of(resource))


@api.exception_handler(Refusal)
def _refused(request: HttpRequest, error: Refusal) -> HttpResponse:
    return error.answer()


@api.exception_handler(DomainError)
def _domain_error(request: HttpRequest, error: DomainError) -> HttpResponse:
    if isinstance(error, TooMany):
        headers = {"Retry-After": str(error.retry_after_seconds)}
        return problem(429, "too_many", str(error), headers=headers)
    if isinstance(error, NotFound):
        return problem(404, "not_found", "There is no such row.")
    if isinstance(error, Conflict):
        return problem(409, "conflict", str(error))
    if isinstance(error, Invalid):
        errors = [{"field": error.field, "code": "invalid", "message": str(error)}]
        return problem(422, "invalid", str(error), errors=errors)
    return problem(403, "not_allowed", str(error))


@api.exception_handler(AuthenticationError)
def _unauthenticated(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return problem(401, "unauthenticated", "Send a living token as a bearer.", headers={"WWW-Authenticate": "Bearer"})


@api.exception_handler(Http404)
def _not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(404, "not_found", "There is no such row.")


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = [
        {"field": ".".join(map(str, each["loc"][1:])), "code": each["type"], "message": each["msg"]}
        for each in error.errors
    ]
    return problem(422, "invalid", "Something is wrong with the call.", errors=errors)


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(error.status_code, "refused", str(error))


def api_urls() -> tuple[list[URLPattern], str, str]:
    """The addresses of the API, each of which refuses in JSON, whatever it is asked."""
    patterns, application, namespace = api.urls
    return [_refusing_in_json(each) for each in patterns if isinstance(each, URLPattern)], application, namespace


def _refusing_in_json(address: URLPattern) -> URLPattern:
    """What ninja answers before any handler of errors is asked: a wrong method, and all about its own two addresses."""
    view: Callable[..., HttpResponse] = address.callback
    of_ninja = address.name in {"openapi-json", "api-root"}

    @csrf_exempt
    @wraps(view)
    def refusing(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if of_ninja and request.method not in {"GET", "HEAD"}:
            return _not_allowed("GET, HEAD")
        try:
            answer = view(request, *args, **kwargs)
        except Http404:
            return problem(404, "not_found", "There is no such address.")
        return _not_allowed(answer["Allow"]) if answer.status_code == 405 else answer

    return URLPattern(address.pattern, refusing, address.default_args, address.name)


def _not_allowed(methods: str) -> HttpResponse:
    allowed = ", ".join(sorted(methods.split(", ")))
    return problem(405, "method_not_allowed", f"This address takes {allowed}.", headers={"Allow": allowed})

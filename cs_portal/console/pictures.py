"""Pages that show product pictures: their Content-Security-Policy lets in the shop's picture hosts and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse

from cs_portal.commerce.pictures import picture_origins
from cs_portal.console.requests import ConsoleRequest

View = Callable[..., HttpResponse]


def with_pictures(view: View) -> View:
    """Goes below ``member_view`` and its like, where the merchant's scope is entered."""

    @wraps(view)
    def shown(request: ConsoleRequest, **kwargs: Any) -> HttpResponse:
        response = view(request, **kwargs)
        allow_pictures(response)
        return response

    return shown


def allow_pictures(response: HttpResponse) -> None:
    if origins := picture_origins():
        response._csp_update = {**getattr(response, "_csp_update", {}), "img-src": origins}  # type: ignore[attr-defined]

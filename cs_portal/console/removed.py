"""What a member took away, kept in their session until they bring it back or take away other things."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from cs_portal.core.errors import NotFound

_KEY = "removed"
_KEPT = 5


def keep(request: HttpRequest, name: str, snapshot: dict[str, Any]) -> None:
    """Remember ``snapshot``, plain values, under ``name``."""
    kept = {key: value for key, value in request.session.get(_KEY, {}).items() if key != name}
    recent = dict(list(kept.items())[-(_KEPT - 1) :])
    request.session[_KEY] = recent | {name: snapshot}


def recall(request: HttpRequest, name: str) -> dict[str, Any]:
    """The snapshot, which stays until :func:`forget`; raises :class:`NotFound` for what was not kept here."""
    try:
        found: dict[str, Any] = request.session.get(_KEY, {})[name]
    except KeyError:
        raise NotFound from None
    return found


def forget(request: HttpRequest, name: str) -> None:
    request.session[_KEY] = {key: value for key, value in request.session.get(_KEY, {}).items() if key != name}

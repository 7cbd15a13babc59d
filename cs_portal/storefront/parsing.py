"""Typed reading of what a widget sends. Whatever is not expected is refused by name."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from cs_portal.core.errors import Invalid
from cs_portal.storefront.errors import BadRequest, TooLarge, WrongType

LARGEST_BODY = 64 * 1024


def json_object(request: HttpRequest, *, allowed: Collection[str]) -> Mapping[str, Any]:
    """The body as an object with no fields but ``allowed``; a missing body is an empty object.

    Raises :class:`TooLarge` over 64 kB, :class:`WrongType` for another content type, :class:`BadRequest` for what is
    not JSON and :class:`Invalid` for another shape or an unknown field.
    """
    raw = _body(request)
    if not raw:
        return {}
    if request.content_type != "application/json":
        raise WrongType
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        raise BadRequest from None
    if not isinstance(data, dict):
        raise Invalid(_("Send a JSON object."))
    for field in sorted(set(data) - set(allowed)):
        raise Invalid(_("Unknown field."), field=field[:60])
    return data


def _body(request: HttpRequest) -> bytes:
    # Looked at before anything is read, and counted again, since a chunked body announces no length.
    announced = request.META.get("CONTENT_LENGTH") or "0"
    if not announced.isdecimal():
        raise BadRequest
    if int(announced[:20]) > LARGEST_BODY:
        raise TooLarge
    raw: bytes = request.read(LARGEST_BODY + 1)
    if len(raw) > LARGEST_BODY:
        raise TooLarge
    return raw


def text_field(data: Mapping[str, Any], field: str, *, longest: int, optional: bool = False) -> str | None:
    """A string, or None where it is ``optional`` and absent or null. Lone surrogates cannot be stored: refused."""
    value = data.get(field)
    if value is None and optional:
        return None
    if not isinstance(value, str):
        raise Invalid(_("This must be a text."), field=field)
    if len(value) > longest:
        raise Invalid(_("This is too long."), field=field)
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise Invalid(_("This holds characters that do not exist."), field=field)
    return value


def required_text(data: Mapping[str, Any], field: str, *, longest: int) -> str:
    value = text_field(data, field, longest=longest)
    assert value is not None
    return value


def key_field(data: Mapping[str, Any], field: str, *, longest: int) -> str:
    """A short machine-made string: printable ASCII without spaces."""
    value = required_text(data, field, longest=longest)
    if not value or any(not "!" <= character <= "~" for character in value):
        raise Invalid(_("This must be an id."), field=field)
    return value


def uuid_value(value: object, field: str) -> UUID:
    """``value`` as a UUID in its usual form with dashes."""
    try:
        if isinstance(value, str) and len(value) == 36:
            return UUID(value)
    except ValueError:
        pass
    raise Invalid(_("This must be an id."), field=field)

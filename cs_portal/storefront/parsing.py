"""Typed reading of what a widget sends. Whatever is not expected is refused by name."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from cs_portal.conversations.services.photos import MOST_PER_MESSAGE
from cs_portal.core.errors import Invalid
from cs_portal.storefront.errors import BadRequest, TooLarge, WrongType

LARGEST_BODY = 64 * 1024


def json_object(request: HttpRequest, *, allowed: Collection[str]) -> Mapping[str, Any]:
    """The body as an object with no fields but ``allowed``; a missing body is an empty object.

    Raises :class:`TooLarge` over 64 kB, :class:`WrongType` for another content type, :class:`BadRequest` for what is
    not JSON and :class:`Invalid` for another shape or an unknown field.
    """
    raw = body_of(request, largest=LARGEST_BODY)
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


def body_of(request: HttpRequest, *, largest: int) -> bytes:
    """The body as it came. Raises :class:`TooLarge` above ``largest`` bytes."""
    # Looked at before anything is read, and counted again, since a chunked body announces no length.
    announced = request.META.get("CONTENT_LENGTH") or "0"
    if not announced.isdecimal():
        raise BadRequest
    if int(announced[:20]) > largest:
        raise TooLarge
    raw: bytes = request.read(largest + 1)
    if len(raw) > largest:
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


def number_field(data: Mapping[str, Any], field: str) -> int:
    """A whole number; ``true`` is none."""
    value = data.get(field)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Invalid(_("This must be a whole number."), field=field)
    return value


def uuid_value(value: object, field: str) -> UUID:
    """``value`` as a UUID in its usual form with dashes."""
    try:
        if isinstance(value, str) and len(value) == 36:
            return UUID(value)
    except ValueError:
        pass
    raise Invalid(_("This must be an id."), field=field)


def photo_ids(data: Mapping[str, Any]) -> list[UUID]:
    """Ids of photos that were uploaded before, in the field ``photos``."""
    given = data.get("photos")
    if given is None:
        return []
    if not isinstance(given, list) or len(given) > MOST_PER_MESSAGE:
        raise Invalid(_("At most %(limit)s photos go with one message.") % {"limit": MOST_PER_MESSAGE}, field="photos")
    return [uuid_value(each, "photos") for each in given]

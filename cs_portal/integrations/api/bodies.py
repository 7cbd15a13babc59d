"""Bodies as they come: JSON objects, within bounds, with keys that are named once."""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest

from cs_portal.integrations.api.problems import Refusal


def raw_body(request: HttpRequest) -> bytes:
    try:
        return request.body
    except RequestDataTooBig as error:
        raise Refusal(413, "too_large", "The body is larger than 1 MB.") from error


def json_object(request: HttpRequest) -> dict[str, Any]:
    """Raises :class:`Refusal` for what is no JSON object, is not declared as JSON, or names a key twice."""
    if request.content_type != "application/json":
        raise Refusal(415, "wrong_type", "Send application/json.")
    try:
        data = json.loads(raw_body(request), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "not_json", "The body is not JSON.") from error
    if not isinstance(data, dict):
        raise Refusal(422, "invalid", "The body must be an object.", errors=[_whole("not_object")])
    return data


def _whole(code: str) -> dict[str, str]:
    return {"field": "", "code": code, "message": "The body must be an object."}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key comes twice")
    return found


def _no_number(name: str) -> Any:
    raise ValueError(name)

"""What the OpenAPI document says of each call. The canonical schemas are the ones that ``manage.py schema`` prints."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cs_portal.integrations.schemas import JsonSchema, json_schema

RESULTS = ("created", "updated", "unchanged", "refused")
_JSON, _PROBLEM = "application/json", "application/problem+json"
_NAMES = ("order", "product", "shopper")


def components() -> dict[str, JsonSchema]:
    """The canonical schemas, with their parts beside them, and the answers."""
    found: dict[str, JsonSchema] = {}
    for name in _NAMES:
        schema = json_schema(name)
        parts = schema.pop("$defs", {})
        for key in ("$schema", "$id", "title"):
            schema.pop(key, None)
        found |= {f"{name}_{part}": _moved(each, name) for part, each in parts.items()}
        found[name] = _moved(schema, name)
        # Its key may be left out where the address says it.
        key = "number" if name == "order" else "id"
        required = [each for each in found[name]["required"] if each != key]
        found[f"{name}_put"] = {**found[name], "required": required}
    return found | _ANSWERS


def _moved(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return {key: _moved(part, name) for key, part in value.items()}
    if isinstance(value, list):
        return [_moved(part, name) for part in value]
    if isinstance(value, str) and value.startswith("#/$defs/"):
        return f"#/components/schemas/{name}_{value.removeprefix('#/$defs/')}"
    return value


def _object(required: Iterable[str], **properties: JsonSchema) -> JsonSchema:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


_TEXT: JsonSchema = {"type": "string"}
_NUMBER: JsonSchema = {"type": "integer"}
_FIELD_ERROR = _object(("field", "code", "message"), field=_TEXT, code=_TEXT, message=_TEXT)
_ANSWERS: dict[str, JsonSchema] = {
    "problem": _object(
        ("type", "title", "status", "detail"),
        type=_TEXT,
        title=_TEXT,
        status=_NUMBER,
        detail=_TEXT,
        errors={"type": "array", "items": _FIELD_ERROR},
    ),
    "pushed": _object(("id", "result"), id=_TEXT, result={"enum": list(RESULTS)}),
    "batch": _object(
        (*RESULTS, "results"),
        **dict.fromkeys(RESULTS, _NUMBER),
        results={
            "type": "array",
            "items": _object(
                ("index", "id", "result"),
                index=_NUMBER,
                id=_TEXT,
                result={"enum": list(RESULTS)},
                errors={"type": "array", "items": _FIELD_ERROR},
            ),
        },
    ),
}
_MEANINGS = {
    400: "The body is not JSON.",
    401: "No token, or one that opens nothing.",
    403: "The token lacks the scope.",
    404: "There is no such row of this merchant.",
    409: "Somebody else wrote the same row meanwhile; send the call again.",
    413: "The body is larger than 1 MB.",
    415: "The body is not declared as JSON.",
    422: "Something is wrong; errors name the field.",
    429: "Too many calls; Retry-After says how many seconds to wait.",
}


def _responses(good: dict[int, tuple[str, JsonSchema]], *bad: int) -> dict[int, Any]:
    answers: dict[int, Any] = {
        status: {"description": text, "content": {_JSON: {"schema": schema}}} for status, (text, schema) in good.items()
    }
    for status in (401, 403, 429, *bad):
        schema = {"$ref": "#/components/schemas/problem"}
        answers[status] = {"description": _MEANINGS[status], "content": {_PROBLEM: {"schema": schema}}}
    return answers


def _ref(name: str) -> JsonSchema:
    return {"$ref": f"#/components/schemas/{name}"}


def _query(name: str, schema: JsonSchema, text: str = "") -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": text}


_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key and call again get the same answer, kept for seven days.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
}


def listing(name: str, filters: Iterable[str]) -> dict[str, Any]:
    page = _object(("items", "next"), items={"type": "array", "items": _ref(name)}, next={"type": ["string", "null"]})
    limit = {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}
    return {
        "summary": f"List {name}s, oldest first",
        "parameters": [
            _query("limit", limit),
            _query("after", _TEXT, "The cursor that the page before gave as next."),
            *(_query(each, _TEXT) for each in filters),
        ],
        "responses": _responses({200: ("A page.", page)}, 422),
    }


def reading(name: str) -> dict[str, Any]:
    return {"summary": f"Read one {name}", "responses": _responses({200: (f"The {name}.", _ref(name))}, 404)}


def putting(name: str) -> dict[str, Any]:
    good = {200: ("It was there.", _ref("pushed")), 201: ("It was created.", _ref("pushed"))}
    return {
        "summary": f"Create or update one {name}",
        "parameters": [_KEY],
        "requestBody": {"required": True, "content": {_JSON: {"schema": _ref(f"{name}_put")}}},
        # 404: a key with a line break is no address.
        "responses": _responses(good, 400, 404, 409, 413, 415, 422),
    }


def batch(name: str, most: int) -> dict[str, Any]:
    items = {"type": "array", "items": _ref(name), "minItems": 1, "maxItems": most}
    return {
        "summary": f"Create or update many {name}s; each that is wrong is refused alone",
        "parameters": [_KEY],
        "requestBody": {"required": True, "content": {_JSON: {"schema": _object(("items",), items=items)}}},
        "responses": _responses({200: ("What became of each.", _ref("batch"))}, 400, 409, 413, 415, 422),
    }

"""The published JSON Schemas of the canonical JSON (draft 2020-12), as ``manage.py schema`` prints them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from cs_portal.commerce.canonical import Order, Product, Shopper
from cs_portal.policies.canonical import Request, Verdict, ruleset_schema

JsonSchema = dict[str, Any]
DRAFT = "https://json-schema.org/draft/2020-12/schema"


def _of(model: type[BaseModel]) -> Callable[[], JsonSchema]:
    return lambda: _bare(model.model_json_schema())


_SCHEMAS: dict[str, Callable[[], JsonSchema]] = {
    "order": _of(Order),
    "product": _of(Product),
    "shopper": _of(Shopper),
    "request": _of(Request),
    "verdict": _of(Verdict),
    "ruleset": ruleset_schema,
}
NAMES = tuple(_SCHEMAS)


def json_schema(name: str) -> JsonSchema:
    """Raises :class:`KeyError` for a name that is none of :data:`NAMES`."""
    return {"$schema": DRAFT, "$id": f"urn:cs-portal:{name}", "title": name, **_without_title(_SCHEMAS[name]())}


def _without_title(schema: JsonSchema) -> JsonSchema:
    return {key: value for key, value in schema.items() if key != "title"}


def _bare(value: Any, *, names: bool = False) -> Any:
    """Without titles made of field names, and without "null when left out": that goes for every key."""
    if isinstance(value, list):
        return [_bare(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _bare(part, names=key in {"properties", "$defs"})
        for key, part in value.items()
        if names or not (key == "title" or (key == "default" and part in (None, "")))
    }

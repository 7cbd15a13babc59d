"""One definition of orders, products and shoppers: the published schema, the check of files and calls, the engine."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from jsonschema import Draft202012Validator

from cs_portal.commerce.imports.checks import check_document
from cs_portal.commerce.imports.problems import Report
from cs_portal.demo.generator import DemoStore, generate
from cs_portal.demo.merchants import MERCHANTS
from cs_portal.integrations.schemas import NAMES, json_schema
from cs_portal.policies.engine import CanonicalError, parse_order, parse_product, parse_shopper

KINDS = {"orders": "order", "products": "product", "shoppers": "shopper"}
PARSERS: dict[str, Callable[[object], object]] = {
    "orders": parse_order,
    "products": parse_product,
    "shoppers": parse_shopper,
}


@cache
def _store(number: int) -> DemoStore:
    return generate(
        MERCHANTS[number], seed=1, today=datetime(2026, 11, 24, 18, tzinfo=UTC), shop_url="https://shop.example.com"
    )


@cache
def _validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(json_schema(KINDS[kind]))


def _problems(kind: str, document: Any) -> list[tuple[str, str]]:
    report = Report(lambda path: (1, ".".join(str(step) for step in path)))
    check_document(kind, document, report)
    return [(problem.column, problem.code) for problem in report.problems]


@pytest.mark.parametrize("number", range(len(MERCHANTS)))
@pytest.mark.parametrize("kind", KINDS)
def test_every_document_of_the_demo_store_is_canonical(number: int, kind: str) -> None:
    documents = getattr(_store(number), kind)
    assert documents
    for document in documents:
        _validator(kind).validate(document)
        assert _problems(kind, document) == []
        PARSERS[kind](document)


def _sample(kind: str) -> dict[str, Any]:
    rich = max(getattr(_store(0), kind), key=lambda document: len(json.dumps(document)))
    return copy.deepcopy(rich)


def _objects(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all objects with named keys in a document."""
    found = []
    if isinstance(value, dict):
        found = [path] if path[-1:] != ("options",) else []
        parts: Any = value.items()
    elif isinstance(value, list):
        parts = enumerate(value)
    else:
        return []
    return found + [inner for key, part in parts for inner in _objects(part, (*path, key))]


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_key_is_refused_by_name_wherever_it_is(kind: str) -> None:
    for path in _objects(_sample(kind)):
        document = _sample(kind)
        place = document
        for step in path:
            place = place[step]
        place["colour_of_day"] = "red"
        where = ".".join(str(step) for step in (*path, "colour_of_day"))
        assert (where, "unknown_key") in _problems(kind, document)
        assert any("colour_of_day" in error.message for error in _validator(kind).iter_errors(document))
        with pytest.raises(CanonicalError, match="colour_of_day: unknown key"):
            PARSERS[kind](document)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_required_is_required_by_all_three(kind: str) -> None:
    """Every key that the schema requires is demanded by the check and the engine as well; all others may be null."""
    schema = json_schema(KINDS[kind])
    for key in schema["properties"]:
        document = {**_sample(kind), key: None}
        required = key in schema["required"]
        assert _validator(kind).is_valid(document) is not required, key
        assert bool(_problems(kind, document)) is required, key
        try:
            PARSERS[kind](document)
        except CanonicalError:
            assert required, key
        else:
            assert not required, key


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("orders", {"currency": "yuan"}),
        ("orders", {"status": "lost"}),
        ("orders", {"placed_at": "2026-11-01T10:00:00"}),
        ("orders", {"shipping_minor": 10.5}),
        ("orders", {"shipping_minor": -1}),
        ("orders", {"shipping_minor": "10"}),
        ("orders", {"items_modified": 1}),
        ("orders", {"lines": []}),
        ("shoppers", {"id": ""}),
        ("shoppers", {"tags": "vip"}),
        ("shoppers", {"payment_methods": [{"id": "m", "method": "barter"}]}),
        ("products", {"variants": {}}),
        ("products", {"consumable": "no"}),
        ("products", {"title": "Mug"}),
        ("products", {"title": {}}),
    ],
)
def test_what_is_wrong_is_refused_by_the_check_and_the_engine(kind: str, change: dict[str, Any]) -> None:
    document = {**_sample(kind), **change}
    assert _problems(kind, document)
    with pytest.raises(CanonicalError):
        PARSERS[kind](document)
    if change != {"placed_at": "2026-11-01T10:00:00"}:  # formats are annotations to a schema
        assert not _validator(kind).is_valid(document)


@pytest.mark.parametrize("name", NAMES)
def test_the_command_prints_the_schema(name: str) -> None:
    said = StringIO()
    call_command("schema", name, stdout=said)
    assert json.loads(said.getvalue()) == json_schema(name)


def test_the_command_refuses_other_names() -> None:
    with pytest.raises(CommandError):
        call_command("schema", "refund")

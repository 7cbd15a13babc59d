"""Whatever a program sends, the API answers as its own document says: no 500, no answer of another shape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import override_settings
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.factories import make_order
from tests.integrations.conftest import Caller

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600)]

OPERATIONS = [
    (method, f"/api/v1/{kind}{rest}")
    for kind in ("products", "shoppers", "orders")
    for method, rest in (("GET", ""), ("POST", ""), ("GET", "/{key}"), ("PUT", "/{key}"))
]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture
def schema() -> Iterator[Any]:
    """The connection is the test's own: a request must not close it, as Django's test client sees to, too."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
@override_settings(ALLOWED_HOSTS=["*"], API_CALLS_PER_MINUTE=10**9, API_WRITES_PER_MINUTE=10**9)
def test_answers_are_as_the_document_says(schema: Any, shop: Caller, method: str, path: str) -> None:
    make_order(shop.merchant)
    operation = schema[path][method]

    @settings(max_examples=40, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        case.call_and_validate(headers={"Authorization": f"Bearer {shop.token}"}, checks=CHECKS)

    ask()

"""The same call in parallel: one is carried out, and all get its answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from cs_portal.commerce.models import Shopper
from cs_portal.core.tenancy import scope
from cs_portal.integrations.models import StoredAnswer
from tests.factories import make_merchant
from tests.integrations.conftest import caller

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

CALLS = 50


def test_fifty_at_once_with_one_key_are_one_call() -> None:
    merchant = make_merchant()
    shop = caller(merchant)

    def call(number: int) -> tuple[int, bytes]:
        try:
            answer = shop("PUT", "shoppers/s-17", {"name": "Li Wei"}, Idempotency_Key="k-1")
            return answer.status_code, answer.content
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(call, range(CALLS)))
    assert set(answers) == {(201, b'{"id": "s-17", "result": "created"}')}
    with scope(merchant=merchant):
        assert (Shopper.objects.count(), StoredAnswer.objects.count()) == (1, 1)


def test_the_same_new_row_from_many_sides_is_one_row() -> None:
    merchant = make_merchant()
    shop = caller(merchant)

    def call(number: int) -> int:
        try:
            return int(shop("PUT", "shoppers/s-17", {"name": f"Name {number}"}).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        codes: list[Any] = list(pool.map(call, range(20)))
    assert codes.count(201) == 1
    assert set(codes) <= {200, 201, 409}
    with scope(merchant=merchant):
        assert Shopper.objects.count() == 1

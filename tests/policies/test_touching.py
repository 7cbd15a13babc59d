"""How many of last month's orders and requests a rule is about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Merchant
from cs_portal.policies.services import touching
from cs_portal.policies.services.touching import Touched, touched_by, touched_by_rule
from tests.factories import make_conversation, make_draft, make_merchant, make_order, make_shopper

pytestmark = pytest.mark.django_db


def rule(*parts: dict[str, Any], code: str = "r", outcome: str = "deny") -> dict[str, Any]:
    then = {"outcome": outcome, "reasons": {"en": "x", "zh-hans": "x"}}
    when = {"when": {"all": list(parts)}} if parts else {}
    return {"id": code, "actions": ["refund"], **when, "then": then}


DELIVERED_LATELY = {"fact": "order.days_since_delivered", "op": "at_most", "value": 7}
DAMAGED = {"fact": "request.reason", "op": "is", "value": "damaged"}
PHOTO = {"fact": "request.photo", "op": "is", "value": True}
SMALL = {"fact": "request.amount_minor", "op": "at_most", "value": 100}


@pytest.fixture
def shop(db: None) -> Iterator[tuple[Merchant, datetime]]:
    merchant, now = make_merchant("touch"), timezone.now()
    cache.clear()
    with scope(merchant=merchant):
        yield merchant, now


def count(part: dict[str, Any], now: datetime) -> int:
    return touched_by(rule=rule(part), now=now).orders


def test_what_only_a_request_says_is_as_the_rule_wants_it(shop: tuple[Merchant, datetime]) -> None:
    merchant, now = shop
    make_order(merchant, number="1", now=now)
    make_order(merchant, number="2", now=now, status="shipped", delivered_at=None)
    assert touched_by(rule=rule(DELIVERED_LATELY, DAMAGED, PHOTO), now=now) == Touched(1, 2, 2)
    assert touched_by(rule=rule(), now=now).orders == 2
    assert count(DAMAGED, now) == 2


def test_the_amount_is_that_of_everything(shop: tuple[Merchant, datetime]) -> None:
    merchant, now = shop
    make_order(merchant, number="1", now=now)
    assert count(SMALL, now) == 0
    assert count({**SMALL, "value": 8600}, now) == 1


def test_older_orders_and_those_of_others_do_not_count(shop: tuple[Merchant, datetime]) -> None:
    merchant, now = shop
    make_order(merchant, number="1", now=now, placed_at=now - timedelta(days=40))
    other = make_merchant("else")
    with scope(merchant=other):
        make_order(other, number="9", now=now)
    assert touched_by(rule=rule(), now=now) == Touched(0, 0, 0)


def test_many_orders_are_sampled_evenly_and_it_says_so(
    shop: tuple[Merchant, datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    merchant, now = shop
    for number in range(6):
        make_order(merchant, number=str(number), now=now)
    monkeypatch.setattr(touching, "MAX_ORDERS_LIVE", 3)
    found = touched_by(rule=rule(), now=now)
    assert (found.orders, found.of_orders, found.all_orders, found.sampled) == (3, 3, 6, True)


def test_requests_count_for_the_rule_that_decides_them(shop: tuple[Merchant, datetime]) -> None:
    merchant, now = shop
    shopper = make_shopper(merchant)
    order = make_order(merchant, shopper, number="1", now=now)
    for reason in ("damaged", "damaged", "other"):
        conversation = make_conversation(merchant, shopper, texts=["…"], now=now)
        at = now - timedelta(days=1)
        make_draft(
            merchant, conversation, order=order, request={"action": "refund", "reason": reason}, now=at, state="sent"
        )
    document = {
        "name": "x",
        "rules": [rule(DAMAGED, code="a"), rule(DAMAGED, code="b"), rule(code="c")],
        "default": {"outcome": "escalate", "reasons": {"en": "x", "zh-hans": "x"}},
    }
    found = touched_by_rule(document=document, now=now)
    assert {code: (item.requests, item.of_requests) for code, item in found.items()} == {
        "a": (2, 3),
        "b": (0, 3),
        "c": (1, 3),
    }
    assert found["b"].orders == 1
    assert touched_by_rule(document=document, now=now) == found

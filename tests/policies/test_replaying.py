"""Past requests decided anew: what is counted, and on what."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from cs_portal.commerce.models import Refund
from cs_portal.commerce.selectors import shopper_documents
from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Merchant
from cs_portal.policies.engine import load_shipped
from cs_portal.policies.selectors import case_documents, order_to_try
from cs_portal.policies.services.deciding import Case
from cs_portal.policies.services.replaying import Past, replay
from tests.factories import make_merchant, make_order, make_shopper

pytestmark = pytest.mark.django_db


@dataclass
class Room:
    merchant: Merchant
    now: datetime

    def past(self, request: dict[str, Any], *, days_ago: int = 0, number: str = "1") -> Past:
        order = order_to_try(number=number)
        assert order is not None
        document, shopper, products = case_documents(order=order, now=self.now)
        at = self.now - timedelta(days=days_ago)
        return Past(Case(document, shopper, products, request, at), number, request["action"])


@pytest.fixture
def room(db: None) -> Iterator[Room]:
    room = Room(make_merchant("past"), timezone.now())
    make_order(room.merchant, number="1", now=room.now)
    with scope(merchant=room.merchant):
        yield room


STANDARD = load_shipped("standard").to_dict()
DAMAGED = {"action": "refund", "reason": "damaged", "evidence": ["photo"]}


def stricter() -> dict[str, Any]:
    """Damage is never refunded without a person."""
    document = copy.deepcopy(STANDARD)
    then = {"outcome": "escalate", "approver": "operator", "reasons": {"en": "x", "zh-hans": "x"}}
    document["rules"].insert(0, {"id": "person", "actions": ["refund"], "then": then})
    return document


def test_only_what_is_decided_differently_counts(room: Room) -> None:
    found = replay(before=STANDARD, after=stricter(), past=[room.past(DAMAGED), room.past({"action": "cancel"})])
    assert (found.total, len(found.differing)) == (2, 1)
    assert found.moves == {("allow", "escalate"): 1}
    assert (found.before_minor, found.after_minor) == ({"CNY": 8600}, {})


def test_other_words_are_no_other_verdict(room: Room) -> None:
    document = copy.deepcopy(STANDARD)
    for rule in document["rules"]:
        rule["then"]["reasons"]["en"] += " Sorry."
    assert replay(before=STANDARD, after=document, past=[room.past(DAMAGED)]).differing == ()


def test_a_request_is_decided_on_the_order_as_it_stood(room: Room) -> None:
    """Seven days ago the order was under way: a person had to decide; today the refund is given."""
    found = replay(before=STANDARD, after=STANDARD, past=[room.past(DAMAGED, days_ago=7)])
    assert found.before_minor == {}
    assert replay(before=STANDARD, after=STANDARD, past=[room.past(DAMAGED)]).before_minor == {"CNY": 8600}


def test_a_document_that_is_no_longer_canonical_is_left_out(room: Room) -> None:
    broken = room.past({"action": "fly"})
    assert replay(before=STANDARD, after=stricter(), past=[broken]).total == 0


def test_the_figures_of_many_shoppers_are_those_of_each(room: Room) -> None:
    shoppers = [make_shopper(room.merchant) for _ in range(3)]
    for count, shopper in enumerate(shoppers):
        for index in range(count):
            order = make_order(room.merchant, shopper, status="cancelled" if index else "delivered", now=room.now)
            for days in (5, 100):
                Refund.objects.create(
                    order=order,
                    external_id=f"r-{days}",
                    key=f"{order.pk}-{days}",
                    amount_minor=1,
                    created_at=room.now - timedelta(days=days),
                )
    found = shopper_documents(shoppers, now=room.now)
    assert [found[shopper.pk]["orders_count"] for shopper in shoppers] == [0, 1, 1]
    assert [found[shopper.pk]["refunds_90_days"] for shopper in shoppers] == [0, 1, 2]
    assert [found[shopper.pk]["lifetime_value_minor"] for shopper in shoppers] == [0, 8600, 17200]


def test_a_change_of_who_approves_is_named_by_the_approvers(room: Room) -> None:
    document = copy.deepcopy(STANDARD)
    for rule in document["rules"]:
        rule["then"]["approver"] = "admin"
    cancel = {"action": "cancel"}
    found = replay(before=STANDARD, after=document, past=[room.past(cancel)])
    outcome = found.differing[0].after.outcome
    assert found.moves == {(f"{outcome}:operator", f"{outcome}:admin"): 1}

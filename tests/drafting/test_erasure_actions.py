"""Actions on orders in a shopper's copy, and what erasing the shopper leaves of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import timezone

from cs_portal.commerce.connectors.base import Action
from cs_portal.commerce.connectors.local import execute
from cs_portal.commerce.models import Order, OrderAction, OrderEvent, OrderStatus, Shopper
from cs_portal.commerce.services.actions import propose_action
from cs_portal.core.tenancy import scope
from cs_portal.drafting.services.erasure import erase_shopper
from cs_portal.drafting.services.shopper_export import shopper_data
from cs_portal.merchants.models import Member, Role
from tests.factories import make_member, make_merchant, make_order, make_shopper

ROAD = "Canary road 7"


@pytest.fixture
def ann(db: None) -> Iterator[Member]:
    merchant = make_merchant()
    with scope(merchant=merchant):
        yield make_member(merchant, Role.OWNER)


def _moved(ann: Member) -> Order:
    order = make_order(ann.merchant, make_shopper(ann.merchant, name="Li Wei"), status=OrderStatus.PENDING)
    action = propose_action(
        key="k",
        kind="change_address",
        request={"address": {"line1": ROAD}},
        verdict={"outcome": "allow"},
        order=order,
        shopper=order.shopper,
        now=timezone.now(),
    )
    execute(Action("change_address", order.pk, "l", address={"line1": ROAD}), now=timezone.now())
    assert action.order == order
    return order


def test_actions_are_part_of_the_copy(ann: Member) -> None:
    order = _moved(ann)
    make_order(ann.merchant)
    data = shopper_data(order.shopper, now=timezone.now())
    assert [(each["action"], each["state"], each["order"]) for each in data["actions"]] == [
        ("change_address", "proposed", order.number),
        ("change_address", "done", order.number),
    ]
    assert data["actions"][0]["request"]["address"]["line1"] == ROAD


def test_erasing_leaves_what_was_done_without_the_person(ann: Member) -> None:
    order = _moved(ann)
    shopper = Shopper.objects.get(pk=order.shopper_id)
    erase_shopper(shopper_id=shopper.public_id, by=ann, confirmation=shopper.email, now=timezone.now())
    left = str([list(model.objects.values()) for model in (Order, OrderAction, OrderEvent)])
    assert ROAD not in left
    assert (OrderAction.objects.count(), OrderEvent.objects.count()) == (2, 1)


def test_actions_of_somebody_without_orders_go_with_them(ann: Member) -> None:
    shopper = make_shopper(ann.merchant)
    OrderAction.objects.create(
        kind="place_order",
        key="k",
        shopper=shopper,
        request={"address": {"line1": ROAD}},
        currency="CNY",
        created_at=timezone.now(),
    )
    erase_shopper(shopper_id=shopper.public_id, by=ann, confirmation=shopper.email, now=timezone.now())
    assert not OrderAction.objects.exists()

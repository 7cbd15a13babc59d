"""Pins and exclusions: who may, what is refused, what is undone, what is logged."""

from __future__ import annotations

import pytest

from cs_portal.core.errors import Conflict, Invalid, NotAllowed, NotFound
from cs_portal.core.models import AuditEntry
from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Role
from cs_portal.recommendations.models import Exclusion, Pin
from cs_portal.recommendations.selectors import pins
from cs_portal.recommendations.services import (
    exclude,
    move_pin,
    pin_product,
    remove_exclusion,
    remove_pin,
    restore_exclusion,
    restore_pin,
)
from tests.factories import make_member, make_merchant, make_product
from tests.recommendations.conftest import Shop

pytestmark = pytest.mark.django_db


def _pin(shop: Shop, name: str) -> Pin:
    return pin_product(
        recommended=shop[name].public_id, with_product=shop["tent"].public_id, by=shop.owner, now=shop.now
    )


def _order() -> list[str]:
    return [pin.recommended.title_en for pin in pins()]


def test_a_pin_is_taken_off_and_put_back_where_it_was(shop: Shop) -> None:
    first, second = _pin(shop, "mat"), _pin(shop, "tea")
    remove_pin(pin_id=first.public_id, by=shop.owner, now=shop.now)
    assert _order() == ["tea"]
    restore_pin(pin_id=first.public_id, by=shop.owner, now=shop.now)
    assert _order() == ["mat", "tea"]
    actions = list(AuditEntry.objects.order_by("id").values_list("action", "target"))
    assert actions == [
        ("pin.added", f"pin:{first.public_id}"),
        ("pin.added", f"pin:{second.public_id}"),
        ("pin.removed", f"pin:{first.public_id}"),
        ("pin.restored", f"pin:{first.public_id}"),
    ]


def test_the_same_pin_twice_is_refused_and_an_undo_that_came_too_late_too(shop: Shop) -> None:
    pin = _pin(shop, "mat")
    with pytest.raises(Conflict):
        _pin(shop, "mat")
    remove_pin(pin_id=pin.public_id, by=shop.owner, now=shop.now)
    _pin(shop, "mat")
    with pytest.raises(Conflict):
        restore_pin(pin_id=pin.public_id, by=shop.owner, now=shop.now)
    assert _order() == ["mat"]


def test_a_product_is_not_recommended_with_itself(shop: Shop) -> None:
    with pytest.raises(Invalid):
        _pin(shop, "tent")
    assert Pin.objects.count() == 0


def test_pins_change_places_and_stop_at_the_ends(shop: Shop) -> None:
    made = [_pin(shop, name) for name in ("mat", "tea", "mug")]
    move_pin(pin_id=made[2].public_id, up=True, by=shop.owner, now=shop.now)
    assert _order() == ["mat", "mug", "tea"]
    move_pin(pin_id=made[0].public_id, up=True, by=shop.owner, now=shop.now)
    assert _order() == ["mat", "mug", "tea"]
    move_pin(pin_id=made[0].public_id, up=False, by=shop.owner, now=shop.now)
    assert _order() == ["mug", "mat", "tea"]


@pytest.mark.parametrize(
    ("kind", "value"), [("product", "no-such"), ("category", " "), ("tag", "x" * 65), ("colour", "red")]
)
def test_an_exclusion_of_nothing_is_refused(shop: Shop, kind: str, value: str) -> None:
    with pytest.raises(Invalid):
        exclude(kind=kind, value=value, by=shop.owner, now=shop.now)
    assert Exclusion.objects.count() == 0


def test_an_exclusion_is_made_once_taken_back_and_made_again(shop: Shop) -> None:
    row = exclude(kind="tag", value="gift", by=shop.owner, now=shop.now)
    with pytest.raises(Conflict):
        exclude(kind="tag", value="gift", by=shop.owner, now=shop.now)
    remove_exclusion(exclusion_id=row.public_id, by=shop.owner, now=shop.now)
    assert restore_exclusion(exclusion_id=row.public_id, by=shop.owner, now=shop.now).removed_at is None


def test_operators_and_analysts_change_nothing(shop: Shop) -> None:
    pin, row = _pin(shop, "mat"), exclude(kind="tag", value="gift", by=shop.owner, now=shop.now)
    before = AuditEntry.objects.count()
    for role in (Role.OPERATOR, Role.ANALYST):
        by = make_member(shop.merchant, role)
        calls = [
            lambda by=by: pin_product(recommended=shop["tea"].public_id, with_product=None, by=by, now=shop.now),
            lambda by=by: remove_pin(pin_id=pin.public_id, by=by, now=shop.now),
            lambda by=by: restore_pin(pin_id=pin.public_id, by=by, now=shop.now),
            lambda by=by: move_pin(pin_id=pin.public_id, up=True, by=by, now=shop.now),
            lambda by=by: exclude(kind="tag", value="x", by=by, now=shop.now),
            lambda by=by: remove_exclusion(exclusion_id=row.public_id, by=by, now=shop.now),
        ]
        for call in calls:
            with pytest.raises(NotAllowed):
                call()
    assert (Pin.objects.count(), Exclusion.objects.count(), AuditEntry.objects.count()) == (1, 1, before)


def test_another_merchants_product_is_not_found(shop: Shop) -> None:
    other = make_merchant()
    foreign = make_product(other)
    with pytest.raises(NotFound):
        pin_product(recommended=foreign.public_id, with_product=None, by=shop.owner, now=shop.now)
    with pytest.raises(Invalid):
        exclude(kind="product", value=foreign.external_id, by=shop.owner, now=shop.now)
    with scope(merchant=other):
        assert Pin.objects.count() == 0

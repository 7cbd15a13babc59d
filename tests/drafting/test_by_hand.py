"""A colleague's own deed on an order: the same rules, a plan that is shown, once, and never above one's tier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from cs_portal.commerce.connectors.base import ActionRefused
from cs_portal.commerce.models import ActionState, Order, OrderAction, OrderEvent, OrderStatus
from cs_portal.commerce.services.actions import ActionKeyReused, ActionMoved
from cs_portal.core.errors import Conflict, Invalid, NotAllowed
from cs_portal.core.models import AuditEntry
from cs_portal.drafting.services.by_hand import (
    Wish,
    act_by_hand,
    approve_proposal,
    consider,
    withdraw_proposal,
)
from cs_portal.drafting.tiers import Barrier
from cs_portal.merchants.models import Member, Role
from cs_portal.policies.engine.shipped import load_shipped
from cs_portal.policies.models import RulesetVersion, VersionState
from tests.drafting.conftest import Desk
from tests.factories import make_member, make_product, make_ruleset

CANCEL: Mapping[str, Any] = {"action": "cancel", "reason": "ordered_by_mistake", "confirmed": True}


def _wish(desk: Desk, request: Mapping[str, Any] = CANCEL, **more: Any) -> Wish:
    order = Order.objects.select_related("shopper").get(pk=desk.order.pk)
    return Wish(kind=request["action"], request=request, shopper=order.shopper, order=order, **more)


def _act(wish: Wish, by: Member, key: Any = None) -> OrderAction:
    now = timezone.now()
    seen = consider(wish=wish, by=by, now=now).fingerprint
    return act_by_hand(wish=wish, by=by, key=key or uuid4(), seen=seen, now=now)


def _tiers(desk: Desk, *tiers: dict[str, Any]) -> None:
    document = load_shipped("standard").to_dict()
    document["approvals"] = {"CNY": list(tiers)}
    RulesetVersion.objects.filter(state=VersionState.LIVE).update(state=VersionState.RETIRED)
    make_ruleset(desk.merchant, document, number=2)


def test_it_happens_once_and_says_by_whom_and_under_which_rule(desk: Desk) -> None:
    key = uuid4()
    wish = _wish(desk)
    seen = consider(wish=wish, by=desk.olaf, now=timezone.now())
    assert (seen.verdict["outcome"], seen.barrier, seen.refused) == ("allow", None, "")
    first = act_by_hand(wish=wish, by=desk.olaf, key=key, seen=seen.fingerprint, now=timezone.now())
    again = act_by_hand(wish=wish, by=desk.olaf, key=key, seen=seen.fingerprint, now=timezone.now())
    assert (first.pk, first.state, again.pk) == (again.pk, ActionState.DONE, first.pk)
    order = Order.objects.get(pk=desk.order.pk)
    assert (order.status, order.refunded_minor, order.refunds.count()) == (OrderStatus.CANCELLED, 8600, 1)
    event = OrderEvent.objects.filter(order=order, action=first.public_id).first()
    assert event is not None
    assert (event.source, event.by, event.rule) == ("member", str(desk.olaf.public_id), "cancel-before-shipping")
    entry = AuditEntry.objects.get(action="order.cancel")
    assert (entry.target, entry.actor_id) == (f"order:{order.public_id}", str(desk.olaf.public_id))


def test_a_used_form_does_nothing_else(desk: Desk) -> None:
    key = uuid4()
    _act(_wish(desk), desk.olaf, key)
    other = _wish(desk, {"action": "refund", "reason": "damaged"})
    with pytest.raises(ActionKeyReused):
        act_by_hand(wish=other, by=desk.olaf, key=key, seen="x", now=timezone.now())


def test_who_only_reads_may_not_even_look(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        consider(wish=_wish(desk), by=desk.nina, now=timezone.now())
    assert not OrderAction.objects.exists()


def test_something_else_than_seen_is_refused(desk: Desk) -> None:
    wish = _wish(desk)
    seen = consider(wish=wish, by=desk.olaf, now=timezone.now()).fingerprint
    Order.objects.filter(pk=desk.order.pk).update(refunded_minor=1000)
    desk.order.payments.update(refunded_minor=1000)
    with pytest.raises(Conflict):
        act_by_hand(wish=_wish(desk), by=desk.olaf, key=uuid4(), seen=seen, now=timezone.now())
    assert not OrderAction.objects.exists()


def test_what_the_rules_refuse_takes_an_admin_and_a_reason(desk: Desk) -> None:
    Order.objects.filter(pk=desk.order.pk).update(status=OrderStatus.DELIVERED, delivered_at=timezone.now())
    request = {"action": "refund", "reason": "other"}
    with pytest.raises(NotAllowed):
        _act(_wish(desk, request), desk.olaf)
    with pytest.raises(NotAllowed):
        _act(_wish(desk, request, reason="A good customer", amount_minor=500), desk.olaf)
    with pytest.raises(Invalid):
        _act(_wish(desk, request, reason="A good customer"), desk.ann)
    with pytest.raises(Invalid):
        _act(_wish(desk, request, reason="A good customer", amount_minor=8601), desk.ann)
    row = _act(_wish(desk, request, reason="A good customer", amount_minor=500), desk.ann)
    assert (row.state, row.verdict["reason"], row.amount_minor) == (ActionState.DONE, "A good customer", 500)
    assert AuditEntry.objects.get(action="order.refund").data["overridden"] is True


def test_above_ones_tier_it_is_proposed_and_an_admin_approves(desk: Desk) -> None:
    _tiers(desk, {"up_to_minor": 5000, "approver": "operator"}, {"approver": "admin"})
    assert consider(wish=_wish(desk), by=desk.olaf, now=timezone.now()).barrier == Barrier.ADMIN
    row = _act(_wish(desk), desk.olaf)
    assert row.state == ActionState.PROPOSED
    assert Order.objects.get(pk=desk.order.pk).refunded_minor == 0
    with pytest.raises(NotAllowed):
        approve_proposal(action=row, by=desk.olaf, now=timezone.now())
    done = approve_proposal(action=row, by=desk.ann, now=timezone.now())
    assert (done.state, done.approved_by) == (ActionState.DONE, str(desk.ann.public_id))
    with pytest.raises(ActionMoved):
        approve_proposal(action=done, by=desk.ann, now=timezone.now())
    assert Order.objects.get(pk=desk.order.pk).refunded_minor == 8600


def test_the_same_is_not_proposed_twice(desk: Desk) -> None:
    _tiers(desk, {"up_to_minor": 5000, "approver": "operator"}, {"approver": "admin"})
    row = _act(_wish(desk), desk.olaf)
    with pytest.raises(Conflict):
        _act(_wish(desk), desk.olaf)
    withdraw_proposal(action=row, by=desk.olaf, now=timezone.now())
    assert _act(_wish(desk), desk.olaf).state == ActionState.PROPOSED


def test_an_override_above_the_tier_needs_another_admin(desk: Desk) -> None:
    _tiers(desk, {"up_to_minor": 5000, "approver": "operator"}, {"approver": "admin"})
    wish = _wish(desk, {"action": "refund", "reason": "other"}, reason="Goodwill", amount_minor=8000)
    row = _act(wish, desk.ann)
    assert row.state == ActionState.DONE, "the only admin has nobody to ask"
    other = make_member(desk.merchant, Role.OWNER, name="Alice")
    Order.objects.filter(pk=desk.order.pk).update(refunded_minor=0)
    desk.order.payments.update(refunded_minor=0)
    wish = _wish(desk, {"action": "refund", "reason": "other"}, reason="Goodwill", amount_minor=500)
    assert _act(wish, desk.ann).state == ActionState.DONE, "within an operator's tier"
    Order.objects.filter(pk=desk.order.pk).update(refunded_minor=0)
    desk.order.payments.update(refunded_minor=0)
    row = _act(_wish(desk, {"action": "refund", "reason": "other"}, reason="Again", amount_minor=8000), desk.ann)
    assert row.state == ActionState.PROPOSED
    with pytest.raises(NotAllowed):
        approve_proposal(action=row, by=desk.ann, now=timezone.now())
    assert approve_proposal(action=row, by=other, now=timezone.now()).state == ActionState.DONE


def test_a_proposal_that_the_rules_allow_no_more_is_refused(desk: Desk) -> None:
    _tiers(desk, {"up_to_minor": 5000, "approver": "operator"}, {"approver": "admin"})
    row = _act(_wish(desk), desk.olaf)
    Order.objects.filter(pk=desk.order.pk).update(status=OrderStatus.SHIPPED)
    row.refresh_from_db()
    done = approve_proposal(action=row, by=desk.ann, now=timezone.now())
    assert (done.state, done.error) == (ActionState.REFUSED, "rules_moved")
    assert Order.objects.get(pk=desk.order.pk).refunded_minor == 0


def test_a_proposal_is_withdrawn_by_who_made_it_or_an_admin(desk: Desk) -> None:
    _tiers(desk, {"up_to_minor": 5000, "approver": "operator"}, {"approver": "admin"})
    row = _act(_wish(desk), desk.olaf)
    with pytest.raises(NotAllowed):
        withdraw_proposal(action=row, by=make_member(desk.merchant, Role.OPERATOR, name="Bob"), now=timezone.now())
    assert withdraw_proposal(action=row, by=desk.olaf, now=timezone.now()).state == ActionState.REFUSED
    with pytest.raises(ActionMoved):
        withdraw_proposal(action=row, by=desk.ann, now=timezone.now())


def test_a_new_order_needs_the_shoppers_word(desk: Desk) -> None:
    product = make_product(desk.merchant)
    variant = product.variants.get()
    request = {
        "action": "place_order",
        "lines": [{"id": "l-1", "quantity": 2, "to_variant": variant.external_id}],
        "address": {"line1": "1 Main St", "country": "CN"},
    }
    wish = Wish(kind="place_order", request=request, shopper=desk.order.shopper, reason="By phone")
    with pytest.raises(ActionRefused):
        _act(wish, desk.ann)
    assert OrderAction.objects.count() == 0
    wish = Wish(
        kind="place_order", request={**request, "confirmed": True}, shopper=desk.order.shopper, reason="By phone"
    )
    row = _act(wish, desk.ann)
    assert row.state == ActionState.DONE and row.order is not None
    assert row.order.lines.get().quantity == 2
    variant.refresh_from_db()
    assert variant.stock == 10

"""Two clicks, two tabs, two colleagues at once: an order is acted on once."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from cs_portal.commerce.connectors.base import ActionRefused
from cs_portal.commerce.models import Order, OrderAction, OrderStatus, Refund
from cs_portal.core.errors import Conflict, NotAllowed
from cs_portal.core.tenancy import scope
from cs_portal.drafting.services.by_hand import Wish, act_by_hand, consider
from tests.commerce.test_action_races import at_once
from tests.drafting.conftest import Desk, make_desk

pytestmark = pytest.mark.django_db(transaction=True)


def _click(desk: Desk, key: UUID, seen: str) -> Callable[[], object]:
    def click() -> object:
        order = Order.objects.select_related("shopper").prefetch_related("lines", "payments", "refunds").get()
        wish = Wish(kind="cancel", request={"action": "cancel"}, shopper=order.shopper, order=order)
        try:
            return act_by_hand(wish=wish, by=desk.olaf, key=key, seen=seen, now=timezone.now())
        except ActionRefused:
            raise
        except (Conflict, NotAllowed) as refusal:
            raise ActionRefused(str(refusal), code="refused") from None

    return click


@pytest.mark.parametrize("one_form", [True, False], ids=["two clicks", "two tabs"])
def test_at_once_is_once(one_form: bool) -> None:
    desk = make_desk()
    with scope(merchant=desk.merchant):
        order = Order.objects.select_related("shopper").get()
        wish = Wish(kind="cancel", request={"action": "cancel"}, shopper=order.shopper, order=order)
        seen = consider(wish=wish, by=desk.olaf, now=timezone.now()).fingerprint
    key = uuid4()
    results = at_once(desk.merchant, [_click(desk, key if one_form else uuid4(), seen) for _ in range(4)])
    with scope(merchant=desk.merchant):
        order = Order.objects.get()
        assert (order.status, order.refunded_minor) == (OrderStatus.CANCELLED, 8600), results
        assert (OrderAction.objects.count(), Refund.objects.count()) == (1, 1), results
    assert "crashed" not in results

"""kill -9 of the worker while a remote shop is called: each refund is done once there and written down once here."""

from __future__ import annotations

import random
import threading
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from cs_portal.commerce.models import UNDER_WAY, ActionState, ConnectorKind, Order, OrderAction, Refund, ShopConnection
from cs_portal.commerce.services.actions import approve_action, carry_out, propose_action
from cs_portal.core.audit import Actor
from cs_portal.core.secrets import encrypt
from cs_portal.core.tenancy import scope
from tests.commerce.remote import SECRET, fake_shop
from tests.factories import make_merchant, make_order
from tests.faults.processes import close_connections, environment, kill, running, spawn_worker, wait_for

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

REFUNDS = 12
KILLS = 5
SEED = 20261126


def test_no_kill_repeats_or_loses_a_refund(tmp_path: Path, settings: Any) -> None:
    chance, pause = random.Random(SEED), threading.Event()
    merchant, now = make_merchant(), timezone.now()
    env = environment(tmp_path, SECRET_KEY=settings.SECRET_KEY, OUTBOUND_PRIVATE_HOSTS="127.0.0.1")
    with fake_shop() as shop, scope(merchant=merchant):
        shop.pause_seconds = 0.4
        ShopConnection.objects.create(
            kind=ConnectorKind.WEBHOOK,
            address=shop.url,
            secret_encrypted=encrypt(SECRET),
            created_at=now,
            updated_at=now,
        )
        for number in range(REFUNDS):
            order = make_order(merchant)
            row = propose_action(
                key=f"refund-{number}",
                kind="refund",
                request={},
                verdict={"outcome": "allow", "amount_minor": 1000},
                order=order,
                shopper=order.shopper,
                now=now,
            )
            approve_action(action=row, by=Actor("member", "olaf"), now=now)
            carry_out(action=row, now=now)
        close_connections()
        worker = spawn_worker(env)
        killed_inside = 0
        for _ in range(KILLS):
            begun = len(shop.calls)
            wait_for(lambda begun=begun: len(shop.calls) > begun, seconds=60, what="a call")  # type: ignore[misc]
            pause.wait(chance.uniform(0, 0.3))
            killed_inside += 1
            kill(worker)
            worker = spawn_worker(env)
        with running(worker):
            wait_for(lambda: settled(set(shop.done)), seconds=90, what="an end of every call")
        assert killed_inside == KILLS
        assert shop.repeated == []
        assert "order.action.look_up" in shop.kinds()
        # Killed after it said "I call now" and before the shop heard of it: that stays unknown, and nothing is paid.
        unheard = {f"refund-{number}" for number in range(REFUNDS)} - set(shop.done)
        assert len(unheard) <= KILLS
        done = OrderAction.objects.filter(state=ActionState.DONE)
        assert set(done.values_list("key", flat=True)) == set(shop.done)
        assert Refund.objects.count() == len(shop.done)
        assert set(Refund.objects.values_list("external_id", flat=True)) == set(shop.done.values())
        assert set(Order.objects.filter(actions__key__in=shop.done).values_list("refunded_minor", flat=True)) == {1000}
        assert not Order.objects.filter(actions__key__in=unheard).exclude(refunded_minor=0).exists()


def settled(heard: set[str]) -> bool:
    """Every call has an end, but for those that the shop never heard of: they are looked up for ten minutes."""
    under_way = dict(OrderAction.objects.filter(state__in=UNDER_WAY).values_list("key", "state"))
    return all(state == ActionState.UNKNOWN and key not in heard for key, state in under_way.items())

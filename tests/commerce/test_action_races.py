"""Everything at once on one order: whatever the interleaving, the outcome is that of the actions one after the other.

The machine races refunds, cancellations, exchanges, changes and repeats of the same key in threads with connections of
their own, and then replays the plans of those that were carried out, in the order of their versions, on what was there
before: the rows must be exactly that.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from django.db.models import Sum
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from cs_portal.commerce.actions.plan import Plan
from cs_portal.commerce.connectors.base import Action, ActionRefused
from cs_portal.commerce.connectors.local import execute
from cs_portal.commerce.models import (
    ActionState,
    Order,
    OrderAction,
    OrderEvent,
    OrderLine,
    OrderStatus,
    Payment,
    Refund,
    Shopper,
    Variant,
)
from cs_portal.commerce.services.actions import approve_action, carry_out, propose_action
from cs_portal.core.audit import Actor
from cs_portal.core.jobs import Job
from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Merchant
from tests.commerce.shops import (
    CARD,
    WECHAT,
    foretold,
    make_shop_order,
    orders,
    snapshot,
    variant_of,
    wish_fields,
    wishes,
)
from tests.factories import make_merchant

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = {"line1": "New road 1"}
_keys = count(1)


def at_once(merchant: Merchant, calls: list[Callable[[], Any]]) -> list[str]:
    """Run the calls in threads that begin together; what each came to: ``done``, a refusal's code, or ``busy``."""
    barrier = threading.Barrier(len(calls))
    results = ["crashed"] * len(calls)

    def run(position: int, call: Callable[[], Any]) -> None:
        try:
            with scope(merchant=merchant):
                barrier.wait(timeout=30)
                try:
                    with transaction.atomic():
                        call()
                    results[position] = "done"
                except ActionRefused as refusal:
                    results[position] = refusal.code
                except (OperationalError, IntegrityError) as error:
                    # A deadlock or a lock that was waited for too long: the transaction is gone, nothing was done.
                    results[position] = "busy" if isinstance(error, OperationalError) else f"broken: {error}"
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n, call)) for n, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not [result for result in results if result == "crashed" or result.startswith("broken")], results
    return results


class Races(RuleBasedStateMachine):
    @initialize(shape=orders(), status=st.sampled_from(["pending", "processing", "delivered"]))
    def an_order(self, shape: dict[str, Any], status: str) -> None:
        self.merchant = make_merchant()
        with scope(merchant=self.merchant):
            self.order = make_shop_order(**{**shape, "status": status})
            self.begin = snapshot(self.order)
        self.carried_out = 0

    @rule(asked=st.lists(wishes(), min_size=2, max_size=4), twice=st.booleans())
    def race(self, asked: list[dict[str, Any]], twice: bool) -> None:
        keys = [f"race-{next(_keys)}" for _ in asked]
        pairs = list(zip(keys, asked, strict=True))
        if twice:
            pairs.append(pairs[0])
        self._run(pairs)

    @rule(amount=st.integers(1, 20_000), many=st.integers(2, 4))
    def the_same_refund_again_and_again(self, amount: int, many: int) -> None:
        wish = {"kind": "refund", "lines": [], "amount_minor": amount, "payment_method": None, "shipping_minor": 0}
        self._run([(f"race-{next(_keys)}", wish)] * many)

    @rule(method=st.sampled_from([None, WECHAT, CARD]))
    def refund_all_while_cancelling_and_exchanging(self, method: str | None) -> None:
        left = self.begin["paid"]
        common = {"payment_method": method, "shipping_minor": 0}
        wishes_of_all = [
            {"kind": "refund", "lines": [], "amount_minor": left, **common},
            {"kind": "cancel", "lines": [], "amount_minor": left, **common},
            {"kind": "exchange", "lines": [(1, 1, "b")], "amount_minor": None, **common},
            {"kind": "change_items", "lines": [(1, 1, "c")], "amount_minor": None, **common},
        ]
        self._run([(f"race-{next(_keys)}", wish) for wish in wishes_of_all])

    def _run(self, pairs: list[tuple[str, dict[str, Any]]]) -> None:
        with scope(merchant=self.merchant):
            calls = [self._call(key, wish_fields(self.order, wish)) for key, wish in pairs]
        results = at_once(self.merchant, calls)
        done = {key for (key, _wish), result in zip(pairs, results, strict=True) if result == "done"}
        self.carried_out += len(done)

    def _call(self, key: str, fields: dict[str, Any]) -> Callable[[], Any]:
        action = Action(order_id=self.order.pk, key=key, **fields)
        return lambda: execute(action, now=timezone.now())

    @invariant()
    def the_rows_are_those_of_one_after_the_other(self) -> None:
        if not hasattr(self, "order"):
            return
        with scope(merchant=self.merchant):
            done = list(OrderAction.objects.filter(state=ActionState.DONE).order_by("order_version"))
            assert len(done) == self.carried_out
            order = Order.objects.get(pk=self.order.pk)
            assert [row.order_version for row in done] == list(range(1, order.version))
            expected = self.begin
            for row in done:
                expected = foretold(expected, Plan.from_dict(row.preview), ADDRESS)
            assert snapshot(order) == expected

    @invariant()
    def no_money_is_given_twice(self) -> None:
        if not hasattr(self, "order"):
            return
        with scope(merchant=self.merchant):
            order = Order.objects.get(pk=self.order.pk)
            assert order.refunded_minor <= order.paid_minor
            assert order.refunded_minor == (Refund.objects.aggregate(sum=Sum("amount_minor"))["sum"] or 0)
            assert all(payment.refunded_minor <= payment.amount_minor for payment in Payment.objects.all())
            assert all(line.refunded_quantity <= line.quantity for line in OrderLine.objects.all())
            assert all(variant.stock >= 0 for variant in Variant.objects.all())
            told = OrderEvent.objects.filter(kind="refunded").count()
            assert told == Refund.objects.count()


def test_races_come_out_as_one_after_the_other() -> None:
    run_state_machine_as_test(
        Races,
        settings=settings(
            max_examples=12, stateful_step_count=5, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_eight_threads_carry_one_approved_action_out_once() -> None:
    merchant = make_merchant()
    with scope(merchant=merchant):
        order = make_shop_order()
        row = propose_action(
            key="k",
            kind="refund",
            request={},
            verdict={"outcome": "allow", "amount_minor": 3000},
            order=order,
            shopper=order.shopper,
            now=timezone.now(),
        )
        approve_action(action=row, by=Actor("member", "olaf"), now=timezone.now())

    def carry() -> None:
        carry_out(action=OrderAction.objects.get(pk=row.pk), now=timezone.now())

    results = at_once(merchant, [carry] * 8)
    assert set(results) <= {"done", "busy"} and "done" in results
    with scope(merchant=merchant):
        assert (snapshot(order)["refunded"], Refund.objects.count()) == (3000, 1)


def test_a_new_order_that_is_confirmed_in_two_tabs_is_placed_once() -> None:
    merchant = make_merchant()
    with scope(merchant=merchant):
        known = make_shop_order(balance=50_000)
        row = propose_action(
            key="k",
            kind="place_order",
            request={
                "lines": [{"id": "n-1", "quantity": 2, "to_variant": variant_of(known, 1, "b")}],
                "address": ADDRESS,
                "payment_method": CARD,
                "confirmed": True,
            },
            verdict={"outcome": "allow"},
            order=None,
            shopper=known.shopper,
            now=timezone.now(),
        )
        approve_action(action=row, by=Actor("member", "olaf"), now=timezone.now())

    def carry() -> None:
        carry_out(action=OrderAction.objects.get(pk=row.pk), now=timezone.now())

    results = at_once(merchant, [carry] * 4)
    assert set(results) <= {"done", "busy"} and "done" in results
    with scope(merchant=merchant):
        assert Order.objects.count() == 2
        after = snapshot(known)
        assert (after["stock"][variant_of(known, 1, "b")], after["cards"][CARD]) == (3, 39_400)


def test_two_orders_do_not_spend_one_gift_card_twice() -> None:
    merchant = make_merchant()
    with scope(merchant=merchant):
        first = make_shop_order(lines=[(1, 4000)], status=OrderStatus.PENDING, balance=5000)
        second = make_shop_order(lines=[(1, 4000)], status=OrderStatus.PENDING)
        Order.objects.filter(pk=second.pk).update(shopper=first.shopper)
    calls: list[Callable[[], Any]] = [
        lambda pk=order.pk: execute(Action("change_payment", pk, f"k-{pk}", payment_method=CARD), now=timezone.now())  # type: ignore[misc]
        for order in (first, second)
    ]
    results = at_once(merchant, calls)
    assert results.count("done") == 1 and set(results) <= {"done", "card_exhausted", "busy"}
    with scope(merchant=merchant):
        card = next(each for each in Shopper.objects.get(pk=first.shopper_id).payment_methods if each["id"] == CARD)
        assert card["balance_minor"] == 1000


def test_the_last_piece_is_sold_once() -> None:
    merchant = make_merchant()
    with scope(merchant=merchant):
        known = make_shop_order(stock=1)
        wish = {
            "lines": [{"id": "n-1", "quantity": 1, "to_variant": variant_of(known, 1, "b")}],
            "address": ADDRESS,
            "confirmed": True,
            "shopper_id": known.shopper_id,
        }
    calls: list[Callable[[], Any]] = [
        lambda n=n: execute(Action("place_order", None, f"{n}-new-order", **wish), now=timezone.now())  # type: ignore[misc]
        for n in range(4)
    ]
    results = at_once(merchant, calls)
    assert results.count("done") == 1 and set(results) <= {"done", "out_of_stock", "busy"}
    with scope(merchant=merchant):
        assert (Order.objects.count(), snapshot(known)["stock"][variant_of(known, 1, "b")]) == (2, 0)


def test_remote_actions_of_one_order_begin_one_at_a_time() -> None:
    merchant = make_merchant()
    with scope(merchant=merchant):
        order = make_shop_order()
        rows = []
        for key in ("a", "b", "c"):
            row = propose_action(
                key=key,
                kind="refund",
                request={},
                verdict={"outcome": "allow", "amount_minor": 8600},
                order=order,
                shopper=order.shopper,
                now=timezone.now(),
            )
            approve_action(action=row, by=Actor("member", "olaf"), now=timezone.now())
            rows.append(row)
        OrderAction.objects.update(connector="webhook")
    calls: list[Callable[[], Any]] = [
        lambda pk=row.pk: carry_out(action=OrderAction.objects.get(pk=pk), now=timezone.now())  # type: ignore[misc]
        for row in rows
    ]
    results = at_once(merchant, calls)
    assert results.count("done") == 1 and set(results) <= {"done", "under_way", "busy"}
    with scope(merchant=merchant):
        assert OrderAction.objects.filter(state=ActionState.EXECUTING).count() == 1
        assert Job.objects.filter(kind="call_shop").count() == 1


def test_the_database_refuses_a_second_action_under_way() -> None:
    merchant = make_merchant()
    with scope(merchant=merchant):
        order = make_shop_order()
        for key in ("a", "b"):
            execute(Action("refund", order.pk, key, amount_minor=1), now=timezone.now())
        OrderAction.objects.filter(key="a").update(state=ActionState.UNKNOWN)
        with pytest.raises(DatabaseError), transaction.atomic():
            OrderAction.objects.filter(key="b").update(state=ActionState.EXECUTING)

"""A remote shop: called once, found out about when nobody answered, and mirrored here exactly once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from cs_portal.commerce.connectors import webhook
from cs_portal.commerce.connectors.base import Action, ActionRefused, Connector, Done, Refused, ShopUnavailable, Unknown
from cs_portal.commerce.connectors.local import execute
from cs_portal.commerce.connectors.webhook import WebhookConnector
from cs_portal.commerce.models import (
    ActionState,
    ConnectorKind,
    Happened,
    Order,
    OrderAction,
    OrderEvent,
    OrderStatus,
    Payment,
    Refund,
    ShopConnection,
)
from cs_portal.commerce.services.actions import (
    ActionKeyReused,
    ActionMoved,
    approve_action,
    carry_out,
    forget_shopper_in_actions,
    preview_action,
    propose_action,
    refuse_action,
    withdraw_action,
)
from cs_portal.commerce.services.remote_actions import _become_done, withdraw_unsent
from cs_portal.commerce.signals import action_settled
from cs_portal.core.audit import Actor
from cs_portal.core.jobs import Job
from cs_portal.core.models import AuditEntry
from cs_portal.core.secrets import encrypt
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.merchants.models import Merchant
from tests.commerce.remote import SECRET, FakeShop, fake_shop
from tests.commerce.shops import OTHER_CARD, make_shop_order, snapshot
from tests.factories import make_merchant

pytestmark = pytest.mark.django_db
BY = Actor("member", "olaf")


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    merchant = make_merchant()
    with scope(merchant=merchant):
        yield merchant


@pytest.fixture
def shop(merchant: Merchant, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeShop]:
    settings.OUTBOUND_PRIVATE_HOSTS = ["127.0.0.1"]
    monkeypatch.setattr(webhook, "SECONDS", 2.0)
    with fake_shop() as shop:
        ShopConnection.objects.create(
            kind=ConnectorKind.WEBHOOK,
            address=shop.url,
            secret_encrypted=encrypt(SECRET),
            created_at=timezone.now(),
            updated_at=timezone.now(),
        )
        yield shop


@pytest.fixture
def told() -> Iterator[list[str]]:
    heard: list[str] = []

    def listen(action: OrderAction, **_: Any) -> None:
        heard.append(action.state)

    action_settled.connect(listen)
    yield heard
    action_settled.disconnect(listen)


def _approved(order: Order, amount: int = 3000, key: str = "k-1", kind: str = "refund") -> OrderAction:
    row = propose_action(
        key=key,
        kind=kind,
        request={"reason": "damaged", "lines": [{"id": "l-1", "quantity": 1}]},
        verdict={"outcome": "allow", "amount_minor": amount, "rule": "r4", "version": 12},
        order=order,
        shopper=order.shopper,
        now=timezone.now(),
    )
    return approve_action(action=row, by=BY, now=timezone.now())


def _run(*, after: timedelta = timedelta()) -> None:
    """Run what is due ``after`` that time."""
    moment = timezone.now() + after
    Job.objects.filter(state="ready", execute_after__lte=moment).update(execute_after=timezone.now())
    run_due(["fast"], keep=False)


def _again(row: OrderAction, *, hours: float = 0) -> OrderAction:
    """After ``hours`` the next look-up is due."""
    if hours:
        OrderAction.objects.filter(pk=row.pk).update(begun_at=timezone.now() - timedelta(hours=hours))
    _run(after=timedelta(days=1))
    row.refresh_from_db()
    return row


# --- the way of an action, with the local shop -----------------------------------------------------------------------


def test_an_action_goes_from_proposal_to_done(merchant: Merchant) -> None:
    order = make_shop_order()
    row = _approved(order)
    assert (row.state, row.connector, row.amount_minor, row.approved_by) == ("approved", "local", 3000, "olaf")
    done = carry_out(action=row, now=timezone.now())
    order.refresh_from_db()
    assert (done.pk, done.state, order.refunded_minor) == (row.pk, ActionState.DONE, 3000)
    event = OrderEvent.objects.get(kind=Happened.REFUNDED)
    assert (event.source, event.by, event.rule, event.rules_version) == ("member", "olaf", "r4", 12)
    assert event.action == row.public_id
    assert carry_out(action=row, now=timezone.now()).state == ActionState.DONE
    assert Refund.objects.count() == 1


def test_a_key_stands_for_one_action(merchant: Merchant) -> None:
    order = make_shop_order()
    row = _approved(order)
    again = propose_action(
        key="k-1",
        kind="refund",
        request=row.request,
        verdict=row.verdict,
        order=order,
        shopper=order.shopper,
        now=timezone.now(),
    )
    assert again == row
    with pytest.raises(ActionKeyReused):
        propose_action(
            key="k-1",
            kind="refund",
            request=row.request,
            verdict={**row.verdict, "amount_minor": 4000},
            order=order,
            shopper=order.shopper,
            now=timezone.now(),
        )
    with scope(merchant=make_merchant()):
        assert _approved(make_shop_order()).pk != row.pk


def test_nothing_is_carried_out_without_approval(merchant: Merchant) -> None:
    order = make_shop_order()
    row = _approved(order)
    OrderAction.objects.filter(pk=row.pk).update(state=ActionState.PROPOSED)
    with pytest.raises(ActionRefused), transaction.atomic():
        carry_out(action=row, now=timezone.now())
    assert snapshot(order)["refunded"] == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        OrderAction.objects.filter(pk=row.pk).update(state=ActionState.EXECUTING, approved_at=None)


def test_an_action_is_approved_once_and_withdrawn_before_it_begins(merchant: Merchant) -> None:
    row = _approved(make_shop_order())
    with pytest.raises(ActionMoved):
        approve_action(action=row, by=BY, now=timezone.now())
    assert withdraw_action(action=row, now=timezone.now()).error == "withdrawn"
    with pytest.raises(ActionRefused), transaction.atomic():
        carry_out(action=row, now=timezone.now())
    with pytest.raises(ActionMoved):
        refuse_action(action=row, code="late", now=timezone.now())


def test_what_would_be_refused_is_not_proposed(merchant: Merchant) -> None:
    order = make_shop_order()
    verdict = {"outcome": "allow", "amount_minor": 9999}
    with pytest.raises(ActionRefused):
        preview_action(kind="refund", request={}, verdict=verdict, order=order, shopper=order.shopper)
    assert not OrderAction.objects.exists()


def test_addresses_leave_the_actions_of_a_forgotten_shopper(merchant: Merchant) -> None:
    order = make_shop_order(status=OrderStatus.PENDING)
    row = propose_action(
        key="k",
        kind="change_address",
        request={"address": {"line1": "Secret road 7"}},
        verdict={"outcome": "allow", "by": "x", "reason": "Li Wei of Secret road called"},
        order=order,
        shopper=order.shopper,
        now=timezone.now(),
    )
    forget_shopper_in_actions(shopper=order.shopper)
    row.refresh_from_db()
    assert "Secret road" not in str([row.request, row.preview, row.verdict])


def test_payment_methods_leave_them_too(merchant: Merchant) -> None:
    order = make_shop_order()
    execute(Action("refund", order.pk, "k", amount_minor=100, payment_method=OTHER_CARD), now=timezone.now())
    forget_shopper_in_actions(shopper=order.shopper)
    row, refund = OrderAction.objects.get(), Refund.objects.get()
    assert OTHER_CARD not in str([row.request, row.preview, row.verdict, refund.to_method])
    assert refund.amount_minor == 100


# --- a remote shop ---------------------------------------------------------------------------------------------------


def test_the_shop_is_called_once_and_mirrored_once(shop: FakeShop, told: list[str]) -> None:
    order = make_shop_order()
    row = _approved(order)
    assert (row.connector, carry_out(action=row, now=timezone.now()).state) == ("webhook", ActionState.EXECUTING)
    assert snapshot(order)["refunded"] == 0
    _run()
    row.refresh_from_db()
    assert (row.state, row.reference, row.attempts, row.error) == (ActionState.DONE, "remote-1", 1, "")
    assert shop.kinds() == ["order.action"]
    sent = shop.calls[0]
    assert (sent["order"], sent["amount_minor"], sent["key"]) == (order.number, 3000, "k-1")
    refund = Refund.objects.get()
    assert (refund.external_id, refund.amount_minor, refund.lines) == ("remote-1", 3000, [{"id": "l-1", "quantity": 1}])
    assert snapshot(order)["refunded"] == 3000
    assert told == ["done"]
    assert AuditEntry.objects.get(action="action.done").data["amount"] == 3000
    carry_out(action=row, now=timezone.now())
    _again(row)
    assert shop.kinds() == ["order.action"]


def test_a_refusal_changes_nothing_here(shop: FakeShop, told: list[str]) -> None:
    order = make_shop_order()
    row = _approved(order)
    shop.faults = ["refuse"]
    carry_out(action=row, now=timezone.now())
    _run()
    row.refresh_from_db()
    assert (row.state, row.error, told) == (ActionState.REFUSED, "already_shipped", ["refused"])
    assert (snapshot(order)["refunded"], Refund.objects.count()) == (0, 0)


@pytest.mark.parametrize("fault", ["hang", "drop"])
def test_a_lost_answer_is_found_by_looking_up(shop: FakeShop, told: list[str], fault: str) -> None:
    order = make_shop_order()
    row = _approved(order)
    shop.faults = [fault]
    carry_out(action=row, now=timezone.now())
    _run()
    row.refresh_from_db()
    assert (row.state, snapshot(order)["refunded"]) == (ActionState.UNKNOWN, 0)
    assert told == ["unknown"]
    assert _again(row).state == ActionState.DONE
    assert shop.kinds() == ["order.action", "order.action.look_up"]
    assert (snapshot(order)["refunded"], told) == (3000, ["unknown", "done"])


@pytest.mark.parametrize("fault", ["hang_undone", "garbage", "huge", "drip", "error"])
def test_what_never_arrived_is_refused_after_a_while_and_not_called_again(shop: FakeShop, fault: str) -> None:
    order = make_shop_order()
    row = _approved(order)
    shop.faults = [fault]
    carry_out(action=row, now=timezone.now())
    _run()
    row.refresh_from_db()
    assert row.state == ActionState.UNKNOWN
    for _ in range(3):
        assert _again(row).state == ActionState.UNKNOWN
    assert _again(row, hours=1).state == ActionState.REFUSED
    assert row.error == "never_arrived"
    assert shop.kinds().count("order.action") == 1
    assert snapshot(order)["refunded"] == 0


def test_what_the_shop_still_works_on_stays_unknown(shop: FakeShop) -> None:
    row = _approved(make_shop_order())
    shop.faults, shop.pending = ["hang_undone"], True
    carry_out(action=row, now=timezone.now())
    _run()
    for _ in range(4):
        assert _again(row, hours=3).state == ActionState.UNKNOWN
    assert row.error == "pending"
    assert Job.objects.filter(kind="check_action", state="ready").count() == 1


def test_a_busy_shop_is_called_again_when_it_asks_for_it(shop: FakeShop) -> None:
    order = make_shop_order()
    row = _approved(order)
    shop.faults = ["busy"]
    carry_out(action=row, now=timezone.now())
    _run()
    row.refresh_from_db()
    job = Job.objects.get(kind="call_shop", state="ready")
    assert (row.state, row.error) == (ActionState.EXECUTING, "busy")
    assert timedelta(seconds=5) < job.execute_after - timezone.now() <= timedelta(seconds=7)
    assert _again(row).state == ActionState.DONE
    assert snapshot(order)["refunded"] == 3000


def test_what_never_reached_the_shop_can_be_withdrawn_and_nothing_else(shop: FakeShop, told: list[str]) -> None:
    order = make_shop_order()
    row = _approved(order)
    shop.faults = ["busy"]
    carry_out(action=row, now=timezone.now())
    row.refresh_from_db()
    assert not row.is_unsent and not withdraw_unsent(action=row, now=timezone.now())
    _run()
    row.refresh_from_db()
    assert row.is_unsent and withdraw_unsent(action=row, now=timezone.now())
    assert _again(row).state == ActionState.REFUSED
    assert (row.error, len(shop.calls), snapshot(order)["refunded"], told) == ("withdrawn", 1, 0, ["refused"])


def test_a_redirect_is_not_followed(shop: FakeShop) -> None:
    row = _approved(make_shop_order())
    shop.faults = ["redirect"]
    carry_out(action=row, now=timezone.now())
    _run()
    row.refresh_from_db()
    assert (row.state, row.error) == (ActionState.REFUSED, "redirected")


def test_a_worker_that_died_after_the_call_asks_before_calling_again(shop: FakeShop) -> None:
    order = make_shop_order()
    row = _approved(order)
    carry_out(action=row, now=timezone.now())
    # As kill -9 leaves it: the call was counted and made, and nothing was written after it.
    OrderAction.objects.filter(pk=row.pk).update(attempts=1)
    shop.done["k-1"] = "remote-7"
    _run()
    row.refresh_from_db()
    assert (row.state, row.reference, shop.kinds()) == (ActionState.DONE, "remote-7", ["order.action.look_up"])


def test_a_worker_that_died_before_the_call_never_calls_again(shop: FakeShop) -> None:
    """The shop may still be at a call that it does not know of yet."""
    row = _approved(make_shop_order())
    carry_out(action=row, now=timezone.now())
    OrderAction.objects.filter(pk=row.pk).update(attempts=1)
    _run()
    row.refresh_from_db()
    assert (row.state, row.error, shop.kinds()) == (ActionState.UNKNOWN, "not_found_yet", ["order.action.look_up"])
    assert Job.objects.filter(kind="check_action", state="ready").exists()


def test_one_order_has_one_action_under_way(shop: FakeShop) -> None:
    order = make_shop_order()
    first, second = _approved(order, key="a"), _approved(order, key="b")
    carry_out(action=first, now=timezone.now())
    with pytest.raises(ActionRefused) as refusal, transaction.atomic():
        carry_out(action=second, now=timezone.now())
    assert refusal.value.code == "under_way"
    with pytest.raises(ActionRefused), transaction.atomic():
        execute(Action("refund", order.pk, "local", amount_minor=1), now=timezone.now())
    assert snapshot(order)["refunded"] == 0


def test_a_refund_that_the_shop_told_us_of_first_is_not_mirrored_twice(shop: FakeShop) -> None:
    order = make_shop_order()
    row = _approved(order)
    carry_out(action=row, now=timezone.now())
    Refund.objects.create(order=order, external_id="remote-1", key="hook", amount_minor=3000, created_at=timezone.now())
    Payment.objects.filter(order=order).update(refunded_minor=3000)
    Order.objects.filter(pk=order.pk).update(refunded_minor=3000)
    _run()
    row.refresh_from_db()
    assert (row.state, snapshot(order)["refunded"], Refund.objects.count()) == (ActionState.DONE, 3000, 1)


@pytest.mark.parametrize("reference", ["ok", "x" * 70])
def test_one_reference_for_two_refunds_does_not_hide_the_second(shop: FakeShop, reference: str) -> None:
    order = make_shop_order()
    if len(reference) > 64:
        Refund.objects.create(
            order=order, external_id=reference[-64:], key="hook", amount_minor=1, created_at=timezone.now()
        )
    for number in (1, 2):
        row = _approved(Order.objects.get(pk=order.pk), key=f"key-{number}")
        row = carry_out(action=row, now=timezone.now())
        _become_done(row, Done(reference), now=timezone.now())
        row.refresh_from_db()
        assert (row.state, row.error, snapshot(order)["refunded"]) == (ActionState.DONE, "", number * 3000)
    ids = Refund.objects.filter(order=order).values_list("external_id", flat=True)
    assert len(set(ids)) == len(ids), "an export of the order can come back"


def test_what_does_not_fit_any_more_is_done_but_said_to_be_unmirrored(shop: FakeShop) -> None:
    order = make_shop_order()
    row = _approved(order)
    carry_out(action=row, now=timezone.now())
    Payment.objects.filter(order=order).update(refunded_minor=8600)
    Order.objects.filter(pk=order.pk).update(refunded_minor=8600)
    _run()
    row.refresh_from_db()
    assert (row.state, row.error) == (ActionState.DONE, "not_mirrored_payment_exhausted")
    assert OrderEvent.objects.filter(kind=Happened.UPDATED).exists()
    assert snapshot(order)["refunded"] == 8600


def test_a_connection_that_is_gone_ends_what_was_not_called(shop: FakeShop) -> None:
    row = _approved(make_shop_order())
    carry_out(action=row, now=timezone.now())
    ShopConnection.objects.all().delete()
    _run()
    row.refresh_from_db()
    assert (row.state, row.error, shop.calls) == (ActionState.REFUSED, "not_connected", [])


def test_orders_are_looked_up(shop: FakeShop) -> None:
    connector: Connector = WebhookConnector(shop.url, SECRET)
    assert connector.look_up_order("A1") == {"number": "A1"}
    shop.faults = ["garbage", "hang_undone"]
    for _ in range(2):
        with pytest.raises(ShopUnavailable):
            connector.look_up_order("A1")


def test_a_look_up_that_we_may_not_send_tells_nothing_of_the_action(shop: FakeShop) -> None:
    """The shop's name leads to a private address for a moment, after a call whose answer was lost."""
    row = _approved(make_shop_order())
    elsewhere = WebhookConnector("https://shop.example/hook", SECRET, resolver=lambda _host, _port: ["10.0.0.5"])
    assert elsewhere.look_up(row) == Unknown("private_address")
    assert elsewhere.execute(row) == Refused("private_address")


def test_secrets_are_not_kept_in_plain(shop: FakeShop) -> None:
    kept: dict[str, object] = ShopConnection.objects.values().get()
    assert SECRET not in str(kept)

"""Simulations: what is counted, what survives a killed worker, who may start and stop one."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from cs_portal.commerce.models import Order
from cs_portal.commerce.selectors import order_document, order_documents
from cs_portal.core.errors import Conflict, Invalid, NotAllowed
from cs_portal.core.jobs import Lease, LeaseLost, lease_next
from cs_portal.core.models import Job, JobState, Queue
from cs_portal.core.tenancy import scope, scopes_disabled
from cs_portal.core.workers import run_due
from cs_portal.merchants.models import Member, Merchant, Role
from cs_portal.policies.engine import load_shipped
from cs_portal.policies.models import SimulatedChange, Simulation, SimulationState, WorkingCopy
from cs_portal.policies.selectors import simulation_of
from cs_portal.policies.services import past, simulating
from cs_portal.policies.services.simulating import cancel_simulation, run_simulation, start_simulation
from tests.factories import (
    make_conversation,
    make_draft,
    make_member,
    make_merchant,
    make_order,
    make_ruleset,
    make_shopper,
    make_working_copy,
)

pytestmark = pytest.mark.django_db

STANDARD = load_shipped("standard").to_dict()
DAMAGED = {"action": "refund", "reason": "damaged", "evidence": ["photo"]}
LATE = {"action": "refund", "reason": "never_arrived"}


def stricter() -> dict[str, Any]:
    """Damage is never refunded without a person."""
    document = copy.deepcopy(STANDARD)
    then = {"outcome": "escalate", "approver": "operator", "reasons": {"en": "x", "zh-hans": "x"}}
    when = {"fact": "request.reason", "op": "is", "value": "damaged"}
    document["rules"].insert(0, {"id": "person", "actions": ["refund"], "when": when, "then": then})
    return document


@dataclass
class Lab:
    merchant: Merchant
    ann: Member
    copy: WorkingCopy
    now: datetime

    def asked(self, request: dict[str, Any], *, days_ago: float = 1, number: str = "") -> Order:
        shopper = make_shopper(self.merchant)
        order = make_order(self.merchant, shopper, number=number or f"n{Order.objects.count()}", now=self.now)
        at = self.now - timedelta(days=days_ago)
        conversation = make_conversation(self.merchant, shopper, texts=["…"], now=at)
        make_draft(self.merchant, conversation, order=order, request=request, now=at, state="sent")
        return order

    def start(self, **fields: Any) -> Simulation:
        given: dict[str, Any] = {"by": self.ann, "revision": 1, "days": 30, "source": "requests", "now": self.now}
        return start_simulation(**{**given, **fields})

    def work(self) -> None:
        with scopes_disabled():
            run_due([Queue.BULK], keep=False)

    def lease(self) -> Lease:
        found = lease_next([Queue.BULK], owner="test", now=self.now)
        assert found is not None
        return found


@pytest.fixture
def lab(db: None) -> Iterator[Lab]:
    merchant, now = make_merchant("lab"), timezone.now()
    ann = make_member(merchant, Role.ADMIN)
    live = make_ruleset(merchant, STANDARD, now=now)
    working = make_working_copy(merchant, stricter(), base=live, now=now)
    with scope(merchant=merchant):
        yield Lab(merchant, ann, working, now)


def test_every_request_of_the_time_is_decided_by_both(lab: Lab) -> None:
    order = lab.asked(DAMAGED)
    lab.asked(LATE)
    lab.asked(DAMAGED, days_ago=40)
    lab.start()
    lab.work()
    found = Simulation.objects.get()
    assert (found.state, found.total, found.done, found.skipped, found.changed) == ("done", 2, 2, 0, 1)
    assert found.figures["before"] == {"allow": 1, "deny": 1}
    assert found.figures["after"] == {"escalate": 1, "deny": 1}
    assert found.figures["moves"] == [["allow", "escalate", 1]]
    assert found.figures["money"] == {"CNY": [8600, 0]}
    assert found.figures["rules"]["after"] == {"person": 1, "not-arrived-but-delivered": 1}
    row = SimulatedChange.objects.get()
    assert (row.order_id, row.action, row.before_rule, row.after_rule) == (
        order.pk,
        "refund",
        "fault-with-photo",
        "person",
    )
    assert (row.before_minor, row.after_minor, row.currency) == (8600, 0, "CNY")
    assert row.why["en"].startswith("Rule 1 matched: reason")
    assert row.why["zh-hans"].startswith("规则 1 匹配：原因")
    assert row.request == {"evidence": ["photo"]}


def test_why_tells_first_what_became_of_the_rule_that_decided_before(lab: Lab) -> None:
    document = copy.deepcopy(STANDARD)
    rule = next(rule for rule in document["rules"] if rule["id"] == "fault-with-photo")
    rule["when"]["all"].append({"fact": "request.amount_minor", "op": "at_most", "value": 100})
    WorkingCopy.objects.update(document=document)
    lab.asked(DAMAGED)
    lab.start()
    lab.work()
    why = SimulatedChange.objects.get().why["en"]
    assert "did not match: amount asked for: CNY 86.00" in why
    assert why.count(" matched: ") == 1


def test_without_requests_every_order_is_asked_about(lab: Lab) -> None:
    for number in ("1", "2"):
        make_order(lab.merchant, number=number, now=lab.now)
    lab.start(source="orders")
    lab.work()
    found = Simulation.objects.get()
    assert (found.state, found.total, found.done) == ("done", 10, 10)
    assert found.changed == 4


def test_chunks_are_joined(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulating, "CHUNK", 2)
    for _ in range(5):
        lab.asked(DAMAGED)
    lab.start()
    lab.work()
    found = Simulation.objects.get()
    assert (found.done, found.changed, SimulatedChange.objects.count()) == (5, 5, 5)
    assert found.figures["money"] == {"CNY": [43000, 0]}


def test_a_killed_worker_leaves_whole_chunks_and_the_next_goes_on(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulating, "CHUNK", 2)
    for _ in range(5):
        lab.asked(DAMAGED)
    lab.start()
    first = lab.lease()
    calls: list[int] = []

    def dies(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return past.pages_of(*args, **kwargs)

    monkeypatch.setattr(simulating, "pages_of", dies)
    with pytest.raises(KeyboardInterrupt):
        run_simulation(lease=first, simulation_id=first.payload["simulation"], clock=lambda: lab.now)
    half = Simulation.objects.get()
    assert (half.state, half.done, half.changed) == ("running", 4, 4)
    monkeypatch.setattr(simulating, "pages_of", past.pages_of)
    Job.objects.update(lease_expires_at=lab.now - timedelta(minutes=5))
    lab.work()
    found = Simulation.objects.get()
    assert (found.state, found.done, found.changed, SimulatedChange.objects.count()) == ("done", 5, 5, 5)
    # The one that was thought dead may not write any more.
    with pytest.raises(LeaseLost):
        run_simulation(lease=first, simulation_id=found.pk, clock=lambda: lab.now)
    assert SimulatedChange.objects.count() == 5


def test_a_cancelled_one_stops_after_its_chunk(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulating, "CHUNK", 2)
    for _ in range(5):
        lab.asked(DAMAGED)
    simulation = lab.start()
    calls: list[int] = []

    def cancels(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            cancel_simulation(simulation=simulation, by=lab.ann, now=lab.now)
        return past.pages_of(*args, **kwargs)

    monkeypatch.setattr(simulating, "pages_of", cancels)
    lab.work()
    found = Simulation.objects.get()
    assert (found.state, found.done, SimulatedChange.objects.count(), len(calls)) == ("cancelled", 2, 2, 2)
    assert Job.objects.get(kind="simulate_rules").state == JobState.DONE
    with pytest.raises(Conflict):
        cancel_simulation(simulation=simulation, by=lab.ann, now=lab.now)


def test_one_that_waits_is_cancelled_with_its_job(lab: Lab) -> None:
    cancel_simulation(simulation=lab.start(), by=lab.ann, now=lab.now)
    assert Job.objects.get(kind="simulate_rules").state == JobState.CANCELLED
    lab.start()
    assert Simulation.objects.count() == 2


def test_one_at_a_time(lab: Lab) -> None:
    lab.start()
    with pytest.raises(Conflict):
        lab.start()
    assert Simulation.objects.count() == 1


def test_what_was_seen_is_what_is_simulated(lab: Lab) -> None:
    with pytest.raises(Conflict):
        lab.start(revision=7)
    for wrong in ({"days": 0}, {"days": 5000}, {"source": "dreams"}):
        with pytest.raises(Invalid):
            lab.start(**wrong)
    assert not Job.objects.filter(kind="simulate_rules").exists()


def test_operators_start_and_cancel_none(lab: Lab) -> None:
    olaf = make_member(lab.merchant, Role.OPERATOR)
    with pytest.raises(NotAllowed):
        lab.start(by=olaf)
    simulation = lab.start()
    with pytest.raises(NotAllowed):
        cancel_simulation(simulation=simulation, by=olaf, now=lab.now)
    assert Simulation.objects.get().state == SimulationState.WAITING


def test_a_simulation_counts_for_the_very_rules_alone(lab: Lab) -> None:
    lab.asked(DAMAGED)
    simulation = lab.start()
    assert simulation_of(document=lab.copy.document, live=simulation.live) is None
    lab.work()
    assert simulation_of(document=lab.copy.document, live=simulation.live) == simulation
    assert simulation_of(document=STANDARD, live=simulation.live) is None


def test_the_oldest_go(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulating, "MAX_KEPT", 2)
    for _ in range(4):
        lab.start()
        lab.work()
    assert Simulation.objects.count() == 2


def test_a_request_that_is_no_longer_canonical_is_counted_apart(lab: Lab) -> None:
    lab.asked({"action": "fly"})
    lab.asked(DAMAGED)
    lab.start()
    lab.work()
    found = Simulation.objects.get()
    assert (found.done, found.skipped, found.changed) == (2, 1, 1)


def test_many_documents_are_those_of_each(lab: Lab) -> None:
    keys = [make_order(lab.merchant, number=str(n), now=lab.now).pk for n in range(3)]
    assert order_documents(ids=keys, captured_only=True) == {
        order.pk: order_document(order, captured_only=True) for order in Order.objects.filter(pk__in=keys)
    }

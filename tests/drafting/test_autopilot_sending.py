"""Autopilot sends what a shopper confirmed, within the tier and while the switch is on; all else waits for a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from bots.guard.check import check
from cs_portal.commerce.models import Order, OrderEvent, OrderStatus, Shopper
from cs_portal.conversations.models import Author, HandoverReason, Message
from cs_portal.core.errors import NotAllowed
from cs_portal.core.models import AuditEntry, Job
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.drafting.models import AutopilotRule, Draft, DraftState, Review
from cs_portal.drafting.prepare import decide_on
from cs_portal.drafting.services.asking import confirm_request, look_at_request
from cs_portal.drafting.services.autopilot import limit_autopilot, stop_autopilot, switch_autopilot, switches
from cs_portal.drafting.services.autopilot_sending import approve_by_autopilot
from cs_portal.drafting.services.review import undo_approval
from cs_portal.policies.engine.shipped import load_shipped
from cs_portal.policies.models import RulesetVersion, VersionState
from tests.bots.requests import request, verdict
from tests.drafting.conftest import Desk, make_desk
from tests.factories import make_conversation, make_ruleset, make_shopper

REQUEST = {"action": "cancel", "reason": "ordered_by_mistake", "evidence": [], "confirmed": True}


@dataclass
class Pilot:
    desk: Desk
    draft: Draft

    def approve(self) -> Review | None:
        draft = Draft.objects.select_related("message", "conversation__shopper", "order__shopper").get(pk=self.draft.pk)
        return approve_by_autopilot(draft, now=timezone.now() - timedelta(minutes=1))

    def run(self) -> None:
        Job.objects.filter(state="ready").update(execute_after=timezone.now() - timedelta(seconds=1))
        run_due(["fast"], keep=False)
        self.draft.refresh_from_db()

    @property
    def sent(self) -> int:
        return Message.objects.filter(draft_key=self.draft.public_id).count()


def _rules(up_to_minor: int) -> dict[str, Any]:
    document = load_shipped("standard").to_dict()
    for rule in document["rules"]:
        if rule["id"] == "cancel-before-shipping":
            rule["then"]["approver"] = "autopilot"
    tiers = [{"up_to_minor": up_to_minor, "approver": "autopilot"}, {"approver": "operator"}]
    return {**document, "approvals": {"CNY": tiers}}


def _publish(desk: Desk, document: dict[str, Any], number: int) -> RulesetVersion:
    RulesetVersion.objects.filter(state=VersionState.LIVE).update(state=VersionState.RETIRED)
    return make_ruleset(desk.merchant, document, number=number)


@pytest.fixture
def pilot(db: None) -> Iterator[Pilot]:
    desk = make_desk(request=REQUEST)
    with scope(merchant=desk.merchant):
        pilot = Pilot(desk, desk.draft)
        _decide(pilot, _publish(desk, _rules(20_000), 2))
        Message.objects.filter(pk=desk.draft.message_id).update(request=REQUEST, request_order=desk.order.number)
        switch_autopilot(by=desk.ann, action="cancel", on=True, now=timezone.now())
        yield pilot


def _decide(pilot: Pilot, version: RulesetVersion) -> None:
    decided = decide_on(pilot.desk.order, REQUEST, now=timezone.now())
    assert decided is not None
    Draft.objects.filter(pk=pilot.draft.pk).update(verdict=decided[0], ruleset=version)


def test_what_was_confirmed_leaves_with_a_recorded_approval(pilot: Pilot) -> None:
    review = pilot.approve()
    assert review is not None and review.member is None and review.autopilot is not None
    rule = AutopilotRule.objects.get(action="cancel")
    assert review.autopilot["rule"] == str(rule.public_id)
    assert (review.autopilot["version"], review.autopilot["verdict"]) == (2, "cancel-before-shipping")
    pilot.run()
    order = Order.objects.get(pk=pilot.desk.order.pk)
    assert (pilot.draft.state, pilot.sent) == (DraftState.SENT, 1)
    assert (order.status, order.refunded_minor) == (OrderStatus.CANCELLED, 8600)
    message = Message.objects.get(draft_key=pilot.draft.public_id)
    assert (message.author, message.member) == (Author.BOT, None)
    by = set(AuditEntry.objects.filter(target__startswith="draft:").values_list("action", "actor_kind", "actor_id"))
    who = ("autopilot", str(rule.public_id))
    assert by == {("draft.approved", *who), ("order.cancel", *who), ("reply.sent", *who)}
    event = OrderEvent.objects.filter(order=order, draft=pilot.draft.public_id).first()
    assert event is not None and (event.source, event.rules_version) == ("autopilot", 2)


def test_twice_is_once(pilot: Pilot) -> None:
    first = pilot.approve()
    assert first is not None and pilot.approve() is None
    pilot.run()
    pilot.run()
    assert (pilot.sent, Review.objects.count()) == (1, 1)
    assert Order.objects.get(pk=pilot.desk.order.pk).refunds.count() == 1


def test_a_worker_that_dies_changes_nothing(pilot: Pilot, monkeypatch: pytest.MonkeyPatch) -> None:
    from cs_portal.drafting.services import send

    assert pilot.approve() is not None

    class Killed(BaseException):
        pass

    def die(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(send, "_post", die)
        with pytest.raises(Killed):
            pilot.run()
    assert Order.objects.get(pk=pilot.desk.order.pk).refunded_minor == 0
    Job.objects.update(state="ready", lease_owner="", lease_expires_at=None)
    pilot.run()
    assert pilot.sent == 1
    assert Order.objects.get(pk=pilot.desk.order.pk).refunded_minor == 8600


def _unconfirmed(pilot: Pilot) -> None:
    Draft.objects.filter(pk=pilot.draft.pk).update(request={**REQUEST, "confirmed": False})


def _only_words(pilot: Pilot) -> None:
    Message.objects.filter(pk=pilot.draft.message_id).update(request=None)


def _another_request(pilot: Pilot) -> None:
    Message.objects.filter(pk=pilot.draft.message_id).update(request={**REQUEST, "action": "refund"})


def _above_the_tier(pilot: Pilot) -> None:
    _decide(pilot, _publish(pilot.desk, _rules(5_000), 3))


def _switched_off(pilot: Pilot) -> None:
    switch_autopilot(by=pilot.desk.ann, action="cancel", on=False, now=timezone.now())


def _marked(pilot: Pilot) -> None:
    pilot.draft.candidates.update(violations=[{"kind": "amount", "text": "¥9"}])


def _resting_on_nothing(pilot: Pilot) -> None:
    """A sentence without evidence, as the guard marks it when a candidate is kept."""
    candidate = pilot.draft.candidates.get(position=1)
    candidate.text += " Our founder painted every corner himself."
    violations = check(candidate.text, request(verdict=verdict("cancel", "allow")))
    assert {violation.kind for violation in violations if not violation.blocks} == {"unsupported"}
    candidate.violations = [asdict(violation) for violation in violations if not violation.blocks]
    candidate.save()


def _by_the_model(pilot: Pilot) -> None:
    pilot.draft.candidates.update(source="language_model")


def _steering(pilot: Pilot) -> None:
    Draft.objects.filter(pk=pilot.draft.pk).update(injection=True)


def _for_a_person(pilot: Pilot) -> None:
    Draft.objects.filter(pk=pilot.draft.pk).update(handover_reason=HandoverReason.INJECTION, needs_person=True)


def _withheld(pilot: Pilot) -> None:
    Draft.objects.filter(pk=pilot.draft.pk).update(withheld=True)


def _not_possible(pilot: Pilot) -> None:
    Order.objects.filter(pk=pilot.desk.order.pk).update(status=OrderStatus.SHIPPED)


def _anonymous(pilot: Pilot) -> None:
    Shopper.objects.filter(pk=pilot.draft.conversation.shopper_id).update(external_id=None)


def _another_shoppers_order(pilot: Pilot) -> None:
    Order.objects.filter(pk=pilot.desk.order.pk).update(shopper=make_shopper(pilot.desk.merchant))


def _overridden(pilot: Pilot) -> None:
    Draft.objects.filter(pk=pilot.draft.pk).update(override={"outcome": "allow", "approver": "autopilot"})


@pytest.mark.parametrize(
    "differently",
    [
        _unconfirmed,
        _only_words,
        _another_request,
        _above_the_tier,
        _switched_off,
        _marked,
        _resting_on_nothing,
        _by_the_model,
        _steering,
        _for_a_person,
        _withheld,
        _not_possible,
        _overridden,
        _anonymous,
        _another_shoppers_order,
    ],
)
def test_everything_else_waits_for_a_person(pilot: Pilot, differently: Any) -> None:
    differently(pilot)
    assert pilot.approve() is None
    pilot.run()
    assert (pilot.draft.state, pilot.sent) == (DraftState.READY, 0)
    assert not Review.objects.exists()


def _rules_moved(pilot: Pilot) -> None:
    _publish(pilot.desk, _rules(5_000), 3)


def _stopped(pilot: Pilot) -> None:
    assert stop_autopilot(by=pilot.desk.ann, now=timezone.now()) == 1


def _order_moved(pilot: Pilot) -> None:
    Order.objects.filter(pk=pilot.desk.order.pk).update(status=OrderStatus.SHIPPED, version=9)


@pytest.mark.parametrize("moves", [_rules_moved, _switched_off, _stopped, _order_moved])
def test_what_moved_within_the_undo_window_brings_the_draft_back(pilot: Pilot, moves: Any) -> None:
    assert pilot.approve() is not None
    moves(pilot)
    pilot.run()
    assert (pilot.draft.state, pilot.sent) == (DraftState.READY, 0)
    assert pilot.draft.reopened_because["en"] and pilot.draft.reopened_because["zh-hans"]
    assert Order.objects.get(pk=pilot.desk.order.pk).refunded_minor == 0


def test_a_person_may_take_it_back_while_the_window_is_open(pilot: Pilot) -> None:
    assert pilot.approve() is not None
    undo_approval(draft_id=pilot.draft.public_id, by=pilot.desk.olaf, now=timezone.now())
    pilot.run()
    assert (pilot.draft.state, pilot.sent) == (DraftState.READY, 0)


def test_stopping_brings_back_at_once_what_has_not_left(pilot: Pilot) -> None:
    assert pilot.approve() is not None
    assert stop_autopilot(by=pilot.desk.olaf, now=timezone.now()) == 1
    pilot.draft.refresh_from_db()
    assert pilot.draft.state == DraftState.READY and pilot.draft.reopened_because["zh-hans"]
    entry = AuditEntry.objects.get(action="autopilot.stopped")
    assert (entry.actor_id, entry.data) == (str(pilot.desk.olaf.public_id), {"count": 1, "taken_back": 1})
    rule = AutopilotRule.objects.get(action="cancel")
    assert (rule.state, rule.put_back) == ("off", "stopped")
    pilot.run()
    assert (pilot.draft.state, pilot.sent) == (DraftState.READY, 0)


@pytest.mark.parametrize(("limit", "currency", "sends"), [(8600, "CNY", 1), (8599, "CNY", 0), (8600, "USD", 0)])
def test_the_rules_own_limit_bounds_what_goes_back(pilot: Pilot, limit: int, currency: str, sends: int) -> None:
    assert limit_autopilot(by=pilot.desk.ann, action="cancel", limit_minor=limit, currency=currency, now=timezone.now())
    assert (pilot.approve() is not None) == bool(sends)
    pilot.run()
    assert pilot.sent == sends


def test_a_limit_that_came_within_the_undo_window_brings_the_draft_back(pilot: Pilot) -> None:
    assert pilot.approve() is not None
    limit_autopilot(by=pilot.desk.ann, action="cancel", limit_minor=1, currency="CNY", now=timezone.now())
    pilot.run()
    assert (pilot.draft.state, pilot.sent) == (DraftState.READY, 0)


def test_only_who_configures_switches_and_it_is_logged(desk: Desk) -> None:
    assert not any(switches().values())
    for member in (desk.olaf, desk.nina):
        with pytest.raises(NotAllowed):
            switch_autopilot(by=member, action="cancel", on=True, now=timezone.now())
        with pytest.raises(NotAllowed):
            limit_autopilot(by=member, action="cancel", limit_minor=1, currency="CNY", now=timezone.now())
    with pytest.raises(NotAllowed):
        stop_autopilot(by=desk.nina, now=timezone.now())
    assert switch_autopilot(by=desk.ann, action="cancel", on=True, now=timezone.now())
    assert not switch_autopilot(by=desk.ann, action="cancel", on=True, now=timezone.now())
    assert switches()["cancel"] and not switches()["refund"]
    entry = AuditEntry.objects.get(action="autopilot.switched_on")
    assert (entry.data, entry.actor_id) == ({"kind": "cancel"}, str(desk.ann.public_id))


# --- from the chat's form to the reply --------------------------------------------------------------------------------


def _ask(pilot: Pilot, **more: Any) -> Draft:
    """The shopper confirms a cancellation in the form; the whole pipeline runs."""
    now = timezone.now()
    order = pilot.desk.order
    conversation = make_conversation(pilot.desk.merchant, order.shopper)
    data = {"action": "cancel", "reason": "ordered_by_mistake", **more}
    seen = look_at_request(shopper=order.shopper, order_number=order.number, data=data, photos=0, now=now)
    confirm_request(
        conversation=conversation,
        order_number=order.number,
        data=data,
        photos=[],
        seen=seen.seen,
        client_id="c1",
        now=now,
    )
    for _ in range(3):
        Job.objects.filter(state="ready").update(execute_after=now)
        run_due(["fast"], keep=False)
    draft: Draft = Draft.objects.get(conversation=conversation)
    return draft


def test_the_shoppers_confirmed_cancellation_is_done_and_answered_by_itself(pilot: Pilot) -> None:
    draft = _ask(pilot)
    assert draft.state == DraftState.SENT
    assert Order.objects.get(pk=pilot.desk.order.pk).status == OrderStatus.CANCELLED
    reply = Message.objects.get(draft_key=draft.public_id)
    assert reply.author == Author.BOT and pilot.desk.order.number in reply.text
    assert Review.objects.get(draft=draft).autopilot is not None


def test_the_same_with_the_switch_off_waits(pilot: Pilot) -> None:
    _switched_off(pilot)
    draft = _ask(pilot)
    assert (draft.state, Review.objects.count()) == (DraftState.READY, 0)
    assert Order.objects.get(pk=pilot.desk.order.pk).status == OrderStatus.PENDING

"""Above a limit money goes back only if two people agree: to the same words, and to the same effect."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from cs_portal.commerce.models import ActionState, Order, OrderAction, OrderStatus, Return
from cs_portal.conversations.models import Message
from cs_portal.core.errors import Invalid, NotAllowed
from cs_portal.core.models import AuditEntry
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.drafting.errors import TooLateToUndo
from cs_portal.drafting.models import Decision, Draft, DraftState, PairLimit, Review
from cs_portal.drafting.pairs import first_approval, needs_pair
from cs_portal.drafting.selectors import draft_detail
from cs_portal.drafting.services.autopilot import switch_autopilot
from cs_portal.drafting.services.autopilot_sending import approve_by_autopilot
from cs_portal.drafting.services.by_hand import Wish, act_by_hand, approve_proposal, consider
from cs_portal.drafting.services.pair_limits import set_pair_limit
from cs_portal.drafting.services.rejecting import reject_draft
from cs_portal.drafting.services.review import approve_draft, override_verdict
from cs_portal.drafting.services.undoing import undo_decision
from cs_portal.drafting.tiers import Barrier, barrier_of_both
from cs_portal.merchants.models import Member, Role
from tests.drafting.conftest import Desk, make_desk
from tests.factories import make_member

#: The desk's draft cancels an order and gives ¥86.00 back.
BELOW, EXACTLY = 8599, 8600


@pytest.fixture
def bob(desk: Desk) -> Member:
    return make_member(desk.merchant, Role.OPERATOR, name="Bob")


@pytest.fixture(autouse=True)
def limited(desk: Desk) -> None:
    set_pair_limit(by=desk.ann, currency="CNY", above_minor=BELOW, now=timezone.now())


def _approve(desk: Desk, by: Member, text: str = "", **given: Any) -> Review:
    """As the first wording stands, or with another ``text``; long enough ago to leave at once."""
    wanted: dict[str, Any] = {
        "candidate": 1,
        "text": text or desk.draft.candidates.get(position=1).text,
        "seen": desk.seen(),
        "now": timezone.now() - timedelta(minutes=1),
        **given,
    }
    return approve_draft(draft_id=desk.draft.public_id, by=by, **wanted)


def _state(desk: Desk) -> str:
    desk.draft.refresh_from_db()
    return desk.draft.state


def _nothing_happened(desk: Desk) -> bool:
    run_due(["fast"], keep=False)
    order = Order.objects.get(pk=desk.order.pk)
    said = Message.objects.filter(draft_key=desk.draft.public_id).exists()
    return not said and not OrderAction.objects.exists() and order.refunded_minor == 0


def test_one_approval_sends_nothing_and_a_colleagues_sends_it(desk: Desk, bob: Member) -> None:
    first = _approve(desk, desk.olaf)
    assert (first.decision, first.execute_after, _state(desk)) == (Decision.FIRST, None, DraftState.READY)
    assert _nothing_happened(desk)
    second = _approve(desk, bob)
    assert (second.decision, second.first, _state(desk)) == (Decision.APPROVED, first, DraftState.APPROVED)
    run_due(["fast"], keep=False)
    assert _state(desk) == DraftState.SENT
    assert OrderAction.objects.get().state == ActionState.DONE
    assert Order.objects.get(pk=desk.order.pk).refunded_minor == 8600
    told = list(AuditEntry.objects.filter(target=f"draft:{desk.draft.public_id}").values_list("action", "actor_id"))
    assert ("draft.agreed_first", str(desk.olaf.public_id)) in told
    assert ("draft.approved", str(bob.public_id)) in told


def test_the_same_person_twice_are_not_two(desk: Desk) -> None:
    first = _approve(desk, desk.olaf)
    assert _approve(desk, desk.olaf) == first, "a second click of the same form"
    assert Review.objects.count() == 1
    assert _nothing_happened(desk)


def test_up_to_the_limit_one_is_enough(desk: Desk) -> None:
    set_pair_limit(by=desk.ann, currency="CNY", above_minor=EXACTLY, now=timezone.now())
    assert _approve(desk, desk.olaf).decision == Decision.APPROVED


def test_another_currency_has_a_limit_of_its_own(desk: Desk) -> None:
    PairLimit.objects.update(currency="EUR")
    assert _approve(desk, desk.olaf).decision == Decision.APPROVED


def test_many_small_amounts_are_no_way_around_it(desk: Desk) -> None:
    set_pair_limit(by=desk.ann, currency="CNY", above_minor=EXACTLY, now=timezone.now())
    plan = draft_detail(draft_id=desk.draft.public_id, now=timezone.now()).carried.plan
    assert not needs_pair(plan, order=desk.order)
    before = Return.objects.create(order=desk.order, key="r-1", amount_minor=1, created_at=timezone.now())
    assert needs_pair(plan, order=desk.order), "promised by a return that is under way"
    Return.objects.filter(pk=before.pk).update(closed_at=timezone.now())
    assert not needs_pair(plan, order=desk.order), "its pieces never came"
    desk.order.refunded_minor = 1
    assert needs_pair(plan, order=desk.order), "given back before"


def test_other_words_have_to_be_agreed_to_anew(desk: Desk, bob: Member) -> None:
    _approve(desk, desk.olaf)
    changed = _approve(desk, bob, text="We are sorry, really.")
    assert (changed.decision, first_approval(desk.draft)) == (Decision.FIRST, changed)
    assert _nothing_happened(desk)
    done = _approve(desk, desk.olaf, text="We are sorry, really.")
    assert (done.decision, done.first) == (Decision.EDITED, changed)


def test_other_cards_have_to_be_agreed_to_anew(desk: Desk, bob: Member) -> None:
    Draft.objects.filter(pk=desk.draft.pk).update(cards=[{"kind": "order", "number": desk.order.number}])
    _approve(desk, desk.olaf)
    assert _approve(desk, bob, cards=[]).decision == Decision.FIRST


def test_what_moved_since_was_agreed_to_by_nobody(desk: Desk, bob: Member) -> None:
    _approve(desk, desk.olaf)
    Draft.objects.filter(pk=desk.draft.pk).update(generation=2)
    desk.draft.candidates.update(generation=2)
    assert _approve(desk, bob).decision == Decision.FIRST
    assert _nothing_happened(desk)


def test_ones_own_is_taken_back_and_only_ones_own(desk: Desk, bob: Member) -> None:
    _approve(desk, desk.olaf)
    with pytest.raises(TooLateToUndo):
        undo_decision(draft_id=desk.draft.public_id, by=bob, now=timezone.now())
    undo_decision(draft_id=desk.draft.public_id, by=desk.olaf, now=timezone.now())
    assert first_approval(desk.draft) is None
    assert _approve(desk, bob).decision == Decision.FIRST


def test_undoing_the_second_leaves_the_first(desk: Desk, bob: Member) -> None:
    first = _approve(desk, desk.olaf, now=timezone.now())
    _approve(desk, bob, now=timezone.now())
    undo_decision(draft_id=desk.draft.public_id, by=bob, now=timezone.now())
    assert (_state(desk), first_approval(desk.draft)) == (DraftState.READY, first)
    assert _nothing_happened(desk)


def test_a_colleague_may_reject_what_one_agreed_to(desk: Desk, bob: Member) -> None:
    _approve(desk, desk.olaf)
    reject_draft(draft_id=desk.draft.public_id, by=bob, reason="wrong_fact", note="", now=timezone.now())
    assert first_approval(Draft.objects.select_related("conversation").get(pk=desk.draft.pk)) is None


def test_who_left_or_only_reads_now_agreed_to_nothing(desk: Desk, bob: Member) -> None:
    _approve(desk, desk.olaf)
    Member.objects.filter(pk=desk.olaf.pk).update(role=Role.ANALYST)
    assert first_approval(desk.draft) is None
    assert _approve(desk, bob).decision == Decision.FIRST
    Member.objects.filter(pk=bob.pk).update(removed_at=timezone.now())
    assert _approve(desk, desk.ann).decision == Decision.FIRST


def test_one_of_the_two_must_be_whom_the_rules_want(desk: Desk, bob: Member) -> None:
    verdict = {**(desk.draft.verdict or {}), "approver": "admin"}
    Draft.objects.filter(pk=desk.draft.pk).update(verdict=verdict, ruleset=None)
    assert _approve(desk, desk.olaf).decision == Decision.FIRST
    assert barrier_of_both(verdict, first=desk.olaf, by=desk.olaf) == Barrier.ADMIN, "not just any colleague"
    with pytest.raises(NotAllowed):
        _approve(desk, bob)
    assert _approve(desk, desk.ann).decision == Decision.APPROVED


def test_an_override_takes_two_as_well(desk: Desk, bob: Member) -> None:
    override_verdict(
        draft_id=desk.draft.public_id,
        by=desk.ann,
        outcome="allow",
        amount_minor=8600,
        reason="Goodwill",
        now=timezone.now(),
    )
    desk.draft.candidates.update(created_at=timezone.now() + timedelta(seconds=1))
    assert _approve(desk, desk.ann).decision == Decision.FIRST
    assert _approve(desk, bob).decision == Decision.APPROVED


def test_a_limit_that_came_after_the_approval_brings_it_back(desk: Desk, bob: Member) -> None:
    PairLimit.objects.all().delete()
    _approve(desk, desk.olaf)
    set_pair_limit(by=desk.ann, currency="CNY", above_minor=0, now=timezone.now())
    run_due(["fast"], keep=False)
    assert _state(desk) == DraftState.READY
    assert "Two people" in desk.draft.reopened_because["en"]
    assert desk.draft.reopened_because["zh-hans"] != desk.draft.reopened_because["en"]
    assert not OrderAction.objects.exists()
    _approve(desk, desk.olaf)
    assert _approve(desk, bob).decision == Decision.APPROVED


def test_a_promise_to_give_back_counts_like_giving(db: None) -> None:
    request = {"action": "return", "reason": "does_not_fit", "evidence": [], "confirmed": False}
    delivered = {"status": OrderStatus.DELIVERED, "delivered_at": timezone.now() - timedelta(days=1)}
    desk = make_desk(request=request, **delivered)
    with scope(merchant=desk.merchant):
        set_pair_limit(by=desk.ann, currency="CNY", above_minor=0, now=timezone.now())
        detail = draft_detail(draft_id=desk.draft.public_id, now=timezone.now())
        assert detail.carried.plan is not None and detail.carried.plan.money_back_minor == 0
        assert detail.needs_pair


def test_autopilot_is_nobody(desk: Desk) -> None:
    switch_autopilot(by=desk.ann, action="cancel", on=True, now=timezone.now())
    asked = {"action": "cancel", "confirmed": True}
    Draft.objects.filter(pk=desk.draft.pk).update(
        request={**(desk.draft.request or {}), "confirmed": True},
        verdict={**(desk.draft.verdict or {}), "approver": "autopilot"},
    )
    Message.objects.filter(pk=desk.draft.message_id).update(request=asked)
    draft = Draft.objects.select_related("conversation__shopper", "message", "order").get(pk=desk.draft.pk)
    assert approve_by_autopilot(draft, now=timezone.now()) is None
    PairLimit.objects.all().delete()
    assert approve_by_autopilot(draft, now=timezone.now()) is not None


# --- from an order's page


CANCEL = {"action": "cancel", "reason": "ordered_by_mistake", "confirmed": True}


def _proposed(desk: Desk, by: Member, **more: Any) -> OrderAction:
    order = Order.objects.select_related("shopper").get(pk=desk.order.pk)
    wish = Wish(kind="cancel", request=CANCEL, shopper=order.shopper, order=order, **more)
    now = timezone.now()
    found = consider(wish=wish, by=by, now=now)
    assert found.barrier == Barrier.PAIR
    return act_by_hand(wish=wish, by=by, key=uuid4(), seen=found.fingerprint, now=now)


def test_a_deed_by_hand_is_proposed_and_a_colleague_approves(desk: Desk, bob: Member) -> None:
    row = _proposed(desk, desk.ann)
    assert row.state == ActionState.PROPOSED
    with pytest.raises(NotAllowed):
        approve_proposal(action=row, by=desk.ann, now=timezone.now())
    done = approve_proposal(action=row, by=bob, now=timezone.now())
    assert done.state == ActionState.DONE
    assert Order.objects.get(pk=desk.order.pk).refunded_minor == 8600


def test_whose_proposer_left_nobody_approves(desk: Desk, bob: Member) -> None:
    row = _proposed(desk, bob)
    Member.objects.filter(pk=bob.pk).update(removed_at=timezone.now())
    with pytest.raises(NotAllowed):
        approve_proposal(action=row, by=desk.ann, now=timezone.now())


# --- the limit itself


def test_who_may_set_it_and_what_is_no_limit(desk: Desk) -> None:
    now: datetime = timezone.now()
    with pytest.raises(NotAllowed):
        set_pair_limit(by=desk.olaf, currency="CNY", above_minor=None, now=now)
    for currency, above in (("cny", 1), ("XXX", 1), ("CNY", -1), ("CNY", 2**60)):
        with pytest.raises(Invalid):
            set_pair_limit(by=desk.ann, currency=currency, above_minor=above, now=now)
    assert not set_pair_limit(by=desk.ann, currency="CNY", above_minor=BELOW, now=now), "it is so already"
    assert set_pair_limit(by=desk.ann, currency="CNY", above_minor=None, now=now)
    assert AuditEntry.objects.filter(action="pair.lifted").count() == 1
    plan = draft_detail(draft_id=desk.draft.public_id, now=now).carried.plan
    assert not needs_pair(plan, order=desk.order)


def test_alone_nobody_can_bind_themselves(desk: Desk) -> None:
    Member.objects.exclude(pk=desk.ann.pk).update(removed_at=timezone.now())
    with pytest.raises(Invalid):
        set_pair_limit(by=desk.ann, currency="EUR", above_minor=100, now=timezone.now())
    assert set_pair_limit(by=desk.ann, currency="CNY", above_minor=None, now=timezone.now()), "a way out"

"""Rules for words: off, shadow, on; what shadow has to show first; a change begins anew; samples and the brake."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cs_portal.core.errors import Conflict, Invalid, NotAllowed, NotFound
from cs_portal.core.models import AuditEntry, Event, Job
from cs_portal.core.tenancy import scope
from cs_portal.drafting.models import AutopilotRule, AutopilotSend, DraftState, Review, ShadowSend
from cs_portal.drafting.services.autopilot import switch_autopilot
from cs_portal.drafting.services.autopilot_rules import (
    change_rule,
    create_rule,
    delete_rule,
    place_rule,
    word_rule,
)
from cs_portal.drafting.services.autopilot_sampling import is_sampled, judge_send, sends_to_check, unjudge_send
from cs_portal.drafting.services.candidates import ask_for_renewal
from cs_portal.drafting.services.own_words import send_own_reply
from cs_portal.drafting.services.rejecting import reject_draft, undo_rejection
from cs_portal.drafting.services.review import undo_approval
from cs_portal.drafting.services.supersede import supersede_drafts
from cs_portal.drafting.shadow import Evidence, Lack, Outcome, evidence_of, lacks, wilson_lower
from cs_portal.merchants.models import Member, Role
from tests.drafting.autopilot_desk import CHANGE, TEXT, Pilot, run_sends
from tests.drafting.conftest import Desk
from tests.factories import make_member, make_merchant, make_storefront

NOW = timezone.now


@pytest.fixture
def pilot(desk: Desk) -> Pilot:
    return Pilot.ready(desk.merchant, desk.ann)


@pytest.fixture(autouse=True)
def few(settings: Any) -> None:
    settings.AUTOPILOT_SHADOW_LEAST, settings.AUTOPILOT_SHADOW_DAYS = 6, 3


def _evidence(pilot: Pilot) -> Evidence:
    return evidence_of([word_rule(pilot.rule.public_id)])[pilot.rule.pk]


def _place(pilot: Pilot, state: str, *, by: Member | None = None) -> AutopilotRule:
    return place_rule(rule_id=pilot.rule.public_id, by=by or pilot.by, state=state, seen=pilot.rule.version, now=NOW())


# --- what people did instead ----------------------------------------------------------------------------------------


def test_each_outcome_is_what_people_did(pilot: Pilot, desk: Desk) -> None:
    unchanged, small, large, rejected, own, same, waiting, moved = (pilot.shadowed() for _ in range(8))
    pilot.decide(unchanged, now=NOW() + timedelta(minutes=4))
    pilot.decide(small, text=TEXT + "!")
    pilot.decide(large, text="Tomorrow.")
    reject_draft(draft_id=rejected.public_id, by=desk.olaf, reason="wrong_fact", note="Two days", now=NOW())
    for draft, text in ((own, "I shall ask the carrier and call you."), (same, TEXT)):
        send_own_reply(conversation_id=draft.conversation.public_id, by=desk.olaf, text=text, now=NOW())
    supersede_drafts(moved.conversation, by=None, now=NOW())
    found = {case.send.draft_id: case for case in _evidence(pilot).cases}
    outcomes = [found[draft.pk].outcome for draft in (unchanged, small, large, rejected, own, same, waiting, moved)]
    assert outcomes == [
        Outcome.UNCHANGED,
        Outcome.SMALL_EDIT,
        Outcome.LARGE_EDIT,
        Outcome.REJECTED,
        Outcome.OWN_WORDS,
        Outcome.UNCHANGED,
        Outcome.WAITING,
        Outcome.MOVED_ON,
    ]
    evidence = _evidence(pilot)
    assert (evidence.decided, evidence.unchanged, evidence.grave) == (6, 2, 1)
    assert found[rejected.pk].reason == "wrong_fact" and found[rejected.pk].note == "Two days"
    assert found[small.pk].distance == pytest.approx(1 / (len(TEXT) + 1))
    assert found[unchanged.pk].saved == pytest.approx(300, abs=20)


def test_what_is_taken_back_counts_no_more(pilot: Pilot, desk: Desk) -> None:
    approved, rejected = pilot.shadowed(), pilot.shadowed()
    pilot.decide(approved)
    reject_draft(draft_id=rejected.public_id, by=desk.olaf, reason="unsafe", note="", now=NOW())
    assert (_evidence(pilot).decided, _evidence(pilot).grave) == (2, 1)
    undo_approval(draft_id=approved.public_id, by=desk.olaf, now=NOW())
    undo_rejection(draft_id=rejected.public_id, by=desk.olaf, now=NOW())
    assert (_evidence(pilot).decided, _evidence(pilot).grave) == (0, 0)


def test_another_wording_is_compared_with_what_would_have_been_sent(pilot: Pilot) -> None:
    """A colleague's approval of a second candidate, unedited, is no approval of the first."""
    draft = pilot.shadowed()
    Review.objects.create(
        draft=draft, member=pilot.by, decision="approved", text="Our carrier takes three days.", created_at=NOW()
    )
    assert _evidence(pilot).cases[0].outcome == Outcome.LARGE_EDIT


def test_an_override_is_a_decision_against_it(pilot: Pilot) -> None:
    draft = pilot.shadowed()
    Review.objects.create(draft=draft, member=pilot.by, decision="overridden", created_at=NOW())
    ask_for_renewal(draft, now=NOW())
    assert _evidence(pilot).cases[0].outcome == Outcome.OVERRIDDEN


def test_the_lower_bound_is_wilsons() -> None:
    # Newcombe (1998), table I: 81 of 263 gives 0.2553 to 0.3662; 15 of 148 gives 0.0624 to 0.1605.
    assert wilson_lower(81, 263) == pytest.approx(0.2553, abs=1e-4)
    assert wilson_lower(15, 148) == pytest.approx(0.0624, abs=1e-4)
    assert wilson_lower(0, 0) is None and wilson_lower(0, 20) == 0


def test_evidence_of_many_takes_as_many_queries_as_of_one(
    desk: Desk, pilot: Pilot, django_assert_num_queries: Any
) -> None:
    other = Pilot.ready(desk.merchant, desk.ann, name="Second")
    for _ in range(3):
        pilot.decide(pilot.shadowed())
    assert ShadowSend.objects.count() == 6
    with django_assert_num_queries(2):
        found = evidence_of([pilot.rule, other.rule])
    assert [found[rule.pk].unchanged for rule in (pilot.rule, other.rule)] == [3, 3]


# --- before it may be switched on -----------------------------------------------------------------------------------


def test_enough_on_enough_days_nearly_all_unchanged(pilot: Pilot) -> None:
    pilot.prove(decided=5)
    assert lacks(_evidence(pilot)) == [Lack.FEW]
    with pytest.raises(Conflict):
        _place(pilot, "on")
    pilot.decide(pilot.shadowed())
    assert lacks(_evidence(pilot)) == []
    assert _place(pilot, "on").state == "on"
    entry = AuditEntry.objects.get(action="autopilot_rule.switched_on")
    assert (entry.target, entry.actor_id) == (f"autopilot_rule:{pilot.rule.public_id}", str(pilot.by.public_id))


def test_two_days_do_not_do_nor_one_grave_rejection_nor_too_many_edits(pilot: Pilot, desk: Desk) -> None:
    pilot.prove(decided=8, days=2)
    assert lacks(_evidence(pilot)) == [Lack.DAYS]
    pilot.prove(decided=12)
    assert lacks(_evidence(pilot)) == []
    pilot.decide(pilot.shadowed(), text="Tomorrow.")
    assert lacks(_evidence(pilot)) == []  # 20 of 21
    wrong = pilot.shadowed()
    reject_draft(draft_id=wrong.public_id, by=desk.olaf, reason="tone", note="", now=NOW())
    assert lacks(_evidence(pilot)) == [Lack.SHARE]  # 20 of 22
    undo_rejection(draft_id=wrong.public_id, by=desk.olaf, now=NOW())
    reject_draft(draft_id=wrong.public_id, by=desk.olaf, reason="wrong_policy", note="", now=NOW())
    assert set(lacks(_evidence(pilot))) == {Lack.GRAVE, Lack.SHARE}
    with pytest.raises(Conflict):
        _place(pilot, "on")
    assert word_rule(pilot.rule.public_id).state == "shadow"


@pytest.mark.parametrize("reason", ["wrong_fact", "wrong_policy", "unsafe"])
def test_no_share_is_small_enough_for_a_grave_rejection(pilot: Pilot, desk: Desk, reason: str) -> None:
    pilot.prove(decided=30)
    wrong = pilot.shadowed()
    reject_draft(draft_id=wrong.public_id, by=desk.olaf, reason=reason, note="", now=NOW())
    assert lacks(_evidence(pilot)) == [Lack.GRAVE]


def test_a_stopped_rule_keeps_its_evidence_and_a_person_switches_it_on_again(pilot: Pilot) -> None:
    pilot.prove(decided=6)
    for state in ("on", "off", "on", "shadow", "off"):
        assert _place(pilot, state).state == state
    assert lacks(_evidence(pilot)) == []


def test_who_saw_another_version_switches_nothing(pilot: Pilot) -> None:
    pilot.prove(decided=6)
    AutopilotRule.objects.filter(pk=pilot.rule.pk).update(version=2)
    with pytest.raises(Conflict):
        _place(pilot, "off")
    assert word_rule(pilot.rule.public_id).state == "shadow"


# --- changes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"intents": ("delivery",)},
        {"intents": ("delivery", "stock", "payment")},
        {"locale": "en"},
        {"hours": "open"},
        {"min_confidence": 0.95},
        {"min_confidence": 0.85},
    ],
)
def test_any_other_condition_begins_anew_in_shadow(pilot: Pilot, change: dict[str, Any]) -> None:
    pilot.prove(decided=6)
    _place(pilot, "on")
    rule = change_rule(rule_id=pilot.rule.public_id, by=pilot.by, change=replace(CHANGE, **change), now=NOW())
    assert (rule.state, rule.put_back, rule.version, rule.state_by) == ("shadow", "changed", 2, None)
    assert _evidence(pilot).decided == 0
    entry = AuditEntry.objects.get(action="autopilot_rule.changed")
    assert entry.data["fields"] == sorted(change) and entry.data["state"] == "shadow"
    with pytest.raises(Conflict):
        place_rule(rule_id=rule.public_id, by=pilot.by, state="on", seen=2, now=NOW())


def test_a_name_is_no_condition(pilot: Pilot) -> None:
    pilot.prove(decided=6)
    _place(pilot, "on")
    rule = change_rule(rule_id=pilot.rule.public_id, by=pilot.by, change=replace(CHANGE, name="Parcels"), now=NOW())
    assert (rule.state, rule.version, rule.name) == ("on", 1, "Parcels")
    assert "Parcels" not in str(AuditEntry.objects.get(action="autopilot_rule.changed").data)
    before = AuditEntry.objects.count()
    change_rule(rule_id=pilot.rule.public_id, by=pilot.by, change=replace(CHANGE, name="Parcels"), now=NOW())
    assert AuditEntry.objects.count() == before


def test_a_change_of_a_rule_that_is_off_leaves_it_off(pilot: Pilot) -> None:
    pilot.place("off")
    change = replace(CHANGE, locale="en")
    assert change_rule(rule_id=pilot.rule.public_id, by=pilot.by, change=change, now=NOW()).state == "off"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"name": "Delivery"}, "name"),
        ({"intents": ()}, "intents"),
        ({"intents": ("delivery", "complaint")}, "intents"),
        ({"intents": ("wants_a_person",)}, "intents"),
        ({"intents": ("other",)}, "intents"),
        ({"intents": ("nonsense",)}, "intents"),
        ({"locale": "de"}, "locale"),
        ({"hours": "night"}, "hours"),
        ({"min_confidence": 0.49}, "min_confidence"),
        ({"min_confidence": 1.01}, "min_confidence"),
        ({"storefronts": ("nonsense",)}, "storefronts"),
    ],
)
def test_what_is_no_rule_is_refused(pilot: Pilot, change: dict[str, Any], field: str) -> None:
    wanted = replace(CHANGE, **{"name": "Another", **change})
    with pytest.raises(Invalid) as refused:
        create_rule(by=pilot.by, change=wanted, shadow=True, now=NOW())
    assert refused.value.field == field
    assert AutopilotRule.objects.count() == 1


def test_another_merchants_storefront_and_rule_are_not_there(pilot: Pilot) -> None:
    rival = make_merchant("rival")
    boss = make_member(rival, Role.OWNER)
    theirs = make_storefront(rival)
    with pytest.raises(Invalid):
        create_rule(
            by=pilot.by,
            change=replace(CHANGE, name="Theirs", storefronts=(str(theirs.public_id),)),
            shadow=True,
            now=NOW(),
        )
    with scope(merchant=rival), pytest.raises(NotFound):
        place_rule(rule_id=pilot.rule.public_id, by=boss, state="off", seen=1, now=NOW())
    assert word_rule(pilot.rule.public_id).state == "shadow"


def test_only_owners_and_admins_configure(pilot: Pilot, desk: Desk) -> None:
    before = AuditEntry.objects.count()
    for member in (desk.olaf, desk.nina):
        with pytest.raises(NotAllowed):
            create_rule(by=member, change=replace(CHANGE, name="Mine"), shadow=False, now=NOW())
        with pytest.raises(NotAllowed):
            change_rule(rule_id=pilot.rule.public_id, by=member, change=replace(CHANGE, locale="en"), now=NOW())
        with pytest.raises(NotAllowed):
            _place(pilot, "off", by=member)
        with pytest.raises(NotAllowed):
            delete_rule(rule_id=pilot.rule.public_id, by=member, now=NOW())
    assert AuditEntry.objects.count() == before
    assert (word_rule(pilot.rule.public_id).state, AutopilotRule.objects.count()) == ("shadow", 1)


def test_only_a_rule_that_is_off_is_deleted(pilot: Pilot) -> None:
    draft = pilot.shadowed()
    with pytest.raises(Conflict):
        delete_rule(rule_id=pilot.rule.public_id, by=pilot.by, now=NOW())
    _place(pilot, "off")
    delete_rule(rule_id=pilot.rule.public_id, by=pilot.by, now=NOW())
    assert not AutopilotRule.objects.exists() and not ShadowSend.objects.exists()
    draft.refresh_from_db()
    assert draft.state == DraftState.READY
    assert AuditEntry.objects.filter(action="autopilot_rule.deleted").exists()


# --- samples and the brake ------------------------------------------------------------------------------------------


def _send(pilot: Pilot) -> AutopilotSend:
    draft = pilot.draft()
    review = pilot.meet(draft)
    assert review is not None and run_sends(draft) == 1
    send: AutopilotSend = AutopilotSend.objects.get(review=review)
    return send


def _judge(send: AutopilotSend, by: Member, judgement: str = "wrong", reason: str = "wrong_fact") -> bool:
    return judge_send(send_id=send.public_id, by=by, judgement=judgement, reason=reason, now=NOW())


def test_the_first_are_all_checked_then_a_share(pilot: Pilot, monkeypatch: pytest.MonkeyPatch) -> None:
    from cs_portal.drafting.services import autopilot_sampling

    pilot.place("on")
    monkeypatch.setattr(autopilot_sampling, "FIRST", 2)
    sends = [_send(pilot) for _ in range(6)]
    assert [send.sampled for send in sends[:2]] == [True, True]
    assert [send.sampled for send in sends[2:]] == [is_sampled(send.review.public_id) for send in sends[2:]]


def test_a_share_of_a_tenth_is_about_a_tenth_and_always_the_same(settings: Any) -> None:
    import random
    from uuid import UUID

    drawn = random.Random(7)
    ids = [UUID(int=drawn.getrandbits(128)) for _ in range(5000)]
    first = [is_sampled(one) for one in ids]
    assert 400 < sum(first) < 600
    assert first == [is_sampled(one) for one in ids]
    settings.AUTOPILOT_SAMPLE_SHARE = 0
    assert not any(is_sampled(one) for one in ids)


def test_the_second_wrong_one_puts_the_rule_back_and_admins_are_told(pilot: Pilot, desk: Desk) -> None:
    Member.objects.filter(pk=desk.ann.pk).update(notifications={"autopilot": True})
    pilot.prove(decided=6)
    _place(pilot, "on")
    pilot.rule.refresh_from_db()
    first, second, third = (_send(pilot) for _ in range(3))
    under_way = pilot.draft()
    assert pilot.meet(under_way) is not None
    assert list(sends_to_check()) == [first, second, third]
    assert not _judge(first, desk.olaf)
    assert not _judge(second, desk.olaf, "right", "")
    assert _judge(third, desk.olaf, reason="tone")
    rule = word_rule(pilot.rule.public_id)
    assert (rule.state, rule.put_back, rule.state_by) == ("shadow", "samples", None)
    assert lacks(_evidence(pilot)) == [Lack.FEW, Lack.DAYS]  # and shows anew what it would send
    under_way.refresh_from_db()
    assert under_way.state == DraftState.READY
    entry = AuditEntry.objects.get(action="autopilot_rule.braked")
    assert (entry.actor_kind, entry.data["state"], entry.data["taken_back"]) == ("system", "shadow", 1)
    assert Event.objects.filter(name="autopilot:changed").exists()
    assert Job.objects.filter(kind="mail_notice", payload__member=desk.ann.pk).count() == 1
    judged = AuditEntry.objects.filter(action="autopilot.judged", actor_id=str(desk.olaf.public_id))
    assert [one.data["kind"] for one in judged.order_by("id")] == ["wrong", "right", "wrong"]


def test_wrong_ones_of_before_do_not_count_for_ever(pilot: Pilot, desk: Desk, settings: Any) -> None:
    settings.AUTOPILOT_SAMPLE_SHARE = 1
    pilot.place("on")
    sends = [_send(pilot) for _ in range(22)]
    _judge(sends[0], desk.olaf)
    for send in sends[1:21]:
        assert not _judge(send, desk.olaf, "right", "")
    assert not _judge(sends[21], desk.olaf)  # the other wrong one is the 22nd last
    assert word_rule(pilot.rule.public_id).state == "on"


def test_a_switch_for_an_action_is_braked_to_off(pilot: Pilot, desk: Desk) -> None:
    switch_autopilot(by=desk.ann, action="cancel", on=True, now=NOW())
    switch = AutopilotRule.objects.get(action="cancel")
    sends = []
    for _ in range(2):
        draft = pilot.draft()
        data = {"rule": str(switch.public_id), "rule_version": 1, "name": "", "action": "cancel"}
        review = Review.objects.create(draft=draft, decision="approved", created_at=NOW(), autopilot=data)
        sends.append(
            AutopilotSend.objects.create(rule=switch, rule_version=1, review=review, created_at=NOW(), sampled=True)
        )
    assert [_judge(send, desk.olaf) for send in sends] == [False, True]
    switch.refresh_from_db()
    assert (switch.state, switch.put_back) == ("off", "samples")


def test_who_judges_and_how(pilot: Pilot, desk: Desk) -> None:
    pilot.place("on")
    send = _send(pilot)
    with pytest.raises(NotAllowed):
        _judge(send, desk.nina)
    for judgement, reason in (("", ""), ("wrong", ""), ("wrong", "nonsense"), ("maybe", "tone")):
        with pytest.raises(Invalid):
            _judge(send, desk.olaf, judgement, reason)
    assert not _judge(send, desk.olaf)
    with pytest.raises(Conflict):
        _judge(send, desk.ann, "right", "")
    with pytest.raises(Conflict):
        unjudge_send(send_id=send.public_id, by=desk.ann, now=NOW())
    unjudge_send(send_id=send.public_id, by=desk.olaf, now=NOW())
    assert list(sends_to_check()) == [send]
    AutopilotSend.objects.filter(pk=send.pk).update(sampled=False)
    with pytest.raises(NotFound):
        _judge(send, desk.olaf)


def test_another_merchant_judges_nothing(pilot: Pilot) -> None:
    pilot.place("on")
    send = _send(pilot)
    rival = make_merchant("rival")
    boss = make_member(rival, Role.OWNER)
    with scope(merchant=rival), pytest.raises(NotFound):
        _judge(send, boss)

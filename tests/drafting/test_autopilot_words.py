"""A rule for words sends exactly its case while it is on, and never anything from the shadow."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from cs_portal.conversations.models import Author, Conversation, Message
from cs_portal.conversations.services import receive_shopper_message
from cs_portal.core.models import AuditEntry, Job
from cs_portal.core.workers import run_due
from cs_portal.drafting.autopilot_cases import NEVER
from cs_portal.drafting.models import AutopilotRule, AutopilotSend, Draft, DraftState, Review, ShadowSend
from cs_portal.drafting.services.autopilot import stop_autopilot
from cs_portal.drafting.services.autopilot_rules import RuleChange, change_rule, place_rule
from cs_portal.drafting.services.review import undo_approval
from cs_portal.merchants.models import Merchant
from tests.drafting.autopilot_desk import CHANGE, TEXT, Pilot, run_sends
from tests.drafting.conftest import Desk
from tests.factories import make_conversation, make_faq, make_message, make_storefront


@pytest.fixture
def pilot(desk: Desk) -> Pilot:
    return Pilot.ready(desk.merchant, desk.ann, state="on")


def test_what_fits_leaves_with_a_recorded_approval(pilot: Pilot) -> None:
    draft = pilot.draft()
    review = pilot.meet(draft)
    assert review is not None and review.autopilot is not None and review.plan is None
    who = str(pilot.rule.public_id)
    told = {key: review.autopilot[key] for key in ("rule", "rule_version", "name", "action")}
    assert told == {"rule": who, "rule_version": 1, "name": "Delivery", "action": ""}
    assert run_sends(draft) == 1 and draft.state == DraftState.SENT
    message = Message.objects.get(draft_key=draft.public_id)
    assert (message.author, message.member, message.text) == (Author.BOT, None, TEXT)
    logged = AuditEntry.objects.filter(target=f"draft:{draft.public_id}", actor_kind="autopilot", actor_id=who)
    assert set(logged.values_list("action", flat=True)) == {"draft.approved", "reply.sent"}
    assert logged.get(action="draft.approved").data["autopilot_version"] == 1
    assert run_sends(draft) == 1
    assert AutopilotSend.objects.filter(review=review, rule=pilot.rule).count() == 1


ANOTHER: list[dict[str, Any]] = [
    {"confidence": 0.8999},
    {"intent": "refund"},
    {"intents": [{"name": "delivery", "probability": 0.9}, {"name": "refund", "probability": 0.9}]},
    {"intents": [{"name": "delivery", "probability": 0.9, "unanswered": True, "question": "And?"}]},
    {"injection": True},
    {"needs_person": True},
    {"handover_reason": "no_knowledge"},
    {"override": {"outcome": "allow"}},
    {"withheld": True},
    {"answered": False},
]


@pytest.mark.parametrize("fields", ANOTHER)
@pytest.mark.parametrize("state", ["on", "shadow"])
def test_each_condition_of_the_draft_blocks(pilot: Pilot, fields: dict[str, Any], state: str) -> None:
    pilot.place(state)
    _left_alone(pilot, pilot.draft(**fields))


@pytest.mark.parametrize("intent", sorted(NEVER))
def test_some_questions_are_never_answered_even_by_a_rule_that_names_them(pilot: Pilot, intent: str) -> None:
    AutopilotRule.objects.filter(pk=pilot.rule.pk).update(intents=[intent, "delivery"])
    also = [{"name": "delivery", "probability": 0.9}, {"name": intent, "probability": 0.3}]
    _left_alone(pilot, pilot.draft(intent=intent, intents=[]))
    _left_alone(pilot, pilot.draft(intents=also))


def _marked(draft: Draft) -> None:
    draft.candidates.update(violations=[{"kind": "unsupported", "text": "We love you."}])


def _by_a_model(draft: Draft) -> None:
    draft.candidates.update(source="language_model")


def _for_a_person(draft: Draft) -> None:
    Conversation.objects.filter(pk=draft.conversation_id).update(needs_person=True)


def _taken_over(draft: Draft) -> None:
    Conversation.objects.filter(pk=draft.conversation_id).update(handled_by="person")


def _with_a_photo(draft: Draft) -> None:
    Message.objects.filter(conversation=draft.conversation).update(attachments=["photo"])


def _by_the_form(draft: Draft) -> None:
    Message.objects.filter(pk=draft.message_id).update(request={"action": "cancel", "confirmed": True})


def _acting(draft: Draft) -> None:
    Draft.objects.filter(pk=draft.pk).update(
        request={"action": "place_order"}, verdict={"outcome": "allow", "approver": "autopilot"}
    )


def _without_words(draft: Draft) -> None:
    draft.candidates.all().delete()


@pytest.mark.parametrize(
    "differently",
    [_marked, _by_a_model, _for_a_person, _taken_over, _with_a_photo, _by_the_form, _acting, _without_words],
)
@pytest.mark.parametrize("state", ["on", "shadow"])
def test_what_calls_for_a_person_blocks(pilot: Pilot, differently: Any, state: str) -> None:
    pilot.place(state)
    draft = pilot.draft()
    differently(draft)
    _left_alone(pilot, draft)


def _left_alone(pilot: Pilot, draft: Draft) -> None:
    assert pilot.meet(draft) is None
    assert run_sends(draft) == 0 and draft.state == DraftState.READY
    assert not Review.objects.exists() and not ShadowSend.objects.exists()


# --- language, storefront, hours -----------------------------------------------------------------------------------


def test_language_and_storefront(desk: Desk) -> None:
    other = make_storefront(desk.merchant, "other")
    pilot = Pilot.ready(desk.merchant, desk.ann, state="on", locale="zh-hans", storefronts=(str(other.public_id),))
    here = make_conversation(desk.merchant, texts=["?"])
    there = make_conversation(desk.merchant, storefront=other, texts=["?"])
    assert pilot.meet(pilot.draft(here, locale="zh-hans")) is None
    assert pilot.meet(pilot.draft(there, locale="zh-hans")) is not None
    there = make_conversation(desk.merchant, storefront=other, texts=["?"])
    assert pilot.meet(pilot.draft(there, locale="en")) is None


@pytest.mark.parametrize(("hours", "open_sends", "closed_sends"), [("any", 1, 1), ("open", 1, 0), ("closed", 0, 1)])
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
def test_hours_are_the_storefronts_own(desk: Desk, hours: str, open_sends: int, closed_sends: int, zone: str) -> None:
    Merchant.objects.filter(pk=desk.merchant.pk).update(timezone=zone)
    desk.merchant.timezone = zone
    shop = make_storefront(desk.merchant, "night", hours={"mon": [["22:00", "24:00"]]})
    pilot = Pilot.ready(desk.merchant, desk.ann, state="on", hours=hours)
    monday = datetime(2026, 11, 23, 22, 30, tzinfo=ZoneInfo(zone))
    for at, sends in ((monday, open_sends), (monday - timedelta(hours=1), closed_sends)):
        draft = pilot.draft(make_conversation(desk.merchant, storefront=shop, texts=["?"]))
        assert (pilot.meet(draft, at=at) is not None) == bool(sends)


# --- shadow ---------------------------------------------------------------------------------------------------------


def test_nothing_ever_leaves_from_the_shadow(desk: Desk) -> None:
    """Every combination of conditions: a row for each rule that fits, no approval, no job, no message."""
    places = [(), (str(desk.conversation.storefront.public_id),)]
    rules = itertools.product(["", "en", "zh-hans"], places, ["any", "open", "closed"], [0.5, 0.95, 1.0])
    for number, (locale, storefronts, hours, least) in enumerate(rules):
        AutopilotRule.objects.create(
            name=f"r{number}",
            intents=["delivery"],
            locale=locale,
            storefronts=list(storefronts),
            hours=hours,
            min_confidence=least,
            state="shadow",
            state_since=timezone.now(),
            evidence_since=timezone.now(),
            updated_at=timezone.now(),
        )
    pilot = Pilot(desk.merchant, desk.ann, AutopilotRule.objects.first())
    for locale in ("en", "zh-hans"):
        draft = pilot.draft(locale=locale)
        assert pilot.meet(draft) is None
        # Two of three languages, both places, two of three hours, two of three confidences.
        assert ShadowSend.objects.filter(draft=draft).count() == 2 * 2 * 2 * 2
        assert run_sends(draft) == 0 and draft.state == DraftState.READY
    assert not Review.objects.exists() and not AutopilotSend.objects.exists()
    assert not Job.objects.filter(kind="send_reply").exists()


def test_a_rule_that_is_off_neither_sends_nor_looks(pilot: Pilot) -> None:
    pilot.place("off")
    _left_alone(pilot, pilot.draft())


def test_where_a_rule_is_on_the_shadow_sees_nothing_to_compare(pilot: Pilot, desk: Desk) -> None:
    Pilot.ready(desk.merchant, desk.ann, name="Second")
    assert pilot.meet(pilot.draft()) is not None
    assert not ShadowSend.objects.exists()


# --- within the undo window ----------------------------------------------------------------------------------------


def _stop(pilot: Pilot) -> None:
    assert stop_autopilot(by=pilot.by, now=timezone.now()) == 1


def _off(pilot: Pilot) -> None:
    place_rule(rule_id=pilot.rule.public_id, by=pilot.by, state="off", seen=1, now=timezone.now())


def _change(pilot: Pilot) -> None:
    change = RuleChange(name="Delivery", intents=CHANGE.intents, min_confidence=0.8)
    change_rule(rule_id=pilot.rule.public_id, by=pilot.by, change=change, now=timezone.now())


def _off_behind_its_back(pilot: Pilot) -> None:
    """The job asks again, also where nobody could cancel it in time."""
    pilot.place("off")


def _changed_behind_its_back(pilot: Pilot) -> None:
    AutopilotRule.objects.filter(pk=pilot.rule.pk).update(version=2)


@pytest.mark.parametrize("moves", [_stop, _off, _change, _off_behind_its_back, _changed_behind_its_back])
def test_what_moved_within_the_undo_window_brings_the_draft_back(pilot: Pilot, moves: Any) -> None:
    draft = pilot.draft()
    assert pilot.meet(draft) is not None
    moves(pilot)
    assert run_sends(draft) == 0 and draft.state == DraftState.READY
    assert draft.reopened_because["en"] and draft.reopened_because["zh-hans"]
    assert not AutopilotSend.objects.exists()


def test_the_stop_brings_it_back_at_once_and_another_rule_goes_on_looking(pilot: Pilot, desk: Desk) -> None:
    other = Pilot.ready(desk.merchant, desk.ann, name="Second")
    draft = pilot.draft()
    assert pilot.meet(draft) is not None
    stop_autopilot(by=desk.olaf, now=timezone.now())
    draft.refresh_from_db()
    assert draft.state == DraftState.READY
    pilot.rule.refresh_from_db()
    other.rule.refresh_from_db()
    assert (pilot.rule.state, pilot.rule.put_back, other.rule.state) == ("off", "stopped", "shadow")


def test_a_person_takes_it_back_and_a_shopper_who_writes_on_withdraws_it(pilot: Pilot, desk: Desk) -> None:
    first, second = pilot.draft(), pilot.draft()
    assert pilot.meet(first) is not None and pilot.meet(second) is not None
    undo_approval(draft_id=first.public_id, by=desk.olaf, now=timezone.now())
    make_message(second.conversation, "And one more thing")
    Conversation.objects.filter(pk=second.conversation_id).update(version=9)
    assert (run_sends(first), run_sends(second)) == (0, 0)
    assert (first.state, second.state) == (DraftState.READY, DraftState.READY)


# --- the whole way -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["on", "shadow", "off"])
def test_from_the_shoppers_words_to_the_reply(desk: Desk, state: str) -> None:
    make_faq(desk.merchant)
    pilot = Pilot.ready(
        desk.merchant, desk.ann, state=state, intents=("damaged_or_wrong_item", "product_question"), min_confidence=0.5
    )
    conversation = make_conversation(desk.merchant)
    receive_shopper_message(
        conversation_id=conversation.pk, text="Something arrived broken", client_id="c1", now=timezone.now()
    )
    run_due(["fast"], keep=False)
    draft = Draft.objects.get(conversation=conversation)
    fitted = draft.confidence >= 0.5 and draft.intent in pilot.rule.intents and not draft.needs_person
    assert fitted, (draft.intent, draft.confidence, draft.handover_reason)
    sent = run_sends(draft)
    assert (sent, ShadowSend.objects.filter(draft=draft).count()) == {"on": (1, 0), "shadow": (0, 1)}.get(state, (0, 0))

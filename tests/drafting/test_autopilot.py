"""Autopilot rules may be prepared; no rule ever sends anything."""

from __future__ import annotations

import pytest
from django.utils import timezone

from cs_portal.conversations.models import Author, Message
from cs_portal.conversations.services import receive_shopper_message
from cs_portal.core.errors import Invalid, NotAllowed
from cs_portal.core.models import AuditEntry
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.drafting.models import AutopilotRule, Decision, Draft, DraftState, Review
from cs_portal.drafting.services.autopilot import outlook, save_thresholds, thresholds
from cs_portal.merchants.models import Member, Role
from tests.drafting.conftest import Desk
from tests.factories import make_conversation, make_draft, make_faq

NOW = timezone.now()


def _outlook(intent: str) -> tuple[int, int, int]:
    row = next(row for row in outlook(now=NOW) if row.intent == intent)
    return row.decided, row.above, row.unchanged


def test_thresholds_are_kept_and_logged(desk: Desk) -> None:
    assert save_thresholds(by=desk.ann, chosen={"delivery": 0.8, "stock": 0.9}, now=NOW) == ["delivery"]
    assert (thresholds()["delivery"], thresholds()["stock"]) == (0.8, 0.9)
    rule = AutopilotRule.objects.get()
    assert not rule.is_on
    assert AuditEntry.objects.get(action="autopilot.thresholds_changed").data == {"delivery": 0.8}


def test_even_a_rule_that_is_on_in_the_database_sends_nothing(desk: Desk) -> None:
    """The one invariant: without a person's approval nothing leaves."""
    make_faq(desk.merchant)
    for intent in thresholds():
        AutopilotRule.objects.create(intent=intent, min_confidence=0.5, is_on=True, updated_at=NOW)
    conversation = make_conversation(desk.merchant)
    receive_shopper_message(conversation_id=conversation.pk, text="Something arrived broken", client_id="c1", now=NOW)
    run_due(["fast", "model", "bulk"], keep=False)
    draft = Draft.objects.get(conversation=conversation)
    assert draft.state == DraftState.READY
    assert not Review.objects.filter(draft=draft).exists()
    replies = Message.objects.filter(conversation=conversation, author__in=[Author.BOT, Author.OPERATOR])
    assert not replies.exists()


@pytest.mark.parametrize("chosen", [{"complaint": 0.9}, {"nonsense": 0.9}, {"delivery": 0.49}, {"delivery": 1.01}])
def test_what_must_not_be_prepared_is_refused(desk: Desk, chosen: dict[str, float]) -> None:
    with pytest.raises(Invalid):
        save_thresholds(by=desk.ann, chosen=chosen, now=NOW)
    assert not AutopilotRule.objects.exists()


def test_only_configurers(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        save_thresholds(by=desk.olaf, chosen={"delivery": 0.8}, now=NOW)


def test_the_look_back_counts_what_reached_the_threshold(desk: Desk) -> None:
    def decided(confidence: float, decision: str, **fields: object) -> None:
        draft = make_draft(
            desk.merchant, make_conversation(desk.merchant, texts=["?"]), intent="delivery", confidence=confidence
        )
        Review.objects.create(draft=draft, decision=decision, created_at=NOW, **fields)

    decided(0.95, Decision.APPROVED)
    decided(0.9, Decision.EDITED)
    decided(0.89, Decision.APPROVED)
    decided(0.99, Decision.APPROVED, undone_at=NOW)
    assert _outlook("delivery") == (3, 2, 1)
    save_thresholds(by=desk.ann, chosen={"delivery": 0.89}, now=NOW)
    assert _outlook("delivery") == (3, 3, 2)


def test_another_merchants_thresholds_are_theirs(desk: Desk) -> None:
    from tests.factories import make_member, make_merchant

    rival = make_merchant("rival")
    boss: Member = make_member(rival, Role.OWNER)
    with scope(merchant=rival):
        save_thresholds(by=boss, chosen={"delivery": 0.7}, now=NOW)
    assert thresholds()["delivery"] == 0.9

"""Which drafts are questions without a good answer: one definition for gaps, home and figures."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from cs_portal.conversations.models import OutgoingReply
from cs_portal.core.tenancy import scope
from cs_portal.drafting.models import Decision, Draft, DraftCandidate, DraftState, Review
from cs_portal.drafting.unanswered import unanswered
from cs_portal.merchants.models import Merchant
from tests.factories import make_draft, make_member, make_merchant

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def merchant() -> Merchant:
    return make_merchant()


def counts(draft: Draft) -> bool:
    with scope(merchant=draft.merchant):
        return unanswered(Draft.objects.all()).filter(pk=draft.pk).exists()


def reject(draft: Draft, reason: str, **fields: object) -> None:
    member = make_member(draft.merchant)
    with scope(merchant=draft.merchant):
        Review.objects.create(
            draft=draft, member=member, decision=Decision.REJECTED, reason=reason, created_at=NOW, **fields
        )


def write_own(draft: Draft, **fields: object) -> None:
    """A colleague's own reply took the draft's place."""
    given = {"created_at": NOW, "execute_after": NOW, "executed_at": NOW, **fields}
    with scope(merchant=draft.merchant):
        OutgoingReply.objects.create(conversation=draft.conversation, text="Yes, we do.", **given)
        Draft.objects.filter(pk=draft.pk).update(state=DraftState.SUPERSEDED, closed_at=NOW)


def test_no_faq_above_the_threshold(merchant: Merchant) -> None:
    assert counts(make_draft(merchant, answered=False))
    assert not counts(make_draft(merchant, answered=True))
    assert not counts(make_draft(merchant, answered=None))


def test_one_of_several_questions_was_passed_over(merchant: Merchant) -> None:
    passed = [{"name": "other", "probability": 0.0, "question": "Are they vegan?", "unanswered": True}]
    assert counts(make_draft(merchant, answered=True, intents=passed))
    # A shopper who writes the mark is no passed-over question.
    said = [{"name": "other", "probability": 0.4, "question": '"unanswered": true'}]
    assert not counts(make_draft(merchant, answered=True, intents=said))


@pytest.mark.parametrize(
    ("reason", "against"),
    [("wrong_fact", True), ("incomplete", True), ("outdated", True), ("tone", False), ("wrong_policy", False)],
)
def test_a_rejection_counts_when_it_speaks_against_the_answer(merchant: Merchant, reason: str, against: bool) -> None:
    draft = make_draft(merchant, answered=True)
    reject(draft, reason)
    assert counts(draft) is against


def test_a_rejection_that_was_taken_back_or_was_about_an_order_does_not_count(merchant: Merchant) -> None:
    draft, order = make_draft(merchant, answered=True), make_draft(merchant, answered=None)
    reject(draft, "wrong_fact", undone_at=NOW)
    reject(order, "wrong_fact")
    assert not counts(draft)
    assert not counts(order)


def test_a_colleague_wrote_the_answer(merchant: Merchant) -> None:
    draft = make_draft(merchant, answered=True)
    write_own(draft)
    assert counts(draft)


def test_a_reply_that_was_taken_back_or_came_another_time_does_not_count(merchant: Merchant) -> None:
    undone, later = make_draft(merchant, answered=True), make_draft(merchant, answered=True)
    write_own(undone, executed_at=None)
    write_own(later, created_at=NOW + timedelta(hours=1))
    assert not counts(undone)
    assert not counts(later)


def test_a_draft_that_a_newer_one_replaced_unseen_counts_with_that_one(merchant: Merchant) -> None:
    replaced = make_draft(merchant, answered=False, state=DraftState.SUPERSEDED)
    seen = make_draft(merchant, answered=False, state=DraftState.SUPERSEDED, opened_at=NOW)
    unseen_but_answered_by_hand = make_draft(merchant, answered=False)
    write_own(unseen_but_answered_by_hand)
    assert not counts(replaced)
    assert counts(seen)
    assert counts(unseen_but_answered_by_hand)


def test_an_attempt_to_misuse_the_bot_is_no_question(merchant: Merchant) -> None:
    assert not counts(make_draft(merchant, answered=False, injection=True))


def edit(draft: Draft, text: str, **fields: object) -> Draft:
    with scope(merchant=draft.merchant):
        given = {"created_at": NOW, "execute_after": NOW, "executed_at": NOW, **fields}
        Review.objects.create(
            draft=draft, decision=Decision.EDITED, candidate=DraftCandidate.objects.get(draft=draft), text=text, **given
        )
    return draft


def test_a_draft_whose_words_were_thrown_away_answered_nothing(merchant: Merchant) -> None:
    bot, other, touched = "How about our tent for you? It is light.", "Yes, behind the workshop.", "How about our tent?"

    def drafted(**fields: object) -> Draft:
        return make_draft(merchant, texts=[bot], state=DraftState.SENT, **fields)

    assert counts(edit(drafted(answered=None), other))
    assert counts(edit(drafted(answered=True), other))
    assert not counts(edit(drafted(answered=True), touched))
    assert not counts(edit(drafted(answered=True), other, executed_at=None))
    assert not counts(edit(drafted(answered=None, intent="greeting_thanks"), other))
    assert not counts(edit(drafted(answered=None, request={"action": "cancel"}), other))

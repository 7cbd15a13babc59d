"""Edits teach: three times the same change is a proposal; and phrasings are suggested from approved questions."""

from __future__ import annotations

import pytest

from cs_portal.core.tenancy import scope
from cs_portal.drafting.models import Decision, DraftState, Review
from cs_portal.knowledge.models import Faq, FaqEdit, FaqProposal, PhrasingSuggestion, ProposalState
from cs_portal.knowledge.services.forgetting import forget_conversations
from cs_portal.learning.teaching.edits import propose
from cs_portal.learning.teaching.phrasings import suggest
from cs_portal.merchants.models import Merchant
from tests.factories import make_faq
from tests.knowledge.gap_rows import BOT, NOW
from tests.learning.conftest import ask, edit

pytestmark = pytest.mark.django_db

ANSWER = "It takes 3 to 5 days. Orders over ¥200 ship free."
DRAFT = f"Hello, thanks for your message. {ANSWER}"


@pytest.fixture
def faq(merchant: Merchant) -> Faq:
    return make_faq(merchant, en=("How long does delivery take?", ANSWER))


def proposed(merchant: Merchant) -> list[tuple[str, str, int]]:
    with scope(merchant=merchant):
        propose(now=NOW)
        return list(FaqProposal.objects.filter(state="open").values_list("before", "after", "times"))


def change(faq: Faq, days: str, closing: str = "") -> None:
    edit(faq, ANSWER, DRAFT, f"Dear Anna, it takes {days} days. Orders over ¥200 ship free.{closing}")


def test_three_times_the_same_way_is_a_proposal(merchant: Merchant, faq: Faq) -> None:
    change(faq, "2 to 4")
    change(faq, "2 to 4", " Kind regards, Sam")
    assert proposed(merchant) == []
    change(faq, "2 to 4")
    assert proposed(merchant) == [("It takes 3 to 5 days.", "It takes 2 to 4 days.", 3)]
    change(faq, "2 to 4")
    assert proposed(merchant) == [("It takes 3 to 5 days.", "It takes 2 to 4 days.", 4)]


def test_other_numbers_are_another_change(merchant: Merchant, faq: Faq) -> None:
    for days in ("2 to 4", "2 to 4", "2 to 5"):
        change(faq, days)
    assert proposed(merchant) == []


def test_edits_that_were_taken_back_do_not_count(merchant: Merchant, faq: Faq) -> None:
    for _ in range(3):
        change(faq, "2 to 4")
    with scope(merchant=merchant):
        last = Review.objects.order_by("-id").first()
        Review.objects.filter(pk=last.pk).update(undone_at=NOW)
    assert proposed(merchant) == []


def test_a_dismissed_change_is_proposed_again_after_three_more(merchant: Merchant, faq: Faq) -> None:
    for _ in range(3):
        change(faq, "2 to 4")
    proposed(merchant)
    with scope(merchant=merchant):
        FaqProposal.objects.update(state=ProposalState.DISMISSED)
    change(faq, "2 to 4")
    assert proposed(merchant) == []
    change(faq, "2 to 4")
    change(faq, "2 to 4")
    assert len(proposed(merchant)) == 1


def test_it_is_out_of_date_once_the_sentence_is_gone(merchant: Merchant, faq: Faq) -> None:
    for _ in range(3):
        change(faq, "2 to 4")
    proposed(merchant)
    with scope(merchant=merchant):
        faq.texts.filter(locale="en").update(answer="It takes a week.")
    assert proposed(merchant) == []
    with scope(merchant=merchant):
        assert FaqProposal.objects.get().state == ProposalState.STALE


def test_what_no_three_conversations_carry_any_more_is_withdrawn(merchant: Merchant, faq: Faq) -> None:
    for _ in range(3):
        change(faq, "2 to 4")
    proposed(merchant)
    with scope(merchant=merchant):
        one = FaqEdit.objects.values_list("conversation", flat=True).first()
        forget_conversations([one], now=NOW)
        assert FaqProposal.objects.count() == 0
        assert FaqEdit.objects.filter(proposal=None).count() == 2


def approved(merchant: Merchant, faq: Faq, text: str) -> None:
    piece = {"kind": "faq", "ref": f"faq:{faq.public_id}:1", "score": 0.8, "locale": "en"}
    draft = ask(merchant, text, answered=True, evidence=[piece], state=DraftState.SENT)
    with scope(merchant=merchant):
        Review.objects.create(
            draft=draft, decision=Decision.APPROVED, text="x", execute_after=NOW, executed_at=NOW, created_at=NOW
        )


def test_approved_questions_that_no_phrasing_is_near_are_suggested(merchant: Merchant, faq: Faq) -> None:
    approved(merchant, faq, "when does my stuff come")
    approved(merchant, faq, "How long does delivery take")
    approved(merchant, faq, "order 10533, when does it come")
    with scope(merchant=merchant):
        assert suggest(bot=BOT, now=NOW) == 1
        assert suggest(bot=BOT, now=NOW) == 0
        row = PhrasingSuggestion.objects.get()
    assert (row.text, row.faq_id) == ("when does my stuff come", faq.pk)
    assert row.similarity < 0.6


def test_what_autopilot_approved_suggests_nothing(merchant: Merchant, faq: Faq) -> None:
    approved(merchant, faq, "when does my stuff come")
    with scope(merchant=merchant):
        Review.objects.update(autopilot={"rule": "r", "rule_version": 1, "name": "Delivery", "action": ""})
        assert suggest(bot=BOT, now=NOW) == 0
        Review.objects.update(autopilot=None)
        assert suggest(bot=BOT, now=NOW) == 1

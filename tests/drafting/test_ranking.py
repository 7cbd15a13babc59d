"""Weights of a merchant, what is kept of a candidate, and who may change them."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.utils import timezone

from bots.api import Bot, HashingEmbedder
from bots.backends.fake import FakeLanguageModel
from bots.composing.ranking import DEFAULT_WEIGHTS
from cs_portal.conversations.services import receive_shopper_message
from cs_portal.core.errors import Conflict, Invalid, NotAllowed, NotFound
from cs_portal.core.models import AuditEntry
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.drafting import engine
from cs_portal.drafting.assessing import weights_of_merchant
from cs_portal.drafting.models import (
    ConfidenceCalibration,
    Decision,
    Draft,
    LearnedWeights,
    MerchantRanking,
    Review,
    WeightsState,
)
from cs_portal.drafting.services.ranking import ask_for_learning, decide_on_learned, reset_weights, save_weights
from cs_portal.drafting.services.rejecting import reject_draft
from tests.drafting.conftest import Desk
from tests.factories import make_conversation, make_faq, make_member, make_merchant

REPLY = "Hello, thanks for your message. Delivery takes 3 to 5 days. Let me know if I can help with anything else."


@pytest.fixture
def own_model(monkeypatch: pytest.MonkeyPatch) -> None:
    bot = Bot(embedder=HashingEmbedder(), backend=FakeLanguageModel([REPLY], name="tiny"))
    monkeypatch.setattr(engine, "has_language_model", lambda: True)
    monkeypatch.setattr(engine, "drafting_bot", lambda: bot)


def drafted() -> Draft:
    merchant = make_merchant()
    make_faq(merchant, "delivery", en=("How long does delivery take?", "Delivery takes 3 to 5 days."), zh=("？", "。"))
    with scope(merchant=merchant):
        conversation = make_conversation(merchant)
        message, _ = receive_shopper_message(
            conversation_id=conversation.pk, text="How long does delivery take?", client_id="1", now=timezone.now()
        )
        run_due(["fast", "model"], keep=False)
        return Draft.objects.get(message=message)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("own_model")
def test_signals_of_every_wording_are_kept_and_the_composers_are_judged_by_the_same_model() -> None:
    draft = drafted()
    with scope(merchant=draft.merchant):
        rows = {row.source: row for row in draft.candidates.all()}
        assert set(rows) == {"composer", "language_model"}
        for row in rows.values():
            assert row.signals["fluency"] == pytest.approx(1 - 2 / 6)
            assert row.signals["fit"] == pytest.approx(1 - 1 / 6, abs=0.01)
            assert 0 <= row.score <= 1
        assert rows["composer"].position == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("own_model")
def test_a_draft_tells_its_prior_and_what_it_is_made_of_and_the_correction_moves_it() -> None:
    draft = drafted()
    assert draft.prior == draft.confidence
    assert {part["code"] for part in draft.factors} >= {"intent", "faq"}
    merchant = draft.merchant
    with scope(merchant=merchant):
        ConfidenceCalibration.objects.create(slope=1, intercept=-2, figures={}, fitted_at=timezone.now())
        conversation = make_conversation(merchant)
        message, _ = receive_shopper_message(
            conversation_id=conversation.pk, text="How long does delivery take?", client_id="2", now=timezone.now()
        )
        run_due(["fast"], keep=False)
        second = Draft.objects.get(message=message)
    assert second.prior == draft.prior
    assert second.confidence < draft.confidence


def test_only_configurers_change_the_weights(desk: Desk) -> None:
    now = timezone.now()
    for member in (desk.olaf, desk.nina):
        for act in (
            lambda member=member: save_weights(parts={"tone": 1}, by=member, now=now),
            lambda member=member: reset_weights(by=member, now=now),
            lambda member=member: ask_for_learning(by=member, now=now),
            lambda member=member: decide_on_learned(learned_id=uuid4(), accept=True, by=member, now=now),
        ):
            with pytest.raises(NotAllowed):
                act()
    assert not MerchantRanking.objects.exists()
    assert not AuditEntry.objects.filter(action__startswith="ranking.").exists()


def test_weights_are_saved_reset_and_logged(desk: Desk) -> None:
    now = timezone.now()
    assert save_weights(parts={"tone": 30, "guard": 10}, by=desk.ann, now=now)
    assert weights_of_merchant().as_dict()["tone"] == pytest.approx(0.75)
    assert not save_weights(parts={"tone": 3, "guard": 1}, by=desk.ann, now=now)
    with pytest.raises(Invalid):
        save_weights(parts={"tone": 0}, by=desk.ann, now=now)
    assert reset_weights(by=desk.ann, now=now)
    assert not reset_weights(by=desk.ann, now=now)
    assert weights_of_merchant() == DEFAULT_WEIGHTS
    logged = AuditEntry.objects.filter(action__startswith="ranking.").order_by("pk").values_list("action", flat=True)
    assert list(logged) == ["ranking.changed", "ranking.reset"]


def test_weights_are_the_merchants_own(desk: Desk) -> None:
    other = make_merchant()
    save_weights(parts={"tone": 1}, by=desk.ann, now=timezone.now())
    stranger = make_member(other, "admin")
    with scope(merchant=other):
        assert weights_of_merchant() == DEFAULT_WEIGHTS
        assert not reset_weights(by=stranger, now=timezone.now())
    assert weights_of_merchant().tone == 1


def proposal() -> LearnedWeights:
    row: LearnedWeights = LearnedWeights.objects.create(
        state=WeightsState.OPEN, weights={"tone": 1.0}, figures={"reviews": 100}, created_at=timezone.now()
    )
    return row


def test_a_proposal_is_decided_on_once_and_by_its_own_merchant(desk: Desk) -> None:
    now, row = timezone.now(), proposal()
    other = make_merchant()
    stranger = make_member(other, "admin")
    with scope(merchant=other), pytest.raises(NotFound):
        decide_on_learned(learned_id=row.public_id, accept=True, by=stranger, now=now)
    decide_on_learned(learned_id=row.public_id, accept=False, by=desk.ann, now=now)
    assert weights_of_merchant() == DEFAULT_WEIGHTS
    with pytest.raises(Conflict):
        decide_on_learned(learned_id=row.public_id, accept=True, by=desk.ann, now=now)
    assert weights_of_merchant() == DEFAULT_WEIGHTS


def test_learning_is_asked_for_once_at_a_time(desk: Desk) -> None:
    assert ask_for_learning(by=desk.ann, now=timezone.now())
    assert not ask_for_learning(by=desk.ann, now=timezone.now())


def test_a_review_keeps_the_confidence_and_the_wording_that_it_judged(desk: Desk) -> None:
    Draft.objects.filter(pk=desk.draft.pk).update(prior=0.7)
    reject_draft(draft_id=desk.draft.public_id, by=desk.olaf, reason="tone", note="", now=timezone.now())
    review = Review.objects.get(decision=Decision.REJECTED)
    assert (review.prior, review.confidence) == (0.7, desk.draft.confidence)
    assert review.candidate is not None and review.candidate.position == 1

"""What reviews teach: weights that were planted are found again, a confidence that promises too much is put right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bots.composing.confidence import calibrated
from bots.composing.ranking import DEFAULT_WEIGHTS, SIGNALS
from cs_portal.core import jobs
from cs_portal.core.models import AuditEntry, Job, JobState
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.drafting.assessing import weights_of_merchant
from cs_portal.drafting.models import ConfidenceCalibration, Decision, LearnedWeights, Review, WeightsState
from cs_portal.drafting.services.ranking import LEARN, ask_for_daily_learning, decide_on_learned
from cs_portal.learning.reviews.calibration import correct, reliability
from cs_portal.learning.reviews.fitting import auc
from cs_portal.learning.reviews.reading import Decided, decided
from cs_portal.learning.reviews.weights import LEAST_OF_EACH, enough, learn_weights
from cs_portal.merchants.models import Member, Merchant, Role
from tests.factories import make_candidate, make_conversation, make_draft, make_member, make_merchant
from tests.knowledge.gap_rows import NOW


def planted(count: int, parts: dict[str, float], *, seed: int = 7, known: tuple[str, ...] = SIGNALS) -> list[Decided]:
    """Reviews whose outcome hangs on the signals by ``parts``, as log-odds for a signal that goes from 0 to 1."""
    rng, rows = np.random.default_rng(seed), []
    for _ in range(count):
        signals = {name: float(rng.uniform()) if name in known else None for name in SIGNALS}
        odds = sum(weight * ((signals[name] or 0.0) - 0.5) for name, weight in parts.items())
        rows.append(Decided(bool(rng.uniform() < 1 / (1 + np.exp(-odds))), None, None, signals))
    return rows


def test_planted_weights_are_found_and_judged_better_than_the_defaults() -> None:
    learned = learn_weights(planted(900, {"tone": 6.0, "guard": 3.0}), DEFAULT_WEIGHTS)
    assert learned is not None and learned.better
    weights = learned.weights.as_dict()
    assert sum(weights.values()) == pytest.approx(1)
    assert weights["tone"] == pytest.approx(2 / 3, abs=0.12)
    assert weights["guard"] == pytest.approx(1 / 3, abs=0.12)
    assert learned.after.auc > learned.before.auc + 0.05
    assert learned.after.log_loss < learned.before.log_loss
    assert learned.after.brier < learned.before.brier


def test_a_signal_that_speaks_against_a_wording_is_held_at_zero_and_named() -> None:
    learned = learn_weights(planted(900, {"tone": 6.0, "fluency": -5.0}), DEFAULT_WEIGHTS)
    assert learned is not None
    assert "fluency" in learned.held and learned.weights.fluency == 0
    assert "tone" not in learned.held


def test_what_is_not_known_keeps_its_weight() -> None:
    known = tuple(name for name in SIGNALS if name not in {"fluency", "fit"})
    learned = learn_weights(planted(600, {"tone": 6.0}, known=known), DEFAULT_WEIGHTS)
    assert learned is not None and set(learned.kept) == {"fluency", "fit"}
    assert learned.weights.fit == pytest.approx(DEFAULT_WEIGHTS.fit)
    assert learned.weights.fluency == pytest.approx(DEFAULT_WEIGHTS.fluency)


def test_reviews_without_a_pattern_propose_nothing() -> None:
    learned = learn_weights(planted(600, {}), DEFAULT_WEIGHTS)
    assert learned is not None and not learned.better


def test_few_reviews_teach_nothing_and_it_is_said_how_many_are_missing() -> None:
    rows = [replace(row, unedited=number < 30) for number, row in enumerate(planted(90, {}))]
    assert learn_weights(rows, DEFAULT_WEIGHTS) is None
    assert (enough(rows).missing_unedited, enough(rows).missing_changed) == (LEAST_OF_EACH - 30, 0)
    assert not enough(rows)
    unread = [replace(row, signals={}) for row in planted(400, {})]
    assert learn_weights(unread, DEFAULT_WEIGHTS) is None


def overconfident(count: int, *, seed: int = 3) -> tuple[list[float], list[bool]]:
    """Drafts that come true at log-odds half as far out, and one lower, than they promise."""
    rng = np.random.default_rng(seed)
    priors = rng.uniform(0.05, 0.98, size=count).tolist()
    return priors, [bool(rng.uniform() < calibrated(each, slope=0.5, intercept=-1.0)) for each in priors]


def test_a_confidence_that_promises_too_much_is_corrected() -> None:
    priors, came = overconfident(800)
    found = correct(priors, came)
    assert found is not None
    assert found.slope == pytest.approx(0.5, abs=0.15)
    assert found.intercept == pytest.approx(-1.0, abs=0.25)
    assert found.ece_after < found.ece_before / 2
    assert found.brier_after < found.brier_before
    fresh, outcome = overconfident(800, seed=4)
    before = reliability(fresh, outcome)
    moved = [calibrated(each, slope=found.slope, intercept=found.intercept) for each in fresh]
    after = reliability(moved, outcome)
    assert before is not None and after is not None and after.ece < before.ece / 2


def test_a_true_confidence_and_few_reviews_are_left_alone() -> None:
    priors, came = overconfident(30)
    assert correct(priors, came) is None
    assert correct([0.5] * 200, [True] * 200) is None
    rng = np.random.default_rng(1)
    true = rng.uniform(0.05, 0.95, size=600).tolist()
    found = correct(true, [bool(rng.uniform() < each) for each in true])
    assert found is None or (found.slope == pytest.approx(1, abs=0.2) and abs(found.intercept) < 0.25)


def test_reliability_by_hand() -> None:
    found = reliability([0.95, 0.95, 0.95, 0.95, 0.15, 1.0], [True, True, True, False, False, True])
    assert found is not None
    assert [(each.count, round(each.unedited, 2)) for each in found.bins] == [(1, 0.0), (5, 0.8)]
    assert found.ece == pytest.approx((0.15 + 5 * abs(0.96 - 0.8)) / 6)
    assert found.brier == pytest.approx((3 * 0.05**2 + 0.95**2 + 0.15**2) / 6)
    assert reliability([], []) is None


def test_auc_by_hand() -> None:
    given, right = np.array([0.9, 0.8, 0.8, 0.1]), np.array([True, False, True, False])
    assert auc(given, right) == pytest.approx(3.5 / 4)


# --- in the portal -------------------------------------------------------------------------------------------------


@pytest.fixture
def shop(db: None) -> Merchant:
    return make_merchant("learns")


def fill(merchant: Merchant, member: Member | None, rows: list[Decided], priors: list[float] | None = None) -> None:
    """A sent draft and the decision on it for every row."""
    for number, row in enumerate(rows):
        conversation = make_conversation(merchant, texts=["?"], now=NOW)
        prior = priors[number] if priors else 0.5
        draft = make_draft(merchant, conversation, texts=[], now=NOW, state="sent", prior=prior, confidence=prior)
        candidate = make_candidate(draft, f"Words {number}", signals=row.signals)
        with scope(merchant=merchant):
            Review.objects.create(
                draft=draft,
                member=member,
                decision=Decision.APPROVED if row.unedited else Decision.REJECTED,
                candidate=candidate,
                created_at=NOW,
            )


def learn(merchant: Merchant) -> None:
    with scope(merchant=merchant):
        jobs.enqueue(LEARN, key=f"t:{Job.objects.count()}", merchant_id=merchant.pk, payload={"asked": True}, now=NOW)
    run_due(["bulk"], keep=False)


def test_the_job_proposes_weights_and_corrects_the_confidence_and_changes_no_ranking(shop: Merchant) -> None:
    member, other = make_member(shop, Role.ADMIN), make_merchant("elsewhere")
    rows = planted(240, {"tone": 9.0, "guard": 4.0})
    priors = [0.95] * len(rows)
    fill(shop, member, rows, priors)
    learn(shop)
    with scope(merchant=shop):
        assert len(decided()) == len(rows)
        proposal = LearnedWeights.objects.get()
        assert proposal.state == WeightsState.OPEN
        assert proposal.weights["tone"] > DEFAULT_WEIGHTS.tone
        assert proposal.figures["reviews"] == len(rows)
        correction = ConfidenceCalibration.objects.get()
        assert correction.figures["ece_after"] < correction.figures["ece_before"]
        assert AuditEntry.objects.filter(action="confidence.calibrated").count() == 1
        assert weights_of_merchant() == DEFAULT_WEIGHTS
        decide_on_learned(learned_id=proposal.public_id, accept=True, by=member, now=NOW)
        assert weights_of_merchant().as_dict() == pytest.approx(proposal.weights)
    with scope(merchant=other):
        assert decided() == []
        assert not LearnedWeights.objects.exists() and not ConfidenceCalibration.objects.exists()


def test_autopilots_own_approvals_and_undone_decisions_teach_nothing(shop: Merchant) -> None:
    member = make_member(shop)
    fill(shop, member, planted(4, {}))
    with scope(merchant=shop):
        first, second = Review.objects.order_by("pk")[:2]
        Review.objects.filter(pk=first.pk).update(autopilot={"rule": "r"})
        Review.objects.filter(pk=second.pk).update(undone_at=NOW)
        assert len(decided()) == 2


def test_the_days_look_asks_for_tomorrows_once(shop: Merchant) -> None:
    with scope(merchant=shop):
        ask_for_daily_learning(now=NOW)
        ask_for_daily_learning(now=NOW)
    run_due(["bulk"], keep=False)
    waiting = Job.objects.filter(kind=LEARN)
    assert [job.state for job in waiting.order_by("pk")] == [JobState.DONE, JobState.READY]

"""The job that reads reviews: it corrects the confidence, and proposes weights where they would have told better."""

from __future__ import annotations

from datetime import datetime, timedelta

from cs_portal.core.audit import SYSTEM, record
from cs_portal.core.jobs import Lease
from cs_portal.core.tenancy import current_merchant
from cs_portal.drafting.assessing import weights_of_merchant
from cs_portal.drafting.models import ConfidenceCalibration, LearnedWeights, WeightsState
from cs_portal.drafting.services.ranking import ask_for_daily_learning
from cs_portal.learning.reviews.calibration import Correction, correct
from cs_portal.learning.reviews.reading import decided
from cs_portal.learning.reviews.weights import Learned, learn_weights

#: Without being asked, weights are learned anew only once so many more reviews came.
MORE = 25


def learn_from_reviews(*, lease: Lease, asked: bool, now: datetime) -> None:
    """Read the merchant's reviews and finish the job; a daily one asks for tomorrow's. Weights are never changed."""
    rows = decided()
    told = [row for row in rows if row.prior is not None]
    correction = correct([row.prior or 0.0 for row in told], [row.unedited for row in told])
    learned = learn_weights(rows, weights_of_merchant())
    last = LearnedWeights.objects.first()
    if not asked and learned is not None and last is not None:
        learned = learned if learned.reviews >= int(last.figures["reviews"]) + MORE else None
    with lease.finishing(now=now):
        _keep_correction(correction, now)
        if learned is not None:
            _propose(learned, now)
        if not asked:
            ask_for_daily_learning(now=now, at=now + timedelta(days=1))


def _keep_correction(correction: Correction | None, now: datetime) -> None:
    """Of reviews that speak for none, none is kept."""
    if correction is None:
        ConfidenceCalibration.objects.all().delete()
        return
    before = ConfidenceCalibration.objects.first()
    if before is not None and before.figures == correction.figures():
        return
    ConfidenceCalibration.objects.update_or_create(
        defaults={
            "slope": correction.slope,
            "intercept": correction.intercept,
            "figures": correction.figures(),
            "fitted_at": now,
        }
    )
    merchant = current_merchant()
    record(
        merchant_id=merchant.pk,
        actor=SYSTEM,
        action="confidence.calibrated",
        target=f"merchant:{merchant.public_id}",
        now=now,
        data={"slope": round(correction.slope, 4), "intercept": round(correction.intercept, 4)},
    )


def _propose(learned: Learned, now: datetime) -> None:
    """The newest proposal is the one that can be accepted."""
    LearnedWeights.objects.filter(state=WeightsState.OPEN).update(state=WeightsState.SUPERSEDED, decided_at=now)
    LearnedWeights.objects.create(
        state=WeightsState.OPEN if learned.better else WeightsState.NOT_BETTER,
        weights=learned.weights.as_dict(),
        figures=learned.figures(),
        created_at=now,
    )

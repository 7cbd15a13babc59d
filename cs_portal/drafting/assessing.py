"""How surely a draft goes out as it is, in the merchant's own experience, and how its candidates are weighed."""

from __future__ import annotations

from dataclasses import asdict

from bots.composing.confidence import calibrated, factors, prior
from bots.composing.ranking import DEFAULT_WEIGHTS, RankingWeights
from bots.types import Candidate
from cs_portal.drafting.models import ConfidenceCalibration, MerchantRanking
from cs_portal.drafting.prepare import Prepared


def assessed(prepared: Prepared, shown: Candidate) -> dict[str, object]:
    """The draft's confidence, prior and factors while ``shown`` is the wording that comes first. One query."""
    parts = factors(prepared.request, shown, unanswered=len(prepared.unanswered))
    before = prior(parts)
    learned = ConfidenceCalibration.objects.first()
    confidence = before
    if learned is not None:
        confidence = calibrated(before, slope=learned.slope, intercept=learned.intercept)
    return {"confidence": confidence, "prior": before, "factors": [asdict(part) for part in parts]}


def weights_of_merchant() -> RankingWeights:
    """Its own, else the defaults. One query."""
    row = MerchantRanking.objects.first()
    return DEFAULT_WEIGHTS if row is None else RankingWeights.of(row.weights)

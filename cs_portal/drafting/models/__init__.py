"""The tables of drafting: replies that wait for review, and the language models that word them."""

from cs_portal.drafting.models.connections import LanguageModelConnection, ModelChoice, ModelKind, ModelUsage
from cs_portal.drafting.models.drafts import (
    AutopilotRule,
    Decision,
    Draft,
    DraftCandidate,
    DraftState,
    FaqHit,
    RejectReason,
    Review,
)
from cs_portal.drafting.models.ranking import ConfidenceCalibration, LearnedWeights, MerchantRanking, WeightsState

__all__ = [
    "AutopilotRule",
    "ConfidenceCalibration",
    "Decision",
    "Draft",
    "DraftCandidate",
    "DraftState",
    "FaqHit",
    "LanguageModelConnection",
    "LearnedWeights",
    "MerchantRanking",
    "ModelChoice",
    "ModelKind",
    "ModelUsage",
    "RejectReason",
    "Review",
    "WeightsState",
]

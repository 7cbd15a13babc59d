"""The tables of drafting: replies that wait for review, and the language models that word them."""

from cs_portal.drafting.models.autopilot import (
    AutopilotHours,
    AutopilotRule,
    AutopilotSend,
    AutopilotState,
    Judgement,
    PutBack,
    ShadowSend,
)
from cs_portal.drafting.models.connections import LanguageModelConnection, ModelChoice, ModelKind, ModelUsage
from cs_portal.drafting.models.drafts import (
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
    "AutopilotHours",
    "AutopilotRule",
    "AutopilotSend",
    "AutopilotState",
    "ConfidenceCalibration",
    "Decision",
    "Draft",
    "DraftCandidate",
    "DraftState",
    "FaqHit",
    "Judgement",
    "LanguageModelConnection",
    "LearnedWeights",
    "MerchantRanking",
    "ModelChoice",
    "ModelKind",
    "ModelUsage",
    "PutBack",
    "RejectReason",
    "Review",
    "ShadowSend",
    "WeightsState",
]

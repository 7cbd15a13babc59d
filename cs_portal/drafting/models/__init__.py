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
from cs_portal.drafting.models.pairs import PairLimit
from cs_portal.drafting.models.ranking import ConfidenceCalibration, LearnedWeights, MerchantRanking, WeightsState
from cs_portal.drafting.models.ratings import EvidenceRating, Mark
from cs_portal.drafting.models.rewordings import Rewording, RewordingState, Wish
from cs_portal.drafting.models.translations import MessageTranslation, TranslationState

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
    "EvidenceRating",
    "FaqHit",
    "Judgement",
    "LanguageModelConnection",
    "LearnedWeights",
    "Mark",
    "MerchantRanking",
    "MessageTranslation",
    "ModelChoice",
    "ModelKind",
    "ModelUsage",
    "PairLimit",
    "PutBack",
    "RejectReason",
    "Review",
    "Rewording",
    "RewordingState",
    "ShadowSend",
    "TranslationState",
    "WeightsState",
    "Wish",
]

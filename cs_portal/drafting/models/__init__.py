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
from cs_portal.drafting.models.ratings import EvidenceRating, Mark
from cs_portal.drafting.models.rewordings import Rewording, RewordingState, Wish
from cs_portal.drafting.models.translations import MessageTranslation, TranslationState

__all__ = [
    "AutopilotRule",
    "Decision",
    "Draft",
    "DraftCandidate",
    "DraftState",
    "EvidenceRating",
    "FaqHit",
    "LanguageModelConnection",
    "Mark",
    "MessageTranslation",
    "ModelChoice",
    "ModelKind",
    "ModelUsage",
    "RejectReason",
    "Review",
    "Rewording",
    "RewordingState",
    "TranslationState",
    "Wish",
]

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

__all__ = [
    "AutopilotRule",
    "Decision",
    "Draft",
    "DraftCandidate",
    "DraftState",
    "FaqHit",
    "LanguageModelConnection",
    "ModelChoice",
    "ModelKind",
    "ModelUsage",
    "RejectReason",
    "Review",
]

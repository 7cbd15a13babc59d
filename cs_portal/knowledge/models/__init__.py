"""The tables of knowledge: FAQs with their texts, revisions and phrasings, and what stands around them."""

from cs_portal.knowledge.models.approval import ApprovalState, PublicationRequest
from cs_portal.knowledge.models.faqs import (
    Cause,
    Faq,
    FaqPhrasing,
    FaqRevision,
    FaqState,
    FaqTag,
    FaqText,
    KnowledgeVersion,
    QuestionTest,
    TrialState,
)
from cs_portal.knowledge.models.figures import FaqFigures
from cs_portal.knowledge.models.gaps import (
    Dismissal,
    GapQuestion,
    GapRun,
    GapState,
    KnowledgeGap,
    Mined,
    Miss,
    WorkKind,
    WorkState,
)
from cs_portal.knowledge.models.imports import FaqImport, FaqImportState, faqs_with
from cs_portal.knowledge.models.quality import LinkCheck, LinkState, QualityCheck, QualityFinding
from cs_portal.knowledge.models.regression import (
    CaseOrigin,
    Change,
    RegressionCase,
    RegressionResult,
    RegressionRun,
    RunKind,
    RunState,
)
from cs_portal.knowledge.models.search import FaqSearchDocument
from cs_portal.knowledge.models.teaching import FaqEdit, FaqProposal, PhrasingSuggestion, ProposalState

__all__ = [
    "ApprovalState",
    "CaseOrigin",
    "Cause",
    "Change",
    "Dismissal",
    "Faq",
    "FaqEdit",
    "FaqFigures",
    "FaqImport",
    "FaqImportState",
    "FaqPhrasing",
    "FaqProposal",
    "FaqRevision",
    "FaqSearchDocument",
    "FaqState",
    "FaqTag",
    "FaqText",
    "GapQuestion",
    "GapRun",
    "GapState",
    "KnowledgeGap",
    "KnowledgeVersion",
    "LinkCheck",
    "LinkState",
    "Mined",
    "Miss",
    "PhrasingSuggestion",
    "ProposalState",
    "PublicationRequest",
    "QualityCheck",
    "QualityFinding",
    "QuestionTest",
    "RegressionCase",
    "RegressionResult",
    "RegressionRun",
    "RunKind",
    "RunState",
    "TrialState",
    "WorkKind",
    "WorkState",
    "faqs_with",
]

"""Ranking the candidates of one draft: a documented mix of four signals, each in [0, 1]."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from bots.expressions.folding import fold, normalised
from bots.guard.check import Guard
from bots.guard.claims import read_claims
from bots.types import Candidate, ComposeRequest

_WORD = re.compile(r"[a-z]{3,}|[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class RankingWeights:
    """Weights of the mix; they sum to 1.

    ``likelihood``: the model's own geometric mean of P(token). ``support``: share of sentences that rest on evidence.
    ``coverage``: share of the checked facts (the composer's amounts, dates, numbers, links) that the wording keeps.
    ``topic``: share of the composer's words that it shares, so that a fluent reply beside the point stays behind.
    """

    likelihood: float = 0.15
    support: float = 0.2
    coverage: float = 0.45
    topic: float = 0.2


@dataclass(frozen=True, slots=True)
class Scorer:
    """Scores wordings of one request against ``reference``, the composer's text."""

    request: ComposeRequest
    reference: str
    guard: Guard
    weights: RankingWeights = RankingWeights()

    def score(self, candidate: Candidate, *, tokens: int) -> float:
        """In [0, 1]. The composer's own candidate is scored by the share of questions it answers instead.

        Without a log-probability, which not every server tells, the other signals share the weight of likelihood.
        """
        linked = sum(1 for link in candidate.links if link.evidence)
        support = linked / len(candidate.links) if candidate.links else 0.0
        weights = self.weights
        told = (
            weights.support * support
            + weights.coverage * self._coverage(candidate.text)
            + weights.topic * self._topic(candidate.text)
        )
        if candidate.log_probability is None:
            return told / (weights.support + weights.coverage + weights.topic)
        likelihood = math.exp(candidate.log_probability / tokens) if tokens else 0.0
        return weights.likelihood * min(1.0, likelihood) + told

    def _coverage(self, text: str) -> float:
        wanted = self._facts(self.reference)
        return len(wanted & self._facts(text)) / len(wanted) if wanted else 1.0

    def _facts(self, text: str) -> set[str]:
        claims = read_claims(text, self.guard.evidence.today)
        return {normalised(fold(text[claim.start : claim.end])) for claim in claims}

    def _topic(self, text: str) -> float:
        wanted = set(_WORD.findall(self.reference.lower()))
        return len(wanted & set(_WORD.findall(text.lower()))) / len(wanted) if wanted else 1.0


def rank(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Best first: supported before violating ones, then by score; the composer wins ties, then the earlier one."""
    return tuple(
        sorted(
            candidates,
            key=lambda candidate: (not candidate.supported, -round(candidate.score, 9), candidate.source != "composer"),
        )
    )

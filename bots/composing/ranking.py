"""Ranking the candidates of one draft: a weighted mean of their signals (:mod:`bots.composing.signals`)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace

from bots.types import Candidate, Signals

#: The names of the signals, in the order in which they are shown.
SIGNALS: tuple[str, ...] = tuple(each.name for each in fields(Signals))


@dataclass(frozen=True, slots=True)
class RankingWeights:
    """The share that each signal has in a score: none is negative, and they sum to 1.

    What the likelihoods of a small model say is worth little beside whether a wording keeps the checked facts, so the
    defaults leave them a say in ties of meaning, not of facts.
    """

    fluency: float = 0.05
    fit: float = 0.10
    retrieval: float = 0.10
    guard: float = 0.15
    coverage: float = 0.35
    topic: float = 0.15
    tone: float = 0.10

    def __post_init__(self) -> None:
        shares = list(asdict(self).values())
        if not all(math.isfinite(share) and share >= 0 for share in shares) or abs(sum(shares) - 1) > 1e-6:
            raise ValueError("weights are not negative and sum to 1")

    @classmethod
    def of(cls, parts: Mapping[str, float]) -> RankingWeights:
        """Parts of any sum as shares of 1, a missing one as 0; ``ValueError`` for negative ones or nothing but 0."""
        wanted = {name: float(parts.get(name, 0.0)) for name in SIGNALS}
        total = sum(wanted.values())
        if not all(math.isfinite(part) and part >= 0 for part in wanted.values()) or not 0 < total < math.inf:
            raise ValueError("weights are not negative, and one at least is above 0")
        return cls(**{name: part / total for name, part in wanted.items()})

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


DEFAULT_WEIGHTS = RankingWeights()


def scores(signals: Sequence[Signals], weights: RankingWeights = DEFAULT_WEIGHTS) -> list[float]:
    """The score of each of a draft's candidates, in [0, 1].

    A signal counts where it is known of all of them, since else who keeps silent would win by it; the others share its
    weight. Where the known ones have no weight at all, the defaults' hold.
    """
    known = [name for name in SIGNALS if all(getattr(each, name) is not None for each in signals)]
    chosen = {name: getattr(weights, name) for name in known}
    if not any(chosen.values()):
        chosen = {name: getattr(DEFAULT_WEIGHTS, name) for name in known}
    total = sum(chosen.values())
    if not total:
        return [0.0 for _ in signals]
    return [sum(weight * getattr(each, name) for name, weight in chosen.items()) / total for each in signals]


def order(candidates: Sequence[Candidate], weights: RankingWeights = DEFAULT_WEIGHTS) -> list[tuple[int, float]]:
    """Places of the candidates, best first, each with its score: supported before violating ones, whatever the weights,
    then by score; the composer wins ties, then the earlier one. Scores stand as they are where the signals of a
    candidate are not known.
    """
    read = [each.signals for each in candidates if each.signals is not None]
    known = len(read) == len(candidates)
    given = scores(read, weights) if known else [each.score for each in candidates]
    places = sorted(
        range(len(candidates)),
        key=lambda at: (not candidates[at].supported, -round(given[at], 9), candidates[at].source != "composer"),
    )
    return [(place, given[place]) for place in places]


def rank(candidates: Sequence[Candidate], weights: RankingWeights = DEFAULT_WEIGHTS) -> tuple[Candidate, ...]:
    """The candidates in the order of :func:`order`, with their scores."""
    return tuple(replace(candidates[place], score=score) for place, score in order(candidates, weights))

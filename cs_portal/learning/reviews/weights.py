"""Which signals tell wordings that are sent as they are from those that are not: weights by logistic regression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from bots.composing.ranking import SIGNALS, RankingWeights
from cs_portal.learning.reviews.fitting import Flags, Floats, auc, brier, fit, folds, log_losses, probabilities
from cs_portal.learning.reviews.reading import Decided

#: Reviews of either kind without which nothing is learned.
LEAST_OF_EACH = 50
#: Coefficients are held towards 0 as by a variance of 1 / STRENGTH: signals lie in [0, 1].
STRENGTH = 0.05
#: A signal that is known of fewer rows, or that hardly moves, keeps its weight.
_KNOWN, _MOVES = 0.5, 0.01
#: By how many standard errors held-out reviews must be told better.
_SURELY = 2.0


@dataclass(frozen=True, slots=True)
class Enough:
    """Reviews with signals, and how many more are needed of those sent as they were and of the others."""

    unedited: int
    changed: int

    @property
    def missing_unedited(self) -> int:
        return max(0, LEAST_OF_EACH - self.unedited)

    @property
    def missing_changed(self) -> int:
        return max(0, LEAST_OF_EACH - self.changed)

    def __bool__(self) -> bool:
        return not (self.missing_unedited or self.missing_changed)


@dataclass(frozen=True, slots=True)
class Told:
    """How well weights tell held-out reviews apart."""

    log_loss: float
    brier: float
    auc: float


@dataclass(frozen=True, slots=True)
class Learned:
    """``held`` signals spoke against a wording and got weight 0, ``kept`` ones could not be judged and kept theirs."""

    weights: RankingWeights
    better: bool
    reviews: int
    unedited: int
    before: Told
    after: Told
    held: tuple[str, ...]
    kept: tuple[str, ...]

    def figures(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name not in {"weights", "better"}}


def enough(rows: Sequence[Decided]) -> Enough:
    unedited = sum(1 for row in rows if row.signals and row.unedited)
    return Enough(unedited, sum(1 for row in rows if row.signals) - unedited)


def learn_weights(rows: Sequence[Decided], current: RankingWeights) -> Learned | None:
    """None while there is not :func:`enough`. Judged against ``current`` on reviews that are held out in turn."""
    if not enough(rows):
        return None
    rows = [row for row in rows if row.signals]
    right = np.array([row.unedited for row in rows], dtype=np.bool_)
    table = _table([row.signals for row in rows])
    now = np.array([current.as_dict()[name] for name in SIGNALS])
    with np.errstate(invalid="ignore"):
        judged = np.array([_can_be_judged(column) for column in table.T])
    filled = np.where(np.isnan(table), _means(table), table)
    given = {"before": np.empty(len(right)), "after": np.empty(len(right))}
    for learned, held_out in folds(right):
        fresh, _ = _weights(filled[learned], right[learned], judged, now)
        for name, weights in (("before", now), ("after", fresh)):
            score = (filled @ weights)[:, None]
            scale, intercept = fit(score[learned], right[learned], centre=np.zeros(1), strength=STRENGTH)
            given[name][held_out] = probabilities(score[held_out], scale, intercept)
    weights, held = _weights(filled, right, judged, now)
    gain = log_losses(given["before"], right) - log_losses(given["after"], right)
    better = gain.mean() > _SURELY * gain.std(ddof=1) / np.sqrt(len(gain))
    return Learned(
        weights=RankingWeights.of(dict(zip(SIGNALS, weights.tolist(), strict=True))),
        better=bool(better),
        reviews=len(rows),
        unedited=int(right.sum()),
        before=_told(given["before"], right),
        after=_told(given["after"], right),
        held=tuple(name for name, flag in zip(SIGNALS, held, strict=True) if flag),
        kept=tuple(name for name, flag in zip(SIGNALS, judged, strict=True) if not flag),
    )


def _table(signals: Sequence[Mapping[str, float | None]]) -> Floats:
    """(reviews, signals), NaN for what is not known."""
    return np.array([[_number(each.get(name)) for name in SIGNALS] for each in signals], dtype=np.float64)


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _can_be_judged(column: Floats) -> bool:
    known = column[~np.isnan(column)]
    return len(known) >= _KNOWN * len(column) and float(known.std()) > _MOVES


def _means(table: Floats) -> Floats:
    """Of each signal where it is known, 0 where it never is: a row that lacks it is told neither way."""
    known = ~np.isnan(table)
    result: Floats = np.where(known, table, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return result


def _weights(filled: Floats, right: Flags, judged: Flags, now: Floats) -> tuple[Floats, Flags]:
    """Weights that sum to 1, and which signals were held at 0. Those that cannot be judged keep their share; where
    nothing speaks for a wording all stays as it is."""
    none = np.zeros(len(SIGNALS), dtype=np.bool_)
    if not judged.any():
        return now, none
    chosen, _ = fit(filled[:, judged], right, centre=np.zeros(int(judged.sum())), strength=STRENGTH, least=0.0)
    if chosen.sum() <= 1e-9:
        return now, none
    weights = np.where(judged, 0.0, now)
    weights[judged] = (1.0 - weights.sum()) * chosen / chosen.sum()
    return weights, judged & (weights <= 1e-9)


def _told(given: Floats, right: Flags) -> Told:
    return Told(float(log_losses(given, right).mean()), brier(given, right), auc(given, right))

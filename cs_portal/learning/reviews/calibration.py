"""Whether a confidence of 80 % means eight of ten, and the correction that makes it so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from bots.composing.confidence import calibrated
from cs_portal.learning.reviews.fitting import Floats, brier, fit, folds, log_losses

#: Reviews before a correction is tried, and how many of the rarer kind there must be among them.
LEAST, LEAST_OF_EACH = 40, 5
#: How firmly the correction holds to none at all: as much as about so many reviews.
STRENGTH = 4.0
BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Drafts of a confidence from ``low`` to below ``high``: how many, their mean confidence, the share unedited."""

    low: float
    high: float
    count: int
    confidence: float
    unedited: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """``ece`` is the mean distance of confidence and share over the bins, weighted by how many drafts each holds
    (Naeini, Cooper and Hauskrecht 2015); ``brier`` the mean squared distance to what came (Brier 1950)."""

    count: int
    unedited: float
    ece: float
    brier: float
    bins: tuple[Bin, ...]


def reliability(given: Sequence[float], unedited: Sequence[bool]) -> Reliability | None:
    """None without a review."""
    if not given:
        return None
    shares, right = np.array(given, dtype=np.float64), np.array(unedited, dtype=np.bool_)
    places = np.minimum((shares * BINS).astype(np.int64), BINS - 1)
    bins = []
    for place in range(BINS):
        inside = places == place
        if inside.any():
            mean, share = float(shares[inside].mean()), float(right[inside].mean())
            bins.append(Bin(place / BINS, (place + 1) / BINS, int(inside.sum()), mean, share))
    ece = sum(each.count * abs(each.confidence - each.unedited) for each in bins) / len(shares)
    return Reliability(len(shares), float(right.mean()), ece, brier(shares, right), tuple(bins))


@dataclass(frozen=True, slots=True)
class Correction:
    """``slope`` and ``intercept`` on log-odds; the figures are those of priors and corrections on held-out reviews."""

    slope: float
    intercept: float
    reviews: int
    ece_before: float
    ece_after: float
    brier_before: float
    brier_after: float

    def figures(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name not in {"slope", "intercept"}}


def correct(priors: Sequence[float], unedited: Sequence[bool]) -> Correction | None:
    """The correction that reviews speak for; None while they are too few, or where held-out reviews get no better."""
    right = np.array(unedited, dtype=np.bool_)
    if len(right) < LEAST or min(right.sum(), (~right).sum()) < LEAST_OF_EACH:
        return None
    before = np.array(priors, dtype=np.float64)
    after = np.empty_like(before)
    for learned, judged in folds(right):
        slope, intercept = _platt(before[learned], right[learned])
        after[judged] = [calibrated(each, slope=slope, intercept=intercept) for each in before[judged]]
    if log_losses(after, right).mean() >= log_losses(before, right).mean():
        return None
    slope, intercept = _platt(before, right)
    was, now = reliability(before.tolist(), right.tolist()), reliability(after.tolist(), right.tolist())
    assert was is not None and now is not None
    return Correction(slope, intercept, len(right), was.ece, now.ece, was.brier, now.brier)


def _platt(priors: Floats, right: np.ndarray[Any, np.dtype[np.bool_]]) -> tuple[float, float]:
    """Platt's (1999) two numbers; the slope is held to 1 and never negative, so that no two drafts change places."""
    inside = np.clip(priors, 0.01, 0.99)
    odds = np.log(inside / (1 - inside))[:, None]
    coefficients, intercept = fit(odds, right, centre=np.array([1.0]), strength=STRENGTH, least=0.0)
    return float(coefficients[0]), intercept

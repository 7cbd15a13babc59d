"""Logistic regression with coefficients that may be kept from being negative, and how good probabilities are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def fit(
    features: Floats, right: Flags, *, centre: Floats, strength: float, least: float | None = None
) -> tuple[Floats, float]:
    """Coefficients (k,) and intercept of ln odds of ``right`` (n,) by ``features`` (n, k), the most probable ones where
    each coefficient lies about ``centre`` with variance 1 / ``strength``; none below ``least``."""
    from scipy.optimize import minimize

    signs = np.where(right, 1.0, -1.0)
    width = features.shape[1]

    def loss(point: Floats) -> tuple[float, Floats]:
        margin = signs * (features @ point[:width] + point[width])
        away = point[:width] - centre
        value = float(np.logaddexp(0.0, -margin).sum() + strength * (away @ away) / 2)
        pull = -signs / (1.0 + np.exp(np.clip(margin, -30, 30)))
        return value, np.append(features.T @ pull + strength * away, pull.sum())

    start = np.append(np.maximum(centre, 0.0), 0.0)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(least, None)] * width + [(None, None)])
    return found.x[:width], float(found.x[width])


def probabilities(features: Floats, coefficients: Floats, intercept: float) -> Floats:
    result: Floats = 1.0 / (1.0 + np.exp(-np.clip(features @ coefficients + intercept, -30, 30)))
    return result


def log_losses(given: Floats, right: Flags) -> Floats:
    """-ln of the probability that was given to what came, one a row."""
    inside = np.clip(given, 1e-6, 1 - 1e-6)
    result: Floats = -np.log(np.where(right, inside, 1 - inside))
    return result


def brier(given: Floats, right: Flags) -> float:
    return float(np.mean((given - right) ** 2))


def auc(given: Floats, right: Flags) -> float:
    """How often a right row is given more than a wrong one, ties counting half; 0.5 without both."""
    yes, no = given[right], given[~right]
    if not len(yes) or not len(no):
        return 0.5
    above = (yes[:, None] > no[None, :]).mean() + (yes[:, None] == no[None, :]).mean() / 2
    return float(above)


def folds(right: Flags, count: int = 5) -> Iterator[tuple[Flags, Flags]]:
    """``count`` pairs of rows to learn from and rows to judge by; each class is dealt evenly, always alike."""
    place = np.empty(len(right), dtype=np.int64)
    for flag in (True, False):
        rows = np.flatnonzero(right == flag)
        place[np.random.default_rng(20).permutation(rows)] = np.arange(len(rows)) % count
    for number in range(count):
        yield place != number, place == number

"""Figures of ranked and refused answers. Rates are between 0 and 1, ``None`` where nothing was there to be counted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

#: Equal bins of [0, 1] for the calibration error.
BINS = 15
DIGITS = 4


def rate(part: float, whole: int) -> float | None:
    return round(part / whole, DIGITS) if whole else None


def percentile(values: Sequence[float], share: float) -> float | None:
    """Linear between neighbours; ``share`` is in [0, 100]. Milliseconds in, milliseconds out."""
    return round(float(np.percentile(values, share)), 3) if values else None


def auroc(inside: Sequence[float], outside: Sequence[float]) -> float | None:
    """The chance that one of ``inside`` scores more than one of ``outside``; a tie is half a chance."""
    if not inside or not outside:
        return None
    ordered = np.sort(np.asarray(outside, dtype=np.float64))
    values = np.asarray(inside, dtype=np.float64)
    below, upto = np.searchsorted(ordered, values, "left"), np.searchsorted(ordered, values, "right")
    return round(float((below + upto).mean() / (2 * len(ordered))), DIGITS)


def calibration_error(probabilities: Sequence[float], right: Sequence[bool]) -> float | None:
    """The expected calibration error over `BINS` equal bins (Naeini et al. 2015, "Obtaining well calibrated
    probabilities using Bayesian binning")."""
    if not probabilities:
        return None
    values, hits = np.asarray(probabilities, dtype=np.float64), np.asarray(right, dtype=np.float64)
    bins = np.minimum((values * BINS).astype(np.int64), BINS - 1)
    gaps = [abs(float((hits[bins == each] - values[bins == each]).sum())) for each in range(BINS)]
    return round(sum(gaps) / len(values), DIGITS)


def macro_f1(expected: Sequence[str], predicted: Sequence[str | None], labels: Sequence[str]) -> float | None:
    """The mean F1 of ``labels``, those that occur in ``expected``; ``None`` predicts nothing."""
    scores = []
    pairs = list(zip(expected, predicted, strict=True))
    for label in dict.fromkeys(name for name in expected if name in set(labels)):
        hits = sum(want == got == label for want, got in pairs)
        wanted, given = sum(want == label for want, _ in pairs), sum(got == label for _, got in pairs)
        scores.append(2 * hits / (wanted + given))
    return round(sum(scores) / len(scores), DIGITS) if scores else None

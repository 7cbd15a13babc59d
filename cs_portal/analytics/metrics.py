"""The formulas, as pure functions. A rate keeps its denominator, a duration its n; averages are never averaged.

Percentiles are of the nearest rank: the smallest value such that at least the share of all values is not above it, so
that every figure shown is one that occurred.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MEDIAN, NINETIETH, NINETY_FIFTH = 0.5, 0.9, 0.95


@dataclass(frozen=True, slots=True)
class Rate:
    """``part`` of ``n``."""

    part: int
    n: int

    @property
    def share(self) -> float | None:
        """0 to 1; None where there was nothing to count."""
        return self.part / self.n if self.n else None


@dataclass(frozen=True, slots=True)
class Spread:
    """``n`` values by their median and a high percentile; None without values. Units are the caller's."""

    n: int
    median: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Change:
    """A figure now and in the period before. ``by`` is the difference, None where one of the two is unknown."""

    now: float | None
    before: float | None

    @property
    def by(self) -> float | None:
        return None if self.now is None or self.before is None else self.now - self.before

    @property
    def ratio(self) -> float | None:
        """Relative change; None from nothing."""
        return None if self.by is None or not self.before else self.by / self.before


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """Nearest rank of ``share`` (above 0, at most 1) in values in ascending order; None without values."""
    if not ordered:
        return None
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def spread(values: Iterable[float], *, high: float = NINETIETH) -> Spread:
    ordered = sorted(values)
    return Spread(len(ordered), percentile(ordered, MEDIAN), percentile(ordered, high))


def product(first: Rate, second: Rate) -> float | None:
    """One share of another, as automation is involvement times bot resolution."""
    if first.share is None or second.share is None:
        return None
    return first.share * second.share

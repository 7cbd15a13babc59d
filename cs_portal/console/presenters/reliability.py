"""Whether a confidence of 80 % meant eight of ten, as the page tells it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.formats import number_format

from cs_portal.learning.reviews.calibration import Reliability


@dataclass(frozen=True, slots=True)
class BinLine:
    """``label`` is the range of the confidence in percent; ``promised`` and ``kept`` are percent."""

    label: str
    count: int
    promised: int
    kept: int


@dataclass(frozen=True, slots=True)
class ReliabilityView:
    count: int
    unedited: int
    ece: str
    brier: str
    bins: list[BinLine]


def reliability_view(found: Reliability | None) -> ReliabilityView | None:
    if found is None:
        return None
    return ReliabilityView(
        count=found.count,
        unedited=round(found.unedited * 100),
        ece=points(found.ece),
        brier=decimal(found.brier),
        bins=[
            BinLine(
                label=f"{round(each.low * 100)}–{round(each.high * 100)} %",
                count=each.count,
                promised=round(each.confidence * 100),
                kept=round(each.unedited * 100),
            )
            for each in found.bins
        ],
    )


def points(share: float) -> str:
    """A difference of shares in points of a percent."""
    return str(number_format(share * 100, decimal_pos=1))


def decimal(value: float) -> str:
    return str(number_format(value, decimal_pos=3))

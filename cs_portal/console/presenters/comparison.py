"""The candidates of a draft beside each other, with the words marked in which they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from cs_portal.console.presenters.candidates import CandidateTab, Segment, segments
from cs_portal.console.presenters.difference import Kind, difference
from cs_portal.drafting.models import DraftCandidate

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Column:
    """One wording; ``segments`` mark what the first does not say. In the first they mark what no other says."""

    tab: CandidateTab
    segments: list[Segment]


def comparison(candidates: Sequence[DraftCandidate], tabs: Sequence[CandidateTab], *, known: set[str]) -> list[Column]:
    """Empty where there are not two to compare. ``tabs`` are those of ``candidates``, in the same order."""
    if len(candidates) < 2:
        return []
    first, *others = candidates
    marks = [_common([spans(first.text, other.text, "removed") for other in others])]
    marks += [spans(first.text, other.text, "added") for other in others]
    return [
        Column(tab, segments(each.text, each.links, each.violations, known, differing))
        for each, tab, differing in zip(candidates, tabs, marks, strict=True)
    ]


def spans(before: str, after: str, kind: Kind) -> list[Span]:
    """Where the ``removed`` parts stand in ``before``, or the ``added`` ones in ``after``; bare space is none."""
    found, at = [], 0
    for part in difference(before, after):
        if part.kind not in {"same", kind}:
            continue
        if part.kind == kind and part.text.strip():
            lead = len(part.text) - len(part.text.lstrip())
            found.append((at + lead, at + len(part.text.rstrip())))
        at += len(part.text)
    return found


def _common(every: Sequence[list[Span]]) -> list[Span]:
    """What lies in a span of each list."""
    return reduce(_overlap, every)


def _overlap(one: list[Span], other: list[Span]) -> list[Span]:
    pairs = ((max(a, c), min(b, d)) for a, b in one for c, d in other)
    return [(start, end) for start, end in pairs if start < end]

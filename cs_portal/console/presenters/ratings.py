"""Members' marks on a draft's evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cs_portal.drafting.models import EvidenceRating, Mark
from cs_portal.merchants.models import Member


@dataclass(frozen=True, slots=True)
class MarkButton:
    """``others`` are the names of colleagues who marked the same."""

    value: str
    label: str
    icon: str
    mine: bool
    others: list[str]


@dataclass(frozen=True, slots=True)
class RatedEvidence:
    reference: str
    buttons: list[MarkButton]


_ICONS = {Mark.HELPED: "circle-check", Mark.WRONG: "circle-x"}


def rated_evidence(
    evidence: Sequence[dict[str, Any]], ratings: Sequence[EvidenceRating], *, member: Member
) -> dict[str, RatedEvidence]:
    """By reference, for every piece of the draft's evidence."""
    return {piece["ref"]: rated(piece["ref"], ratings, member=member) for piece in evidence}


def rated(reference: str, ratings: Sequence[EvidenceRating], *, member: Member) -> RatedEvidence:
    rows = [row for row in ratings if row.reference == reference]
    return RatedEvidence(reference, [_button(mark, rows, member) for mark in Mark])


def _button(mark: Mark, rows: Sequence[EvidenceRating], member: Member) -> MarkButton:
    marked = [row for row in rows if row.mark == mark]
    return MarkButton(
        mark,
        str(mark.label),
        _ICONS[mark],
        mine=any(row.member_id == member.pk for row in marked),
        others=[str(row.member.user) for row in marked if row.member_id != member.pk],
    )

"""When a case of the regression set passes, and how runs are counted. No rows: outcomes in, figures out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bots.retrieval.index import ANSWER_THRESHOLD
from bots.types import FaqHit, Language

#: As many cases are run while somebody waits, by the queue that serves shoppers; more go behind them.
SMALL = 40
#: With more phrasings than these, an index takes so long to be learned from that a run goes there as well.
SMALL_KNOWLEDGE = 1_000
#: A best hit beyond the third counts as not found in every figure.
LOOKED_AT = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a question found. ``rank`` is the expected FAQ's, from 1, ``None`` when it was not among the first five.

    ``found`` is the FAQ that came first, whatever its score; ``answered`` is whether a reply would rest on it.
    """

    rank: int | None = None
    found: str | None = None
    score: float | None = None
    answered: bool = False

    def passes(self, expected: str | None) -> bool:
        """It answers with the FAQ that was expected, or not at all where none was."""
        return not self.answered if expected is None else self.answered and self.rank == 1

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Outcome:
        return cls(**document)


def may_answer(hit: FaqHit, language: Language) -> bool:
    """Whether a reply in ``language`` may rest on the hit, as ``bots.guard.evidence`` decides."""
    return hit.score >= ANSWER_THRESHOLD and hit.entry.language == language


def outcome_of(hits: Sequence[FaqHit], expected: str | None, *, language: Language) -> Outcome:
    """``hits`` of all questions of a message count together: what answers comes first, then the higher score."""
    ordered = sorted(hits, key=lambda hit: (not may_answer(hit, language), -hit.score))
    if not ordered:
        return Outcome()
    ids = list(dict.fromkeys(hit.entry.id for hit in ordered))[:LOOKED_AT]
    first = ordered[0]
    rank = ids.index(expected) + 1 if expected in ids else None
    return Outcome(rank, first.entry.id, round(first.score, 4), may_answer(first, language))


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts over the cases of a run that count. ``passed`` are of both kinds.

    ``expected`` cases name an FAQ: ``top1`` and ``top3`` of them found it there, whatever the score. ``nothing`` cases
    name none: ``refused`` of them were not answered.
    """

    expected: int = 0
    top1: int = 0
    top3: int = 0
    nothing: int = 0
    refused: int = 0
    passed: int = 0

    @property
    def cases(self) -> int:
        return self.expected + self.nothing


def figures_of(outcomes: Iterable[tuple[str | None, Outcome]]) -> Figures:
    """``outcomes`` come each with the FAQ that was expected."""
    rows = list(outcomes)
    wanted = [outcome for expected, outcome in rows if expected is not None]
    unwanted = [outcome for expected, outcome in rows if expected is None]
    return Figures(
        expected=len(wanted),
        top1=sum(outcome.rank == 1 for outcome in wanted),
        top3=sum(outcome.rank is not None and outcome.rank <= 3 for outcome in wanted),
        nothing=len(unwanted),
        refused=sum(not outcome.answered for outcome in unwanted),
        passed=sum(outcome.passes(expected) for expected, outcome in rows),
    )

"""Which window belongs to what: the days of an exchange given as those of a return."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bots.expressions.durations import find_durations
from bots.guard.statements import clauses, terms_of


@dataclass(frozen=True, slots=True)
class Window:
    """The spans of time that a clause of an answer states about ``terms``."""

    terms: frozenset[str]
    durations: frozenset[tuple[str, Decimal]]


def windows_of(prose: str) -> Iterator[Window]:
    """The windows that ``prose`` states, clause by clause."""
    for start, end in clauses(prose):
        durations = frozenset((each.unit, each.value) for each in find_durations(prose[start:end]))
        if durations:
            yield Window(terms_of(prose[start:end]), durations)


def find_wrong_windows(text: str, known: Sequence[Window], titles: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Spans of time that an answer states about something else than what the clause around them speaks of."""
    if len(known) < 2:
        return
    for start, end in clauses(text):
        mentions = find_durations(text[start:end])
        terms = terms_of(text[start:end]) - titles if mentions else frozenset()
        shared = max((len(terms & window.terms) for window in known), default=0)
        nearest = [window for window in known if len(terms & window.terms) == shared]
        for mention in mentions:
            stated = (mention.unit, mention.value)
            own = [len(terms & window.terms) for window in known if stated in window.durations]
            if shared and own and max(own) < 2 and not any(stated in window.durations for window in nearest):
                yield start + mention.start, start + mention.end

"""How a decision on a draft can be refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cs_portal.core.errors import Conflict


class DraftStale(Conflict):
    """The facts moved; ``changes`` says what, in the reader's language."""

    def __init__(self, message: str, *, changes: Sequence[str]) -> None:
        super().__init__(message)
        self.changes = list(changes)


class DraftAlreadyDecided(Conflict):
    """Somebody else approved, rejected or replaced it first."""


class DraftClaimed(Conflict):
    """A colleague holds the draft: one takes it over first."""


class TooLateToUndo(Conflict):
    """The reply is being sent or was sent."""


class FactsMoved(Conflict):
    """What an approval rested on moved before it was carried out; ``sentence()`` says what, in the active language."""

    def __init__(self, sentence: Callable[[], str]) -> None:
        super().__init__()
        self.sentence = sentence

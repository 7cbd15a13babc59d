"""Which FAQ answer goes with which of the shopper's questions."""

from __future__ import annotations

from bots.guard.evidence import usable_answers
from bots.types import ComposeRequest, FaqHit, IntentGuess


class AnswerPicker:
    """Hands out every usable answer at most once.

    A hit that says which question it was searched for answers that question only; hits that do not say belong to the
    questions in their order.
    """

    def __init__(self, request: ComposeRequest) -> None:
        self._usable = usable_answers(request)
        self._left = list(self._usable)
        self._single = len(request.understanding.intents) == 1 and not request.understanding.unread

    def take(self, intent: IntentGuess) -> FaqHit | None:
        """The best answer that is left for the question of ``intent``."""
        for hit in self._left:
            if self._single or not hit.query or not intent.question or hit.query == intent.question:
                self._left = [other for other in self._left if other.entry.id != hit.entry.id]
                return hit
        return None

    def gave_best(self, question: str) -> bool:
        """Whether the best answer to ``question`` was handed out already, to another question that it answers, too."""
        best = next((hit for hit in self._usable if hit.query == question), None)
        return best is not None and all(hit.entry.id != best.entry.id for hit in self._left)


def faq_evidence(hit: FaqHit) -> str:
    return f"faq:{hit.entry.id}:{hit.entry.revision}"

"""The engine's one public door: understand a shopper, find answers, compose and check a reply.

No Django and no model is needed; this drafts a reply:

>>> from datetime import datetime, timezone
>>> from bots.api import Bot, ComposeRequest, FaqEntry, HashingEmbedder, Turn
>>> bot, now = Bot(embedder=HashingEmbedder()), datetime(2026, 11, 24, 12, 0, tzinfo=timezone.utc)
>>> answer = "Standard delivery takes 3-5 business days. Orders over $50 ship free."
>>> index = bot.index([FaqEntry("f1", 1, "en", "How long does delivery take?", answer, ("How fast is shipping?",))])
>>> turns = (Turn("shopper", "Hi, how long does delivery take?"),)
>>> understood = bot.understand(turns, now=now)
>>> hits = bot.answers(index, understood)
>>> request = ComposeRequest(understood.language, turns, understood, store_name="Pine & Co", now=now, answers=hits)
>>> print(bot.rank(list(bot.compose(request)))[0].text)
Hello, thanks for your message. Standard delivery takes 3-5 business days. Orders over $50 ship free.
<BLANKLINE>
Let me know if I can help with anything else.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from bots.backends.base import LanguageModel
from bots.composing.composer import compose_grounded
from bots.composing.drafting import GenerationFailed, ModelDrafter, failure_of
from bots.composing.ranking import rank as rank_candidates
from bots.guard.check import Guard
from bots.retrieval.embedders import Embedder, HashingEmbedder
from bots.retrieval.index import FaqIndex
from bots.retrieval.vector_cache import VectorCache
from bots.types import (
    Candidate,
    ComposeRequest,
    FaqEntry,
    FaqHit,
    Language,
    ProductFacts,
    Turn,
    Understanding,
    Violation,
)
from bots.understanding.exemplars import load_exemplars
from bots.understanding.intent_cache import trained_or_cached
from bots.understanding.understanding import Reader

__all__ = [
    "Bot",
    "Candidate",
    "ComposeRequest",
    "FaqEntry",
    "FaqHit",
    "GenerationFailed",
    "HashingEmbedder",
    "Turn",
    "Understanding",
    "Violation",
]

logger = logging.getLogger(__name__)

FailureListener = Callable[[GenerationFailed], None]


class Bot:
    """Everything the engine does, with one embedder and at most one language model. Safe to share between threads."""

    def __init__(self, *, embedder: Embedder, backend: LanguageModel | None = None, cache: Path | None = None) -> None:
        """``cache`` is a folder for the trained intent classifier and for passage vectors; without one, every process
        trains and embeds anew."""
        self._embedder = embedder
        self._backend = backend
        self._cache = cache
        self._vectors = None if cache is None else VectorCache(cache / "vectors")
        self._reader: Reader | None = None
        self._training = threading.Lock()

    def warm_up(self) -> None:
        """Train or load what the first ``understand`` would otherwise wait for."""
        self._ready_reader()

    def understand(
        self,
        turns: Sequence[Turn],
        *,
        locale_hint: Language | None = None,
        products: Sequence[ProductFacts] = (),
        now: datetime,
        timezone: str = "Asia/Shanghai",
    ) -> Understanding:
        """What the last shopper turn wants. Product entities hold the ids of ``products``; dates count from ``now``."""
        reader = self._ready_reader()
        return reader.understand(turns, locale_hint=locale_hint, products=products, now=now, timezone=timezone)

    def index(self, entries: Sequence[FaqEntry]) -> FaqIndex:
        """A search index over published answers."""
        return FaqIndex.build(entries, self._embedder, cache=self._vectors)

    def search(self, index: FaqIndex, query: str, *, language: Language, k: int = 5) -> tuple[FaqHit, ...]:
        """The ``k`` best hits for one question, best first, whatever their score."""
        return index.search(query, language=language, embedder=self._embedder, k=k)

    def answers(self, index: FaqIndex, understanding: Understanding, *, k: int = 3) -> tuple[FaqHit, ...]:
        """Hits for every question of a message, each marked with its question, as ``ComposeRequest.answers`` wants."""
        questions = dict.fromkeys(intent.question for intent in understanding.intents if intent.question)
        return tuple(
            replace(hit, query=question)
            for question in questions
            for hit in self.search(index, question, language=understanding.language, k=k)
        )

    def compose(
        self,
        request: ComposeRequest,
        *,
        candidates: int = 0,
        deadline_seconds: float | None = None,
        on_failure: FailureListener | None = None,
    ) -> Iterator[Candidate]:
        """First the grounded composer's candidate, within milliseconds; then up to ``candidates`` of the model.

        Every candidate has been checked. A model that fails ends the iterator, never raises, and is reported to
        ``on_failure`` (to the log without one).
        """
        composed = compose_grounded(request)
        yield replace(composed, violations=self.check(composed.text, request))
        if candidates > 0:
            yield from self.generate(
                request, candidates=candidates, deadline_seconds=deadline_seconds, on_failure=on_failure
            )

    def generate(
        self,
        request: ComposeRequest,
        *,
        candidates: int,
        deadline_seconds: float | None = None,
        on_failure: FailureListener | None = None,
    ) -> Iterator[Candidate]:
        """The language model's candidates only; nothing without a backend. Failures as in :meth:`compose`."""
        if self._backend is None:
            return
        drafter = ModelDrafter(self._backend)
        try:
            yield from drafter.draft(request, candidates=candidates, deadline_seconds=deadline_seconds)
        except Exception as error:  # a backend is foreign code: whatever it raises must not cost the composer's draft
            failure = failure_of(error)
            (on_failure or _log_failure)(failure)

    @staticmethod
    def rank(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
        """Best first; those with violations last; the composer wins ties. See ``bots.composing.ranking``."""
        return rank_candidates(candidates)

    @staticmethod
    def check(text: str, request: ComposeRequest) -> tuple[Violation, ...]:
        """What of ``text`` (an operator's edit, say) the evidence of ``request`` does not support."""
        return Guard.of(request).check(text)

    def _ready_reader(self) -> Reader:
        with self._training:
            if self._reader is None:
                self._reader = Reader(trained_or_cached(load_exemplars(), self._embedder, self._cache))
            return self._reader


def _log_failure(failure: GenerationFailed) -> None:
    logger.warning("The language model gave no candidate (%s): %s", failure.reason, failure.detail)

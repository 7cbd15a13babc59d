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
from functools import cached_property, partial
from pathlib import Path

from bots.backends.base import LanguageModel, Progress, ScoringModel
from bots.composing.composer import compose_grounded
from bots.composing.drafting import MAX_NEW_TOKENS, GenerationFailed, ModelDrafter, failure_of
from bots.composing.ranking import rank as rank_candidates
from bots.composing.ranking import scores
from bots.composing.signals import SignalReader, judged
from bots.guard.check import Guard
from bots.retrieval.embedders import Embedder, HashingEmbedder
from bots.retrieval.grouping import Common, Vectors, across_languages, common_of, comparable
from bots.retrieval.head_store import HeadStore
from bots.retrieval.index import ANSWER_THRESHOLD, FaqIndex, best_of
from bots.retrieval.subjects import subjects_of
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
from bots.understanding.exemplars import load_exemplars, load_injection_exemplars
from bots.understanding.injection import ATTACK, BENIGN, InjectionScanner
from bots.understanding.intent_cache import trained_or_cached
from bots.understanding.intents import IntentClassifier
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

#: Learned heads kept on disk, of all merchants and versions of their knowledge.
KEPT_HEADS = 256

#: What the guard finds by meaning, not by facts, and may mistake.
READ_BY_MEANING = frozenset({"contradiction", "polarity", "role"})

#: Characters of a message within which a question is not lost among other things.
_LONGEST_CONTEXT = 200

FailureListener = Callable[[GenerationFailed], None]


class Bot:
    """Everything the engine does, with one embedder and at most one language model. Safe to share between threads."""

    def __init__(self, *, embedder: Embedder, backend: LanguageModel | None = None, cache: Path | None = None) -> None:
        """``cache`` is a folder for what is learned and for passage vectors; without one, every process learns and
        embeds anew."""
        self._embedder = embedder
        self._backend = backend
        self._cache = cache
        self._vectors = None if cache is None else VectorCache(cache / "vectors")
        self._heads = None if cache is None else HeadStore(cache / "heads")
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
        order_numbers: Sequence[str] = (),
    ) -> Understanding:
        """What the last shopper turn wants. Product entities hold the ids of ``products``; dates count from ``now``;
        ``order_numbers`` are some of the shop's, by which a bare number is known as one."""
        return self._ready_reader().understand(
            turns,
            locale_hint=locale_hint,
            products=products,
            now=now,
            timezone=timezone,
            order_numbers=order_numbers,
        )

    def index(
        self, entries: Sequence[FaqEntry], *, previous: FaqIndex | None = None, most_learned: int | None = None
    ) -> FaqIndex:
        """A search index over published answers; texts that ``previous`` knows are not embedded again.

        Where the phrasings are enough, it is learned from them, or what was learned before is read. With more than
        ``most_learned`` rows nothing is learned here: ``learned`` does, later and elsewhere.
        """
        index = FaqIndex.build(entries, self._embedder, cache=self._vectors, previous=previous)
        if not index.is_learnable():
            return index
        head = None if self._heads is None else self._heads.read(index.fingerprint())
        if head is not None:
            return index.with_head(head)
        return index if most_learned is not None and len(index.phrasings) > most_learned else self.learned(index)

    def learned(self, index: FaqIndex) -> FaqIndex:
        """``index`` with what its phrasings teach, kept on disk where there is a cache: seconds for thousands."""
        learned = index.learned()
        if self._heads is not None and learned.head is not None:
            self._heads.write(index.fingerprint(), learned.head)
            self._heads.keep_youngest(KEPT_HEADS)
        return learned

    @property
    def knows_meanings(self) -> bool:
        """Whether the embedder knows more than words: whether two questions without a common word can be near."""
        return not self._embedder.name.startswith("hashing")

    def meanings(self, questions: Sequence[str]) -> Vectors:
        """Vectors of questions as an index holds them, for comparing FAQs with each other; out of the cache."""
        if self._vectors is None:
            return self._embedder.embed_passages(questions)
        return self._vectors.embed_passages(self._embedder, questions)

    def search(
        self, index: FaqIndex, query: str, *, language: Language, k: int = 5, subjects: frozenset[str] = frozenset()
    ) -> tuple[FaqHit, ...]:
        """The ``k`` best hits for one question, best first, whatever their score."""
        kinds = self._ready_reader().classifier if index.reads_kinds() else None
        return index.search(query, language=language, embedder=self._embedder, k=k, subjects=subjects, kinds=kinds)

    def answers(
        self,
        index: FaqIndex,
        understanding: Understanding,
        *,
        k: int = 3,
        titles: Sequence[str] = (),
        said: str = "",
    ) -> tuple[FaqHit, ...]:
        """Hits for every question of a message, each marked with its question, as ``ComposeRequest.answers`` wants.

        ``titles`` are those of the shop's things: what is about others of them than the question answers nothing.
        ``said`` is the whole message: around a single question it may tell what the question is about, and of several
        that nothing answers the first may be answered by what they say together.
        """
        asked = [*(intent.question for intent in understanding.intents), *understanding.unread]
        subjects = subjects_of(titles)
        questions = dict.fromkeys(question for question in asked if question)
        search = partial(self.search, index, language=understanding.language, k=k, subjects=subjects)
        found = {question: search(question) for question in questions}
        alone = len(found) == 1 or all(hit.score < ANSWER_THRESHOLD for hits in found.values() for hit in hits)
        if found and alone and 0 < len(said) <= _LONGEST_CONTEXT:
            first = next(iter(found))
            if said.strip() != first.strip():
                found[first] = best_of(found[first], search(said))[:k]
        elif thing := _thing_named(understanding, said):  # "Does it need sun? Is it safe for cats? It's the fern."
            for question in [each for each in found if thing not in each]:
                found[question] = best_of(found[question], search(f"{question} {thing}"))[:k]
        return tuple(replace(hit, query=question) for question, hits in found.items() for hit in hits)

    def classifier(self, texts: Sequence[str], labels: Sequence[str]) -> IntentClassifier:
        """A reader of other intents than the shipped ones, taught from these rows; ``ValueError`` for one label."""
        return IntentClassifier.train(texts, labels, self._embedder)

    @cached_property
    def scanner(self) -> InjectionScanner:
        """What tells whether a text tries to command the bot.

        Words alone do not tell an order to the bot from a wish: without meanings only phrases count.
        """
        if not self.knows_meanings:
            return InjectionScanner()
        texts, attacks = zip(*load_injection_exemplars(), strict=True)
        labels = [ATTACK if attack else BENIGN for attack in attacks]
        return InjectionScanner(trained_or_cached(texts, labels, self._embedder, self._cache))

    @property
    def embedder_name(self) -> str:
        """The same name promises the same vectors."""
        return self._embedder.name

    @cached_property
    def across_languages(self) -> float:
        """How much a likeness between two languages counts; see ``bots.retrieval.grouping``."""
        return across_languages(self._embedder)

    @cached_property
    def _common(self) -> Common:
        return common_of(self._embedder)

    def comparable(self, texts: Sequence[str], languages: Sequence[Language], *, kept: bool = False) -> Vectors:
        """Rows by which questions, or replies, are told alike; see ``bots.retrieval.grouping``.

        Vectors of the shop's own texts may be ``kept`` on disk; those of shoppers' words are not.
        """
        if kept and self._vectors is not None:
            return comparable(self._vectors.embed_queries(self._embedder, texts), languages, self._common)
        return comparable(self._embedder.embed_queries(list(texts)), languages, self._common)

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
        found = self.check(composed.text, request)
        # Its sentences are the evidence's own: what the guard reads between words would only mistake them.
        composed = replace(composed, violations=tuple(each for each in found if each.kind not in READ_BY_MEANING))
        signals = SignalReader(request).read(composed)
        yield replace(composed, signals=signals, score=scores([signals])[0])
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
        backend: LanguageModel | None = None,
        max_new_tokens: int = MAX_NEW_TOKENS,
        on_progress: Progress | None = None,
    ) -> Iterator[Candidate]:
        """The candidates of ``backend``, or else of the bot's own language model; nothing where there is neither.

        ``on_progress`` hears of the first one while it is written, unchecked, and may end it all by saying no.
        Failures as in :meth:`compose`.
        """
        backend = backend or self._backend
        if backend is None:
            return
        drafter = ModelDrafter(backend, max_new_tokens=max_new_tokens)
        try:
            yield from drafter.draft(
                request, candidates=candidates, deadline_seconds=deadline_seconds, on_progress=on_progress
            )
        except Exception as error:  # a backend is foreign code: whatever it raises must not cost the composer's draft
            failure = failure_of(error)
            (on_failure or _log_failure)(failure)

    def judge(
        self,
        request: ComposeRequest,
        candidates: Sequence[Candidate],
        *,
        deadline_seconds: float | None = None,
        on_failure: FailureListener | None = None,
    ) -> tuple[Candidate, ...]:
        """The candidates with what the bot's own language model says of their likelihood; unchanged without one that
        scores texts, or where it fails (see :meth:`compose`)."""
        if not isinstance(self._backend, ScoringModel):
            return tuple(candidates)
        try:
            return judged(candidates, request, self._backend, deadline_seconds=deadline_seconds)
        except Exception as error:  # as in ``generate``
            (on_failure or _log_failure)(failure_of(error))
            return tuple(candidates)

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
                intents = load_exemplars()
                texts, names = [each.text for each in intents], [each.intent for each in intents]
                classifier = trained_or_cached(texts, names, self._embedder, self._cache)
                self._reader = Reader(classifier, self.scanner)
            return self._reader


def _thing_named(understanding: Understanding, said: str) -> str:
    """The words for the one thing of the shop that a message of several questions names; empty for none or more."""
    things = [each for each in understanding.entities if each.kind == "product" and each.end > each.start]
    return said[things[0].start : things[0].end] if len(things) == 1 else ""


def _log_failure(failure: GenerationFailed) -> None:
    logger.warning("The language model gave no candidate (%s): %s", failure.reason, failure.detail)

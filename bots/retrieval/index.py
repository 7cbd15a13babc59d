"""The search over a merchant's published FAQs: learned from their phrasings, or dense vectors fused with BM25."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bots.retrieval.across import Across
from bots.retrieval.calibration import ANSWER_THRESHOLD, BACKGROUND, Calibration, calibration_of, leads
from bots.retrieval.embedders import Embedder, has_chinese
from bots.retrieval.head import Head, is_learnable, learn
from bots.retrieval.head_store import fingerprint
from bots.retrieval.kinds import Kinds, agreement
from bots.retrieval.lexical import LexicalIndex, shared_words
from bots.retrieval.phrasings import Phrasings
from bots.retrieval.spelling import Spelling
from bots.retrieval.spoken import as_written
from bots.retrieval.subjects import is_about_another
from bots.retrieval.vector_cache import VectorCache
from bots.types import LANGUAGES, FaqEntry, FaqHit, Language, Why

__all__ = ["ANSWER_THRESHOLD", "FaqIndex", "Match", "best_of"]

#: Relevance that an FAQ without a text in the shopper's language loses, in spreads: it decides near ties only.
_FOREIGN_PENALTY = 0.25
#: What is left of the score of an FAQ about another thing than the question: less than the threshold, always.
_OF_ANOTHER_THING = 0.5
#: What is left of a learned score where a sentence that no FAQ is about is nearer than every phrasing ("thank you").
_OF_NO_FAQ = 0.5
#: By so much an FAQ in another language alone must be nearer than all that have the shopper's, to be taken for it.
_CLEARLY = 0.08
#: What is left of the scores of all others then.
_OF_NO_OTHER = 0.5
#: An FAQ has enough phrasings to learn from when it has so many in one language; half of the FAQs must.
_LEAST_PHRASINGS = 3
#: The score of an FAQ whose phrasing the question repeats word for word.
_REPEATED = 0.99


@dataclass(frozen=True, slots=True)
class Match:
    """How one FAQ fits a query; ``relevance`` and ``lead`` as in ``bots.retrieval.calibration``."""

    id: str
    phrasing: int
    lexical: float
    dense: float
    relevance: float
    lead: float


@dataclass(frozen=True, slots=True)
class _Signals:
    """What the search computes of a question: by phrasing ``dense``, ``lexical``, ``relevance``; by FAQ the rest."""

    vector: NDArray[np.float32]
    #: The cosine of the nearest sentence that no FAQ is about.
    unrelated: float
    dense: NDArray[np.float32]
    lexical: NDArray[np.float32]
    relevance: NDArray[np.float32]
    relevances: NDArray[np.float32]
    leads: NDArray[np.float32]


class FaqIndex:
    """Immutable; safe to search from several threads. Entries with the same id are translations of one FAQ."""

    def __init__(
        self,
        phrasings: Phrasings,
        *,
        embedder_name: str,
        vectors: NDArray[np.float32],
        background: Mapping[Language, NDArray[np.float32]],
        widths: tuple[int, ...],
        head: Head | None = None,
    ) -> None:
        """``vectors``: one row for each text of ``phrasings``, answers and then statements last; see ``build``."""
        self.embedder_name = embedder_name
        self.phrasings = phrasings
        self.head = head
        self._widths = widths
        self._calibration = calibration_of(embedder_name, answered=bool(phrasings.answers))
        self._all_vectors = vectors
        with_answers = len(phrasings) + len(phrasings.answers)
        self._vectors = vectors[: len(phrasings)]
        self._answers, self._statements = vectors[len(phrasings) : with_answers], vectors[with_answers:]
        self._kinds: tuple[Kinds, NDArray[np.float32]] | None = None
        self._background = background
        self._spread = float(np.mean([_spread(sentences) for sentences in background.values()]))
        self._lexical = LexicalIndex(phrasings.written)
        self._languages = np.array([LANGUAGES.index(owner.language) for owner in phrasings.owners], dtype=np.int64)
        self._repeated: dict[str, set[int]] = {}
        for text, faq in zip(phrasings.written, phrasings.faq_of, strict=True):
            self._repeated.setdefault(_bare(text), set()).add(int(faq))

    @classmethod
    def build(
        cls,
        entries: Sequence[FaqEntry],
        embedder: Embedder,
        *,
        cache: VectorCache | None = None,
        previous: FaqIndex | None = None,
    ) -> FaqIndex:
        """Embeds every phrasing, answer and statement, but for texts that ``previous`` or ``cache`` knows.

        Nothing is learned.
        """
        phrasings = Phrasings.of(entries)
        embed = embedder.embed_passages if cache is None else (lambda texts: cache.embed_passages(embedder, texts))
        texts = [*phrasings.written, *phrasings.answers, *phrasings.statements]
        vectors = np.zeros((len(texts), embedder.dimension), dtype=np.float32)
        known = previous.known_texts() if previous is not None and previous.embedder_name == embedder.name else {}
        missing = [row for row, text in enumerate(texts) if text not in known]
        if previous is not None and len(missing) < len(texts):
            rows = [row for row, text in enumerate(texts) if text in known]
            vectors[rows] = previous.vectors_of([known[texts[row]] for row in rows])
        if missing:
            vectors[missing] = embed([texts[row] for row in missing])
        return cls(
            phrasings,
            embedder_name=embedder.name,
            vectors=vectors,
            background={language: embed(sentences) for language, sentences in BACKGROUND.items()},
            widths=embedder.widths,
        )

    def known_texts(self) -> dict[str, int]:
        """Every text that has a vector, with its row."""
        texts = [*self.phrasings.written, *self.phrasings.answers, *self.phrasings.statements]
        return {text: row for row, text in enumerate(texts)}

    def vectors_of(self, rows: Sequence[int]) -> NDArray[np.float32]:
        return self._all_vectors[list(rows)]

    def __len__(self) -> int:
        """The number of FAQs, translations counted once."""
        return len(self.phrasings.ids)

    @property
    def nbytes(self) -> int:
        """Memory of the vectors, the head and, roughly, the texts."""
        texts = sum(len(text) for text in self.phrasings.written) * 12
        beside = sum(each.nbytes for each in (self.head, self.__dict__.get("_across")) if each is not None)
        beside += 0 if self._kinds is None else self._kinds[1].nbytes
        return self._all_vectors.nbytes + texts + beside

    @cached_property
    def _across(self) -> Across | None:
        """Only made for a question in a language that some FAQ lacks."""
        return Across.of(self._vectors, self._languages, self._background, self._widths)

    def is_learnable(self) -> bool:
        """Whether the FAQs have phrasings enough to learn from."""
        counts = self.phrasings.most_in_one_language()
        enough = bool(counts) and 2 * sum(count >= _LEAST_PHRASINGS for count in counts) >= len(counts)
        return enough and is_learnable(self.phrasings.labels())

    def learned(self) -> FaqIndex:
        """This index with a head learned from its phrasings; itself where a nearest neighbour does better."""
        chinese = has_chinese(self.phrasings.written)
        head = learn(self._vectors, self.phrasings.labels(), chinese, self._widths)
        return self if head.held_out_accuracy < head.neighbour_accuracy else self.with_head(head)

    def fingerprint(self) -> str:
        """The name of what can be learned from the phrasings."""
        rows = zip(self.phrasings.written, self.phrasings.labels(), strict=True)
        return fingerprint(self.embedder_name, sum(self._widths), rows)

    def with_head(self, head: Head | None) -> FaqIndex:
        """This index with a head that was learned from the same phrasings."""
        if head is not None and head.classes != self.phrasings.ids:
            raise ValueError("the head was learned from other FAQs")
        other = object.__new__(FaqIndex)
        other.__dict__.update(self.__dict__)
        other.head = head
        return other

    def search(
        self,
        query: str,
        *,
        language: Language,
        embedder: Embedder,
        k: int = 5,
        subjects: frozenset[str] = frozenset(),
        kinds: Kinds | None = None,
    ) -> tuple[FaqHit, ...]:
        """The ``k`` likeliest FAQs, best first, each once, in ``language`` where it has a text in it.

        ``subjects`` are words for the shop's things: an FAQ about others of them than the query answers nothing.
        ``kinds`` reads what kind of question it is: what is of another kind answers it less likely. No
        threshold is applied: compare ``FaqHit.score`` with ``ANSWER_THRESHOLD``. An empty index and a query without
        words find nothing. ``ValueError`` when ``embedder`` is not the one that the index was built with.
        """
        written = self._as_searched(query, embedder, subjects)
        if not len(self) or not written:
            return ()
        signals = self._signals(written, language, embedder, self._calibration, kinds)
        if self.head is None:
            order = np.argsort(-signals.relevances, kind="stable")
            scores = self._calibration.scores(signals.relevances, signals.leads)
        else:
            outputs = self.head.outputs(signals.vector[None], has_chinese([written]))[0]
            order, scores = np.argsort(-outputs, kind="stable"), self.head.scores(outputs).astype(np.float64)
            if signals.unrelated > float(signals.dense.max()):
                scores *= _OF_NO_FAQ
        if (foreign := self._foreign(signals.vector, language)) is not None:
            faq, alike = foreign
            order = np.concatenate([[faq], order[order != faq]])
            scores *= _OF_NO_OTHER
            scores[faq] = min(max(alike, 0.0), _REPEATED)
        repeated = self._repeated.get(_bare(written), set())
        if repeated:
            first = [faq for faq in order.tolist() if faq in repeated]
            order = np.concatenate([first, order[~np.isin(order, first)]])
            scores[first] = np.maximum(scores[first], _REPEATED)
        hits = [self._hit(int(faq), float(scores[faq]), signals, language, written, subjects) for faq in order[:k]]
        return tuple(sorted(hits, key=lambda hit: -hit.score) if subjects else hits)

    def matches(
        self, query: str, *, language: Language, embedder: Embedder, calibration: Calibration | None = None
    ) -> list[Match]:
        """How every FAQ fits without a head, most relevant first; ``calibration`` replaces the embedder's own."""
        written = self._as_searched(query, embedder)
        if not len(self) or not written:
            return []
        signals = self._signals(written, language, embedder, calibration or self._calibration)
        found = []
        for faq in np.argsort(-signals.relevances, kind="stable"):
            row = self._best_row(int(faq), signals.relevance)
            values = signals.lexical[row], signals.dense[row], signals.relevances[faq], signals.leads[faq]
            found.append(Match(self.phrasings.ids[faq], row, *map(float, values)))
        return found

    @cached_property
    def _spelling(self) -> Spelling:
        return Spelling(self.phrasings.written, beside=self.phrasings.answers)

    def _as_searched(self, query: str, embedder: Embedder, subjects: frozenset[str] = frozenset()) -> str:
        """``query`` as FAQs would write it, mistyped words put right."""
        return self._spelling.corrected(as_written(query), english=embedder.english_words, names=subjects)

    def reads_kinds(self) -> bool:
        """Whether a search here makes something of ``kinds``."""
        return self.head is None and self._calibration.kind_weight > 0.0

    def _signals(
        self,
        written: str,
        language: Language,
        embedder: Embedder,
        weights: Calibration,
        kinds: Kinds | None = None,
    ) -> _Signals:
        if embedder.name != self.embedder_name:
            raise ValueError(f"This index was built with {self.embedder_name}, not with {embedder.name}.")
        vector = embedder.embed_queries([written])[0]
        background = {each: sentences @ vector for each, sentences in self._background.items()}
        unrelated = np.array([background[each].mean() for each in LANGUAGES], dtype=np.float32)
        dense, lexical = self._vectors @ vector, self._lexical.relative_scores(written)
        relevance = (dense - unrelated[self._languages]) / self._spread + weights.lexical_weight * lexical
        best = np.maximum.reduceat(relevance, self.phrasings.starts)
        best = self._with_answers(best, vector, unrelated, weights)
        if kinds is not None and self.reads_kinds():
            best = best + weights.kind_weight * self._of_kind(kinds, vector, written)
        native = self.phrasings.native(language)
        relevances = (best - np.where(native, 0.0, _FOREIGN_PENALTY)).astype(np.float32)
        rivals = np.concatenate([cosines - cosines.mean() for cosines in background.values()]) / self._spread
        lead = leads(relevances, rivals.astype(np.float32))
        nearest = max(float(cosines.max()) for cosines in background.values())
        return _Signals(vector, nearest, dense, lexical, relevance, relevances, lead)

    def _with_answers(
        self,
        best: NDArray[np.float32],
        vector: NDArray[np.float32],
        unrelated: NDArray[np.float32],
        weights: Calibration,
    ) -> NDArray[np.float32]:
        """``best``, the relevance of the phrasings by FAQ, mixed with that of the answers where there are some."""
        share, parts = weights.answer_share + weights.statement_share, self.phrasings
        if not len(self._answers) or share <= 0.0:
            return best
        told = self._by_faq(self._answers @ vector, parts.answer_rows, unrelated)
        stated = self._by_faq(self._statements @ vector, parts.statement_rows, unrelated)
        stated = np.where(np.isfinite(stated), stated, told)
        mixed = (1.0 - share) * best + weights.answer_share * told + weights.statement_share * stated
        return np.where(np.isfinite(told), mixed, best)

    def _by_faq(
        self, cosines: NDArray[np.float32], rows: NDArray[np.int64], unrelated: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """The greatest relevance of each FAQ's texts; ``rows`` are those of the phrasings that the texts go with."""
        found = np.full(len(self), -np.inf, dtype=np.float32)
        relevance = (cosines - unrelated[self._languages[rows]]) / self._spread
        np.maximum.at(found, self.phrasings.faq_of[rows], relevance)
        return found

    def _of_kind(self, kinds: Kinds, vector: NDArray[np.float32], written: str) -> NDArray[np.float32]:
        """How likely each FAQ is of the question's kind: by its title, or by title and answer together."""
        if self._kinds is None or self._kinds[0] is not kinds:
            texts = [*self.phrasings.written, *self.phrasings.answers]
            rows = kinds.kinds(self._all_vectors[: len(texts)], texts)
            owners = np.concatenate([self.phrasings.faq_of, self.phrasings.faq_of[self.phrasings.answer_rows]])
            by_faq = np.zeros((len(self), rows.shape[1]), dtype=np.float32)
            np.maximum.at(by_faq, owners, rows)
            self._kinds = kinds, by_faq
        return agreement(kinds.kinds(vector[None], [written])[0], self._kinds[1])

    def _foreign(self, vector: NDArray[np.float32], language: Language) -> tuple[int, float] | None:
        """The FAQ without a text in ``language`` that is clearly nearer than all with one, and how near; or None."""
        native = self.phrasings.native(language)
        if native.all() or self._across is None:
            return None
        foreign = ~native[self.phrasings.faq_of]
        alike = self._across.similarities(vector, language)
        row = int(np.where(foreign, alike, -np.inf).argmax())
        if alike[row] < np.where(foreign, -np.inf, alike).max() + _CLEARLY:
            return None
        return int(self.phrasings.faq_of[row]), float(alike[row])

    def _best_row(self, faq: int, relevance: NDArray[np.float32]) -> int:
        rows = self.phrasings.rows_of(faq)
        return rows.start + int(relevance[rows.start : rows.stop].argmax())

    def _hit(
        self, faq: int, score: float, signals: _Signals, language: Language, written: str, subjects: frozenset[str]
    ) -> FaqHit:
        row = self._best_row(faq, signals.relevance)
        translations = self.phrasings.translations[faq]
        learned = None if self.head is None else score
        if subjects and self._is_about_another(written, faq, subjects):
            score *= _OF_ANOTHER_THING
        return FaqHit(
            entry=translations.get(language, self.phrasings.owners[row]),
            score=score,
            phrasing=self.phrasings.texts[row],
            lexical=float(signals.lexical[row]),
            dense=float(signals.dense[row]),
            why=Why(
                words=shared_words(written, self.phrasings.written[row]),
                relevance=float(signals.relevances[faq]),
                learned=learned,
            ),
        )

    def _is_about_another(self, written: str, faq: int, subjects: frozenset[str]) -> bool:
        answer = "\n".join(text.answer for text in self.phrasings.translations[faq].values())
        texts = [self.phrasings.texts[row] for row in self.phrasings.rows_of(faq)]
        return is_about_another(written, texts, answer, subjects)


def best_of(*searches: Sequence[FaqHit]) -> tuple[FaqHit, ...]:
    """The hits of several searches for one question, each FAQ once with its best score, best first."""
    best: dict[str, FaqHit] = {}
    for hit in (hit for hits in searches for hit in hits):
        if hit.entry.id not in best or hit.score > best[hit.entry.id].score:
            best[hit.entry.id] = hit
    return tuple(sorted(best.values(), key=lambda hit: -hit.score))


def _bare(written: str) -> str:
    """What is the same whatever its capitals and the mark at its end."""
    return written.casefold().rstrip(" ?!.。？！")


def _spread(background: NDArray[np.float32]) -> float:
    """Standard deviation of the cosines between different background sentences."""
    cosines = background @ background.T
    return float(cosines[~np.eye(len(background), dtype=bool)].std())

"""The search over a merchant's published FAQs: dense vectors fused with BM25, one calibrated score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bots.retrieval.calibration import ANSWER_THRESHOLD, BACKGROUND, Calibration, calibration_of, leads
from bots.retrieval.embedders import Embedder
from bots.retrieval.lexical import LexicalIndex
from bots.retrieval.vector_cache import VectorCache
from bots.types import FaqEntry, FaqHit, Language

__all__ = ["ANSWER_THRESHOLD", "FaqIndex", "Match"]

#: Relevance that an FAQ without a text in the shopper's language loses, in spreads: it decides near ties only.
_FOREIGN_PENALTY = 0.25


@dataclass(frozen=True, slots=True)
class Match:
    """How one FAQ fits a query; ``relevance`` and ``lead`` as in ``bots.retrieval.calibration``."""

    id: str
    phrasing: int
    lexical: float
    dense: float
    relevance: float
    lead: float


class FaqIndex:
    """Immutable; safe to search from several threads. Entries with the same id are translations of one FAQ."""

    def __init__(
        self,
        entries: Sequence[FaqEntry],
        *,
        embedder_name: str,
        vectors: NDArray[np.float32],
        background: Mapping[Language, NDArray[np.float32]],
    ) -> None:
        """``vectors``: one row for each phrasing, in the order of ``phrasings_of`` over the entries; see ``build``."""
        self.embedder_name = embedder_name
        self._calibration = calibration_of(embedder_name)
        self._owners = [entry for entry in entries for _ in phrasings_of(entry)]
        self._phrasings = [phrasing for entry in entries for phrasing in phrasings_of(entry)]
        self._vectors = vectors
        self._background = background
        self._spread = float(np.mean([_spread(sentences) for sentences in background.values()]))
        self._lexical = LexicalIndex(self._phrasings)
        self._by_id: dict[str, dict[Language, FaqEntry]] = {}
        self._rows: dict[str, list[int]] = {}
        for row, owner in enumerate(self._owners):
            self._by_id.setdefault(owner.id, {})[owner.language] = owner
            self._rows.setdefault(owner.id, []).append(row)

    @classmethod
    def build(cls, entries: Sequence[FaqEntry], embedder: Embedder, *, cache: VectorCache | None = None) -> FaqIndex:
        """Embeds the question and the variants of every entry, through ``cache`` where one is given."""
        embed = embedder.embed_passages if cache is None else (lambda texts: cache.embed_passages(embedder, texts))
        return cls(
            entries,
            embedder_name=embedder.name,
            vectors=embed([phrasing for entry in entries for phrasing in phrasings_of(entry)]),
            background={language: embed(sentences) for language, sentences in BACKGROUND.items()},
        )

    def __len__(self) -> int:
        """The number of FAQs, translations counted once."""
        return len(self._by_id)

    def search(self, query: str, *, language: Language, embedder: Embedder, k: int = 5) -> tuple[FaqHit, ...]:
        """The ``k`` likeliest FAQs, best first, each once, in ``language`` where it has a text in it.

        No threshold is applied: compare ``FaqHit.score`` with ``ANSWER_THRESHOLD``. An empty index and a query without
        words find nothing. ``ValueError`` when ``embedder`` is not the one that the index was built with.
        """
        matches = self.matches(query, language=language, embedder=embedder)
        return tuple(self._hit(match, language) for match in matches[:k])

    def matches(
        self, query: str, *, language: Language, embedder: Embedder, calibration: Calibration | None = None
    ) -> list[Match]:
        """How every FAQ fits, most relevant first; ``calibration`` replaces the embedder's own."""
        if embedder.name != self.embedder_name:
            raise ValueError(f"This index was built with {self.embedder_name}, not with {embedder.name}.")
        if not self._rows or not query.strip():
            return []
        weights = calibration or self._calibration
        vector = embedder.embed_queries([query])[0]
        background = {language: sentences @ vector for language, sentences in self._background.items()}
        dense, lexical = self._vectors @ vector, self._lexical.relative_scores(query)
        unrelated = np.array([background[owner.language].mean() for owner in self._owners])
        relevance = (dense - unrelated) / self._spread + weights.lexical_weight * lexical
        best = [max(rows, key=lambda row: relevance[row]) for rows in self._rows.values()]
        native = np.array([language in self._by_id[faq] for faq in self._rows])
        relevances = (relevance[best] - np.where(native, 0.0, _FOREIGN_PENALTY)).astype(np.float32)
        rivals = np.concatenate([cosines - cosines.mean() for cosines in background.values()]) / self._spread
        lead = leads(relevances, rivals.astype(np.float32))
        found = [
            Match(faq, row, float(lexical[row]), float(dense[row]), float(relevances[i]), float(lead[i]))
            for i, (faq, row) in enumerate(zip(self._rows, best, strict=True))
        ]
        return sorted(found, key=lambda match: (-match.relevance, match.id))

    def _hit(self, match: Match, language: Language) -> FaqHit:
        translations = self._by_id[match.id]
        return FaqHit(
            entry=translations.get(language, self._owners[match.phrasing]),
            score=self._calibration.score(match.relevance, match.lead),
            phrasing=self._phrasings[match.phrasing],
            lexical=match.lexical,
            dense=match.dense,
        )


def phrasings_of(entry: FaqEntry) -> tuple[str, ...]:
    """What leads to the entry: its question and its variants, empty ones and repetitions left out."""
    return tuple(dict.fromkeys(text.strip() for text in (entry.question, *entry.variants) if text.strip()))


def _spread(background: NDArray[np.float32]) -> float:
    """Standard deviation of the cosines between different background sentences."""
    cosines = background @ background.T
    return float(cosines[~np.eye(len(background), dtype=bool)].std())

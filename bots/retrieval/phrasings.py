"""The texts that an index searches, in rows: the phrasings of one FAQ after those of another, then the answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bots.retrieval.spoken import as_written
from bots.types import FaqEntry, Language

#: Characters of an answer that are looked at: what it is about stands at its beginning.
_ANSWER_START = 200
#: An answer's statements end here; so many of them are looked at.
_STATEMENT_END = re.compile(r"(?<=[.!?;])\s+|(?<=[。！？；，])\s*|\n+")
_MOST_STATEMENTS = 12
_SHORTEST_STATEMENT = 4


@dataclass(frozen=True, slots=True)
class Phrasings:
    """``ids`` sorted; by row ``owners``, ``texts``, ``written`` (as searched) and ``faq_of`` (a place in ``ids``).

    ``starts`` is the first row of each FAQ. ``answers`` are searched texts, too, each of the FAQ of ``answer_rows``; so
    are ``statements``, the single ones of an answer, with ``statement_rows``: a question is often for one of them.
    """

    ids: tuple[str, ...]
    translations: tuple[Mapping[Language, FaqEntry], ...]
    owners: tuple[FaqEntry, ...]
    texts: tuple[str, ...]
    written: tuple[str, ...]
    faq_of: NDArray[np.int64]
    starts: NDArray[np.int64]
    answers: tuple[str, ...]
    answer_rows: NDArray[np.int64]
    statements: tuple[str, ...]
    statement_rows: NDArray[np.int64]

    @classmethod
    def of(cls, entries: Sequence[FaqEntry]) -> Phrasings:
        """FAQs without any phrasing are left out."""
        by_id: dict[str, list[FaqEntry]] = {}
        for entry in entries:
            if phrasings_of(entry):
                by_id.setdefault(entry.id, []).append(entry)
        ids = tuple(sorted(by_id))
        owners: list[FaqEntry] = []
        texts: list[str] = []
        answers: list[str] = []
        faq_of: list[int] = []
        starts: list[int] = []
        answer_rows: list[int] = []
        statements: list[str] = []
        statement_rows: list[int] = []
        for place, faq in enumerate(ids):
            starts.append(len(texts))
            for entry in by_id[faq]:
                if entry.answer.strip():
                    answers.append(as_written(f"{entry.question} {entry.answer.strip()[:_ANSWER_START]}"))
                    answer_rows.append(len(texts))
                    found = statements_of(entry.answer)
                    statements += found
                    statement_rows += [len(texts)] * len(found)
                for phrasing in phrasings_of(entry):
                    owners.append(entry)
                    texts.append(phrasing)
                    faq_of.append(place)
        return cls(
            ids,
            tuple({entry.language: entry for entry in by_id[faq]} for faq in ids),
            tuple(owners),
            tuple(texts),
            tuple(as_written(text) or text for text in texts),
            np.array(faq_of, dtype=np.int64),
            np.array(starts, dtype=np.int64),
            tuple(answers),
            np.array(answer_rows, dtype=np.int64),
            tuple(statements),
            np.array(statement_rows, dtype=np.int64),
        )

    def __len__(self) -> int:
        return len(self.texts)

    def rows_of(self, faq: int) -> range:
        end = self.starts[faq + 1] if faq + 1 < len(self.starts) else len(self.texts)
        return range(int(self.starts[faq]), int(end))

    def labels(self) -> list[str]:
        """The FAQ of each row."""
        return [self.ids[place] for place in self.faq_of]

    def native(self, language: Language) -> NDArray[np.bool_]:
        """By FAQ: whether it has a text in ``language``."""
        return np.array([language in texts for texts in self.translations], dtype=bool)

    def most_in_one_language(self) -> list[int]:
        """By FAQ: its phrasings in the language that it has most of."""
        return [max(len(phrasings_of(entry)) for entry in texts.values()) for texts in self.translations]


def phrasings_of(entry: FaqEntry) -> tuple[str, ...]:
    """What leads to the entry: its question and its variants, empty ones and repetitions left out."""
    return tuple(dict.fromkeys(text.strip() for text in (entry.question, *entry.variants) if text.strip()))


def statements_of(answer: str) -> list[str]:
    """The single statements of an answer, as they are searched; those too short to state anything are left out."""
    parts = [as_written(part) for part in _STATEMENT_END.split(answer)]
    return [part for part in parts if len(part) >= _SHORTEST_STATEMENT][:_MOST_STATEMENTS]

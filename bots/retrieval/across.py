"""From a question in one language to FAQs that have only another.

Within one language texts are compared by all that the encoders say. Between two, some of them say nothing, and a
common language weighs more than a common meaning: any Chinese FAQ would beat the right English one. Here a question
and a phrasing are compared by the parts that know both languages alone, less what all texts of a language have in
common, and a cosine between languages is multiplied by what a sentence and its translation lack.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bots.types import LANGUAGES, Language

Floats = NDArray[np.float32]

#: Encoders to which a sentence and its translation are no more alike than this know no second language.
_LEAST_ALIKE = 0.3


@dataclass(frozen=True, slots=True)
class Across:
    """``rows``: phrasings by the parts that know both languages, of length 1; ``centres`` by language."""

    rows: Floats
    languages: NDArray[np.int64]
    parts: tuple[slice, ...]
    centres: tuple[Floats, ...]
    #: How alike a sentence and its translation are.
    alike: float

    @classmethod
    def of(
        cls,
        vectors: Floats,
        languages: NDArray[np.int64],
        background: Mapping[Language, Floats],
        widths: tuple[int, ...],
    ) -> Across | None:
        """``languages`` of ``vectors`` as places in ``LANGUAGES``; the sentences of ``background`` are translations of
        each other, row by row. None where the encoders do not know both languages."""
        ends = np.cumsum(widths)
        every = [slice(int(end) - width, int(end)) for end, width in zip(ends, widths, strict=True)]
        parts = tuple(part for part in every if all(rows[:, part].any() for rows in background.values()))
        if not parts:
            return None
        centres = tuple(
            _lengthened(np.concatenate([vectors[languages == place], background[language]]), parts).mean(axis=0)
            for place, language in enumerate(LANGUAGES)
        )
        pairs = [_apart(background[language], parts, centres[place]) for place, language in enumerate(LANGUAGES)]
        alike = float(np.prod(np.stack(pairs), axis=0).sum(axis=1).mean())
        if alike < _LEAST_ALIKE:
            return None
        rows = np.empty((len(vectors), pairs[0].shape[1]), dtype=np.float32)
        for place, centre in enumerate(centres):
            rows[languages == place] = _apart(vectors[languages == place], parts, centre)
        return cls(rows, languages, parts, centres, alike)

    def similarities(self, vector: Floats, language: Language) -> Floats:
        """Of a question in ``language`` to each row; between languages 1 is what translations have on average."""
        place = LANGUAGES.index(language)
        cosines = self.rows @ _apart(vector[None], self.parts, self.centres[place])[0]
        result: Floats = np.where(self.languages == place, cosines, cosines / np.float32(self.alike))
        return result

    @property
    def nbytes(self) -> int:
        return self.rows.nbytes


def _lengthened(vectors: Floats, parts: tuple[slice, ...]) -> Floats:
    """The parts side by side, each of length 1."""
    return np.concatenate([_unit(vectors[:, part]) for part in parts], axis=1)


def _apart(vectors: Floats, parts: tuple[slice, ...], centre: Floats) -> Floats:
    """The parts less the centre, side by side, of one weight and of length 1 together."""
    moved = _lengthened(vectors, parts) - centre
    starts = np.cumsum([0, *(part.stop - part.start for part in parts)])
    pieces = [_unit(moved[:, start:end]) for start, end in pairwise(starts)]
    result: Floats = np.concatenate(pieces, axis=1) / np.sqrt(np.float32(len(parts)))
    return result


def _unit(rows: Floats) -> Floats:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    result: Floats = (rows / np.where(lengths > 0.0, lengths, 1.0)).astype(np.float32)
    return result

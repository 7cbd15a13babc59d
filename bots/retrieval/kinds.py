"""Whether a question and an FAQ are of one kind: of delivery, of paying, of an account.

"Do you take Amex?" and "Means of payment" have no word in common and little meaning, for an encoder; who knows what
shoppers ask about reads both as questions of payment. Kinds that say nothing ("a question about a product") count not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Kinds(Protocol):
    """Reads the kinds of texts."""

    def kinds(self, vectors: Floats, written: Sequence[str]) -> Floats:
        """(texts, kinds): probabilities of the kinds that tell something; a row may sum to less than 1.

        ``vectors`` are the sentence vectors of ``written``.
        """


def agreement(question: Floats, faqs: Floats) -> Floats:
    """(faqs,): how likely each is of the question's kind; ``question`` is (kinds,), ``faqs`` (faqs, kinds)."""
    result: Floats = (faqs @ question).astype(np.float32)
    return result

"""Words and n-grams of a short text, hashed into a vector (Weinberger et al. 2009): its wording, not its meaning."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bots.expressions.folding import normalised

DIMENSION = 2048
_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+|[^\W\d_]+(?:'[a-z]+)?|\d+")
_ANY_NUMBER = "0"


def hashed(texts: Sequence[str]) -> NDArray[np.float32]:
    """L2-normalised rows, (texts, DIMENSION); zeros for a text without a letter or digit."""
    vectors = np.zeros((len(texts), DIMENSION), dtype=np.float32)
    for row, text in zip(vectors, texts, strict=True):
        for feature, count in Counter(lexical_features(text)).items():
            code = zlib.crc32(feature.encode())
            weight = 1.0 + np.log(count)
            row[(code >> 1) % DIMENSION] += weight if code & 1 else -weight
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = (vectors / np.where(norms > 0.0, norms, 1.0)).astype(np.float32)
    return unit


def lexical_features(text: str) -> list[str]:
    """Words, word pairs and character 3- to 5-grams of Latin text; 1- to 3-grams of Chinese; numbers are one token."""
    features: list[str] = []
    previous = "^"
    for run in _RUN.findall(normalised(text)):
        if run[0].isdigit():
            token = _ANY_NUMBER
        elif "\u3400" <= run[0] <= "\u9fff":
            features += [run[i : i + size] for size in (1, 2, 3) for i in range(len(run) - size + 1)]
            previous = run[-1]
            continue
        else:
            token = run
            padded = f"<{run}>"
            features += [f"#{padded[i : i + size]}" for size in (3, 4, 5) for i in range(len(padded) - size + 1)]
        features += [token, f"{previous} {token}"]
        previous = token
    return features

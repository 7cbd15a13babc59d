"""The language a shopper writes in: by script first, by word statistics second, by the hint for what says nothing."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cache
from typing import Any

from bots.expressions.folding import cjk_count, latin_count
from bots.types import Language, Turn

_CJK_WEIGHT = 3  # one Chinese character says about as much as three Latin letters
_LEAST_LETTERS = 4
_LOCK = threading.Lock()


def detect_language(turns: Sequence[Turn], hint: Language | None) -> Language:
    """The language of the latest shopper turn that has one; ``hint``, or English, for "ok" or a bare number.

    Text in a third language is answered in the hinted one, else in the nearer of the two.
    """
    for turn in reversed(turns):
        if turn.author == "shopper":
            found = _of_text(turn.text)
            if found is not None:
                return found
    return hint or "en"


def _of_text(text: str) -> Language | None:
    chinese, latin = cjk_count(text) * _CJK_WEIGHT, latin_count(text)
    if chinese > latin:
        return "zh-hans"
    if latin < _LEAST_LETTERS or " " not in text.strip():
        return "en" if latin >= 3 * _LEAST_LETTERS and not chinese else None
    with _LOCK:
        guess, _ = _identifier().classify(text)
    return "zh-hans" if guess == "zh" else "en"


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(["en", "zh"])
    return identifier

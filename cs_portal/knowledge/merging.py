"""Two people changed an FAQ from the same revision on: what each did is kept, and where both did, both are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cs_portal.knowledge.content import FaqContent, LocaleText, content_of
from cs_portal.merchants.models import Locale

SETTINGS = ("category", "tags", "valid_from", "valid_until", "hand_over", "action")
TEXTS = ("question", "answer", "phrasings")


@dataclass(frozen=True, slots=True)
class Merged:
    """``content`` has ``mine`` where both changed a part, which is one of ``conflicts`` then; ``taken`` are theirs."""

    content: FaqContent
    taken: tuple[str, ...]
    conflicts: tuple[str, ...]


def merge(before: FaqContent, theirs: FaqContent, mine: FaqContent) -> Merged:
    """``theirs`` was saved and ``mine`` was not; both began with ``before``.

    A part is one language's question, answer or phrasings (``question_en``), a setting (``valid_until``), or one
    conditional answer (``answer-a1``).
    """
    old, saved, typed = parts_of(before), parts_of(theirs), parts_of(mine)
    keys = dict.fromkeys([*typed, *saved, *old])
    merged: dict[str, Any] = {}
    taken, conflicts = [], []
    for key in keys:
        was, other, own = old.get(key), saved.get(key), typed.get(key)
        merged[key] = own if own != was else other
        if own == other:
            continue
        if own == was:
            taken.append(key)
        elif other != was:
            conflicts.append(key)
    return Merged(_content(merged), tuple(taken), tuple(conflicts))


def with_part(mine: FaqContent, theirs: FaqContent, key: str) -> FaqContent:
    """``mine`` with one part as it is in ``theirs``; a part that there is not changes nothing."""
    saved, typed = parts_of(theirs), parts_of(mine)
    return _content(typed | {key: saved.get(key)}) if key in saved or key in typed else mine


def parts_of(content: FaqContent) -> dict[str, Any]:
    """Every part by its key, in the order of the page."""
    parts: dict[str, Any] = {
        f"{name}_{code}": getattr(content.text(code), name) for code in Locale.values for name in TEXTS
    }
    parts |= {f"answer-{answer.id}": answer for answer in content.answers}
    return parts | {name: getattr(content, name) for name in SETTINGS}


def _content(parts: Mapping[str, Any]) -> FaqContent:
    texts = content_of((code, LocaleText(*(parts[f"{name}_{code}"] for name in TEXTS))) for code in Locale.values).texts
    answers = tuple(part for key, part in parts.items() if key.startswith("answer-") and part is not None)
    return FaqContent(texts, answers=answers, **{name: parts[name] for name in SETTINGS})

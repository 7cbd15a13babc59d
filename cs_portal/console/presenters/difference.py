"""What changed between two texts, word by word in English and character by character in Chinese."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

_TOKENS = re.compile(r"[^\W\u2e80-\u9fff\uf900-\ufaff]+|\s+|.", re.DOTALL)
#: Beyond this many tokens a text is shown as replaced as a whole: the comparison is quadratic.
_MAX_TOKENS = 1500

Kind = Literal["same", "removed", "added"]


@dataclass(frozen=True, slots=True)
class Part:
    """A run of text; the template escapes it."""

    kind: Kind
    text: str


def tokens(text: str) -> list[str]:
    """Words, runs of space, and every Chinese character or sign by itself; joined again they are ``text``."""
    return _TOKENS.findall(text)


def difference(before: str, after: str) -> list[Part]:
    """The parts of both in reading order: without ``added`` they are ``before``, without ``removed`` ``after``."""
    if before == after:
        return [Part("same", after)] if after else []
    old, new = tokens(before), tokens(after)
    if max(len(old), len(new)) > _MAX_TOKENS:
        return _parts([("removed", before), ("added", after)])
    found: list[tuple[Kind, str]] = []
    for kind, i, j, m, n in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(("same", "".join(new[m:n])))
        else:
            found += [("removed", "".join(old[i:j])), ("added", "".join(new[m:n]))]
    return _parts(_without_islands(found))


def _without_islands(found: Sequence[tuple[Kind, str]]) -> list[tuple[Kind, str]]:
    """A space that stayed between two changed words is no anchor: it would chop one change into many."""
    joined: list[tuple[Kind, str]] = []
    removed = added = ""
    for position, (kind, text) in enumerate(found):
        island = kind == "same" and text.isspace() and "\n" not in text and (removed or added)
        if island and position + 1 < len(found):
            removed, added = removed + text, added + text
        elif kind == "removed":
            removed += text
        elif kind == "added":
            added += text
        else:
            joined += [("removed", removed), ("added", added), ("same", text)]
            removed = added = ""
    return [*joined, ("removed", removed), ("added", added)]


def listed_difference(before: Sequence[str], after: Sequence[str]) -> list[Part]:
    """Whole entries of a list: kept, removed or added."""
    found: list[tuple[Kind, str]] = []
    for kind, i, j, m, n in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if kind == "equal":
            found += [("same", entry) for entry in after[m:n]]
        else:
            found += [("removed", entry) for entry in before[i:j]]
            found += [("added", entry) for entry in after[m:n]]
    return _parts(found)


def _parts(found: Sequence[tuple[Kind, str]]) -> list[Part]:
    return [Part(kind, text) for kind, text in found if text]

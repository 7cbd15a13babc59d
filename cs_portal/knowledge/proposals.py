"""Proposals as changes of a text: where a sentence stands in an answer, and the answer with the change made."""

from __future__ import annotations

import unicodedata
from typing import Protocol


class SentenceChange(Protocol):
    """``before`` becomes ``after``; one of them may be empty: see ``FaqProposal``."""

    before: str
    after: str
    anchor: str


def changed(answer: str, change: SentenceChange) -> str | None:
    """``answer`` with the change, or None where its sentence is not there (any more) or the change is made already."""
    if change.before:
        start = answer.find(change.before)
        if start < 0:
            return None
        end = start + len(change.before)
        if change.after:
            return answer[:start] + change.after + answer[end:]
        return _closed_up(answer[:start], answer[end:])
    start = answer.find(change.anchor) if change.anchor else -1
    if start < 0 or change.after in answer:
        return None
    end = start + len(change.anchor)
    glue = "" if unicodedata.east_asian_width(answer[end - 1]) in {"W", "F"} else " "
    return f"{answer[:end]}{glue}{change.after}{answer[end:]}"


def _closed_up(head: str, tail: str) -> str:
    """Without two blanks where a sentence was."""
    if head.endswith((" ", "\n")) or not head:
        tail = tail.lstrip(" ")
    return (head + tail).strip()

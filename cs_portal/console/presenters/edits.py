"""What an operator changed of the bot's words."""

from __future__ import annotations

from collections.abc import Iterable

from cs_portal.console.presenters.difference import Part, difference
from cs_portal.drafting.models import Decision, Draft, Review


def edit_of(draft: Draft, *, candidate: int, text: str) -> list[Part]:
    """From the wording at that position to ``text``; empty where nothing changed or there is no such wording."""
    row = draft.candidates.filter(generation=draft.generation, position=candidate).first()
    return _changed(row.text, text) if row is not None else []


def edit_kept(reviews: Iterable[Review]) -> list[Part]:
    """What the standing approval changed, newest review first; empty where it changed nothing."""
    review = next((each for each in reviews if each.decision == Decision.EDITED and each.undone_at is None), None)
    return edit_reviewed(review) if review is not None else []


def edit_reviewed(review: Review) -> list[Part]:
    """From the candidate of an edited reply to the reply; empty for one that was written from nothing."""
    return _changed(review.candidate.text, review.text) if review.candidate is not None else []


def _changed(before: str, after: str) -> list[Part]:
    before, after = before.strip(), after.replace("\r\n", "\n").strip()
    return difference(before, after) if before != after else []

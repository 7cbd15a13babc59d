"""Saying a draft's reply otherwise: what can be asked for, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from cs_portal.console.presenters.wording import MODEL_FAILURES, REWORDING_FAILURES, word
from cs_portal.drafting.models import Rewording, RewordingState, Wish

#: Each with the key that asks for it. A draft is offered the language that it is not in.
KEYS = {Wish.BRIEF: "s", Wish.WARM: "w", Wish.FORMAL: "f", Wish.ENGLISH: "l", Wish.CHINESE: "l"}


@dataclass(frozen=True, slots=True)
class WishButton:
    value: str
    label: str
    key: str


@dataclass(frozen=True, slots=True)
class RewordingLine:
    text: str
    failed: bool


def wish_buttons(language: str) -> list[WishButton]:
    """``language`` is the locale of the wording at hand."""
    return [WishButton(wish, str(wish.label), KEYS[wish]) for wish in Wish if wish != language]


def rewording_lines(rows: Sequence[Rewording]) -> list[RewordingLine]:
    return [_line(row) for row in rows]


def _line(row: Rewording) -> RewordingLine:
    wish = {"wish": row.get_wish_display()}
    if row.state == RewordingState.WAITING:
        return RewordingLine(_("%(wish)s: being written…") % wish, failed=False)
    why = word({**MODEL_FAILURES, **REWORDING_FAILURES}, row.failure)
    return RewordingLine(_("%(wish)s: nothing came of it, %(why)s") % {**wish, "why": why}, failed=True)

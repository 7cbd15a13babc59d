"""Why a wording comes first, how sure a draft is, and how either would be otherwise: in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from bots.composing.ranking import SIGNALS, RankingWeights, order
from cs_portal.console.presenters.wording import SOURCES, Words, word
from cs_portal.drafting.models import Draft, DraftCandidate
from cs_portal.drafting.services.candidates import as_candidate

NAMES: dict[str, Words] = {
    "fluency": pgettext_lazy("signal", "Fluency"),
    "fit": pgettext_lazy("signal", "Fit"),
    "retrieval": pgettext_lazy("signal", "Source"),
    "guard": pgettext_lazy("signal", "Check"),
    "coverage": pgettext_lazy("signal", "Completeness"),
    "topic": pgettext_lazy("signal", "Topic"),
    "tone": pgettext_lazy("signal", "Tone"),
}
ABOUT: dict[str, Words] = {
    "fluency": _("Reads naturally: how likely the language model finds the text by itself."),
    "fit": _("Suits this conversation: how likely the language model finds the text as the reply to it."),
    "retrieval": _("Rests on the right answer: how closely the FAQs behind its sentences match the question."),
    "guard": _("Holds up: the share of its sentences that the fact check has nothing against."),
    "coverage": _("Leaves nothing out: amounts, dates, numbers and links that belong in, and all questions answered."),
    "topic": _("Stays with the matter: how many words it shares with the reply composed from your answers."),
    "tone": _("Sounds like you: greeting, form of address and length as in the composed reply."),
}
#: What speaks for a draft and what against it, from the surest on; below which share the next one holds.
_REASONS: dict[str, tuple[tuple[float, Words], ...]] = {
    "intent": (
        (0.85, _("The question is understood surely")),
        (0.5, _("The question is not quite clear")),
        (0.0, _("It is unclear what is asked")),
    ),
    "faq": (
        (0.85, _("The FAQ matches closely")),
        (0.5, _("The FAQ matches in part")),
        (0.0, _("The FAQ hardly matches")),
    ),
    "records": ((0.0, _("Rests on your records")),),
    "small_talk": ((0.0, _("Needs no source")),),
    "asks_back": ((0.0, _("Asks the shopper back")),),
    "hands_over": ((0.0, _("Leaves the answer to a colleague")),),
    "nothing": ((0.0, _("Rests on no source")),),
    "verdict_allow": ((0.0, _("Decided by your rules: allowed")),),
    "verdict_deny": ((0.0, _("Refuses a wish: colleagues often reword that")),),
    "verdict_ask": ((0.0, _("The rules still need something from the shopper")),),
    "verdict_escalate": ((0.0, _("The rules leave the decision to a person")),),
    "unanswered": ((0.0, _("A question is left open")),),
    "mark": ((0.0, _("The fact check marked a sentence")),),
    "violation": ((0.0, _("States something without evidence")),),
    "injection": ((0.0, _("The message tries to command the bot")),),
    "wants_person": ((0.0, _("The shopper wants a person")),),
    "complaint": ((0.0, _("The shopper complains")),),
}
#: A part that costs more than this speaks against the draft.
_COSTS = 0.9


@dataclass(frozen=True, slots=True)
class Reason:
    text: str
    percent: int
    against: bool


@dataclass(frozen=True, slots=True)
class SignalLine:
    """``percent`` is None where the signal is not known."""

    key: str
    name: str
    about: str
    percent: int | None


@dataclass(frozen=True, slots=True)
class WeightLine:
    """``parts`` is what the slider stands at, ``usual`` the default, both in percent."""

    key: str
    name: str
    about: str
    parts: int
    usual: int


@dataclass(frozen=True, slots=True)
class Ranked:
    """``was`` is the place by the saved weights; ``moved`` is how many places up (or down, negative) from there."""

    place: int
    was: int
    moved: int
    percent: int
    source: str
    text: str
    barred: bool
    signals: list[SignalLine]


@dataclass(frozen=True, slots=True)
class Example:
    """``changed`` tells whether the weights put anything elsewhere than the saved ones do."""

    id: UUID
    question: str
    locale: str
    rows: list[Ranked]
    changed: bool


def reasons(draft: Draft) -> list[Reason]:
    """What the confidence is made of, what costs most first; empty for drafts of older versions."""
    found = [Reason(_reason(part), round(part["share"] * 100), part["share"] < _COSTS) for part in draft.factors]
    return sorted(found, key=lambda reason: reason.percent)


def corrected(draft: Draft) -> str:
    """What reviews made of the prior; empty where they changed nothing."""
    if draft.prior is None:
        return ""
    before, after = round(draft.prior * 100), round(draft.confidence * 100)
    if before == after:
        return ""
    sentence = gettext("%(before)s %% by these, %(after)s %% in the light of your team's reviews.")
    return sentence % {"before": before, "after": after}


def signal_lines(signals: Mapping[str, float | None]) -> list[SignalLine]:
    """Every signal of a candidate; none where none were read."""
    return [
        SignalLine(name, word(NAMES, name), word(ABOUT, name), None if value is None else round(value * 100))
        for name in SIGNALS
        if signals
        for value in (signals.get(name),)
    ]


def weight_lines(weights: RankingWeights, usual: RankingWeights) -> list[WeightLine]:
    chosen, defaults = weights.as_dict(), usual.as_dict()
    return [
        WeightLine(name, word(NAMES, name), word(ABOUT, name), round(chosen[name] * 100), round(defaults[name] * 100))
        for name in SIGNALS
    ]


def signal_names(names: Sequence[str]) -> list[str]:
    return [word(NAMES, name) for name in names]


def example(draft: Draft, rows: Sequence[DraftCandidate], weights: RankingWeights, saved: RankingWeights) -> Example:
    """The draft's candidates as ``weights`` would rank them, and where the saved weights have them."""
    candidates = [as_candidate(row) for row in rows]
    before = {at: place for place, (at, _score) in enumerate(order(candidates, saved), start=1)}
    ranked = [
        Ranked(
            place=place,
            was=before[at],
            moved=before[at] - place,
            percent=round(score * 100),
            source=word(SOURCES, rows[at].source),
            text=rows[at].text,
            barred=not candidates[at].supported,
            signals=signal_lines(rows[at].signals),
        )
        for place, (at, score) in enumerate(order(candidates, weights), start=1)
    ]
    return Example(
        id=draft.public_id,
        question=" ".join(draft.message.text.split())[:160],
        locale=draft.locale,
        rows=ranked,
        changed=any(row.moved for row in ranked),
    )


def _reason(part: Mapping[str, Any]) -> str:
    steps = _REASONS.get(str(part["code"]), ())
    return next((str(text) for least, text in steps if part["share"] >= least), str(part["code"]))

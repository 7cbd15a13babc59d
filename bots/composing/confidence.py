"""How probably an operator sends a reply as it is: the product of what it may fail in, before any review taught better.

A reply goes out unchanged when the question was read rightly *and* the answer is the right one *and* nothing is left
out *and* so on. Each part is a :class:`Factor` with the probability that it gives no cause for a change; they are taken
as independent. The shares of what nobody measured (a denial is reworded more often than a promise) are rules of thumb:
reviews correct the product as a whole (``calibrated``), and its parts are what an operator is told.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bots.composing.answers import faq_evidence
from bots.composing.composer import plan_reply
from bots.types import Candidate, ComposeRequest

_LEAST, _MOST = 0.01, 0.99
#: A reply on records or a verdict, and one that needs none.
_RECORDS, _SMALL_TALK = 0.97, 0.95
_ASKS_BACK, _HANDS_OVER, _RESTS_ON_NOTHING = 0.8, 0.4, 0.3
#: The first question that is passed over, and each further one.
_UNANSWERED, _FURTHER = 0.4, 0.8
_MARKED, _VIOLATING = 0.6, 0.05
_INJECTION, _WANTS_PERSON, _COMPLAINT = 0.3, 0.5, 0.7
_OUTCOMES = {"allow": 0.97, "deny": 0.85, "ask": 0.9, "escalate": 0.6}


@dataclass(frozen=True, slots=True)
class Factor:
    """``code`` names the part of a reply, ``share`` is the probability that it gives no cause for a change."""

    code: str
    share: float


def factors(request: ComposeRequest, candidate: Candidate, *, unanswered: int = 0) -> tuple[Factor, ...]:
    """What ``candidate`` may fail in; ``unanswered`` questions of the shopper are passed over."""
    return tuple(_factors(request, candidate, unanswered))


def prior(parts: Sequence[Factor]) -> float:
    """The product of the shares, within 0.01 and 0.99."""
    return round(min(_MOST, max(_LEAST, math.prod(part.share for part in parts))), 4)


def calibrated(share: float, *, slope: float, intercept: float) -> float:
    """``share`` moved on the scale of log-odds, as Platt (1999) does; slope 1 and intercept 0 leave it as it is."""
    inside = min(_MOST, max(_LEAST, share))
    odds = slope * math.log(inside / (1 - inside)) + intercept
    return round(1 / (1 + math.exp(-min(30.0, max(-30.0, odds)))), 4)


def _factors(request: ComposeRequest, candidate: Candidate, unanswered: int) -> Iterator[Factor]:
    understanding, verdict = request.understanding, request.verdict
    yield Factor("intent", round(min(1.0, max(0.0, understanding.intent.probability)), 4))
    yield _evidence(request, candidate)
    if verdict is not None:
        yield Factor(f"verdict_{verdict.outcome}", _OUTCOMES[verdict.outcome])
    if unanswered:
        yield Factor("unanswered", round(_UNANSWERED * _FURTHER ** (unanswered - 1), 4))
    if not candidate.supported:
        yield Factor("violation", _VIOLATING)
    elif candidate.violations:
        yield Factor("mark", _MARKED)
    if understanding.injection:
        yield Factor("injection", _INJECTION)
    if understanding.wants_person:
        yield Factor("wants_person", _WANTS_PERSON)
    elif any(intent.name == "complaint" for intent in understanding.intents):
        yield Factor("complaint", _COMPLAINT)


def _evidence(request: ComposeRequest, candidate: Candidate) -> Factor:
    """The weakest FAQ that a sentence rests on; else what the reply rests on instead."""
    found = {faq_evidence(hit): hit.score for hit in request.answers}
    rests_on = {link.evidence for link in candidate.links if link.evidence}
    quoted = [found[each] for each in rests_on if each in found]
    if quoted:
        return Factor("faq", round(min(1.0, max(0.0, min(quoted))), 4))
    if rests_on or request.verdict is not None:
        return Factor("records", _RECORDS)
    if all(intent.name == "greeting_thanks" for intent in request.understanding.intents):
        return Factor("small_talk", _SMALL_TALK)
    if plan_reply(request).hands_over:
        return Factor("hands_over", _HANDS_OVER)
    return Factor("asks_back", _ASKS_BACK) if candidate.source == "composer" else Factor("nothing", _RESTS_ON_NOTHING)

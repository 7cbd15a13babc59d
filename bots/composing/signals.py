"""What speaks for a candidate: seven signals, each in [0, 1], that the merchant weighs against each other.

``fluency``: how likely the language model finds the text by itself, ln P(w) per token; 1 at 0 nats, 0 at ``NATS``.
``fit``: how likely it finds the text as the reply to this conversation, ln P(r|q) per token, on the same scale.
``retrieval``: how surely the FAQs that the sentences rest on answer the question (a record or verdict counts 1).
``guard``: the share of sentences of which the guard has nothing to say.
``coverage``: the share of the composer's checked facts (amounts, dates, numbers, links) that the wording keeps, times
the share of the questions that are answered.
``topic``: the share of the composer's words that it shares, so that a fluent reply beside the point stays behind.
``tone``: whether it greets, addresses and runs as long as the composer does, who writes as the merchant wishes.

The first two are known where a model scores texts, ``retrieval`` where the reply is to rest on something.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from zoneinfo import ZoneInfo

from bots.backends.base import ScoringModel
from bots.composing.answers import faq_evidence
from bots.composing.composer import compose_grounded
from bots.composing.prompts.builder import build_prompt
from bots.expressions.folding import fold, normalised, sentences
from bots.guard.claims import read_claims
from bots.types import Candidate, ComposeRequest, Signals

#: A token that costs so many nats is as likely as one of about four hundred: it counts nothing.
NATS = 6.0
#: A reply may be so much shorter or longer than the composer's before it counts against it.
_ROOM = 0.6
_WORD = re.compile(r"[a-z]{3,}|[\u4e00-\u9fff]")
_GREETING = re.compile(r"\s*(?:hello|hi|hey|dear|good (?:morning|afternoon|evening)|您好|你好|亲)", re.IGNORECASE)
_SHOUTED = re.compile(r"[A-Z]{4,}|[!！]{2,}")


def likeliness(per_token: float) -> float:
    """ln P per token as a signal: 1 at 0 nats, falling evenly to 0 at ``NATS``."""
    return min(1.0, max(0.0, 1.0 + per_token / NATS))


@dataclass(frozen=True)
class SignalReader:
    """Reads the signals of any number of candidates of one request."""

    request: ComposeRequest

    @cached_property
    def _reference(self) -> Candidate:
        return compose_grounded(self.request)

    def read(self, candidate: Candidate) -> Signals:
        """All but ``fluency``; ``fit`` where the candidate's own model told its probability."""
        text = candidate.text
        told = candidate.log_probability is not None and candidate.tokens > 0
        return Signals(
            fit=likeliness((candidate.log_probability or 0.0) / candidate.tokens) if told else None,
            retrieval=self._retrieval(candidate),
            guard=_guard(candidate),
            coverage=self._coverage(candidate),
            topic=_shared(_words(self._reference.text), _words(text)),
            tone=self._tone(text),
        )

    def _retrieval(self, candidate: Candidate) -> float | None:
        sure = {faq_evidence(hit): hit.score for hit in self.request.answers}
        rests_on = [sure.get(link.evidence, 1.0) for link in candidate.links if link.evidence]
        if rests_on:
            return sum(rests_on) / len(rests_on)
        return 0.0 if any(link.evidence for link in self._reference.links) else None

    def _coverage(self, candidate: Candidate) -> float:
        passes_over = any(each.kind == "unanswered" for each in candidate.violations)
        answered = self._reference.score * (0.5 if passes_over and candidate.source != "composer" else 1.0)
        return answered * _shared(self._facts(self._reference.text), self._facts(candidate.text))

    def _facts(self, text: str) -> set[str]:
        today = self.request.now.astimezone(ZoneInfo(self.request.timezone)).date()
        claims = read_claims(text, today)
        return {normalised(fold(text[claim.start : claim.end])) for claim in claims}

    def _tone(self, text: str) -> float:
        reference = self._reference.text
        shortest, longest = sorted((len(text), len(reference)))
        checks = [
            1.0 if bool(_GREETING.match(text)) == bool(_GREETING.match(reference)) else 0.0,
            min(1.0, shortest / longest / _ROOM) if longest else 1.0,
            1.0 if set(_SHOUTED.findall(text)) <= set(_SHOUTED.findall(reference)) else 0.0,
        ]
        addressed, wanted = Counter(re.findall("[您你]", text)), Counter(re.findall("[您你]", reference))
        if addressed and wanted:
            checks.append(addressed[wanted.most_common(1)[0][0]] / addressed.total())
        return sum(checks) / len(checks)


def judged(
    candidates: Sequence[Candidate],
    request: ComposeRequest,
    model: ScoringModel,
    *,
    deadline_seconds: float | None = None,
) -> tuple[Candidate, ...]:
    """The candidates with what ``model`` says of their likelihood; personal values are masked as in its prompts.

    A fit that is known already stays. Raises what the model raises.
    """
    masked = build_prompt(request)
    texts = [masked.masker.mask(candidate.text) for candidate in candidates]
    signals = [candidate.signals or Signals() for candidate in candidates]
    unfitted = [row for row, each in enumerate(signals) if each.fit is None]
    told = model.per_token(masked.prompt, [texts[row] for row in unfitted], deadline_seconds=deadline_seconds)
    fit = {row: likeliness(per_token) for row, per_token in zip(unfitted, told, strict=True)}
    fluency = model.per_token(None, texts, deadline_seconds=deadline_seconds)
    return tuple(
        replace(candidate, signals=replace(each, fluency=likeliness(fluency[row]), fit=fit.get(row, each.fit)))
        for row, (candidate, each) in enumerate(zip(candidates, signals, strict=True))
    )


def _guard(candidate: Candidate) -> float:
    spans = sentences(candidate.text)
    marks = [each for each in candidate.violations if each.kind != "unanswered"]
    marked = sum(1 for start, end in spans if any(each.start < end and start < each.end for each in marks))
    return 1.0 - marked / len(spans) if spans else 0.0


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))


def _shared(wanted: set[str], given: set[str]) -> float:
    return len(wanted & given) / len(wanted) if wanted else 1.0

"""The explained decision of a ruleset, in the canonical shape."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from .documents import PaymentShare
from .facts import Facts
from .missing import Missing
from .ruleset import DEFAULT_RULE, OWNERSHIP_RULE, Rule
from .text import Text, join_texts

_ALWAYS = Text("it has no condition", "无附加条件")
_CLOSING = {
    DEFAULT_RULE: Text("no rule matched", "没有规则匹配"),
    OWNERSHIP_RULE: Text("the order is not the shopper's", "订单不属于该顾客"),
}


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One rule that was tried; `because` says for a person why it matched or did not."""

    rule: str
    matched: bool
    because: Text

    def to_dict(self) -> dict[str, Any]:
        return {"rule": self.rule, "matched": self.matched, "because": self.because.to_dict()}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a shopper gets, and why.

    `amount_minor` is what goes back now by `payments`: 0 where no money moves or nothing was granted. `currency` is
    None where there is no order to speak of. `approver` is who must at least approve. `undecided` is what kept a rule
    from being decided or carried out: the outcome is then ``escalate`` and `rule` is that rule.
    """

    outcome: str
    ruleset: str
    version: int | None
    rule: str
    approver: str
    reasons: Text
    amount_minor: int = 0
    currency: str | None = None
    payments: tuple[PaymentShare, ...] = ()
    ask: tuple[str, ...] = ()
    undecided: Missing | None = None
    tried: tuple[Rule, ...] = field(default=(), repr=False)
    facts: Facts | None = field(default=None, repr=False, compare=False)

    @property
    def error(self) -> str | None:
        """The problem and the fact where it showed, as in ``not_given: request.reason``."""
        return None if self.undecided is None else str(self.undecided)

    @property
    def trace(self) -> tuple[TraceStep, ...]:
        """Every rule that was tried, in order, the deciding one last; put into words only when it is read."""
        steps = [] if self.facts is None else [self._step(rule, self.facts) for rule in self.tried]
        if self.rule in _CLOSING:
            steps.append(TraceStep(self.rule, True, self._with_error(_CLOSING[self.rule])))
        return tuple(steps)

    def facts_seen(self) -> dict[str, Any]:
        """The facts that were looked at, as JSON: a set is a sorted list, a missing fact ``{"missing": problem}``."""
        return {name: _as_json(value) for name, value in (self.facts or {}).items()}

    def to_dict(self) -> dict[str, Any]:
        """The canonical verdict; `error` is told by the last step of the trace."""
        return {
            "outcome": self.outcome,
            "amount_minor": self.amount_minor,
            "currency": self.currency,
            "payments": [{"id": share.id, "amount_minor": share.amount_minor} for share in self.payments],
            "ruleset": self.ruleset,
            "version": self.version,
            "rule": self.rule,
            "approver": self.approver,
            "ask": list(self.ask),
            "reasons": self.reasons.to_dict(),
            "trace": [step.to_dict() for step in self.trace],
        }

    def _step(self, rule: Rule, facts: Facts) -> TraceStep:
        matched = rule.check(facts) is True
        because = _ALWAYS if rule.when is None else rule.when.explained(facts)
        return TraceStep(rule.id, matched, self._with_error(because) if matched else because)

    def _with_error(self, because: Text) -> Text:
        return because if self.undecided is None else join_texts((because, self.undecided.text))


def _as_json(value: object) -> object:
    if isinstance(value, Missing):
        return {"missing": str(value.problem)}
    if isinstance(value, frozenset):
        return sorted(value)
    return value.isoformat() if isinstance(value, date) else value

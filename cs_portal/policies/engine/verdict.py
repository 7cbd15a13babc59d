"""The explained decision of a ruleset, in the canonical shape."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from .amounts import NOTHING, Granted
from .approvals import Tier
from .documents import PaymentShare
from .facts import Facts
from .missing import Missing
from .money import format_money
from .refundable import refunded_minor
from .ruleset import DEFAULT_RULE, OWNERSHIP_RULE, Decision, Rule, Ruleset
from .text import Text, join_texts
from .vocabulary import APPROVER_NAMES
from .wording import filled_in

_ALWAYS = Text("it has no condition", "无附加条件")
_CLOSING = {
    DEFAULT_RULE: Text("no rule matched", "没有规则匹配"),
    OWNERSHIP_RULE: Text("the order is not the shopper's", "订单不属于该顾客"),
}


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One rule that was tried; `because` says for a person why it matched or did not.

    `number` is its place in the whole ruleset, from 1.
    """

    rule: str
    matched: bool
    because: Text
    number: int | None = None

    @property
    def text(self) -> Text:
        """The step as a sentence: "Rule 4 did not match: delivered 9 days ago, limit 7"."""
        if self.number is None:
            return self.because
        en, zh = ("matched", "匹配") if self.matched else ("did not match", "未匹配")
        return Text(f"Rule {self.number} {en}: {self.because.en}", f"规则 {self.number} {zh}：{self.because.zh_hans}")

    def to_dict(self) -> dict[str, Any]:
        return {"rule": self.rule, "matched": self.matched, "because": self.because.to_dict()}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a shopper gets, and why.

    `amount_minor` is what goes back now by `payments`: 0 where no money moves or nothing was granted. `currency` is
    None where there is no order to speak of. `approver` is who must at least approve. `undecided` is what kept a rule
    from being decided or carried out: the outcome is then ``escalate`` and `rule` is that rule. `shipping_minor` is how
    much of the amount is shipping fee, `restocking_fee_minor` what was kept. `tier` is that of the approvals which
    `weighed_minor` fell into: what goes back with what the order gave back before. `reason_choices` go with asking for
    the reason.
    """

    source: Ruleset = field(repr=False, compare=False)
    rule: str
    outcome: str
    approver: str
    words: Text
    then: Decision | None = field(default=None, repr=False)
    given: Granted = NOTHING
    payments: tuple[PaymentShare, ...] = ()
    tier: Tier | None = None
    weighed_minor: int = 0
    undecided: Missing | None = None
    tried: tuple[Rule, ...] = field(default=(), repr=False)
    facts: Facts | None = field(default=None, repr=False, compare=False)

    @property
    def ruleset(self) -> str:
        return self.source.name

    @property
    def version(self) -> int | None:
        return self.source.version

    @property
    def reasons(self) -> Text:
        """What the reply may say; facts are filled in when it is read."""
        return self.words if self.facts is None else filled_in(self.words, self.facts)

    @property
    def amount_minor(self) -> int:
        return self.given.amount_minor

    @property
    def shipping_minor(self) -> int:
        return self.given.shipping_minor

    @property
    def restocking_fee_minor(self) -> int:
        return self.given.fee_minor

    @property
    def currency(self) -> str | None:
        return (self.facts.currency or None) if self.facts is not None else None

    @property
    def ask(self) -> tuple[str, ...]:
        return () if self.then is None else self.then.ask

    @property
    def reason_choices(self) -> tuple[str, ...]:
        return () if self.then is None else self.then.reason_choices

    @property
    def error(self) -> str | None:
        """The problem and the fact where it showed, as in ``not_given: request.reason``."""
        return None if self.undecided is None else str(self.undecided)

    @property
    def trace(self) -> tuple[TraceStep, ...]:
        """Every rule that was tried, in order, the deciding one last; put into words only when it is read."""
        steps = [] if self.facts is None else [self._step(rule, self.facts) for rule in self.tried]
        if self.rule in _CLOSING:
            steps.append(TraceStep(self.rule, True, self._closing(_CLOSING[self.rule])))
        return tuple(steps)

    def facts_seen(self) -> dict[str, Any]:
        """The facts that were looked at, as JSON: a set is a sorted list, a missing fact ``{"missing": problem}``."""
        return {name: _as_json(value) for name, value in (self.facts or {}).items()}

    def to_dict(self) -> dict[str, Any]:
        """The canonical verdict; `error` is told by the last step of the trace.

        ``reason_choices``, ``shipping_minor`` and ``restocking_fee_minor`` are there where they say something.
        """
        more = {
            "reason_choices": list(self.reason_choices),
            "shipping_minor": self.shipping_minor,
            "restocking_fee_minor": self.restocking_fee_minor,
        }
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
            **{key: value for key, value in more.items() if value},
        }

    def _step(self, rule: Rule, facts: Facts) -> TraceStep:
        number = self.source.numbers.get(rule.id)
        if rule.valid is not None and not rule.valid.holds_on(facts.case.today):
            return TraceStep(rule.id, False, rule.valid.not_in_force(facts.case.today), number)
        matched = rule.check(facts) is True
        because = _ALWAYS if rule.when is None else rule.when.explained(facts)
        return TraceStep(rule.id, matched, self._closing(because) if matched else because, number)

    def _closing(self, because: Text) -> Text:
        """What the deciding rule adds to its reasons: the tier that asked for an approver, or what went wrong."""
        if self.undecided is not None:
            return join_texts((because, self.undecided.text))
        return because if self.tier is None else join_texts((because, self._approval(self.tier)))

    def _approval(self, tier: Tier) -> Text:
        currency = self.currency or ""
        amount = self._weighed(currency)
        who = APPROVER_NAMES[self.approver]
        if tier.up_to_minor is None:
            return Text(
                f"{amount.en} is above every limit, so {who.en} approves",
                f"{amount.zh_hans}超过各级上限，由{who.zh_hans}批准",
            )
        limit = format_money(tier.up_to_minor, currency)
        if self.approver != tier.approver:
            return Text(f"the rule asks that {who.en} approves", f"规则要求由{who.zh_hans}批准")
        return Text(
            f"{amount.en} is at most {limit}, so {who.en} approves",
            f"{amount.zh_hans}不超过 {limit}，由{who.zh_hans}批准",
        )

    def _weighed(self, currency: str) -> Text:
        amount = format_money(self.weighed_minor, currency)
        order = self.facts.case.order if self.facts is not None else None
        if order is None or not refunded_minor(order):
            return Text(amount, f"{amount} ")
        return Text(f"{amount}, with what went back before,", f"连同之前已退的共 {amount}，")


def _as_json(value: object) -> object:
    if isinstance(value, Missing):
        return {"missing": str(value.problem)}
    if isinstance(value, frozenset):
        return sorted(value)
    return value.isoformat() if isinstance(value, date) else value

"""A verdict and how it came about, for the tester."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy

from cs_portal.commerce.models import PaymentMethod
from cs_portal.commerce.money import format_minor, with_symbols
from cs_portal.console.presenters.policies import Outcome, language, outcome, rule_title
from cs_portal.console.presenters.wording import APPROVERS, ASKED_FOR, Words, word
from cs_portal.policies.engine import Verdict
from cs_portal.policies.engine.explain import Explanation, RuleSeen, RuleState, Seen
from cs_portal.policies.engine.phrase import Piece, in_language

_STATES: dict[RuleState, tuple[Words, str]] = {
    RuleState.DECIDED: (gettext_lazy("decides"), "check"),
    RuleState.UNDECIDED: (gettext_lazy("cannot be decided"), "alert-triangle"),
    RuleState.NO_MATCH: (gettext_lazy("does not apply"), "x"),
    RuleState.NOT_REACHED: (gettext_lazy("not reached"), "minus"),
}
_ANSWERS: dict[str, tuple[Words, str]] = {
    "yes": (gettext_lazy("holds"), "check"),
    "no": (gettext_lazy("does not hold"), "x"),
    "unknown": (gettext_lazy("cannot be known"), "question-mark"),
}


@dataclass(frozen=True, slots=True)
class SeenView:
    """A condition with its answer; a group has ``parts`` and says in ``group`` how they count (``all``, ``any``)."""

    answer: str
    word: str
    icon: str
    group: str
    pieces: list[Piece]
    saw: str
    parts: list[SeenView]


@dataclass(frozen=True, slots=True)
class StepView:
    number: int
    title: str
    state: str
    word: str
    icon: str
    seen: SeenView | None
    problem: str


@dataclass(frozen=True, slots=True)
class TrialView:
    """What one ruleset says. ``name`` tells which; ``differs`` marks what the other one decides otherwise."""

    name: str
    outcome: Outcome
    amount: str
    payments: list[tuple[str, str]]
    ask: str
    approver: str
    reasons: list[tuple[str, str]]
    rule: str
    steps: list[StepView]
    not_reached: list[StepView]
    other_rules: int
    by_default: bool
    foreign: bool
    differs: frozenset[str] = frozenset()


def trial_view(name: str, explanation: Explanation, order: Mapping[str, Any] | None) -> TrialView:
    """``order`` is the canonical order, for the names of its payments."""
    verdict, reader = explanation.verdict, language()
    methods = {payment["id"]: payment["method"] for payment in (order or {}).get("payments") or ()}
    return TrialView(
        name=name,
        outcome=outcome(verdict.outcome),
        amount=money_of(verdict),
        payments=[
            (_method(methods.get(share.id, share.id)), format_minor(share.amount_minor, verdict.currency or ""))
            for share in verdict.payments
        ],
        ask=", ".join(word(ASKED_FOR, code) for code in verdict.ask),
        approver=word(APPROVERS, verdict.approver),
        reasons=[("en", verdict.reasons.en), ("zh-Hans", verdict.reasons.zh_hans)],
        rule=_deciding(explanation),
        steps=[_step(step, reader) for step in explanation.rules if step.state is not RuleState.NOT_REACHED],
        not_reached=[_step(step, reader) for step in explanation.rules if step.state is RuleState.NOT_REACHED],
        other_rules=explanation.other_rules,
        by_default=explanation.by_default,
        foreign=explanation.foreign,
    )


def _deciding(explanation: Explanation) -> str:
    """The name of the rule that decided; empty for the default and for a foreign order."""
    deciding = (step for step in explanation.rules if step.rule.id == explanation.verdict.rule)
    return next((rule_title(step.rule, step.number) for step in deciding), "")


def money_of(verdict: Verdict) -> str:
    return format_minor(verdict.amount_minor, verdict.currency) if verdict.amount_minor and verdict.currency else ""


def differences(one: Verdict, other: Verdict) -> frozenset[str]:
    """Names of the parts of :class:`TrialView` that two verdicts do not share."""
    parts = {
        "outcome": (one.outcome, other.outcome),
        "amount": (one.amount_minor, other.amount_minor),
        "payments": (one.payments, other.payments),
        "ask": (set(one.ask), set(other.ask)),
        "approver": (one.approver, other.approver),
        "reasons": (one.reasons, other.reasons),
        "rule": (one.rule, other.rule),
    }
    return frozenset(name for name, (before, after) in parts.items() if before != after)


def _method(code: str) -> str:
    return str(PaymentMethod(code).label) if code in PaymentMethod.values else code


def _step(step: RuleSeen, reader: str) -> StepView:
    state, icon = _STATES[step.state]
    return StepView(
        number=step.number,
        title=rule_title(step.rule, step.number),
        state=str(step.state),
        word=str(state),
        icon=icon,
        seen=None if step.seen is None else _seen(step.seen, reader),
        problem=with_symbols(in_language(step.problem, reader)) if step.problem else "",
    )


def _seen(seen: Seen, reader: str) -> SeenView:
    answer, icon = _ANSWERS[str(seen.answer)]
    said = seen.phrase.text.en if seen.phrase else ""
    return SeenView(
        answer=str(seen.answer),
        word=str(answer),
        icon=icon,
        group=seen.group,
        pieces=seen.phrase.pieces(reader) if seen.phrase else [],
        # A fact that is a whole clause of its own says nothing new where the condition holds.
        saw="" if seen.saw is None or seen.saw.en == said else with_symbols(in_language(seen.saw, reader)),
        parts=[_seen(part, reader) for part in seen.parts],
    )

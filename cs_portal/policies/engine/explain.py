"""A verdict taken apart for a person: every rule of the action, and in each what every condition saw."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .conditions import AllOf, Comparison, Condition, Decided, Not
from .facts import FACTS, Facts
from .missing import Missing
from .phrase import Phrase
from .ruleset import DEFAULT_RULE, OWNERSHIP_RULE, Rule, Ruleset
from .sentences import comparison_phrase
from .text import Text
from .verdict import Verdict


class Answer(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class RuleState(StrEnum):
    """``UNDECIDED``: a fact it needs cannot be known, so a person decides. ``NOT_REACHED``: an earlier one decided."""

    DECIDED = "decided"
    UNDECIDED = "undecided"
    NO_MATCH = "no_match"
    NOT_REACHED = "not_reached"


@dataclass(frozen=True, slots=True)
class Seen:
    """One condition and what came of it. A group (``all``, ``any``) has ``parts``, a comparison what it ``saw``."""

    answer: Answer
    group: str = ""
    parts: tuple[Seen, ...] = ()
    phrase: Phrase | None = None
    saw: Text | None = None


@dataclass(frozen=True, slots=True)
class RuleSeen:
    """``problem`` says what kept the rule from being decided or carried out, or that it is not in force."""

    rule: Rule
    number: int
    state: RuleState
    seen: Seen | None
    problem: Text | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """``rules`` are those of the request's action, in order; ``other_rules`` counts the ruleset's others.

    ``by_default``: no rule matched. ``foreign``: the order is another shopper's, so that no rule was tried at all.
    """

    verdict: Verdict
    rules: tuple[RuleSeen, ...]
    other_rules: int
    by_default: bool
    foreign: bool


def explain(ruleset: Ruleset, verdict: Verdict, *, action: str, currency: str) -> Explanation:
    """``verdict`` is what ``ruleset`` gave for a request of ``action``; amounts are written in ``currency``."""
    table = ruleset.rules_by_action[action]
    tried = len(verdict.tried)
    rules = tuple(
        _rule_seen(rule, ruleset.numbers[rule.id], verdict, currency)
        if index < tried
        else RuleSeen(rule, ruleset.numbers[rule.id], RuleState.NOT_REACHED, None)
        for index, rule in enumerate(table)
    )
    return Explanation(
        verdict=verdict,
        rules=rules,
        other_rules=len(ruleset.rules) - len(table),
        by_default=verdict.rule == DEFAULT_RULE,
        foreign=verdict.rule == OWNERSHIP_RULE,
    )


def _rule_seen(rule: Rule, number: int, verdict: Verdict, currency: str) -> RuleSeen:
    facts = verdict.facts
    if rule.valid is not None and facts is not None and not rule.valid.holds_on(facts.case.today):
        return RuleSeen(rule, number, RuleState.NO_MATCH, None, rule.valid.not_in_force(facts.case.today))
    seen = None if rule.when is None or facts is None else seen_by(rule.when, facts, currency)
    if rule.id != verdict.rule:
        return RuleSeen(rule, number, RuleState.NO_MATCH, seen)
    if verdict.undecided is not None:
        return RuleSeen(rule, number, RuleState.UNDECIDED, seen, _problem(verdict.undecided))
    return RuleSeen(rule, number, RuleState.DECIDED, seen)


def _problem(missing: Missing) -> Text:
    spec = FACTS.get(missing.fact)
    if spec is None:
        return missing.text
    return Text(
        f"{spec.label.en} cannot be known: {missing.text.en}",
        f"无法得知“{spec.label.zh_hans}”：{missing.text.zh_hans}",
    )


def seen_by(condition: Condition, facts: Facts, currency: str) -> Seen:
    """Every part of the condition with its answer, negations pushed down as they are decided."""
    if isinstance(condition, Not):
        return seen_by(condition.part.negated(), facts, currency)
    answer = _answer(condition.compiled()(facts))
    if isinstance(condition, Comparison):
        return Seen(answer, phrase=comparison_phrase(condition, currency), saw=_saw(condition, facts))
    parts = tuple(seen_by(part, facts, currency) for part in condition.parts)
    return Seen(answer, group="all" if isinstance(condition, AllOf) else "any", parts=parts)


def _answer(decided: Decided) -> Answer:
    if isinstance(decided, Missing):
        return Answer.UNKNOWN
    return Answer.YES if decided else Answer.NO


def _saw(condition: Comparison, facts: Facts) -> Text:
    """The fact as it is in this case: "delivered 9 days ago", "not known: the order has not been delivered"."""
    fact = facts[condition.fact]
    if isinstance(fact, Missing):
        return Text(f"not known: {fact.text.en}", f"未知：{fact.text.zh_hans}")
    return FACTS[condition.fact].state(fact, facts.currency)

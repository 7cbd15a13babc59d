"""A merchant's ruleset: an ordered table of rules, and what happens when none matches.

Shape (``from_dict`` / ``to_dict``; keys with ? may be left out)::

    {"name", "version"?, "time_zone"?: "Asia/Shanghai", "approvals"?: {currency: [{"up_to_minor"?, "approver"}, …]},
     "rules": [{
        "id", "actions": [action, …] | "any", "label"?: {"en", "zh-hans"}, "valid"?: {"from"?, "until"?},
        "when"?: {"all": […]} | {"any": […]} | {"not": …} | {"fact", "op", "value"},      # left out: always
        "then": {"outcome": "allow" | "deny" | "escalate" | "ask",
                 "amount"?: {"percent_of_lines": 1–100} | {"fixed_minor", "currency"} | {"everything_refundable": true},
                 "ask"?: ["photo", "confirmation", "reason", …], "reason_choices"?: ["damaged", …],
                 "approver"?: "autopilot" | "operator" | "admin", "approvals"?: {… as above …},
                 "reasons": {"en", "zh-hans"}}}],
     "default": {… as "then" …}}

The first rule of the request's action that matches decides. An amount's terms: `amounts.py`. Who approves: the rule's
``approver`` at least, more where the tiers of its own ``approvals``, or else of the ruleset's, ask for it
(`approvals.py`). ``time_zone`` is whose clock days of validity, hours and weekdays go by; left out, the order's own.
Reasons may name facts in braces (``{order.delivered_on}``), which are filled in for the shopper. Facts: `facts.FACTS`;
operators: `operators.OPERATORS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from .amounts import Amount, amount_to_dict, parse_amount
from .approvals import Approvals, approvals_to_dict, parse_approvals
from .condition_json import condition_to_dict, parse_condition
from .conditions import Check, Condition, Decided
from .facts import FACTS, Facts
from .reading import ObjectReader, RulesetError
from .text import Text
from .validity import Validity, parse_validity
from .vocabulary import ACTIONS, APPROVERS, MONEY_BACK_ACTIONS, OUTCOMES, REASONS
from .wording import fact_names

#: The rule that a verdict names when no rule matched, and when the order is somebody else's.
DEFAULT_RULE = "default"
OWNERSHIP_RULE = "ownership"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a rule says once it matches. `approver` is who must at least approve what it says.

    `reason_choices` are what a shopper who is asked for the reason may choose from; none means all of them.
    """

    outcome: str
    reasons: Text
    amount: Amount | None = None
    ask: tuple[str, ...] = ()
    approver: str = "operator"
    reason_choices: tuple[str, ...] = ()
    approvals: Approvals | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """No `actions` means any; no `when` means always."""

    id: str
    then: Decision
    actions: tuple[str, ...] = ()
    when: Condition | None = None
    label: Text | None = None
    valid: Validity | None = None
    check: Check = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        check = _always if self.when is None else self.when.compiled()
        object.__setattr__(self, "check", check if self.valid is None else _while_valid(self.valid, check))

    def concerns(self, action: str) -> bool:
        return not self.actions or action in self.actions


@dataclass(frozen=True, slots=True)
class Ruleset:
    name: str
    rules: tuple[Rule, ...]
    default: Decision
    version: int | None = None
    time_zone: str | None = None
    approvals: Approvals | None = None
    zone: tzinfo | None = field(init=False, compare=False, repr=False)
    numbers: Mapping[str, int] = field(init=False, compare=False, repr=False)
    rules_by_action: Mapping[str, tuple[Rule, ...]] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        by_action = {action: tuple(rule for rule in self.rules if rule.concerns(action)) for action in ACTIONS}
        object.__setattr__(self, "rules_by_action", by_action)
        object.__setattr__(self, "numbers", {rule.id: number for number, rule in enumerate(self.rules, 1)})
        object.__setattr__(self, "zone", None if self.time_zone is None else ZoneInfo(self.time_zone))

    @classmethod
    def from_dict(cls, data: object) -> Ruleset:
        """Raises `RulesetError`, whose text starts with the path of what is wrong."""
        read = ObjectReader(
            data,
            "",
            known=("name", "version", "time_zone", "approvals", "rules", "default"),
            error=RulesetError,
        )
        name = read.string("name")
        version = read.optional_integer("version", least=1)
        read.value("rules")
        rules = tuple(_parse_rule(item, path) for item, path in read.items("rules"))
        seen = {DEFAULT_RULE, OWNERSHIP_RULE}
        for index, rule in enumerate(rules):
            if rule.id in seen:
                raise RulesetError(f"rules[{index}].id", f'"{rule.id}" is taken')
            seen.add(rule.id)
        return cls(
            name,
            rules,
            _parse_decision(read.value("default"), "default", actions=()),
            version,
            _parse_time_zone(read),
            parse_approvals(read, "approvals") if read.has("approvals") else None,
        )

    def to_dict(self) -> dict[str, Any]:
        data: dict[str, Any] = {"name": self.name}
        if self.version is not None:
            data["version"] = self.version
        if self.time_zone is not None:
            data["time_zone"] = self.time_zone
        if self.approvals is not None:
            data["approvals"] = approvals_to_dict(self.approvals)
        data["rules"] = [_rule_to_dict(rule) for rule in self.rules]
        data["default"] = _decision_to_dict(self.default)
        return data


def _always(_facts: object) -> bool:
    return True


def _while_valid(valid: Validity, check: Check) -> Check:
    """A rule that is not in force is no match, whatever its condition."""

    def checked(facts: Facts) -> Decided:
        return check(facts) if valid.holds_on(facts.case.today) else False

    return checked


def _parse_time_zone(read: ObjectReader) -> str | None:
    if not read.has("time_zone"):
        return None
    name = read.string("time_zone")
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise read.fail("time_zone", f'unknown time zone "{name}"') from None
    return name


def _parse_rule(data: object, path: str) -> Rule:
    read = ObjectReader(data, path, known=("id", "actions", "when", "then", "label", "valid"), error=RulesetError)
    actions = _parse_actions(read)
    return Rule(
        id=read.string("id"),
        actions=actions,
        when=parse_condition(read.value("when"), read.at("when")) if read.has("when") else None,
        then=_parse_decision(read.value("then"), read.at("then"), actions=actions),
        label=_parse_text(read, "label") if read.has("label") else None,
        valid=parse_validity(read, "valid") if read.has("valid") else None,
    )


def _parse_actions(read: ObjectReader) -> tuple[str, ...]:
    if read.value("actions") == "any":
        return ()
    actions = read.strings("actions")
    if not actions:
        raise read.fail("actions", 'must be "any" or a list of actions')
    for index, action in enumerate(actions):
        if action not in ACTIONS:
            raise read.fail(f"actions[{index}]", f'unknown action "{action}"')
    return actions


def _parse_decision(data: object, path: str, *, actions: tuple[str, ...]) -> Decision:
    read = ObjectReader(
        data,
        path,
        known=("outcome", "amount", "ask", "reason_choices", "approver", "approvals", "reasons"),
        error=RulesetError,
    )
    outcome = read.choice("outcome", OUTCOMES)
    amount = parse_amount(read.value("amount"), read.at("amount")) if read.has("amount") else None
    ask = read.strings("ask")
    if (outcome == "ask") != bool(ask):
        raise read.fail("ask", 'goes with the outcome "ask", which must say what is asked for')
    if amount is not None and outcome != "allow":
        raise read.fail("amount", 'goes with the outcome "allow" only')
    if outcome == "allow" and amount is None and (not actions or MONEY_BACK_ACTIONS.intersection(actions)):
        raise read.fail("amount", "is required where money goes back (refund, return, cancel)")
    reasons = _parse_text(read, "reasons")
    for name in (*fact_names(reasons.en), *fact_names(reasons.zh_hans)):
        if name not in FACTS:
            raise read.fail("reasons", f'unknown fact "{name}"')
    if read.has("approvals") and outcome != "allow":
        raise read.fail("approvals", 'goes with the outcome "allow" only')
    return Decision(
        outcome,
        reasons,
        amount,
        ask,
        read.optional_choice("approver", APPROVERS) or "operator",
        _parse_reason_choices(read, ask),
        parse_approvals(read, "approvals") if read.has("approvals") else None,
    )


def _parse_reason_choices(read: ObjectReader, ask: tuple[str, ...]) -> tuple[str, ...]:
    choices = read.strings("reason_choices")
    if choices and "reason" not in ask:
        raise read.fail("reason_choices", "goes with asking for the reason only")
    for index, choice in enumerate(choices):
        if choice not in REASONS:
            raise read.fail(f"reason_choices[{index}]", f'unknown value "{choice}"; it takes {", ".join(REASONS)}')
    return tuple(dict.fromkeys(choices))


def _parse_text(read: ObjectReader, key: str) -> Text:
    inner = ObjectReader(read.value(key), read.at(key), known=("en", "zh-hans"), error=RulesetError)
    return Text(inner.string("en"), inner.string("zh-hans"))


def _rule_to_dict(rule: Rule) -> dict[str, Any]:
    data: dict[str, Any] = {"id": rule.id, "actions": list(rule.actions) or "any"}
    if rule.label is not None:
        data["label"] = rule.label.to_dict()
    if rule.valid is not None:
        data["valid"] = rule.valid.to_dict()
    if rule.when is not None:
        data["when"] = condition_to_dict(rule.when)
    data["then"] = _decision_to_dict(rule.then)
    return data


def _decision_to_dict(decision: Decision) -> dict[str, Any]:
    data: dict[str, Any] = {"outcome": decision.outcome}
    if decision.amount is not None:
        data["amount"] = amount_to_dict(decision.amount)
    if decision.ask:
        data["ask"] = list(decision.ask)
    if decision.reason_choices:
        data["reason_choices"] = list(decision.reason_choices)
    data["approver"] = decision.approver
    if decision.approvals is not None:
        data["approvals"] = approvals_to_dict(decision.approvals)
    data["reasons"] = decision.reasons.to_dict()
    return data

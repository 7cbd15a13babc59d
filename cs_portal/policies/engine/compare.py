"""What differs between two rulesets, rule by rule. Rules are the same where their id is the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from .condition_json import condition_to_dict
from .conditions import AllOf, AnyOf, Condition, Not
from .ruleset import Decision, Rule, Ruleset


class Change(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


class Field(StrEnum):
    """What of a rule changed."""

    LABEL = "label"
    ACTIONS = "actions"
    WHEN = "when"
    OUTCOME = "outcome"
    AMOUNT = "amount"
    ASK = "ask"
    APPROVER = "approver"
    REASONS = "reasons"
    VALID = "valid"
    APPROVALS = "approvals"
    TIME_ZONE = "time_zone"


@dataclass(frozen=True, slots=True)
class RuleChange:
    """``before`` and ``after`` are (place from 1, rule); None where there is none."""

    change: Change
    before: tuple[int, Rule] | None
    after: tuple[int, Rule] | None
    fields: tuple[Field, ...] = ()
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """``rules`` in the order of the later ruleset, removed ones where they stood before.

    ``whole`` is what changed of the ruleset itself: its tiers of approval, its time zone.
    """

    rules: tuple[RuleChange, ...]
    default: tuple[Field, ...]
    before_default: Decision
    after_default: Decision
    whole: tuple[Field, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.rules or self.default or self.whole)

    def counts(self) -> dict[str, int]:
        """How many rules of each change; ``default`` is 1 where the default changed, and so are the whole's fields."""
        found = Counter(str(item.change) for item in self.rules)
        if self.default:
            found["default"] = 1
        found.update(str(field) for field in self.whole)
        return dict(found)


def compare(before: Ruleset, after: Ruleset) -> Comparison:
    old = {rule.id: (index, rule) for index, rule in enumerate(before.rules, 1)}
    new = {rule.id: (index, rule) for index, rule in enumerate(after.rules, 1)}
    moved = _moved([rule.id for rule in before.rules if rule.id in new], [r.id for r in after.rules if r.id in old])
    found: list[tuple[float, RuleChange]] = []
    for key, (index, rule) in new.items():
        if key not in old:
            found.append((index, RuleChange(Change.ADDED, None, (index, rule))))
            continue
        fields = rule_fields(old[key][1], rule)
        if fields or key in moved:
            kind = Change.CHANGED if fields else Change.MOVED
            found.append((index, RuleChange(kind, old[key], (index, rule), fields, key in moved)))
    for key, (index, rule) in old.items():
        if key not in new:
            found.append((index - 0.5, RuleChange(Change.REMOVED, (index, rule), None)))
    return Comparison(
        rules=tuple(item for _, item in sorted(found, key=lambda pair: pair[0])),
        default=_decision_fields(before.default, after.default),
        before_default=before.default,
        after_default=after.default,
        whole=tuple(
            field
            for field, changed in (
                (Field.APPROVALS, before.approvals != after.approvals),
                (Field.TIME_ZONE, before.time_zone != after.time_zone),
            )
            if changed
        ),
    )


def _moved(before: list[str], after: list[str]) -> set[str]:
    """Ids that left the longest run of rules whose order stayed."""
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    return set(after) - {key for block in blocks for key in after[block.b : block.b + block.size]}


def rule_fields(before: Rule, after: Rule) -> tuple[Field, ...]:
    """What of the rule changed; a group of one condition and that condition are the same."""
    found = []
    if before.label != after.label:
        found.append(Field.LABEL)
    if set(before.actions) != set(after.actions):
        found.append(Field.ACTIONS)
    if _plain(before.when) != _plain(after.when):
        found.append(Field.WHEN)
    if before.valid != after.valid:
        found.append(Field.VALID)
    return (*found, *_decision_fields(before.then, after.then))


def _decision_fields(before: Decision, after: Decision) -> tuple[Field, ...]:
    pairs = (
        (Field.OUTCOME, before.outcome, after.outcome),
        (Field.AMOUNT, before.amount, after.amount),
        (Field.ASK, _asked(before), _asked(after)),
        (Field.APPROVER, before.approver, after.approver),
        (Field.APPROVALS, before.approvals, after.approvals),
        (Field.REASONS, before.reasons, after.reasons),
    )
    return tuple(field for field, old, new in pairs if old != new)


def _asked(then: Decision) -> tuple[set[str], set[str]]:
    return set(then.ask), set(then.reason_choices)


def _plain(condition: Condition | None) -> dict[str, Any] | None:
    return None if condition is None else condition_to_dict(unwrapped(condition))


def unwrapped(condition: Condition) -> Condition:
    """The same condition without groups of one, which say nothing."""
    if isinstance(condition, Not):
        return Not(unwrapped(condition.part))
    if isinstance(condition, AllOf | AnyOf):
        parts = tuple(unwrapped(part) for part in condition.parts)
        return parts[0] if len(parts) == 1 else type(condition)(parts)
    return condition

"""Rules that can never match, that earlier ones hide, that ask for ever, and cases that no rule speaks of.

All by `search.py`: what is said here was looked for in every case there is, not in examples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import partial

from cs_portal.policies.engine.catalogue import Known
from cs_portal.policies.engine.conditions import AllOf, Comparison, Condition
from cs_portal.policies.engine.facts import FACTS
from cs_portal.policies.engine.missing import Missing
from cs_portal.policies.engine.ruleset import Rule, Ruleset
from cs_portal.policies.engine.sentence_words import ASKED_ACTIONS
from cs_portal.policies.engine.text import Text, join_texts
from cs_portal.policies.engine.vocabulary import ACTIONS

from .findings import Finding, Kind
from .search import MAX_LOOKS_IN_ALL, Space, Wanted, pushed, state_of
from .values import OTHER, TooComplex

#: A condition that always holds.
_TRUE: Condition = AllOf(())

#: Facts that hold once what was asked for is there.
_GIVEN: dict[str, Comparison] = {
    "photo": Comparison("request.photo", "is", True),
    "reason": Comparison("request.reason", "is_known", True),
    "confirmation": Comparison("request.confirmed", "is", True),
    "address": Comparison("request.address_given", "is", True),
    "lines": Comparison("lines.named", "is", True),
    "payment_method": Comparison("payment.named", "is", True),
}
_VARIANTS_GIVEN = Comparison("wanted.named", "is", True)


def analyse(ruleset: Ruleset, *, today: date | None = None, currency: str = "") -> tuple[Finding, ...]:
    """Everything that is wrong or worth knowing of the rules, in their order, then of the whole.

    `today` tells which rules have expired; amounts of examples are written in `currency`.
    """
    found: list[Finding] = []
    try:
        space = Space.of((rule.when for rule in ruleset.rules), also=[*_GIVEN.values(), _VARIANTS_GIVEN])
    except TooComplex as problem:
        return (_too_complex(str(problem)),)
    for rule in ruleset.rules:
        found += _tried(partial(_of_rule, ruleset, rule, space, today), rule.id)
    for action in ACTIONS:
        found += _tried(partial(_gap, ruleset, action, space, currency))
    if space.looks >= MAX_LOOKS_IN_ALL:
        # Then it was too much in all, not one rule: said once.
        return (*(item for item in found if item.kind is not Kind.TOO_COMPLEX), _too_complex("too many cases"))
    return tuple(found)


def _tried(look: Callable[[], list[Finding]], rule: str = "") -> list[Finding]:
    try:
        return look()
    except TooComplex as problem:
        return [_too_complex(str(problem), rule)]


def _too_complex(problem: str, rule: str = "") -> Finding:
    return Finding(
        Kind.TOO_COMPLEX,
        Text(f"there are too many cases to try them all ({problem})", f"情况过多，无法逐一检查（{problem}）"),
        rule,
    )


def _of_rule(ruleset: Ruleset, rule: Rule, space: Space, today: date | None) -> list[Finding]:
    if today is not None and rule.valid is not None and rule.valid.last is not None and rule.valid.last < today:
        return [Finding(Kind.EXPIRED, rule.valid.not_in_force(today), rule.id)]
    if space.case([_matches(rule)]) is None:
        return [Finding(Kind.NEVER, Text("no case can fulfil its conditions", "没有任何情况能满足其条件"), rule.id)]
    hidden: dict[str, tuple[str, ...]] = {}
    for action in rule.actions or ACTIONS:
        by = _hidden_by(_earlier(ruleset, rule, action), rule, space)
        if by is not None:
            hidden[action] = by
    if hidden:
        return [_hidden(ruleset, rule, hidden)]
    return _asks_again(ruleset, rule, space)


def _matches(rule: Rule) -> Wanted:
    return (_TRUE if rule.when is None else rule.when), True


def _passed_over(rule: Rule) -> Wanted:
    return (_TRUE if rule.when is None else rule.when), False


def _earlier(ruleset: Ruleset, rule: Rule, action: str) -> list[Rule]:
    """The rules tried before it on each of the days on which it is in force."""
    table = ruleset.rules_by_action[action]
    return [other for other in table[: table.index(rule)] if _always_when(other, rule)]


def _always_when(other: Rule, rule: Rule) -> bool:
    """Whether `other` is in force whenever `rule` is."""
    if other.valid is None:
        return True
    first, last = (None, None) if rule.valid is None else (rule.valid.first, rule.valid.last)
    begins = other.valid.first is None or (first is not None and other.valid.first <= first)
    return begins and (other.valid.last is None or (last is not None and last <= other.valid.last))


def _hidden_by(earlier: list[Rule], rule: Rule, space: Space) -> tuple[str, ...] | None:
    """The fewest earlier rules that leave it no case (one where one does it alone); None where it has some."""

    def leave_none(rules: Iterable[Rule]) -> bool:
        return space.case([_matches(rule), *(_passed_over(other) for other in rules)]) is None

    if not leave_none(earlier):
        return None
    for other in earlier:
        if leave_none([other]):
            return (other.id,)
    needed = list(earlier)
    for other in earlier:
        without = [kept for kept in needed if kept is not other]
        if leave_none(without):
            needed = without
    return tuple(other.id for other in needed)


def _hidden(ruleset: Ruleset, rule: Rule, hidden: Mapping[str, tuple[str, ...]]) -> Finding:
    by = tuple(dict.fromkeys(other for rules in hidden.values() for other in rules))
    named = join_texts((_numbered(ruleset, other) for other in by), en=", ", zh_hans="、")
    everywhere = len(hidden) == len(rule.actions or ACTIONS)
    if everywhere:
        text = Text(
            f"every case that it is for is decided by {named.en} before", f"其所有情况都已先由{named.zh_hans} 决定"
        )
        return Finding(Kind.HIDDEN, text, rule.id, tuple(hidden), by)
    asked = join_texts((ASKED_ACTIONS[action] for action in hidden), en=", ", zh_hans="、")
    text = Text(
        f"for {asked.en} every case that it is for is decided by {named.en} before",
        f"对于{asked.zh_hans}，其所有情况都已先由{named.zh_hans} 决定",
    )
    return Finding(Kind.PARTLY_HIDDEN, text, rule.id, tuple(hidden), by)


def _numbered(ruleset: Ruleset, rule_id: str) -> Text:
    number = ruleset.numbers[rule_id]
    return Text(f"rule {number}", f"规则 {number}")


def _asks_again(ruleset: Ruleset, rule: Rule, space: Space) -> list[Finding]:
    """A rule that asks although all it asks for was given would ask for ever."""
    if rule.then.outcome != "ask" or not set(rule.then.ask) <= _GIVEN.keys():
        return []
    for action in rule.actions or ACTIONS:
        given: list[Wanted] = [(_GIVEN[item], True) for item in rule.then.ask]
        if "lines" in rule.then.ask and action in ("exchange", "change_items"):
            given.append((_VARIANTS_GIVEN, True))
        before = [_passed_over(other) for other in _earlier(ruleset, rule, action)]
        if space.case([*given, _matches(rule), *before]) is not None:
            text = Text(
                "it asks even when everything that it asks for was given", "即使所需内容均已提供，它仍会继续询问"
            )
            return [Finding(Kind.ASKS_AGAIN, text, rule.id, (action,))]
    return []


def _gap(ruleset: Ruleset, action: str, space: Space, currency: str) -> list[Finding]:
    """Cases that no rule decides and none is undecided on: the default answers."""
    rules = [rule for rule in ruleset.rules_by_action[action] if rule.valid is None]
    asked = ASKED_ACTIONS[action]
    if not rules:
        text = Text(f"no rule is about {asked.en}; the default answers", f"没有关于{asked.zh_hans}的规则，将按默认处理")
        return [Finding(Kind.NO_RULES, text, actions=(action,))]
    wanted = [_passed_over(rule) for rule in rules]
    example = space.case(wanted)
    if example is None:
        return []
    shown = tuple(
        _shown(name, value, currency) for name, value in _needed(example, wanted, space).items() if value is not OTHER
    )
    facts = join_texts(shown, en="; ", zh_hans="；")
    text = Text(
        f"no rule is about {asked.en} such as this, so the default answers: {facts.en}",
        f"没有规则涉及这样的{asked.zh_hans}申请，将按默认处理：{facts.zh_hans}",
    )
    return [Finding(Kind.GAP, text, actions=(action,), facts=shown)]


def _needed(example: Mapping[str, Known], wanted: list[Wanted], space: Space) -> dict[str, Known]:
    """The facts of the example without which it would be no example."""
    needed = dict(example)
    for name in example:
        others = {key: value for key, value in needed.items() if key != name}
        if all(_is_gap({**others, name: value.value}, wanted) for value in space.values[name]):
            needed = others
    return needed


def _is_gap(facts: Mapping[str, Known], wanted: list[Wanted]) -> bool:
    return all(state_of(pushed(condition), facts) is truth for condition, truth in wanted)


def _shown(name: str, value: Known, currency: str) -> Text:
    spec = FACTS[name]
    if isinstance(value, Missing):
        return Text(f"{spec.label.en}: not known", f"{spec.label.zh_hans}：未知")
    return spec.state(value, currency)

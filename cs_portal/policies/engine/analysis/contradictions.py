"""FAQs that promise what the rules do not keep, or the other way round."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from cs_portal.policies.engine.amounts import FeePercent, Fixed, PercentOfLines
from cs_portal.policies.engine.conditions import AllOf, Comparison, Condition
from cs_portal.policies.engine.money import MAX_MINOR
from cs_portal.policies.engine.ruleset import Rule, Ruleset
from cs_portal.policies.engine.sentence_words import ASKED_ACTIONS
from cs_portal.policies.engine.sentences import money_words
from cs_portal.policies.engine.text import Text, join_texts
from cs_portal.policies.engine.vocabulary import REASONS

from .claims import Claim, FaqText, Figure, claims
from .findings import Finding, Kind
from .search import Space, Wanted
from .values import TooComplex, comparisons_in

_SINCE = {"cancel": "order.days_since_placed"}
_FAULTS = frozenset({"damaged", "wrong_item", "missing_item", "not_as_described"})
_ALWAYS: Condition = AllOf(())
_TOWARDS_YES = frozenset({"allow", "ask"})


_UNTRIED = Finding(
    Kind.TOO_COMPLEX,
    Text(
        "the rules are too many to compare every FAQ with them",
        "规则过多，未能逐一核对全部问答",
    ),
)


@dataclass(frozen=True, slots=True)
class _Window:
    """Until which day the rules allow, and until which they do not refuse; -1 is never, `MAX_MINOR` without end."""

    allowed: int
    not_refused: int
    rules: tuple[str, ...]


def contradictions(ruleset: Ruleset, faqs: Iterable[FaqText]) -> tuple[Finding, ...]:
    """One finding for each figure of an FAQ that the rules say otherwise; what no rule is about is left alone.

    Where the rules are too many to try them all, the last finding says so.
    """
    found: list[Finding] = []
    untried = False
    reading = _Reading(ruleset)
    for faq in faqs:
        for claim in claims(faq):
            try:
                found += _against(reading, claim)
            except TooComplex:
                untried = True
    return (*found, _UNTRIED) if untried else tuple(found)


@dataclass
class _Reading:
    """What was found out of the rules so far: many FAQs, in two languages, claim things of the same requests.

    `looks` counts over all spaces, so that rules by the hundred do not keep a page waiting.
    """

    ruleset: Ruleset
    looks: int = 0
    windows: dict[tuple[object, ...], _Window] = field(default_factory=dict)
    deciding: dict[tuple[object, ...], list[tuple[str, str]]] = field(default_factory=dict)

    def space(self, *also: Comparison) -> Space:
        """Raises `TooComplex`."""
        space = Space.of((rule.when for rule in self.ruleset.rules), also=also)
        space.looks = self.looks
        return space


def _against(reading: _Reading, claim: Claim) -> Iterator[Finding]:
    actions = _actions(claim)
    if not any(action in rule.actions for rule in reading.ruleset.rules for action in actions):
        return
    if claim.figure is Figure.DAYS:
        window = _window(reading, claim, actions)
        if claim.value not in (window.allowed, window.not_refused):
            yield _finding(claim, _days(claim), _window_words(window), window.rules)
        return
    said = _figures(reading, claim, actions)
    if said and claim.value not in said:
        values = join_texts((_shown(claim, value) for value in sorted(said)), en=", ", zh_hans="、")
        rules = tuple(dict.fromkeys(rule for rules in said.values() for rule in rules))
        yield _finding(claim, _shown(claim, claim.value), Text(f"it is {values.en}", f"为{values.zh_hans}"), rules)


def _actions(claim: Claim) -> tuple[str, ...]:
    """Faulty goods are refunded by one merchant's rules and returned by another's."""
    if claim.action in ("refund", "return") and claim.reasons & _FAULTS:
        return ("refund", "return")
    return (claim.action,)


def _reasons(claim: Claim) -> frozenset[str]:
    if claim.reasons:
        return claim.reasons
    return frozenset(REASONS) - _FAULTS if claim.action == "return" else frozenset(REASONS)


# Days


def _window(reading: _Reading, claim: Claim, actions: tuple[str, ...]) -> _Window:
    days, reasons = _SINCE.get(claim.action, "order.days_since_delivered"), _reasons(claim)
    key = (days, reasons, actions)
    if key not in reading.windows:
        space = reading.space(_asked(reasons), Comparison(days, "at_least", 0))
        try:
            reading.windows[key] = _open_until(reading.ruleset, days, reasons, actions, space)
        finally:
            reading.looks = space.looks
    return reading.windows[key]


def _open_until(
    ruleset: Ruleset, days: str, reasons: frozenset[str], actions: tuple[str, ...], space: Space
) -> _Window:
    about_days = {rule.id for rule in ruleset.rules if any(item.fact == days for item in comparisons_in(rule.when))}
    allowed = not_refused = by_a_person = -1
    named: dict[str, None] = {}
    for value in space.values[days]:
        if value.most is None or not isinstance(value.value, int):
            continue
        on_that_day: list[Wanted] = [
            (Comparison(days, "between", (value.value, value.most)), True),
            (_asked(reasons), True),
        ]
        for action in actions:
            for rule, outcome in _reachable(ruleset, action, space, on_that_day):
                if outcome in _TOWARDS_YES:
                    allowed = max(allowed, value.most)
                    named[rule] = None
                if outcome == "escalate":
                    by_a_person = max(by_a_person, value.most)
                if outcome != "deny" and rule in about_days:
                    not_refused = max(not_refused, value.most)
    # A rule that leaves large amounts to a person, whatever the day, says nothing of how long the others are open.
    return _Window(allowed, by_a_person if allowed == not_refused == -1 else not_refused, tuple(named))


def _asked(reasons: frozenset[str]) -> Comparison:
    return Comparison("request.reason", "in", reasons)


def _reachable(ruleset: Ruleset, action: str, space: Space, given: list[Wanted]) -> Iterator[tuple[str, str]]:
    """(rule, outcome) of every rule that decides some such case.

    The default is left out: what nobody wrote a rule for is no promise, and no refusal either.
    """
    before: dict[Condition, None] = {}
    for rule in ruleset.rules_by_action[action]:
        # Making ready what earlier rules leave costs about a look each: it counts, or hundreds of rules take seconds.
        space.looks += len(before)
        if space.case([*given, _matches(rule), *((condition, False) for condition in before)]) is not None:
            yield rule.id, rule.then.outcome
        if rule.valid is None:
            before[_matches(rule)[0]] = None


def _matches(rule: Rule) -> Wanted:
    return (_ALWAYS if rule.when is None else rule.when), True


# Shares, fees, ceilings


def _figures(reading: _Reading, claim: Claim, actions: tuple[str, ...]) -> dict[int, list[str]]:
    """What the rules that allow it say in that figure, with the rules that say it; nothing where none says any."""
    said: dict[int, list[str]] = {}
    rules = {rule.id: rule for rule in reading.ruleset.rules}
    for rule_id, outcome in _deciding(reading, _reasons(claim), actions):
        if outcome == "allow":
            value = _figure_of(rules[rule_id], claim)
            if value is not None:
                said.setdefault(value, []).append(rule_id)
    return said


def _deciding(reading: _Reading, reasons: frozenset[str], actions: tuple[str, ...]) -> list[tuple[str, str]]:
    key = (reasons, actions)
    if key not in reading.deciding:
        asked = _asked(reasons)
        space = reading.space(asked)
        try:
            reading.deciding[key] = [
                found for action in actions for found in _reachable(reading.ruleset, action, space, [(asked, True)])
            ]
        finally:
            reading.looks = space.looks
    return reading.deciding[key]


def _figure_of(rule: Rule, claim: Claim) -> int | None:
    amount = rule.then.amount
    if amount is None:
        return None
    if claim.figure is Figure.SHARE:
        if isinstance(amount.worth, Fixed):
            return None
        return amount.worth.percent if isinstance(amount.worth, PercentOfLines) else 100
    if claim.figure is Figure.FEE_PERCENT:
        if isinstance(amount.fee, Fixed):
            return None
        return amount.fee.percent if isinstance(amount.fee, FeePercent) else 0
    if claim.figure is Figure.FEE:
        if isinstance(amount.fee, FeePercent):
            return None
        return amount.fee.amount_minor if amount.fee is not None and amount.fee.currency == claim.currency else 0
    if amount.at_most is not None and amount.at_most.currency == claim.currency:
        return amount.at_most.amount_minor
    return None


# Words


def _finding(claim: Claim, says: Text, rules_say: Text, rules: tuple[str, ...]) -> Finding:
    asked = ASKED_ACTIONS[claim.action]
    text = Text(
        f"for {asked.en} the FAQ says {says.en}, but by the rules {rules_say.en}: “{claim.words}”",
        f"关于{asked.zh_hans}，问答写的是{says.zh_hans}，而按规则{rules_say.zh_hans}：“{claim.words}”",
    )
    return Finding(Kind.CONTRADICTION, text, actions=(claim.action,), by=rules, faq=claim.faq)


def _days(claim: Claim) -> Text:
    return _so_many_days(claim.value)


def _so_many_days(days: int) -> Text:
    return Text(f"{days} {'day' if days == 1 else 'days'}", f" {days} 天")


def _window_words(window: _Window) -> Text:
    if window.allowed >= MAX_MINOR:
        return Text("there is no limit of days", "没有天数限制")
    allowed, open_until = _so_many_days(window.allowed), _so_many_days(window.not_refused)
    if window.allowed < 0:
        if window.not_refused < 0:
            return Text("it is refused", "不予同意")
        if window.not_refused >= MAX_MINOR:
            return Text("a person decides", "由人工判断")
        return Text(f"a person decides until {open_until.en}", f"{open_until.zh_hans.strip()}内由人工判断")
    said = Text(f"it is allowed for {allowed.en}", f"可办理期限为{allowed.zh_hans}")
    if window.allowed < window.not_refused < MAX_MINOR:
        return Text(
            f"{said.en}, and a person decides until {open_until.en}",
            f"{said.zh_hans}，{open_until.zh_hans.strip()}内由人工判断",
        )
    return said


def _shown(claim: Claim, value: int) -> Text:
    percent = claim.figure in (Figure.SHARE, Figure.FEE_PERCENT)
    shown = f"{value}%" if percent else money_words(value, claim.currency)
    if claim.figure in (Figure.FEE, Figure.FEE_PERCENT):
        return Text(f"a fee of {shown}", f" {shown} 的费用")
    if claim.figure is Figure.CEILING:
        return Text(f"at most {shown}", f"最多 {shown}")
    return Text(f"{shown} back", f"退还 {shown}")

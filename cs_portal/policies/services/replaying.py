"""What other rules would have said: past requests decided anew, side by side. Nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cs_portal.policies.engine import (
    CanonicalError,
    Order,
    Product,
    Request,
    Ruleset,
    Shopper,
    Text,
    Verdict,
    decide_case,
    not_the_shoppers,
    parse_order,
    parse_products,
    parse_request,
    parse_shopper,
)
from cs_portal.policies.engine import Case as EngineCase
from cs_portal.policies.engine.as_of import order_as_of, order_at
from cs_portal.policies.engine.decide import decide_facts
from cs_portal.policies.engine.facts import Facts
from cs_portal.policies.engine.text import join_texts
from cs_portal.policies.services.deciding import Case
from cs_portal.policies.services.past import LIKELY_REQUESTS, Past

__all__ = ["LIKELY_REQUESTS", "Differing", "Past", "Replay", "Replaying", "Tally", "differs", "replay", "why"]


@dataclass(frozen=True, slots=True)
class Differing:
    """One request that the two rulesets decide differently."""

    past: Past
    before: Verdict
    after: Verdict


class Replaying:
    """Two rulesets that decide the same requests, each on the order as it stood when the shopper asked."""

    def __init__(self, *, before: Ruleset, after: Ruleset) -> None:
        self.before, self.after = before, after
        self._one_clock = self.before.time_zone == self.after.time_zone

    def decided(self, case: Case) -> tuple[Verdict, Verdict]:
        """Raises :class:`CanonicalError` for documents that are no longer canonical."""
        parsed = parsed_case(case, self.before)
        if not self._one_clock:
            return decide_case(self.before, parsed), decide_case(self.after, parsed)
        if not parsed.belongs_to_shopper:
            return not_the_shoppers(self.before), not_the_shoppers(self.after)
        # The facts of a case are the same for both, and computing them is most of the work.
        facts = Facts(parsed)
        return decide_facts(self.before, facts), decide_facts(self.after, facts)


def parsed_case(case: Case, ruleset: Ruleset) -> EngineCase:
    """The case as the engine reads it, with the order as it stood at its moment."""
    raw = [item for item in case.products if not isinstance(item, Product)]
    products = [*parse_products(raw), *(item for item in case.products if isinstance(item, Product))]
    return EngineCase(
        order=_order_then(case),
        shopper=case.shopper
        if case.shopper is None or isinstance(case.shopper, Shopper)
        else parse_shopper(case.shopper),
        products={item.id: item for item in products},
        request=case.request if isinstance(case.request, Request) else parse_request(case.request),
        now=case.now,
        time_zone=ruleset.zone,
    )


def _order_then(case: Case) -> Order | None:
    if case.order is None or isinstance(case.order, Order):
        return case.order and order_at(case.order, case.now)
    return parse_order(order_as_of(case.order, case.now))


@dataclass
class Tally:
    """What was counted so far. ``moves`` are the differing verdicts by outcome before and after; where the two have one
    outcome and only who approves changes, they are ``allow:operator`` and ``allow:autopilot``.

    ``money`` is what was granted before and after, by currency; ``rules`` how many requests each rule decided.
    """

    total: int = 0
    skipped: int = 0
    changed: int = 0
    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    before_minor: Counter[str] = field(default_factory=Counter)
    after_minor: Counter[str] = field(default_factory=Counter)
    before_rules: Counter[str] = field(default_factory=Counter)
    after_rules: Counter[str] = field(default_factory=Counter)

    def add(self, old: Verdict, new: Verdict) -> bool:
        """Count one request; whether the two differ."""
        self.total += 1
        self.before[old.outcome] += 1
        self.after[new.outcome] += 1
        self.before_rules[old.rule] += 1
        self.after_rules[new.rule] += 1
        for counter, verdict in ((self.before_minor, old), (self.after_minor, new)):
            if verdict.amount_minor and verdict.currency:
                counter[verdict.currency] += verdict.amount_minor
        if not differs(old, new):
            return False
        self.changed += 1
        self.moves[_move(old, new)] += 1
        return True

    def to_json(self) -> dict[str, Any]:
        return {
            "before": dict(self.before),
            "after": dict(self.after),
            "moves": [[old, new, count] for (old, new), count in self.moves.most_common()],
            "money": {
                code: [self.before_minor[code], self.after_minor[code]]
                for code in sorted({*self.before_minor, *self.after_minor})
            },
            "rules": {"before": dict(self.before_rules), "after": dict(self.after_rules)},
        }

    @classmethod
    def from_json(cls, figures: Mapping[str, Any]) -> Tally:
        """The counters as they were; the three numbers stand elsewhere."""
        money, rules = figures.get("money", {}), figures.get("rules", {})
        return cls(
            before=Counter(figures.get("before", {})),
            after=Counter(figures.get("after", {})),
            moves=Counter({(old, new): count for old, new, count in figures.get("moves", ())}),
            before_minor=Counter({code: pair[0] for code, pair in money.items()}),
            after_minor=Counter({code: pair[1] for code, pair in money.items()}),
            before_rules=Counter(rules.get("before", {})),
            after_rules=Counter(rules.get("after", {})),
        )


@dataclass(frozen=True, slots=True)
class Replay:
    """``moves`` counts the differing verdicts by (outcome before, outcome after), named as in :class:`Tally`.

    ``before_minor`` and ``after_minor`` are the amounts granted, by currency.
    """

    total: int
    differing: tuple[Differing, ...]
    moves: dict[tuple[str, str], int]
    before_minor: dict[str, int]
    after_minor: dict[str, int]


def replay(*, before: Mapping[str, Any], after: Mapping[str, Any], past: Iterable[Past]) -> Replay:
    """Decide every request by both documents.

    A request whose documents are no longer canonical (a shop's import from before) is left out of the count.
    """
    rules, tally = Replaying(before=Ruleset.from_dict(before), after=Ruleset.from_dict(after)), Tally()
    differing = decide_all(rules, past, tally)
    return Replay(
        total=tally.total,
        differing=tuple(differing),
        moves=dict(tally.moves.most_common()),
        before_minor=dict(tally.before_minor),
        after_minor=dict(tally.after_minor),
    )


def decide_all(rules: Replaying, past: Iterable[Past], tally: Tally) -> list[Differing]:
    """Decide every request by both, counting into ``tally``; those that differ, in their order."""
    differing = []
    for item in past:
        try:
            old, new = rules.decided(item.case)
        except CanonicalError:
            tally.skipped += 1
            continue
        if tally.add(old, new):
            differing.append(Differing(item, old, new))
    return differing


def differs(before: Verdict, after: Verdict) -> bool:
    """Whether the shopper or the desk would notice: the outcome, the money, what is asked, or who approves."""
    return _effect(before) != _effect(after)


def _move(old: Verdict, new: Verdict) -> tuple[str, str]:
    if old.outcome == new.outcome and old.approver != new.approver:
        return f"{old.outcome}:{old.approver}", f"{new.outcome}:{new.approver}"
    return old.outcome, new.outcome


def _effect(verdict: Verdict) -> tuple[Any, ...]:
    return (verdict.outcome, verdict.amount_minor, verdict.payments, frozenset(verdict.ask), verdict.approver)


def why(item: Differing) -> Text:
    """Why the new rules decide otherwise: what became of the rule that decided before, and the one that decides now."""
    trace = item.after.trace
    told = [step for step in trace[:-1] if step.rule == item.before.rule] + list(trace[-1:])
    return join_texts((step.text for step in told), en=". ", zh_hans="。")

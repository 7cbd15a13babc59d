"""Conditions over facts: comparisons, and all / any / not of conditions.

A condition is true, false, or undecided (`Missing`) by Kleene's strong three-valued logic (S. C. Kleene, Introduction
to Metamathematics, 1952, section 64): a comparison with a missing fact is undecided; ``all`` is false once one part is
false, whatever is undecided; ``any`` is true once one part is true; the order of the parts never matters to the answer.
``not`` is pushed down to the comparisons when a condition is built (De Morgan), so explanations never speak in double
negatives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .catalogue import FactSpec, FactValue
from .facts import FACTS, Facts
from .missing import Missing
from .operators import OPERATORS, Operand
from .text import Text, join_texts

Decided = bool | Missing
Check = Callable[[Facts], Decided]
OperandValue = FactValue | tuple[int, int]


@dataclass(frozen=True, slots=True)
class Comparison:
    fact: str
    op: str
    value: OperandValue

    def negated(self) -> Comparison:
        opposite = OPERATORS[self.op].opposite
        return Comparison(self.fact, opposite, not self.value if opposite == "is_known" else self.value)

    def compiled(self) -> Check:
        name, value, test = self.fact, self.value, OPERATORS[self.op].test
        if self.op == "is_known":
            return lambda facts: (facts[name].__class__ is not Missing) is value

        def check(facts: Facts) -> Decided:
            fact = facts[name]
            return fact if isinstance(fact, Missing) else test(fact, value)

        return check

    def decided(self, facts: Facts) -> Decided:
        """The same answer as that of `compiled`, for explanations."""
        fact = facts[self.fact]
        if self.op == "is_known":
            return (fact.__class__ is not Missing) is self.value
        return fact if isinstance(fact, Missing) else OPERATORS[self.op].test(fact, self.value)

    def explained(self, facts: Facts) -> Text:
        """What the fact is, and what was asked of it where that is not plain: "delivered 9 days ago, limit 7"."""
        spec, fact = FACTS[self.fact], facts[self.fact]
        if isinstance(fact, Missing):
            return Text(
                f"{spec.label.en} cannot be known: {fact.text.en}",
                f"无法得知“{spec.label.zh_hans}”：{fact.text.zh_hans}",
            )
        stated = spec.state(fact, facts.currency)
        if isinstance(fact, bool) or self.op == "is_known":
            return stated
        if OPERATORS[self.op].operand is Operand.SEVERAL and OPERATORS[self.op].test(fact, self.value):
            return stated
        asked = self._requirement(spec, facts.currency)
        return Text(f"{stated.en}, {asked.en}", f"{stated.zh_hans}，{asked.zh_hans}")

    def _requirement(self, spec: FactSpec, currency: str) -> Text:
        words = OPERATORS[self.op].requirement
        if isinstance(self.value, tuple):
            shown = tuple(spec.show(bound, currency) for bound in self.value)
        elif isinstance(self.value, frozenset):
            shown = (join_texts((spec.show(item, currency) for item in sorted(self.value)), en=", ", zh_hans="、"),)
        else:
            shown = (spec.show(self.value, currency),)
        return Text(
            words.en.format(*(text.en for text in shown)), words.zh_hans.format(*(text.zh_hans for text in shown))
        )


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple[Condition, ...]

    def negated(self) -> AnyOf:
        return AnyOf(tuple(part.negated() for part in self.parts))

    def compiled(self) -> Check:
        return _until(False, tuple(part.compiled() for part in self.parts))

    def decided(self, facts: Facts) -> Decided:
        return _decided_until(False, (part.decided(facts) for part in self.parts))

    def explained(self, facts: Facts) -> Text:
        """The part that failed first; every part when none did."""
        return _explained_until(False, self.parts, facts)


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Condition, ...]

    def negated(self) -> AllOf:
        return AllOf(tuple(part.negated() for part in self.parts))

    def compiled(self) -> Check:
        return _until(True, tuple(part.compiled() for part in self.parts))

    def decided(self, facts: Facts) -> Decided:
        return _decided_until(True, (part.decided(facts) for part in self.parts))

    def explained(self, facts: Facts) -> Text:
        """The part that held first; every part when none did."""
        return _explained_until(True, self.parts, facts)


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition

    def negated(self) -> Condition:
        return self.part

    def compiled(self) -> Check:
        return self.part.negated().compiled()

    def decided(self, facts: Facts) -> Decided:
        return self.part.negated().decided(facts)

    def explained(self, facts: Facts) -> Text:
        return self.part.negated().explained(facts)


Condition = Comparison | AllOf | AnyOf | Not


def _until(decisive: bool, checks: tuple[Check, ...]) -> Check:
    """The first `decisive` answer decides; else the first undecided one is the answer; else not `decisive`."""
    if len(checks) == 1:
        return checks[0]

    def check(facts: Facts) -> Decided:
        return _decided_until(decisive, (part(facts) for part in checks))

    return check


def _decided_until(decisive: bool, answers: Iterable[Decided]) -> Decided:
    undecided: Missing | None = None
    for answer in answers:
        if isinstance(answer, Missing):
            undecided = answer if undecided is None else undecided
        elif answer is decisive:
            return decisive
    return (not decisive) if undecided is None else undecided


def _explained_until(decisive: bool, parts: tuple[Condition, ...], facts: Facts) -> Text:
    answers = [(part, part.decided(facts)) for part in parts]
    for part, answer in answers:
        if answer is decisive:
            return part.explained(facts)
    undecided = [part for part, answer in answers if isinstance(answer, Missing)]
    # Two parts may say the same of one fact: "at least 8" and "at most 30" both hold for 9 days.
    return join_texts(dict.fromkeys(part.explained(facts) for part in undecided or parts))

"""Is there a case in which these conditions come out so? Answered by trying one value of each class, with backtracking.

A condition under a partial case is true, false, undecided, or still open. What is open is narrowed by giving a value to
a fact of the condition with the fewest open ones; values that no condition of the question tells apart are tried once,
those that settle the condition first; what came out otherwise than wanted ends the branch. Exact: a search that finds
nothing has seen everything, or says `TooComplex`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cs_portal.policies.engine.catalogue import Known
from cs_portal.policies.engine.conditions import AllOf, Comparison, Condition, Not
from cs_portal.policies.engine.missing import Missing
from cs_portal.policies.engine.operators import OPERATORS

from .knowledge import contradicts, marks
from .values import TooComplex, Value, classes, comparisons_in

#: Looks at a condition that one question may cost, and all questions to a space together.
MAX_LOOKS = 60_000
MAX_LOOKS_IN_ALL = 300_000

#: A condition and how it has to come out; false means false, not undecided.
Wanted = tuple[Condition, bool]


class _Open:
    """Not decided yet: a fact has no value so far."""


_OPEN = _Open()
State = bool | Missing | _Open


@dataclass(frozen=True, slots=True)
class _Asked:
    """A condition of the question with the facts that it compares."""

    condition: Condition
    truth: bool
    facts: frozenset[str]


@dataclass
class Space:
    """The classes of every fact that some condition compares; made once for a ruleset.

    `looks` counts what was looked at so far.
    """

    values: Mapping[str, tuple[Value, ...]]
    looks: int = 0
    _until: int = field(default=0, repr=False)

    @classmethod
    def of(cls, conditions: Iterable[Condition | None], *, also: Iterable[Comparison] = ()) -> Space:
        """Raises `TooComplex`."""
        compared = [item for condition in conditions for item in comparisons_in(condition)] + list(also)
        names = dict.fromkeys(item.fact for item in compared)
        photo = ("photo",) if "request.photo" in names else ()
        return cls({name: classes(name, compared, also=photo if name == "request.evidence" else ()) for name in names})

    def case(self, wanted: Iterable[Wanted]) -> dict[str, Known] | None:
        """Facts under which every condition comes out as wanted, and None where there are none.

        Facts that are not named may have any value. Raises `TooComplex`.
        """
        if self.looks >= MAX_LOOKS_IN_ALL:
            raise TooComplex("too many cases")
        self._until = min(self.looks + MAX_LOOKS, MAX_LOOKS_IN_ALL)
        asked: list[_Asked] = []
        compared: dict[str, list[Comparison]] = {}
        for condition, truth in wanted:
            plain = pushed(condition)
            state = state_of(plain, {})
            if state is _OPEN:
                parts = list(dict.fromkeys(comparisons_in(plain)))
                for part in parts:
                    compared.setdefault(part.fact, []).append(part)
                asked.append(_Asked(plain, truth, frozenset(part.fact for part in parts)))
            elif state is not truth:
                return None
        options = {name: _told_apart(name, self.values[name], parts) for name, parts in compared.items()}
        return self._extended({}, asked, options)

    def _extended(
        self, facts: dict[str, Known], asked: list[_Asked], options: Mapping[str, list[Known]]
    ) -> dict[str, Known] | None:
        if not asked:
            return dict(facts)
        narrow = min(asked, key=lambda item: len(item.facts - facts.keys()))
        name = min(narrow.facts - facts.keys(), key=lambda fact: (len(options[fact]), fact))
        branches: list[tuple[int, Known, list[_Asked]]] = []
        for value in options[name]:
            facts[name] = value
            left = None if contradicts(facts) else self._left(facts, asked, name)
            if left is not None:
                branches.append((len(left), value, left))
        for _count, value, left in sorted(branches, key=lambda branch: branch[0]):
            facts[name] = value
            found = self._extended(facts, left, options)
            if found is not None:
                return found
        facts.pop(name, None)
        return None

    def _left(self, facts: Mapping[str, Known], asked: list[_Asked], name: str) -> list[_Asked] | None:
        """What is open still once `name` has its value; None where something came out otherwise than wanted."""
        left = []
        for item in asked:
            if name not in item.facts:
                left.append(item)
                continue
            self.looks += 1
            state = state_of(item.condition, facts)
            if state is _OPEN:
                left.append(item)
            elif state is not item.truth:
                return None
        if self.looks > self._until:
            raise TooComplex("too many cases")
        return left


def _told_apart(name: str, values: tuple[Value, ...], compared: list[Comparison]) -> list[Known]:
    """One value for every way in which these comparisons, and what is known of facts, can come out."""
    found: dict[tuple[object, ...], Known] = {}
    for item in values:
        value = item.value
        outcomes = tuple(
            "?" if isinstance(state, Missing) else state
            for state in (state_of(part, {name: value}) for part in dict.fromkeys(compared))
        )
        found.setdefault((marks(name, value), *outcomes), value)
    return list(found.values())


def pushed(condition: Condition) -> Condition:
    """Without ``not``: as conditions are decided."""
    if isinstance(condition, Not):
        return pushed(condition.part.negated())
    if isinstance(condition, Comparison):
        return condition
    return type(condition)(tuple(pushed(part) for part in condition.parts))


def state_of(condition: Condition, facts: Mapping[str, Known]) -> State:
    """`conditions.py`'s answer where the facts suffice for it."""
    if isinstance(condition, Comparison):
        if condition.fact not in facts:
            return _OPEN
        fact = facts[condition.fact]
        if condition.op == "is_known":
            return (not isinstance(fact, Missing)) is condition.value
        return fact if isinstance(fact, Missing) else OPERATORS[condition.op].test(fact, condition.value)
    assert not isinstance(condition, Not)
    decisive = not isinstance(condition, AllOf)
    undecided: State = not decisive
    for part in condition.parts:
        state = state_of(part, facts)
        if state is decisive:
            return decisive
        if isinstance(state, _Open) or (isinstance(state, Missing) and not isinstance(undecided, _Open)):
            undecided = state
    return undecided


def could_hold(condition: Condition, facts: Mapping[str, Known]) -> bool:
    """Whether it holds under these facts, or may yet by those that they do not name."""
    if isinstance(condition, Comparison):
        state = state_of(condition, facts)
        return state is True or isinstance(state, _Open)
    if isinstance(condition, Not):
        return could_hold(condition.part.negated(), facts)
    found = (could_hold(part, facts) for part in condition.parts)
    return all(found) if isinstance(condition, AllOf) else any(found)

"""The values of a fact, put into classes that no comparison of the ruleset tells apart.

What holds for one value of a class holds for all of it, so that a search over one value of each class is a search over
all cases. Classes are made for the comparisons that are there; a number has one class between every two bounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from cs_portal.policies.engine.catalogue import FactSpec, Kind, Known
from cs_portal.policies.engine.conditions import Comparison, Condition, Not
from cs_portal.policies.engine.facts import FACTS
from cs_portal.policies.engine.missing import Missing, Problem
from cs_portal.policies.engine.money import MAX_MINOR

#: Stands for every string that no rule names; no shop writes it.
OTHER = "\N{HORIZONTAL ELLIPSIS}"
#: Sets with more members named than this have too many subsets to try them all.
MAX_MEMBERS = 10

#: Known whatever the case: there is no class for not knowing them.
ALWAYS_KNOWN = frozenset(
    {
        "request.photo",
        "request.evidence",
        "request.confirmed",
        "request.address_given",
        "request.amount_named",
        "lines.named",
        "payment.named",
        "payment.is_shoppers",
        "shopper.identified",
        "order.belongs_to_shopper",
    }
)
_BOUNDS: dict[str, tuple[int, int]] = {
    "request.hour": (0, 23),
    "lines.count": (1, MAX_MINOR),
    "lines.quantity": (1, MAX_MINOR),
    "wanted.price_difference_minor": (-MAX_MINOR, MAX_MINOR),
}


class TooComplex(Exception):
    """There is more to try than can be tried; nothing is claimed then."""


@dataclass(frozen=True, slots=True)
class Value:
    """A class: `value` stands for it. Of numbers it is the least, and `most` the greatest."""

    value: Known
    most: int | None = None


def comparisons_in(condition: Condition | None) -> Iterator[Comparison]:
    if condition is None:
        return
    if isinstance(condition, Comparison):
        yield condition
    elif isinstance(condition, Not):
        yield from comparisons_in(condition.part)
    else:
        for part in condition.parts:
            yield from comparisons_in(part)


def classes(name: str, compared: Iterable[Comparison], *, also: Iterable[str] = ()) -> tuple[Value, ...]:
    """The classes of the fact under these comparisons, not being known included; raises `TooComplex`.

    `also` are further members of a set to be told apart.
    """
    spec, own = FACTS[name], [item for item in compared if item.fact == name]
    found = list(_values(spec, own, frozenset(also)))
    if name not in ALWAYS_KNOWN:
        found.append(Value(Missing(Problem.NOT_GIVEN, name)))
    return tuple(found)


def _values(spec: FactSpec, compared: list[Comparison], also: frozenset[str]) -> Iterator[Value]:
    if spec.name == "order.belongs_to_shopper":
        yield Value(True)  # Nobody else's order gets as far as the rules.
    elif spec.kind is Kind.BOOLEAN:
        yield from (Value(True), Value(False))
    elif spec.kind in (Kind.NUMBER, Kind.DAYS, Kind.MONEY):
        yield from _intervals(spec, compared)
    elif spec.kind is Kind.DATE:
        yield Value(date(2026, 1, 1))
    elif spec.kind is Kind.SET:
        yield from _subsets(spec, sorted(_named(compared) | also))
    elif spec.choices is not None:
        yield from (Value(choice) for choice in spec.choices)
    else:
        yield from (Value(word) for word in (*sorted(_named(compared)), OTHER))


def _named(compared: Iterable[Comparison]) -> frozenset[str]:
    found: set[str] = set()
    for item in compared:
        if isinstance(item.value, frozenset):
            found |= item.value
        elif isinstance(item.value, str):
            found.add(item.value)
    return frozenset(found)


def _intervals(spec: FactSpec, compared: list[Comparison]) -> Iterator[Value]:
    least, most = _BOUNDS.get(spec.name, (0, MAX_MINOR))
    starts = {least}
    for item in compared:
        bounds = item.value if isinstance(item.value, tuple) else (item.value,)
        for bound in bounds:
            if isinstance(bound, int) and not isinstance(bound, bool):
                starts |= {bound, bound + 1}
    inside = sorted(start for start in starts if least <= start <= most)
    for start, following in zip(inside, [*inside[1:], most + 1], strict=True):
        yield Value(start, following - 1)


def _subsets(spec: FactSpec, members: list[str]) -> Iterator[Value]:
    if len(members) > MAX_MEMBERS:
        raise TooComplex(spec.name)
    for count in range(len(members) + 1):
        for chosen in combinations(members, count):
            yield Value(frozenset(chosen))

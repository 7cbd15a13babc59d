"""What a condition can say about a fact: the test, its opposite, and its words."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .catalogue import Kind
from .text import Text


class Operand(StrEnum):
    """What stands at the right: one value, several, a pair of bounds (both included), or true/false."""

    ONE = "one"
    SEVERAL = "several"
    PAIR = "pair"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Operator:
    """`test(fact, value)` is never called with a missing fact. `requirement` words what `value` asks for."""

    name: str
    operand: Operand
    kinds: frozenset[Kind]
    test: Callable[[Any, Any], bool]
    opposite: str
    requirement: Text


_ORDERED = frozenset({Kind.NUMBER, Kind.DAYS, Kind.MONEY})
_WORDS = frozenset({Kind.CHOICE, Kind.STRING})
_EQUAL = _ORDERED | _WORDS | {Kind.BOOLEAN}
_SETS = frozenset({Kind.SET})

_ALL = (
    Operator("is", Operand.ONE, _EQUAL, operator.eq, "is_not", Text("needs {}", "须为{}")),
    Operator("is_not", Operand.ONE, _EQUAL, operator.ne, "is", Text("must not be {}", "不得为{}")),
    Operator(
        "in",
        Operand.SEVERAL,
        _WORDS,
        lambda fact, value: fact in value,
        "not_in",
        Text("needs one of {}", "须为{}之一"),
    ),
    Operator(
        "not_in",
        Operand.SEVERAL,
        _WORDS,
        lambda fact, value: fact not in value,
        "in",
        Text("must be none of {}", "不得为{}之一"),
    ),
    Operator("at_most", Operand.ONE, _ORDERED, operator.le, "more_than", Text("limit {}", "上限 {}")),
    Operator("more_than", Operand.ONE, _ORDERED, operator.gt, "at_most", Text("needs more than {}", "须超过 {}")),
    Operator("at_least", Operand.ONE, _ORDERED, operator.ge, "less_than", Text("needs at least {}", "至少须为 {}")),
    Operator("less_than", Operand.ONE, _ORDERED, operator.lt, "at_least", Text("needs less than {}", "须少于 {}")),
    Operator(
        "between",
        Operand.PAIR,
        _ORDERED,
        lambda fact, value: value[0] <= fact <= value[1],
        "outside",
        Text("needs {} to {}", "须在 {} 至 {} 之间"),
    ),
    Operator(
        "outside",
        Operand.PAIR,
        _ORDERED,
        lambda fact, value: not value[0] <= fact <= value[1],
        "between",
        Text("must not be {} to {}", "不得在 {} 至 {} 之间"),
    ),
    Operator(
        "has_any",
        Operand.SEVERAL,
        _SETS,
        lambda fact, value: not fact.isdisjoint(value),
        "has_none",
        Text("needs one of {}", "须包含{}之一"),
    ),
    Operator(
        "has_none",
        Operand.SEVERAL,
        _SETS,
        lambda fact, value: fact.isdisjoint(value),
        "has_any",
        Text("must hold none of {}", "不得包含{}"),
    ),
    Operator(
        "has_all",
        Operand.SEVERAL,
        _SETS,
        lambda fact, value: fact >= value,
        "lacks_any",
        Text("needs all of {}", "须同时包含{}"),
    ),
    Operator(
        "lacks_any",
        Operand.SEVERAL,
        _SETS,
        lambda fact, value: not fact >= value,
        "has_all",
        Text("must not hold all of {}", "不得同时包含{}"),
    ),
    # `is_known` is the only one that may look at a missing fact; `conditions.py` gives it the answer.
    Operator("is_known", Operand.FLAG, frozenset(Kind), operator.eq, "is_known", Text("must be known", "须为已知")),
)

OPERATORS: Mapping[str, Operator] = {item.name: item for item in _ALL}

"""Conditions from and to JSON. Raises `RulesetError` naming the path, as in ``rules[3].when.all[1].fact``."""

from __future__ import annotations

from typing import Any

from .catalogue import FactSpec, FactValue, Kind
from .conditions import AllOf, AnyOf, Comparison, Condition, Not, OperandValue
from .facts import FACTS
from .money import MAX_MINOR
from .operators import OPERATORS, Operand
from .reading import ObjectReader, RulesetError

#: How deep conditions may be nested: enough for any rule that a person can read.
MAX_DEPTH = 8


def parse_condition(data: object, path: str, *, depth: int = 1) -> Condition:
    if depth > MAX_DEPTH:
        raise RulesetError(path, f"conditions may be nested at most {MAX_DEPTH} deep")
    read = ObjectReader(data, path, known=("all", "any", "not", "fact", "op", "value"), error=RulesetError)
    groups = [key for key in ("all", "any", "not") if read.has(key)]
    if not groups:
        return _comparison(read)
    if len(groups) > 1 or read.has("fact") or read.has("op") or read.has("value"):
        raise RulesetError(path, "must be one of all, any, not, or a comparison of a fact")
    if groups == ["not"]:
        return Not(parse_condition(read.value("not"), read.at("not"), depth=depth + 1))
    parts = tuple(parse_condition(item, at, depth=depth + 1) for item, at in read.items(groups[0]))
    if not parts:
        raise read.fail(groups[0], "must hold at least one condition")
    return AllOf(parts) if groups == ["all"] else AnyOf(parts)


def condition_to_dict(condition: Condition) -> dict[str, Any]:
    if isinstance(condition, AllOf):
        return {"all": [condition_to_dict(part) for part in condition.parts]}
    if isinstance(condition, AnyOf):
        return {"any": [condition_to_dict(part) for part in condition.parts]}
    if isinstance(condition, Not):
        return {"not": condition_to_dict(condition.part)}
    value: Any = condition.value
    if isinstance(value, frozenset):
        value = _in_listed_order(FACTS[condition.fact], value)
    return {"fact": condition.fact, "op": condition.op, "value": list(value) if isinstance(value, tuple) else value}


def _comparison(read: ObjectReader) -> Comparison:
    name = read.string("fact")
    spec = FACTS.get(name)
    if spec is None:
        raise read.fail("fact", f'unknown fact "{name}"')
    op = read.string("op")
    if op not in OPERATORS:
        raise read.fail("op", f'unknown operator "{op}"')
    if spec.kind not in OPERATORS[op].kinds:
        allowed = ", ".join(item.name for item in OPERATORS.values() if spec.kind in item.kinds)
        raise read.fail("op", f'"{op}" does not go with {name}; it takes {allowed}')
    return Comparison(name, op, _operand(read, spec, OPERATORS[op].operand))


def _operand(read: ObjectReader, spec: FactSpec, operand: Operand) -> OperandValue:
    value = read.value("value")
    if operand is Operand.FLAG:
        if not isinstance(value, bool):
            raise read.fail("value", "must be true or false")
        return value
    if operand is Operand.ONE:
        return _single(value, spec, read.at("value"))
    items = read.items("value")
    values = [_single(item, spec, path) for item, path in items]
    if operand is Operand.SEVERAL:
        if not values:
            raise read.fail("value", "must hold at least one value")
        return frozenset(str(item) for item in values)
    if len(values) != 2 or int(str(values[0])) > int(str(values[1])):
        raise read.fail("value", "must be the lower and the upper bound")
    return int(str(values[0])), int(str(values[1]))


def _single(value: object, spec: FactSpec, path: str) -> FactValue:
    if spec.kind is Kind.BOOLEAN:
        if isinstance(value, bool):
            return value
        raise RulesetError(path, "must be true or false")
    if spec.kind in (Kind.NUMBER, Kind.DAYS, Kind.MONEY):
        if type(value) is int and abs(value) <= MAX_MINOR:
            return value
        raise RulesetError(path, "must be a whole number")
    if not isinstance(value, str) or not value:
        raise RulesetError(path, "must be a string that is not empty")
    if spec.choices is not None and value not in spec.choices:
        raise RulesetError(path, f'unknown value "{value}"; it takes {", ".join(spec.choices)}')
    return value


def _in_listed_order(spec: FactSpec, values: frozenset[str]) -> list[str]:
    listed = [choice for choice in spec.choices or () if choice in values]
    return listed + sorted(values.difference(listed))

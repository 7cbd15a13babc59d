"""The conditions of a rule as rows of a form, and back.

A node is a comparison of a fact or a group. Its fields are named by its place: ``c`` is the outermost group, ``c.0``
its first part, ``c.0.1`` the second part of that; ``c.0-fact``, ``c.0-op`` and ``c.0-value`` are what is chosen there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.http import QueryDict

from cs_portal.policies.engine.catalogue import FactSpec, Kind
from cs_portal.policies.engine.condition_json import MAX_DEPTH
from cs_portal.policies.engine.facts import FACTS
from cs_portal.policies.engine.money import MINOR_DIGITS
from cs_portal.policies.engine.operators import OPERATORS, Operand
from cs_portal.policies.engine.sentences import is_money

#: Groups, and what they say of their parts.
GROUPS = ("all", "any", "none", "not_all")
ROOT = "c"
MAX_NODES = 200
_PLACE = re.compile(r"^c((?:\.\d{1,3}){0,8})-kind$")


@dataclass
class Node:
    """``op`` is an operator's name; ``is_known:true`` and ``is:false`` hold the answer. ``values`` are as typed.

    ``fresh`` is what was just added.
    """

    kind: str
    fact: str = ""
    op: str = ""
    values: list[str] = field(default_factory=list)
    parts: list[Node] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    place: str = ROOT
    fresh: bool = False

    @property
    def spec(self) -> FactSpec | None:
        return FACTS.get(self.fact)

    @property
    def depth(self) -> int:
        return self.place.count(".") + 1

    @property
    def may_nest(self) -> bool:
        return self.depth < MAX_DEPTH - 1

    @property
    def operand(self) -> Operand:
        return OPERATORS[self.op.partition(":")[0]].operand

    @property
    def named_currency(self) -> str:
        """The currency that all of these orders have, where the rows say so."""
        if self.kind != "all":
            return ""
        named = (part.values[0] for part in self.parts if _names_currency(part.fact, part.op) and part.values)
        return next((code for code in named if code in MINOR_DIGITS), "")

    def walk(self) -> Iterator[Node]:
        yield self
        for part in self.parts:
            yield from part.walk()


def _names_currency(fact: object, op: object) -> bool:
    return fact == "order.currency" and op == "is"


def named_currency(when: Mapping[str, Any] | None) -> str:
    """The currency that a condition's JSON wants of the order, where it names one."""
    parts = (when or {}).get("all") or [when or {}]
    named = (str(part["value"]) for part in parts if _names_currency(part.get("fact"), part.get("op")))
    return next((code for code in named if code in MINOR_DIGITS), "")


def empty() -> Node:
    return Node("all")


def new_comparison() -> Node:
    return Node("fact", "request.reason", "in", [])


def operators_of(spec: FactSpec) -> list[str]:
    """What may be said of a fact, each with its answer where it has one of its own."""
    codes: list[str] = []
    for item in OPERATORS.values():
        if spec.kind not in item.kinds:
            continue
        if item.operand is Operand.FLAG:
            codes += [f"{item.name}:true", f"{item.name}:false"]
        elif spec.kind is Kind.BOOLEAN:
            codes += ["is:true", "is:false"] if item.name == "is" else []
        else:
            codes.append(item.name)
    return codes


# From rules to rows


def from_condition(data: Mapping[str, Any] | None, currency: str) -> Node:
    """The rows of a condition's JSON; the outermost node is always a group."""
    if data is None:
        return empty()
    node = _from_json(data, currency)
    return placed(node if node.kind in GROUPS else Node("all", parts=[node]))


def _from_json(data: Mapping[str, Any], currency: str) -> Node:
    for kind in ("all", "any"):
        if kind in data:
            return Node(kind, parts=[_from_json(part, currency) for part in data[kind]])
    if "not" in data:
        inner = data["not"]
        if "any" in inner and len(inner["any"]) > 1:
            return Node("none", parts=[_from_json(part, currency) for part in inner["any"]])
        if "all" in inner and len(inner["all"]) > 1:
            return Node("not_all", parts=[_from_json(part, currency) for part in inner["all"]])
        return Node("none", parts=[_from_json(inner, currency)])
    return _from_comparison(data, currency)


def _from_comparison(data: Mapping[str, Any], currency: str) -> Node:
    spec, op, value = FACTS[data["fact"]], str(data["op"]), data["value"]
    if op == "is_known":
        return Node("fact", spec.name, f"is_known:{str(value).lower()}")
    if spec.kind is Kind.BOOLEAN:
        return Node("fact", spec.name, f"is:{str(value is (op == 'is')).lower()}")
    given = value if isinstance(value, list) else [value]
    return Node("fact", spec.name, op, [_written(spec, item, currency) for item in given])


def _written(spec: FactSpec, value: object, currency: str) -> str:
    return written_money(int(str(value)), currency) if is_money(spec) else str(value)


def written_money(minor: int, currency: str) -> str:
    """``20050`` as ``200.5``, in the digits of the currency and without any that say nothing."""
    digits = MINOR_DIGITS[currency]
    text = f"{Decimal(minor).scaleb(-digits):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def placed(node: Node, place: str = ROOT) -> Node:
    """Name every node by where it stands."""
    node.place = place
    for index, part in enumerate(node.parts):
        placed(part, f"{place}.{index}")
    return node


# From what was sent to rows


def from_post(data: QueryDict) -> Node:
    """The rows that a form sent. A row whose fact was changed gets an operator that goes with it."""
    places = sorted(
        tuple(int(step) for step in found[1].split(".")[1:]) for key in data if (found := _PLACE.match(key))
    )[:MAX_NODES]
    nodes: dict[tuple[int, ...], Node] = {}
    for place in places:
        prefix = ".".join([ROOT, *map(str, place)])
        node = _from_fields(data, prefix)
        if place and (place[:-1] not in nodes or nodes[place[:-1]].kind == "fact"):
            continue
        nodes[place] = node
        if place:
            nodes[place[:-1]].parts.append(node)
    root = nodes.get((), empty())
    return placed(root if root.kind in GROUPS else Node("all", parts=[root]))


def _from_fields(data: QueryDict, prefix: str) -> Node:
    kind = data.get(f"{prefix}-kind", "")
    if kind in GROUPS:
        return Node(kind)
    fact, op = data.get(f"{prefix}-fact", ""), data.get(f"{prefix}-op", "")
    values = [value.strip() for value in data.getlist(f"{prefix}-value")]
    spec = FACTS.get(fact)
    if spec is None:
        return new_comparison()
    if fact != data.get(f"{prefix}-was", fact):
        values = []
    codes = operators_of(spec)
    if op not in codes:
        op, values = codes[0], values if op in OPERATORS else []
    node = Node("fact", fact, op, values)
    if node.operand is not Operand.PAIR:
        node.values = [value for value in values if value]
    if node.operand is Operand.ONE:
        node.values = node.values[:1]
    return node


def changed(root: Node, deed: str) -> Node:
    """The rows after a button: ``add:c.1``, ``group:c``, ``remove:c.0.2``, ``up:c.1``, ``down:c.1``."""
    what, _colon, place = deed.partition(":")
    if not _PLACE.match(f"{place}-kind"):
        return root
    steps = [int(step) for step in place.split(".")[1:]]
    node = _at(root, steps)
    if node is None or sum(1 for _node in root.walk()) >= MAX_NODES:
        return root
    if what == "add" and node.kind in GROUPS:
        node.parts.append(replace(new_comparison(), fresh=True))
    elif what == "group" and node.kind in GROUPS and node.may_nest:
        node.parts.append(Node("any" if node.kind == "all" else "all", parts=[replace(new_comparison(), fresh=True)]))
    elif steps and what in ("remove", "up", "down"):
        parent, index = _at(root, steps[:-1]), steps[-1]
        if parent is not None:
            _rearrange(parent.parts, index, what)
    return placed(root)


def _rearrange(parts: list[Node], index: int, what: str) -> None:
    part = parts.pop(index)
    if what != "remove":
        parts.insert(max(0, index + (1 if what == "down" else -1)), part)


def _at(root: Node, steps: list[int]) -> Node | None:
    node = root
    for step in steps:
        if step >= len(node.parts):
            return None
        node = node.parts[step]
    return node

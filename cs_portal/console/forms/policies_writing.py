"""From the rows of a form to the JSON of a rule; what is wrong is said at its row."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from cs_portal.console.forms.policies_conditions import Node
from cs_portal.policies.engine import RulesetError
from cs_portal.policies.engine.catalogue import FactSpec, Kind
from cs_portal.policies.engine.condition_json import parse_condition
from cs_portal.policies.engine.facts import FACTS
from cs_portal.policies.engine.money import MAX_MINOR, MINOR_DIGITS
from cs_portal.policies.engine.operators import Operand
from cs_portal.policies.engine.sentences import is_money

#: Larger numbers are no amounts, and the arithmetic of decimals fails on some.
MOST_DIGITS = 30
_MONEY_SIGNS = str.maketrans("", "", ",， ¥￥$€£")


def to_condition(root: Node, currency: str) -> tuple[dict[str, Any] | None, dict[str, Node]]:
    """The condition's JSON, and which node stands at which of its paths. What is wrong is said at the nodes.

    Groups of one are left out, so that what is stored reads as it was meant. None where there is no condition.
    """
    paths: dict[str, Node] = {}
    if not root.parts:
        return None, paths
    data = _to_json(root, "when", currency, paths)
    return data, paths


def _to_json(node: Node, path: str, currency: str, paths: dict[str, Node]) -> dict[str, Any]:
    paths[path] = node
    if node.kind == "fact":
        return _comparison(node, currency)
    if not node.parts:
        node.errors.append(_("Add a condition, or remove this group."))
        return {"all": []}
    key = "any" if node.kind in ("any", "none") else "all"
    negated = node.kind in ("none", "not_all")
    inside = f"{path}.not" if negated else path
    if len(node.parts) == 1:
        data = _to_json(node.parts[0], inside, currency, paths)
    else:
        parts = [_to_json(part, f"{inside}.{key}[{i}]", currency, paths) for i, part in enumerate(node.parts)]
        data = {key: parts}
    return {"not": data} if negated else data


def _comparison(node: Node, currency: str) -> dict[str, Any]:
    op, _colon, answer = node.op.partition(":")
    data = {"fact": node.fact, "op": op, "value": answer == "true" if answer else _value(node, currency)}
    if not node.errors:
        try:
            parse_condition(data, "")
        except RulesetError as error:
            node.errors.append(_said(node, error.problem))
    return data


def _said(node: Node, problem: str) -> str:
    if node.operand is Operand.SEVERAL:
        return _("Choose at least one.")
    if node.operand is Operand.PAIR:
        return _("The first bound must not be above the second.")
    return _("Fill this in.") if "empty" in problem or "required" in problem else problem


def _value(node: Node, currency: str) -> Any:
    spec = FACTS[node.fact]
    numeric = spec.kind in (Kind.NUMBER, Kind.DAYS, Kind.MONEY)
    if numeric:
        needed = 2 if node.operand is Operand.PAIR else 1
        typed = (node.values + [""] * needed)[:needed]
        numbers = [_number(node, spec, text, currency) for text in typed]
        return numbers if needed == 2 else numbers[0]
    if node.operand is Operand.SEVERAL:
        return node.values
    return node.values[0] if node.values else ""


def _number(node: Node, spec: FactSpec, text: str, currency: str) -> int:
    problem = _("Fill this in.") if not text else _("Enter a number.")
    try:
        number = Decimal(text.translate(_MONEY_SIGNS))
        if number.is_finite() and number.adjusted() > MOST_DIGITS:
            raise ValueError
        if is_money(spec):
            number = number.scaleb(MINOR_DIGITS[currency])
        if number.is_finite() and abs(number) <= MAX_MINOR:
            if number == number.to_integral_value():
                return int(number)
            problem = _("This amount has too many decimals.") if is_money(spec) else _("Enter a whole number.")
    except (ArithmeticError, ValueError):
        pass
    if problem not in node.errors:
        node.errors.append(problem)
    return 0


def complete(node: Node) -> Node:
    """The same rows without those that something is wrong with."""
    parts = [complete(part) for part in node.parts if not part.errors]
    kept = [part for part in parts if part.kind == "fact" or part.parts]
    return Node(node.kind, node.fact, node.op, list(node.values), kept, place=node.place)

"""The canonical request and verdict, and the ruleset, as JSON Schemas.

The engine reads and writes them; what it takes is told here from its own tables, so that a fact or an operator that it
learns is in the schema at once.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from cs_portal.commerce.canonical import Address, Canonical, Id, Minor, Moment, OneOf, Pieces, Tags, Text64
from cs_portal.policies.engine.amounts import SHIPPING
from cs_portal.policies.engine.catalogue import FactSpec, Kind
from cs_portal.policies.engine.facts import FACTS
from cs_portal.policies.engine.money import MAX_MINOR, MINOR_DIGITS
from cs_portal.policies.engine.operators import OPERATORS, Operand
from cs_portal.policies.engine.vocabulary import ACTIONS, APPROVERS, OUTCOMES, REASONS

Action = Annotated[str, OneOf(*ACTIONS)]
Reason = Annotated[str, OneOf(*REASONS)]
Approver = Annotated[str, OneOf(*APPROVERS)]
Outcome = Annotated[str, OneOf(*OUTCOMES)]
Sentence = Annotated[str, StringConstraints(max_length=4000)]


class RequestLine(Canonical):
    """The whole line when ``quantity`` is left out."""

    id: Id
    quantity: Pieces | None = None
    to_variant: Text64 | None = None


class Request(Canonical):
    """What a shopper asks for, or an operator for them: all lines in full when ``lines`` is left out."""

    action: Action
    reason: Reason | None = None
    lines: Annotated[list[RequestLine], Field(max_length=500)] | None = None
    amount_minor: Minor | None = None
    payment_method: Text64 | None = None
    address: Address | None = None
    evidence: Tags | None = None
    confirmed: bool | None = None
    said_at: Moment | None = None


class Share(Canonical):
    id: Id
    amount_minor: Minor


class BothLanguages(Canonical):
    en: Sentence
    zh_hans: Sentence = Field(alias="zh-hans")


class TraceStep(Canonical):
    rule: Sentence
    matched: bool
    because: BothLanguages


class Verdict(Canonical):
    """The explained decision of a ruleset: what goes back, by which payments, who must approve it, and why."""

    outcome: Outcome
    amount_minor: Minor
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None
    payments: list[Share]
    ruleset: Sentence
    version: int | None
    rule: Sentence
    approver: Approver
    ask: list[Sentence]
    reasons: BothLanguages
    trace: list[TraceStep]
    reason_choices: list[Reason] | None = None
    shipping_minor: Minor | None = None
    restocking_fee_minor: Minor | None = None


# --- rulesets ------------------------------------------------------------------------------------------------------

JsonSchema = dict[str, Any]
_TEXT: JsonSchema = {"type": "string", "minLength": 1}
_BOTH: JsonSchema = {
    "type": "object",
    "properties": {"en": _TEXT, "zh-hans": _TEXT},
    "required": ["en", "zh-hans"],
    "additionalProperties": False,
}
_MINOR: JsonSchema = {"type": "integer", "minimum": 0, "maximum": MAX_MINOR}
_PERCENT: JsonSchema = {"type": "integer", "minimum": 1, "maximum": 100}
_DAY: JsonSchema = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}


def _object(required: tuple[str, ...] = (), /, **properties: JsonSchema) -> JsonSchema:
    schema: JsonSchema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, "required": list(required)} if required else schema


def _enum(*words: str) -> JsonSchema:
    return {"enum": list(words)}


def _list(items: JsonSchema, least: int = 0) -> JsonSchema:
    return {"type": "array", "items": items, **({"minItems": least} if least else {})}


def ruleset_schema() -> JsonSchema:
    """As :meth:`Ruleset.from_dict` reads it. Ids and tiers that must differ or grow are the engine's to check."""
    condition = {"$ref": "#/$defs/condition"}
    decision = {"$ref": "#/$defs/decision"}
    money = _object(("fixed_minor", "currency"), fixed_minor=_MINOR, currency=_enum(*MINOR_DIGITS))
    rule = _object(
        ("id", "actions", "then"),
        id=_TEXT,
        actions={"anyOf": [{"const": "any"}, _list(_enum(*ACTIONS), 1)]},
        label=_BOTH,
        valid=_object((), **{"from": _DAY, "until": _DAY}) | {"minProperties": 1},
        when=condition,
        then=decision,
    )
    schema = _object(
        ("name", "rules", "default"),
        name=_TEXT,
        version={"type": "integer", "minimum": 1},
        time_zone=_TEXT,
        approvals={"$ref": "#/$defs/approvals"},
        rules=_list(rule),
        default=decision,
    )
    schema["$defs"] = {
        "condition": _condition(),
        "approvals": _approvals(),
        "decision": _object(
            ("outcome", "reasons"),
            outcome=_enum(*OUTCOMES),
            amount={"anyOf": _amounts(money)},
            ask=_list(_TEXT),
            reason_choices=_list(_enum(*REASONS)),
            approver=_enum(*APPROVERS),
            approvals={"$ref": "#/$defs/approvals"},
            reasons=_BOTH,
        ),
    }
    return schema


def _amounts(money: JsonSchema) -> list[JsonSchema]:
    terms = {
        "shipping": _enum(*SHIPPING),
        "restocking_fee": {"anyOf": [_object(("percent",), percent=_PERCENT), money]},
        "at_most": _object(("amount_minor", "currency"), amount_minor=_MINOR, currency=_enum(*MINOR_DIGITS)),
    }
    return [
        _object(("percent_of_lines",), percent_of_lines=_PERCENT, **terms),
        _object(("everything_refundable",), everything_refundable={"const": True}, **terms),
        money,
    ]


def _approvals() -> JsonSchema:
    tier = _object(("approver",), up_to_minor=_MINOR, approver=_enum(*APPROVERS))
    return {
        "type": "object",
        "propertyNames": _enum(*MINOR_DIGITS),
        "additionalProperties": _list(tier, 1),
        "minProperties": 1,
    }


def _condition() -> JsonSchema:
    condition = {"$ref": "#/$defs/condition"}
    groups = [
        _object(("all",), all=_list(condition, 1)),
        _object(("any",), any=_list(condition, 1)),
        _object(("not",), **{"not": condition}),
    ]
    return {"anyOf": [*groups, *(schema for spec in FACTS.values() for schema in _comparisons(spec))]}


def _comparisons(spec: FactSpec) -> list[JsonSchema]:
    """What can be said about one fact, by what stands at the right."""
    by_operand: dict[Operand, list[str]] = {}
    for item in OPERATORS.values():
        if spec.kind in item.kinds:
            by_operand.setdefault(item.operand, []).append(item.name)
    return [
        _object(
            ("fact", "op", "value"),
            fact={"const": spec.name, "description": spec.label.en},
            op=_enum(*names),
            value=_operand(spec, operand),
        )
        for operand, names in by_operand.items()
    ]


def _operand(spec: FactSpec, operand: Operand) -> JsonSchema:
    if operand is Operand.FLAG:
        return {"type": "boolean"}
    one = _single(spec)
    if operand is Operand.ONE:
        return one
    if operand is Operand.PAIR:
        return _list(one) | {"minItems": 2, "maxItems": 2}
    return _list(one, 1)


def _single(spec: FactSpec) -> JsonSchema:
    if spec.kind is Kind.BOOLEAN:
        return {"type": "boolean"}
    if spec.kind in {Kind.NUMBER, Kind.DAYS, Kind.MONEY}:
        return {"type": "integer", "minimum": -MAX_MINOR, "maximum": MAX_MINOR}
    return _TEXT if spec.choices is None else _enum(*spec.choices)

"""The rows of a condition as a form shows them: facts in groups, what may be said of each, what may be filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from cs_portal.console.forms.policies import DecisionForm, RuleForm
from cs_portal.console.forms.policies_conditions import Node, operators_of
from cs_portal.console.forms.policies_writing import complete, to_condition
from cs_portal.console.presenters.policies import language
from cs_portal.console.presenters.wording import Words
from cs_portal.policies.engine.catalogue import FactSpec, Kind
from cs_portal.policies.engine.facts import FACTS
from cs_portal.policies.engine.operators import Operand
from cs_portal.policies.engine.phrase import in_language
from cs_portal.policies.engine.sentence_words import FACT_LABELS
from cs_portal.policies.engine.sentences import is_money

GROUP_WORDS: dict[str, Words] = {
    "all": gettext_lazy("all of these hold"),
    "any": gettext_lazy("at least one of these holds"),
    "none": gettext_lazy("none of these holds"),
    "not_all": gettext_lazy("not all of these hold"),
}
_FACT_GROUPS: dict[str, Words] = {
    "request": gettext_lazy("The request"),
    "lines": gettext_lazy("The items concerned"),
    "order": gettext_lazy("The order"),
    "shopper": gettext_lazy("The shopper"),
    "wanted": gettext_lazy("The wanted variant"),
    "payment": gettext_lazy("The payment method"),
}
#: Facts that say nothing new to a rule: the engine checks the owner itself, and days say more than dates.
_NOT_OFFERED = {"order.belongs_to_shopper", "order.shipped_on", "order.delivered_on"}

_OPERATORS: dict[str, Words] = {
    "is": pgettext_lazy("operator", "is"),
    "is_not": pgettext_lazy("operator", "is not"),
    "in": pgettext_lazy("operator", "is one of"),
    "not_in": pgettext_lazy("operator", "is none of"),
    "at_most": pgettext_lazy("operator", "is at most"),
    "more_than": pgettext_lazy("operator", "is more than"),
    "at_least": pgettext_lazy("operator", "is at least"),
    "less_than": pgettext_lazy("operator", "is less than"),
    "between": pgettext_lazy("operator", "is from … to"),
    "outside": pgettext_lazy("operator", "is outside of … to"),
    "has_any": pgettext_lazy("operator", "include any of"),
    "has_none": pgettext_lazy("operator", "include none of"),
    "has_all": pgettext_lazy("operator", "include all of"),
    "lacks_any": pgettext_lazy("operator", "do not include all of"),
    "is_known:true": pgettext_lazy("operator", "can be known"),
    "is_known:false": pgettext_lazy("operator", "cannot be known"),
}


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class FactGroup:
    label: str
    options: list[Option]


@dataclass(frozen=True, slots=True)
class Row:
    """One condition or group. ``input`` is ``none``, ``number``, ``text``, ``choice`` or ``choices``, before ``unit``.

    ``values`` are what stands in the inputs: for ``text`` with ``several`` one more, empty, to be filled in.
    """

    place: str
    kind: str
    errors: list[str]
    first: bool
    last: bool
    fresh: bool = False
    fact: str = ""
    facts: list[FactGroup] = field(default_factory=list)
    operators: list[Option] = field(default_factory=list)
    input: str = "none"
    several: bool = False
    values: list[str] = field(default_factory=list)
    choices: list[Option] = field(default_factory=list)
    suggestions: list[Option] = field(default_factory=list)
    unit: str = ""
    groups: list[Option] = field(default_factory=list)
    parts: list[Row] = field(default_factory=list)
    may_nest: bool = False

    @property
    def is_group(self) -> bool:
        return self.kind != "fact"

    @property
    def is_root(self) -> bool:
        return "." not in self.place


def rows(root: Node, *, currency: str, suggestions: Mapping[str, Sequence[tuple[str, str]]]) -> Row:
    return _row(root, currency, suggestions, first=True, last=True)


def _row(
    node: Node, currency: str, suggestions: Mapping[str, Sequence[tuple[str, str]]], *, first: bool, last: bool
) -> Row:
    common: dict[str, Any] = {
        "place": node.place,
        "errors": node.errors,
        "first": first,
        "last": last,
        "fresh": node.fresh,
    }
    if node.kind != "fact":
        count = len(node.parts)
        return Row(
            kind=node.kind,
            groups=[Option(code, str(words), code == node.kind) for code, words in GROUP_WORDS.items()],
            parts=[
                _row(part, currency, suggestions, first=i == 0, last=i == count - 1)
                for i, part in enumerate(node.parts)
            ],
            may_nest=node.may_nest,
            **common,
        )
    spec = FACTS[node.fact]
    return Row(
        kind="fact",
        fact=node.fact,
        facts=fact_groups(node.fact),
        operators=[Option(code, _operator(spec, code), code == node.op) for code in operators_of(spec)],
        unit=_unit(spec, currency),
        suggestions=[Option(value, words) for value, words in suggestions.get(spec.name, ())],
        **_inputs(spec, node),
        **common,
    )


def _inputs(spec: FactSpec, node: Node) -> dict[str, Any]:
    operand = node.operand
    if ":" in node.op:
        return {"input": "none"}
    if spec.kind in (Kind.NUMBER, Kind.DAYS, Kind.MONEY):
        needed = 2 if operand is Operand.PAIR else 1
        return {"input": "number", "values": (node.values + [""] * needed)[:needed]}
    if spec.choices is not None:
        reader = language()
        choices = [Option(code, in_language(text, reader), code in node.values) for code, text in spec.choices.items()]
        if operand is Operand.SEVERAL:
            return {"input": "choices", "choices": choices, "several": True}
        return {"input": "choice", "choices": choices}
    if operand is Operand.SEVERAL:
        return {"input": "text", "several": True, "values": [*node.values, ""]}
    return {"input": "text", "values": node.values or [""]}


def fact_groups(chosen: str) -> list[FactGroup]:
    """Every fact by what it is about, in the reader's words."""
    found = []
    for prefix, words in _FACT_GROUPS.items():
        options = [
            Option(name, fact_label(spec), name == chosen)
            for name, spec in FACTS.items()
            if name.partition(".")[0] == prefix and (name not in _NOT_OFFERED or name == chosen)
        ]
        found.append(FactGroup(str(words), options))
    return found


def fact_label(spec: FactSpec) -> str:
    label = in_language(FACT_LABELS.get(spec.name, spec.label), language())
    return label[:1].upper() + label[1:]


def _operator(spec: FactSpec, code: str) -> str:
    if spec.kind is Kind.BOOLEAN and code.startswith("is:"):
        return in_language(spec.show(code == "is:true", ""), language())
    return str(_OPERATORS[code])


def _unit(spec: FactSpec, currency: str) -> str:
    if is_money(spec):
        return currency
    if spec.event is not None and spec.unit == "hour":
        return pgettext("unit of time", "hours")
    if spec.event is not None or spec.name in ("order.days_in_transit", "shopper.days_since_joined"):
        return _("days")
    if spec.name == "request.hour":
        return _("o'clock (0 to 23)")
    if spec.name == "lines.quantity":
        return _("pieces")
    return "%" if spec.name == "shopper.refund_rate_percent" else ""


def fillable_facts() -> list[tuple[str, str]]:
    """What a reason may fill in, as (``{order.delivered_on}``, what it is)."""
    offered = ("delivered_on", "shipped_on", "status", "refundable_minor", "paid_minor")
    return [(f"{{order.{name}}}", fact_label(FACTS[f"order.{name}"])) for name in offered]


def sketch(form: DecisionForm | RuleForm) -> dict[str, Any] | None:
    """The rule that a bound form would make, as far as it is filled in: what is wrong or open is left out."""
    form.is_valid()
    data = form.cleaned_data
    if not data.get("outcome") or not data.get("approver"):
        return None
    filled = {"amount": "none", "ask": [], **data}
    if filled["amount"] in ("percent", "fixed") and not filled.get(filled["amount"]):
        filled["amount"] = "none"
    form.cleaned_data = {**filled, **{name: data.get(name) or "…" for name in ("reasons_en", "reasons_zh")}}
    then = form.decision()
    if not isinstance(form, RuleForm):
        return {"then": then}
    if data.get("scope") != "any" and not data.get("actions"):
        return None
    rule: dict[str, Any] = {"actions": "any" if data.get("scope") == "any" else data["actions"], "then": then}
    first, last = data.get("valid_from"), data.get("valid_until")
    if valid := form.validity() if not (first and last and last < first) else {}:
        rule["valid"] = valid
    when = to_condition(complete(form.conditions), form.currency)[0]
    return rule if when is None else {**rule, "when": when}

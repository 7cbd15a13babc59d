"""A rule as operations people write it, and what is said when a version goes live."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cs_portal.console.forms.policies_conditions import (
    Node,
    changed,
    from_condition,
    from_post,
    named_currency,
    written_money,
)
from cs_portal.console.forms.policies_terms import (
    TermFields,
    TierFields,
    currencies,
    written_terms,
    written_tiers,
)
from cs_portal.console.forms.policies_writing import to_condition
from cs_portal.console.presenters.wording import ACTIONS, OUTCOMES
from cs_portal.drafting.services.by_hand import GIVING_BACK
from cs_portal.policies.engine.money import MINOR_DIGITS
from cs_portal.policies.engine.phrase import in_language
from cs_portal.policies.engine.sentence_words import ASKED_FOR
from cs_portal.policies.engine.vocabulary import ACTIONS as KNOWN_ACTIONS
from cs_portal.policies.engine.vocabulary import REASONS

AMOUNTS = [
    ("full", _("The items in full")),
    ("percent", _("A share of the items")),
    ("fixed", _("A fixed amount")),
    ("everything", _("Everything still refundable, shipping included")),
    ("none", _("No money goes back")),
]
APPROVERS = [
    ("operator", _("An operator")),
    ("admin", _("An admin")),
    ("autopilot", _("Nobody: may go out without review")),
    ("amount", _("It depends on the amount")),
]
#: Who approves where it is neither one for all amounts nor what the fields can say.
KEPT = ("kept", _("As in the imported rules"))
#: Where in the form the engine's complaint about a rule belongs; the longest beginning wins.
_FIELDS = {
    "label.en": "label_en",
    "label.zh-hans": "label_zh",
    "actions": "actions",
    "then.outcome": "outcome",
    "then.amount": "amount",
    "then.amount.percent_of_lines": "percent",
    "then.amount.fixed_minor": "fixed",
    "then.amount.currency": "fixed_currency",
    "then.amount.shipping": "shipping",
    "then.amount.restocking_fee": "fee_value",
    "then.amount.at_most": "at_most",
    "then.ask": "ask",
    "then.reason_choices": "reason_choices",
    "then.approver": "approver",
    "then.approvals": "tier_above",
    "valid": "valid_from",
    "valid.until": "valid_until",
    "then.reasons": "reasons_en",
    "then.reasons.en": "reasons_en",
    "then.reasons.zh-hans": "reasons_zh",
}


class DecisionForm(TermFields, TierFields):
    """What happens: outcome, money, approver, and what the reply says."""

    outcome = forms.ChoiceField(
        label=_("What happens"),
        choices=[(code, OUTCOMES[code]) for code in ("allow", "deny", "escalate", "ask")],
        widget=forms.RadioSelect,
    )
    amount = forms.ChoiceField(
        label=_("Money back"),
        choices=AMOUNTS,
        required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    percent = forms.IntegerField(
        label=_("Percent of the items"),
        required=False,
        min_value=1,
        max_value=100,
        widget=forms.NumberInput(attrs={"class": "form-control", "inputmode": "numeric"}),
    )
    fixed = forms.DecimalField(
        label=_("Amount"),
        required=False,
        min_value=Decimal("0.001"),
        max_digits=14,
        widget=forms.NumberInput(attrs={"class": "form-control", "step": "any"}),
    )
    fixed_currency = forms.ChoiceField(
        label=_("Currency"), required=False, widget=forms.Select(attrs={"class": "form-select"})
    )
    ask = forms.MultipleChoiceField(
        label=_("What to ask for"), required=False, widget=forms.CheckboxSelectMultiple, choices=[]
    )
    reason_choices = forms.MultipleChoiceField(
        label=_("Reasons to choose from (none: all)"), required=False, widget=forms.CheckboxSelectMultiple
    )
    approver = forms.ChoiceField(
        label=_("Who approves it"), choices=APPROVERS, widget=forms.Select(attrs={"class": "form-select"})
    )
    reasons_en = forms.CharField(
        label=_("Reason in English"),
        max_length=1000,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 3, "lang": "en"}),
    )
    reasons_zh = forms.CharField(
        label=_("Reason in Chinese"),
        max_length=1000,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 3, "lang": "zh-Hans"}),
    )

    def __init__(self, *args: Any, currency: str, then: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        if then is not None:
            kwargs["initial"] = {**_written_decision(then, currency), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        self.currency = currency
        self.given_then: Mapping[str, Any] = then or {}
        language = get_language() or "en"
        asked = {**ASKED_FOR, **dict.fromkeys((then or {}).get("ask", ()))}
        self._choices("ask", [(code, in_language(text, language) if text else code) for code, text in asked.items()])
        self._choices("reason_choices", [(code, in_language(text, language)) for code, text in REASONS.items()])
        named = [str(value) for name, value in self.initial.items() if name.endswith("currency")]
        for name in ("fixed_currency", "fee_currency", "at_most_currency", "tier_currency"):
            self._choices(name, currencies(currency, *named))
            self.initial.setdefault(name, currency)
        self.initial.setdefault("tier_above", "operator")
        if self.initial.get("approver") == "kept":
            self._choices("approver", [(code, str(words)) for code, words in (*APPROVERS, KEPT)])

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        chosen = self.fields[name]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = choices

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("outcome") == "allow":
            for kind, name in (("percent", "percent"), ("fixed", "fixed")):
                if data.get("amount") == kind and data.get(name) is None and name not in self.errors:
                    self.add_error(name, _("Fill this in."))
            self._check_decimals(data)
            if data.get("amount") not in ("fixed", "none"):
                self.check_terms(data)
            if data.get("approver") == "amount":
                self.check_tiers(data)
        if data.get("outcome") == "ask" and not data.get("ask"):
            self.add_error("ask", _("Choose what the shopper is asked for."))
        return data

    def _check_decimals(self, data: dict[str, Any]) -> None:
        fixed, currency = data.get("fixed"), data.get("fixed_currency") or self.currency
        if data.get("amount") == "fixed" and fixed is not None:
            minor = fixed.scaleb(MINOR_DIGITS[currency])
            if minor != minor.to_integral_value():
                self.add_error("fixed", _("This amount has too many decimals."))

    def decision(self) -> dict[str, Any]:
        """The decision's JSON; call it on a valid form."""
        data = self.cleaned_data
        then: dict[str, Any] = {"outcome": data["outcome"]}
        if data["outcome"] == "allow" and (amount := self._amount()) is not None:
            then["amount"] = amount
        if data["outcome"] == "ask":
            then["ask"] = data["ask"]
            if "reason" in data["ask"] and data.get("reason_choices"):
                then["reason_choices"] = self._in_given_order(data["reason_choices"])
        then |= self._approval()
        then["reasons"] = {"en": data["reasons_en"], "zh-hans": data["reasons_zh"]}
        return then

    def _approval(self) -> dict[str, Any]:
        """Who approves; amounts have a say only where something is allowed."""
        data, given = self.cleaned_data, self.given_then
        allowed, approver = data["outcome"] == "allow", data["approver"]
        if approver == "kept":
            kept = {"approver": given.get("approver", "operator")}
            return {**kept, "approvals": given["approvals"]} if allowed else kept
        if approver != "amount":
            return {"approver": approver}
        if not allowed or not data.get("tier_currency"):
            return {"approver": "operator"}
        return {"approver": "autopilot", "approvals": {data["tier_currency"]: self.tiers(data)}}

    def _in_given_order(self, chosen: list[str]) -> list[str]:
        """A list that was only looked at stays in its own order."""
        given = list(self.given_then.get("reason_choices", ()))
        return given if set(given) == set(chosen) else chosen

    def _amount(self) -> dict[str, Any] | None:
        data = self.cleaned_data
        if data["amount"] == "percent":
            return {"percent_of_lines": data["percent"], **self.terms(data)}
        if data["amount"] == "fixed":
            currency = data["fixed_currency"] or self.currency
            return {"fixed_minor": int(data["fixed"].scaleb(MINOR_DIGITS[currency])), "currency": currency}
        kinds: dict[str, dict[str, Any]] = {
            "full": {"percent_of_lines": 100},
            "everything": {"everything_refundable": True},
        }
        kind = kinds.get(data["amount"])
        return None if kind is None else {**kind, **self.terms(data)}

    def complain(self, path: str, problem: str) -> None:
        """Say at its field what the engine refused; ``path`` is within the rule, as in ``then.amount``."""
        fits = [beginning for beginning in _FIELDS if path.startswith(beginning)]
        name = _FIELDS[max(fits, key=len)] if fits else None
        self.add_error(name if name in self.fields else None, problem)


_DAY = forms.DateInput(format="%Y-%m-%d", attrs={"class": "form-control", "type": "date"})
_NEW_RULE = {"scope": "some", "outcome": "allow", "amount": "full", "approver": "operator"}


class RuleForm(DecisionForm):
    """A whole rule. ``conditions`` are the rows of its condition, kept beside Django's fields.

    ``currency`` is that in which amounts are written, unless the rule itself is about orders of one currency.
    """

    label_en = forms.CharField(
        label=_("Name in English"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"class": "form-control", "lang": "en"}),
    )
    label_zh = forms.CharField(
        label=_("Name in Chinese"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"class": "form-control", "lang": "zh-Hans"}),
    )
    scope = forms.ChoiceField(
        label=_("What the shopper asks for"),
        choices=[("some", _("One of these")), ("any", _("Whatever it is"))],
        widget=forms.RadioSelect,
    )
    actions = forms.MultipleChoiceField(
        label=_("Requests"),
        required=False,
        choices=[(code, ACTIONS[code]) for code in KNOWN_ACTIONS],
        widget=forms.CheckboxSelectMultiple,
    )

    place = forms.IntegerField(
        label=_("Place in the order"),
        required=False,
        min_value=1,
        max_value=9999,
        widget=forms.NumberInput(attrs={"class": "form-control", "inputmode": "numeric"}),
        help_text=_("1 is tried first. Left empty, it stays where it is; a new rule comes last."),
    )
    valid_from = forms.DateField(label=_("In force from"), required=False, widget=_DAY)
    valid_until = forms.DateField(label=_("In force until"), required=False, widget=_DAY)

    def __init__(self, data: QueryDict | None = None, *, currency: str, rule: Mapping[str, Any] | None = None) -> None:
        when = (rule or {}).get("when")
        if data is None:
            self.conditions = from_condition(when, named_currency(when) or currency)
        else:
            self.conditions = from_post(data)
        currency = self.conditions.named_currency or currency
        initial = _written_rule(rule) if rule else _NEW_RULE
        super().__init__(data, currency=currency, then=rule["then"] if rule else None, initial=initial)
        self.given_actions = set((rule or {}).get("actions") or ())
        self.paths: dict[str, Node] = {}
        self.when: dict[str, Any] | None = None

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("scope") == "some" and not data.get("actions"):
            self.add_error("actions", _("Choose at least one."))
        first, last = data.get("valid_from"), data.get("valid_until")
        if first and last and last < first:
            self.add_error("valid_until", _("This must not be before the first day."))
        self.when, self.paths = to_condition(self.conditions, self.currency)
        if any(node.errors for node in self.conditions.walk()):
            self.add_error(None, _("A condition is not complete."))
        return data

    def validity(self) -> dict[str, str]:
        """The days on which the rule is in force, as far as they are filled in."""
        days = {"from": self.cleaned_data.get("valid_from"), "until": self.cleaned_data.get("valid_until")}
        return {name: day.isoformat() for name, day in days.items() if day is not None}

    def _amount(self) -> dict[str, Any] | None:
        """Only where money may go back: an address or a new order refunds nothing."""
        data = self.cleaned_data
        if data.get("scope") == "any" or GIVING_BACK & set(data.get("actions") or GIVING_BACK):
            return super()._amount()
        kept: dict[str, Any] | None = self.given_then.get("amount")
        return kept if set(data["actions"]) == self.given_actions else None

    def rearranged(self, deed: str) -> None:
        self.conditions = changed(self.conditions, deed)

    def rule(self, rule_id: str) -> dict[str, Any]:
        """The rule's JSON; call it on a valid form. A name in one language serves for both."""
        data = self.cleaned_data
        rule: dict[str, Any] = {"id": rule_id, "actions": "any" if data["scope"] == "any" else data["actions"]}
        en, zh = data["label_en"] or data["label_zh"], data["label_zh"] or data["label_en"]
        if en:
            rule["label"] = {"en": en, "zh-hans": zh}
        if self.when is not None:
            rule["when"] = self.when
        if valid := self.validity():
            rule["valid"] = valid
        rule["then"] = self.decision()
        return rule

    def new_id(self) -> str:
        """A code for a new rule, from its English name."""
        return slugify(self.cleaned_data["label_en"])[:40].strip("-") or "rule"

    def complain(self, path: str, problem: str) -> None:
        if path.startswith("when"):
            fits = [beginning for beginning in self.paths if path.startswith(beginning)]
            if fits:
                self.paths[max(fits, key=len)].errors.append(problem)
                self.add_error(None, _("A condition is not complete."))
                return
        super().complain(path, problem)


def _written_decision(then: Mapping[str, Any], currency: str) -> dict[str, Any]:
    amount = then.get("amount") or {}
    written: dict[str, Any] = {
        "outcome": then["outcome"],
        "ask": then.get("ask", []),
        "reason_choices": then.get("reason_choices", []),
        **_written_approval(then),
        **written_terms(amount, currency),
        "reasons_en": then["reasons"]["en"],
        "reasons_zh": then["reasons"]["zh-hans"],
        "amount": "none" if then["outcome"] == "allow" else "full",
        "fixed_currency": currency,
    }
    if "percent_of_lines" in amount:
        percent = amount["percent_of_lines"]
        written |= {"amount": "full"} if percent == 100 else {"amount": "percent", "percent": percent}
    elif "fixed_minor" in amount:
        fixed = written_money(amount["fixed_minor"], amount["currency"])
        written |= {"amount": "fixed", "fixed": fixed, "fixed_currency": amount["currency"]}
    elif "everything_refundable" in amount:
        written["amount"] = "everything"
    return written


def _written_approval(then: Mapping[str, Any]) -> dict[str, Any]:
    approver, approvals = then.get("approver", "operator"), then.get("approvals")
    if not approvals:
        return {"approver": approver}
    if approver == "autopilot" and len(approvals) == 1:
        (currency, tiers), *_rest = approvals.items()
        written = written_tiers(tiers, currency)
        if written is not None:
            return {"approver": "amount", **written}
    return {"approver": "kept"}


def _written_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    label = rule.get("label") or {}
    valid = rule.get("valid") or {}
    return {
        "valid_from": valid.get("from", ""),
        "valid_until": valid.get("until", ""),
        "label_en": label.get("en", ""),
        "label_zh": label.get("zh-hans", ""),
        "scope": "any" if rule["actions"] == "any" else "some",
        "actions": [] if rule["actions"] == "any" else rule["actions"],
    }

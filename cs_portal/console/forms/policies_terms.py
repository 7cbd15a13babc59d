"""The terms of money back and who approves how much: the fields, from a decision's JSON and back to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cs_portal.console.forms.policies_conditions import written_money
from cs_portal.policies.engine.amounts import TERMS
from cs_portal.policies.engine.money import MAX_MINOR, MINOR_DIGITS
from cs_portal.policies.engine.vocabulary import APPROVERS as ORDERED

COMMON_CURRENCIES = ("CNY", "USD", "EUR", "GBP", "HKD", "JPY")
SHIPPING = [
    ("", _("Not said: with the items it stays, with everything it goes back")),
    ("kept", pgettext_lazy("shipping fee", "Stays with the shop")),
    ("refunded", pgettext_lazy("shipping fee", "Goes back, too")),
]
FEES = [("", _("None")), ("percent", _("A share of the items")), ("fixed", _("A fixed amount"))]
ABOVE = [
    ("admin", _("An admin")),
    ("operator", _("An operator")),
    ("autopilot", _("Nobody: may go out without review")),
]

Tiers = Sequence[Mapping[str, Any]]


def _amount(label: Any, **attrs: str) -> forms.DecimalField:
    widget = forms.TextInput(
        attrs={"class": "form-control figures", "inputmode": "decimal", "autocomplete": "off", **attrs}
    )
    return forms.DecimalField(label=label, required=False, min_value=0, max_digits=18, decimal_places=4, widget=widget)


def _select(label: Any, choices: Sequence[tuple[str, Any]] = ()) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=choices, required=False, widget=forms.Select(attrs={"class": "form-select"})
    )


def minor_of(value: Decimal, currency: str) -> int | None:
    """In minor units; None for one with more digits than the currency has, or beyond all amounts."""
    minor = value.scaleb(MINOR_DIGITS[currency])
    return int(minor) if minor == minor.to_integral_value() and minor <= MAX_MINOR else None


def currencies(*named: str) -> list[tuple[str, str]]:
    return [(code, code) for code in sorted({*COMMON_CURRENCIES, *named} & set(MINOR_DIGITS))]


class TierFields(forms.Form):
    """Who approves how much, in one currency: up to an amount nobody, up to another an operator."""

    tier_currency = _select(_("Currency"))
    tier_autopilot = _amount(_("Without review up to"))
    tier_operator = _amount(_("By an operator up to"))
    tier_above = _select(_("Above that"), ABOVE)

    def check_tiers(self, data: dict[str, Any]) -> None:
        """Complain at the fields about bounds that do not grow or do not go with what stands above them."""
        currency = data.get("tier_currency") or ""
        first, second, above = (data.get(name) for name in ("tier_autopilot", "tier_operator", "tier_above"))
        for name, value in (("tier_autopilot", first), ("tier_operator", second)):
            if value is not None and currency and minor_of(value, currency) is None:
                self.add_error(name, _("This amount has too many decimals."))
        if first is not None and second is not None and second <= first:
            self.add_error("tier_operator", _("This must be more than what goes without review."))
        if above == "autopilot" and (first is not None or second is not None):
            self.add_error(
                "tier_above", _("Above an amount somebody approves. Leave the amounts empty if nobody does.")
            )
        elif above == "operator" and second is not None:
            self.add_error("tier_above", _("Above what an operator approves, an admin does."))

    def tiers(self, data: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Their JSON; what is wrong is left out."""
        currency, above = str(data["tier_currency"]), data.get("tier_above") or "admin"
        found: list[dict[str, Any]] = []
        for name, approver in (("tier_autopilot", "autopilot"), ("tier_operator", "operator")):
            value = data.get(name)
            minor = None if value is None else minor_of(value, currency)
            if minor is not None and ORDERED.index(approver) < ORDERED.index(above):
                found.append({"up_to_minor": minor, "approver": approver})
        return [*found, {"approver": above}]


def written_tiers(tiers: Tiers, currency: str) -> dict[str, Any] | None:
    """The fields of :class:`TierFields`; None for tiers that they cannot say."""
    bounds = {tier["approver"]: tier["up_to_minor"] for tier in tiers[:-1]}
    above = tiers[-1]["approver"]
    names = [tier["approver"] for tier in tiers]
    if len(set(names)) < len(names) or currency not in MINOR_DIGITS:
        return None
    written = {f"tier_{approver}": written_money(minor, currency) for approver, minor in bounds.items()}
    return {**written, "tier_currency": currency, "tier_above": above}


class TermFields(forms.Form):
    """Shipping fee, restocking fee and ceiling of an amount that is not fixed."""

    shipping = _select(_("Shipping fee"), SHIPPING)
    fee = _select(_("Restocking fee"), FEES)
    fee_value = _amount(_("Fee: percent or amount"))
    fee_currency = _select(_("Currency of the fee"))
    at_most = _amount(_("At most"), placeholder=" ")
    at_most_currency = _select(_("Currency of the ceiling"))

    def check_terms(self, data: dict[str, Any]) -> None:
        value, kind = data.get("fee_value"), data.get("fee")
        if kind and value is None and "fee_value" not in self.errors:
            self.add_error("fee_value", _("Fill this in."))
        elif kind == "percent" and value is not None and (value != int(value) or not 1 <= value <= 100):
            self.add_error("fee_value", _("A whole number from 1 to 100."))
        elif kind == "fixed" and value is not None:
            self._check_amount("fee_value", value, data.get("fee_currency"))
        if data.get("at_most") is not None:
            self._check_amount("at_most", data["at_most"], data.get("at_most_currency"))

    def _check_amount(self, name: str, value: Decimal, currency: str | None) -> None:
        if not currency:
            return
        minor = minor_of(value, currency)
        if minor is None:
            self.add_error(name, _("This amount has too many decimals."))
        elif minor < 1:
            self.add_error(name, _("This must be more than nothing."))

    def terms(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Their JSON; what is open or wrong is left out."""
        found: dict[str, Any] = {}
        if data.get("shipping"):
            found["shipping"] = data["shipping"]
        kind, value, currency = data.get("fee"), data.get("fee_value"), data.get("fee_currency")
        if kind == "percent" and value is not None:
            found["restocking_fee"] = {"percent": int(value)}
        elif kind == "fixed" and value is not None and currency:
            found["restocking_fee"] = {"fixed_minor": minor_of(value, currency), "currency": currency}
        most, currency = data.get("at_most"), data.get("at_most_currency")
        if most is not None and currency:
            found["at_most"] = {"amount_minor": minor_of(most, currency), "currency": currency}
        return {name: found[name] for name in TERMS if name in found}


def written_terms(amount: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """The fields of :class:`TermFields`."""
    fee, most = amount.get("restocking_fee") or {}, amount.get("at_most") or {}
    written: dict[str, Any] = {
        "shipping": amount.get("shipping", ""),
        "fee": "percent" if "percent" in fee else "fixed" if fee else "",
        "fee_currency": fee.get("currency", currency),
        "at_most_currency": most.get("currency", currency),
    }
    if "percent" in fee:
        written["fee_value"] = str(fee["percent"])
    elif fee:
        written["fee_value"] = written_money(fee["fixed_minor"], fee["currency"])
    if most:
        written["at_most"] = written_money(most["amount_minor"], most["currency"])
    return written

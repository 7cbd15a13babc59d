"""A limit above which two people must agree, as its form sends it. The service judges it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cs_portal.commerce.listing import currencies_of_orders
from cs_portal.commerce.money import minor_from_decimal
from cs_portal.console.forms.desk import DeskForm
from cs_portal.core.errors import Invalid
from cs_portal.policies.selectors import main_currency


class PairLimitForm(DeskForm):
    """``currency`` offers those of the shop's orders, the main one first."""

    above = forms.CharField(
        label=_("Two people above"),
        max_length=16,
        widget=forms.TextInput(
            attrs={"class": "form-control figures", "inputmode": "decimal", "autocomplete": "off", "size": "12"}
        ),
    )
    currency = forms.ChoiceField(label=_("Currency"), widget=forms.Select(attrs={"class": "form-select"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["currency"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(code, code) for code in dict.fromkeys([main_currency(), *currencies_of_orders()])]

    def above_minor(self) -> int:
        """Raises :class:`Invalid` for what is no amount of the chosen currency."""
        currency = self.cleaned_data["currency"]
        try:
            return minor_from_decimal(self.cleaned_data["above"].strip(), currency)
        except ValueError:
            raise Invalid(gettext("Write an amount in %(currency)s.") % {"currency": currency}, field="above") from None

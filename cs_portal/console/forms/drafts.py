"""What a decision on a draft brings along."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cs_portal.commerce.money import EXPONENTS
from cs_portal.drafting.models import RejectReason, Wish


class ApproveForm(forms.Form):
    """``seen`` is the draft's fingerprint when it was shown. The service judges the text."""

    candidate = forms.IntegerField(required=False, min_value=1)
    text = forms.CharField(required=False, strip=False)
    seen = forms.CharField(max_length=64)


class EditForm(forms.Form):
    """The text in the making and the position of the wording that it began with."""

    candidate = forms.IntegerField(min_value=1)
    text = forms.CharField(required=False, strip=False, max_length=8000)


class RewordForm(forms.Form):
    """``text`` is what stands in the editor, ``candidate`` the position of the wording that it began with."""

    wish = forms.ChoiceField(choices=Wish.choices)
    candidate = forms.IntegerField(required=False, min_value=1)
    text = forms.CharField(required=False, strip=False)


class RejectForm(forms.Form):
    reason = forms.ChoiceField(choices=RejectReason.choices, error_messages={"required": _("Choose a reason.")})
    note = forms.CharField(max_length=500, required=False)


class SelectForm(forms.Form):
    position = forms.IntegerField(min_value=1)


class OverrideForm(forms.Form):
    """``amount`` is written as people write money, in the order's currency; empty means all that is refundable."""

    outcome = forms.ChoiceField(choices=[("allow", _("Allow")), ("deny", _("Refuse"))])
    amount = forms.DecimalField(required=False, min_value=Decimal("0.001"), max_digits=14)
    reason = forms.CharField(max_length=300, error_messages={"required": _("Say why.")})

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency

    def clean_amount(self) -> int | None:
        """In minor units; more digits than the currency has are refused."""
        amount: Decimal | None = self.cleaned_data["amount"]
        if amount is None:
            return None
        minor = amount.scaleb(EXPONENTS.get(self.currency, 2))
        if minor != minor.to_integral_value():
            raise forms.ValidationError(_("This amount has too many decimals."), code="decimals")
        return int(minor)

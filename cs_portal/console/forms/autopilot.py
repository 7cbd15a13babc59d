"""An autopilot rule for words, as its form sends it. The service judges it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bots.types import INTENTS as CODES
from cs_portal.console.forms.desk import DeskForm
from cs_portal.console.presenters.wording import INTENTS
from cs_portal.drafting.autopilot_cases import may_ever
from cs_portal.drafting.models import AutopilotHours, AutopilotRule
from cs_portal.drafting.services.autopilot_rules import LEAST, LONGEST_NAME, MOST, USUAL, RuleChange
from cs_portal.merchants.models import Locale, Storefront

_CHOSEN = {"class": "form-select"}


class _Slider(forms.NumberInput):
    input_type = "range"


class AutopilotRuleForm(DeskForm):
    name = forms.CharField(
        label=_("Name"), max_length=LONGEST_NAME, widget=forms.TextInput(attrs={"class": "form-control"})
    )
    intents = forms.MultipleChoiceField(
        label=_("Questions about"),
        choices=[(code, INTENTS[code]) for code in CODES if may_ever(code)],
        widget=forms.CheckboxSelectMultiple,
    )
    min_confidence = forms.IntegerField(
        label=_("Least confidence"),
        min_value=round(100 * LEAST),
        max_value=round(100 * MOST),
        initial=round(100 * USUAL),
        widget=_Slider(attrs={"step": 1}),
    )
    locale = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", _("Both")), *Locale.choices],
        widget=forms.Select(attrs=_CHOSEN),
    )
    hours = forms.ChoiceField(
        label=_("When"),
        choices=AutopilotHours.choices,
        widget=forms.Select(attrs=_CHOSEN),
        help_text=_("By the opening hours and holidays of the storefront where the question came in."),
    )
    storefronts = forms.MultipleChoiceField(
        label=_("Storefronts"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked means all, also those to come."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["storefronts"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(str(one.public_id), one.name) for one in Storefront.objects.order_by("id")]

    @classmethod
    def of(cls, rule: AutopilotRule) -> AutopilotRuleForm:
        same = ("name", "intents", "locale", "hours", "storefronts")
        shown = {name: getattr(rule, name) for name in same}
        return cls(initial={**shown, "min_confidence": round(100 * rule.min_confidence)})

    def change(self) -> RuleChange:
        data = self.cleaned_data
        return RuleChange(
            name=data["name"],
            intents=tuple(data["intents"]),
            locale=data["locale"],
            storefronts=tuple(data["storefronts"]),
            hours=data["hours"],
            min_confidence=data["min_confidence"] / 100,
        )


class NewAutopilotRuleForm(AutopilotRuleForm):
    shadow = forms.BooleanField(
        label=_("Put it into shadow at once"),
        required=False,
        initial=True,
        help_text=_("In shadow nothing is sent. It shows what would have been sent, beside what people send."),
    )

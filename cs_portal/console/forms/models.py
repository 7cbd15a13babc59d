"""A connection to a server of language models. The key is written and never shown again."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cs_portal.console.forms.settings import text_input
from cs_portal.console.forms.storefronts import CURRENCIES
from cs_portal.drafting.models import LanguageModelConnection
from cs_portal.drafting.models.connections import MICROS
from cs_portal.drafting.services.model_connections import ConnectionChange


def _number(**attrs: Any) -> forms.NumberInput:
    return forms.NumberInput(attrs={"class": "form-control", "min": 0, **attrs})


def _price(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=Decimal(0),
        max_value=Decimal(100_000),
        decimal_places=6,
        widget=_number(step="any", inputmode="decimal"),
    )


class ConnectionForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=60, widget=text_input(), help_text=_("What drafts and this page call it.")
    )
    base_url = forms.CharField(
        label=_("Server address"),
        max_length=500,
        widget=forms.URLInput(attrs={"class": "form-control", "placeholder": "https://…/v1", "autocomplete": "off"}),
        help_text=_("Where the server's OpenAI interface begins, usually ending in /v1."),
    )
    model = forms.CharField(
        label=_("Model"),
        max_length=200,
        widget=text_input(autocomplete="off", spellcheck="false", translate="no"),
        help_text=_("Its name as the server knows it."),
    )
    key = forms.CharField(
        label=_("API key"),
        max_length=500,
        required=False,
        widget=forms.PasswordInput(attrs={"class": "form-control", "autocomplete": "off"}),
        help_text=_("Kept encrypted and never shown again. Empty keeps the present one, or none for a server without."),
    )
    deadline_seconds = forms.IntegerField(
        label=_("Give up after (seconds)"), min_value=2, max_value=120, initial=20, widget=_number(min=2, max=120)
    )
    structured = forms.BooleanField(
        label=_("Ask for structured output"),
        required=False,
        help_text=_("The reply as JSON by a schema, for models that add remarks around it."),
    )
    currency = forms.ChoiceField(
        label=_("Currency of its prices"),
        choices=[(code, code) for code in CURRENCIES],
        initial="USD",
        widget=forms.Select(attrs={"class": "form-select", "translate": "no"}),
    )
    price_in = _price(_("Price per million tokens read"))
    price_out = _price(_("Price per million tokens written"))
    daily_tokens = forms.IntegerField(
        label=_("Tokens a day at most"),
        required=False,
        min_value=1,
        max_value=10**12,
        widget=_number(),
        help_text=_("Empty is no limit. A call that might pass the limit is not made."),
    )
    daily_money = forms.DecimalField(
        label=_("Money a day at most"),
        required=False,
        min_value=Decimal("0.000001"),
        max_value=Decimal(1_000_000),
        decimal_places=6,
        widget=_number(step="any", inputmode="decimal"),
        help_text=_("In the currency above. Empty is no limit."),
    )
    enabled = forms.BooleanField(label=_("Switched on"), required=False, initial=True)

    @classmethod
    def of(cls, row: LanguageModelConnection) -> ConnectionForm:
        """With what is stored, but for the key."""
        same = ("name", "base_url", "model", "deadline_seconds", "structured", "currency", "daily_tokens", "enabled")
        money = {
            "price_in": row.price_in_micros,
            "price_out": row.price_out_micros,
            "daily_money": row.daily_micros,
        }
        return cls(
            initial={
                **{name: getattr(row, name) for name in same},
                **{name: _decimal(micros) for name, micros in money.items() if micros is not None},
            }
        )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("daily_money") and not (data.get("price_in") or data.get("price_out")):
            self.add_error("daily_money", _("Without prices nothing is counted. Write them, or leave this empty."))
        return data

    def change(self) -> ConnectionChange:
        data = self.cleaned_data
        same = ("name", "base_url", "model", "key", "deadline_seconds", "structured", "currency", "daily_tokens")
        return ConnectionChange(
            **{name: data[name] for name in same},
            price_in_micros=_micros(data["price_in"]) or 0,
            price_out_micros=_micros(data["price_out"]) or 0,
            daily_micros=_micros(data["daily_money"]),
            enabled=data["enabled"],
        )


def _micros(amount: Decimal | None) -> int | None:
    return None if amount is None else int(amount * MICROS)


def _decimal(micros: int) -> str:
    """Without zeros at the end: ``0.15``."""
    return f"{Decimal(micros) / MICROS:f}"

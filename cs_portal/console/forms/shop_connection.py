"""Which shop system carries actions out. Secrets are written and never shown again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cs_portal.console.forms.settings import text_input


class WebhookForm(forms.Form):
    url = forms.CharField(
        label=_("Webhook address"),
        max_length=500,
        widget=forms.URLInput(attrs={"class": "form-control", "placeholder": "https://", "autocomplete": "off"}),
        help_text=_("Public and over HTTPS. Each call is signed; private addresses are never called."),
    )


class ShopifyForm(forms.Form):
    shop = forms.CharField(
        label=_("Shop domain"),
        max_length=200,
        widget=text_input(placeholder="my-shop.myshopify.com", autocomplete="off", spellcheck="false"),
    )
    token = forms.CharField(
        label=_("Admin API access token"),
        max_length=200,
        strip=True,
        widget=forms.PasswordInput(attrs={"class": "form-control", "autocomplete": "off"}),
        help_text=_("Kept encrypted and never shown again. Enter a new one to replace it."),
    )


class SenderForm(forms.Form):
    domain = forms.CharField(
        label=_("Shop domain"),
        max_length=255,
        widget=text_input(placeholder="my-shop.myshopify.com", autocomplete="off", spellcheck="false"),
    )
    secret = forms.CharField(
        label=_("Signing secret"),
        max_length=200,
        widget=forms.PasswordInput(attrs={"class": "form-control", "autocomplete": "off"}),
        help_text=_("Shopify shows it beside its webhooks. Kept encrypted and never shown again."),
    )
    storefront = forms.ChoiceField(
        label=_("Storefront of these orders"),
        required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def __init__(self, *args: Any, storefronts: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["storefront"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("None")), *storefronts]

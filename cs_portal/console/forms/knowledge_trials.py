"""A question to try on the bot, as whom and about what, and its words as a phrasing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cs_portal.knowledge.services.trying import MAX_QUESTION, Asker
from cs_portal.merchants.selectors import storefronts

_TEXT = {"class": "form-control", "autocomplete": "off"}


class TryForm(forms.Form):
    question = forms.CharField(label=_("Question"), max_length=MAX_QUESTION, widget=forms.TextInput(attrs=_TEXT))
    include_drafts = forms.BooleanField(label=_("Include unpublished answers"), required=False)
    faq = forms.UUIDField(required=False, widget=forms.HiddenInput)
    order = forms.CharField(
        label=_("About the order"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs=_TEXT),
        help_text=_("Its number; its shopper asks."),
    )
    shopper = forms.CharField(
        label=_("Asked by"),
        required=False,
        max_length=254,
        widget=forms.TextInput(attrs=_TEXT),
        help_text=_("E-mail address, phone number or the shop's id; empty for a stranger."),
    )
    product = forms.CharField(
        label=_("About the product"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={**_TEXT, "list": "known-products"}),
        help_text=_("Its id or title."),
    )
    storefront = forms.ChoiceField(
        label=_("In the storefront"), required=False, widget=forms.Select(attrs={"class": "form-select"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shops = [(str(shop.public_id), shop.name) for shop in storefronts()]
        field = self.fields["storefront"]
        field.choices = [("", _("The first one")), *shops]  # type: ignore[attr-defined]
        for name in self.fields:
            if self.is_bound and name in self.errors:
                self.fields[name].widget.attrs |= {"aria-invalid": "true", "aria-describedby": f"id_{name}-errors"}

    def asker(self) -> Asker:
        given = self.cleaned_data
        return Asker(
            storefront=given["storefront"] or None,
            shopper=given["shopper"],
            order=given["order"],
            product=given["product"],
        )

    @property
    def names_somebody(self) -> bool:
        """Whether the part of the form that says who asks has to be seen."""
        names = ("order", "shopper", "product", "storefront")
        return any(self[name].value() or self[name].errors for name in names)


class PhrasingForm(forms.Form):
    """The FAQ that gets the tested question as a phrasing."""

    faq = forms.UUIDField()

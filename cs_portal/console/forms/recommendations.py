"""What is pinned and what is excluded."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from cs_portal.recommendations.models import ExclusionKind


class PinForm(forms.Form):
    """Public ids; without ``with_product`` the pin holds everywhere."""

    recommended = forms.UUIDField()
    with_product = forms.UUIDField(required=False)


class ExcludeForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("What is excluded"), choices=ExclusionKind.choices, widget=forms.Select(attrs={"class": "form-select"})
    )
    value = forms.CharField(
        label=_("Which"),
        max_length=64,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
        help_text=_("A product's id in the shop, the name of a category, or a tag."),
        error_messages={"required": _("Say which one, in at most 64 characters.")},
    )

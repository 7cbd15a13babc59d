"""The settings of a storefront."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cs_portal.core.errors import Invalid
from cs_portal.merchants.models import Storefront
from cs_portal.merchants.services import StorefrontChange, normalised_origin

if TYPE_CHECKING:
    _StorefrontModelForm = forms.ModelForm[Storefront]
else:  # Django's form classes take no type argument at run time.
    _StorefrontModelForm = forms.ModelForm


class StorefrontForm(_StorefrontModelForm):
    """``change()`` is what the service takes. Origins are written one per line."""

    origins = forms.CharField(
        label=_("Allowed origins"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4, "class": "form-control mono", "spellcheck": "false"}),
        help_text=_("One per line, for example https://shop.example.com. The chat opens on these sites only."),
    )

    class Meta:
        model = Storefront
        fields = ["name", "locale", "accent", "greeting_en", "greeting_zh", "is_active"]
        widgets = {
            "name": forms.TextInput(attrs={"class": "form-control"}),
            "locale": forms.Select(attrs={"class": "form-select"}),
            "accent": forms.TextInput(attrs={"type": "color", "class": "form-control"}),
            "greeting_en": forms.TextInput(attrs={"class": "form-control", "lang": "en"}),
            "greeting_zh": forms.TextInput(attrs={"class": "form-control", "lang": "zh-Hans"}),
        }
        help_texts = {
            "locale": _("For shoppers whose own language is not known."),
            "accent": _("The colour of the launcher and of the shopper's messages."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["origins"] = "\n".join(self.instance.allowed_origins)
        for name, field in self.fields.items():
            if name in self.errors:
                field.widget.attrs |= {"aria-invalid": "true", "aria-describedby": f"{name}-error"}

    def clean_accent(self) -> str:
        return str(self.cleaned_data["accent"]).lower()

    def clean_origins(self) -> list[str]:
        try:
            return [normalised_origin(line) for line in self.cleaned_data["origins"].split() if line]
        except Invalid as refusal:
            raise forms.ValidationError(str(refusal), code="origin") from None

    def change(self) -> StorefrontChange:
        data = self.cleaned_data
        return StorefrontChange(
            name=data["name"],
            locale=data["locale"],
            accent=data["accent"],
            greeting_en=data["greeting_en"],
            greeting_zh=data["greeting_zh"],
            allowed_origins=data["origins"],
            is_active=data["is_active"],
        )

"""The settings of a storefront."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cs_portal.console.forms.hours import Hours, HoursForm
from cs_portal.core.errors import Invalid
from cs_portal.merchants.models import Locale, Storefront
from cs_portal.merchants.services.storefronts import (
    MAX_QUICK_REPLIES,
    QUICK_REPLY_LENGTH,
    StorefrontChange,
    normalised_origin,
)

if TYPE_CHECKING:
    _StorefrontModelForm = forms.ModelForm[Storefront]
else:  # Django's form classes take no type argument at run time.
    _StorefrontModelForm = forms.ModelForm

CURRENCIES = ("CNY", "USD", "EUR", "GBP", "HKD", "JPY", "KRW", "SGD", "AUD", "CAD", "TWD")
_ORIGINS = forms.Textarea(attrs={"rows": 4, "class": "form-control mono", "spellcheck": "false"})

_REPLY_LABELS = {"en": _("Quick reply %(number)s in English"), "zh": _("Quick reply %(number)s in Chinese")}


def _text(**attrs: Any) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "form-control", **attrs})


def _origins_in(text: str) -> list[str]:
    try:
        return [normalised_origin(line) for line in text.split() if line]
    except Invalid as refusal:
        raise forms.ValidationError(str(refusal), code="origin") from None


class NewStorefrontForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80, widget=_text())
    locale = forms.ChoiceField(
        label=_("Language"),
        choices=Locale.choices,
        widget=forms.Select(attrs={"class": "form-select"}),
        help_text=_("For shoppers whose own language is not known."),
    )
    currency = forms.ChoiceField(
        label=_("Currency"),
        choices=[(code, code) for code in CURRENCIES],
        widget=forms.Select(attrs={"class": "form-select", "translate": "no"}),
        help_text=_("Cannot be changed later."),
    )
    origins = forms.CharField(
        label=_("Allowed origins"),
        required=False,
        max_length=4000,
        widget=_ORIGINS,
        help_text=_("One per line, for example https://shop.example.com. The chat opens on these sites only."),
    )

    def clean_origins(self) -> list[str]:
        return _origins_in(self.cleaned_data["origins"])


class StorefrontForm(_StorefrontModelForm):
    """``change()`` is what the service takes. Origins are written one per line; ``hours`` are a form of their own."""

    own_hours = forms.ChoiceField(
        label=_("Hours"),
        choices=[("", _("The merchant's business hours")), ("own", _("Hours of its own"))],
        required=False,
        widget=forms.RadioSelect,
    )
    origins = forms.CharField(
        label=_("Allowed origins"),
        required=False,
        max_length=4000,
        widget=_ORIGINS,
        help_text=_("One per line, for example https://shop.example.com. The chat opens on these sites only."),
    )

    class Meta:
        model = Storefront
        fields = [
            "name",
            "locale",
            "accent",
            "look",
            "position",
            "launcher_text_en",
            "launcher_text_zh",
            "greeting_en",
            "greeting_zh",
            "offline_notice_en",
            "offline_notice_zh",
            "offers_person",
            "asks_csat",
            "is_active",
        ]
        widgets = {
            "name": _text(),
            "locale": forms.Select(attrs={"class": "form-select"}),
            "accent": _text(type="color"),
            "look": forms.Select(attrs={"class": "form-select"}),
            "position": forms.Select(attrs={"class": "form-select"}),
            "launcher_text_en": _text(lang="en"),
            "launcher_text_zh": _text(lang="zh-Hans"),
            "greeting_en": _text(lang="en"),
            "greeting_zh": _text(lang="zh-Hans"),
            "offline_notice_en": forms.Textarea(attrs={"class": "form-control", "rows": 2, "lang": "en"}),
            "offline_notice_zh": forms.Textarea(attrs={"class": "form-control", "rows": 2, "lang": "zh-Hans"}),
        }
        help_texts = {
            "locale": _("For shoppers whose own language is not known."),
            "accent": _("The colour of the launcher and of the shopper's messages."),
            "launcher_text_en": _("Beside the round button. Empty shows the button alone."),
            "offline_notice_en": _("Empty shows a standard sentence with the next opening."),
            "asks_csat": _("One to five, once, after a conversation was resolved."),
            "offers_person": _("A button by which a shopper leaves the bot for a colleague."),
        }

    def __init__(self, data: Mapping[str, Any] | None = None, *, instance: Storefront) -> None:
        super().__init__(data, instance=instance)
        self.initial["origins"] = "\n".join(instance.allowed_origins)
        self.initial["own_hours"] = "own" if instance.hours is not None else ""
        stored: Hours = instance.hours if instance.hours is not None else instance.merchant.business_hours
        self.hours = HoursForm(data, stored=stored)
        replies: list[dict[str, str]] = instance.quick_replies
        self.reply_rows = min(len(replies) + 2, MAX_QUICK_REPLIES)
        for n in range(MAX_QUICK_REPLIES if data is not None else self.reply_rows):
            known = replies[n] if n < len(replies) else {}
            for language, tag in (("en", "en"), ("zh", "zh-Hans")):
                label = (
                    _("Quick reply %(number)s in English")
                    if language == "en"
                    else _("Quick reply %(number)s in Chinese")
                )
                self.fields[f"reply_{n}_{language}"] = forms.CharField(
                    required=False,
                    max_length=QUICK_REPLY_LENGTH,
                    initial=known.get(language, ""),
                    widget=_text(lang=tag, **{"aria-label": label % {"number": n + 1}}),
                )
        for name in self.errors:
            if name in self.fields:
                self.fields[name].widget.attrs |= {"aria-invalid": "true", "aria-describedby": f"id_{name}-errors"}

    def replies(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Pairs of fields, as many as there are and two to spare."""
        return [(self[f"reply_{n}_en"], self[f"reply_{n}_zh"]) for n in range(self.reply_rows)]

    def clean_accent(self) -> str:
        return str(self.cleaned_data["accent"]).lower()

    def clean_origins(self) -> list[str]:
        return _origins_in(self.cleaned_data["origins"])

    def is_valid(self) -> bool:
        """The hours count when the storefront has its own only."""
        valid = super().is_valid()
        return valid and (not self.cleaned_data["own_hours"] or self.hours.is_valid())

    def change(self) -> StorefrontChange:
        data = self.cleaned_data
        plain = {name: data[name] for name in self.Meta.fields}
        return StorefrontChange(
            **plain,
            allowed_origins=data["origins"],
            hours=self.hours.hours() if data["own_hours"] else None,
            quick_replies=[
                {"en": data.get(f"reply_{n}_en", ""), "zh": data.get(f"reply_{n}_zh", "")}
                for n in range(MAX_QUICK_REPLIES)
            ],
        )

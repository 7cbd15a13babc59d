"""What is sent along when rules are published or brought in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class PublishForm(forms.Form):
    """``revision`` and ``live`` are what the member looked at."""

    note = forms.CharField(
        label=_("What changed"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"class": "form-control"}),
        help_text=_("One sentence for your colleagues, shown in the history."),
    )
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)
    live = forms.UUIDField(required=False, widget=forms.HiddenInput)


class ImportForm(forms.Form):
    """A ruleset as JSON, from a file or pasted."""

    file = forms.FileField(
        label=_("File"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"class": "form-control", "accept": ".json,application/json"}),
    )
    text = forms.CharField(
        label=_("Or paste it here"),
        required=False,
        widget=forms.Textarea(attrs={"class": "form-control mono", "rows": 12, "spellcheck": "false"}),
    )
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        file = data.get("file")
        if file is not None:
            if file.size > 1_000_000:
                self.add_error("file", _("The file is too large."))
            else:
                try:
                    data["text"] = file.read().decode("utf-8-sig")
                except UnicodeDecodeError:
                    self.add_error("file", _("The file is no text in UTF-8."))
        if not data.get("text") and not self.errors:
            self.add_error("text", _("Choose a file or paste the rules."))
        return data

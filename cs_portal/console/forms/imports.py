"""An upload: what it holds, and the file."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from cs_portal.commerce.canonical import CURRENCIES
from cs_portal.commerce.imports.reading import ENCODINGS
from cs_portal.commerce.imports.sources import SOURCES
from cs_portal.commerce.imports.sources.base import PORTAL
from cs_portal.commerce.models import ImportKind, ImportRun


class UploadForm(forms.Form):
    """The service judges the file."""

    kind = forms.ChoiceField(
        label=_("What the file holds"),
        choices=ImportKind.choices,
        widget=forms.Select(attrs={"class": "form-select"}),
        error_messages={"required": _("Choose what the file holds.")},
    )
    file = forms.FileField(
        label=_("File"),
        widget=forms.FileInput(attrs={"class": "form-control", "accept": ".csv,.tsv,.txt,.jsonl,.ndjson,text/csv"}),
        help_text=_(
            "CSV of ours, of Shopify, WooCommerce, Taobao or Tmall, or of any columns; or JSON Lines. "
            "UTF-8 or GBK, at most 20 MB."
        ),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
    )


_SELECT = forms.Select(attrs={"class": "form-select"})


class ReadAsForm(forms.Form):
    """As what an uploaded file is read."""

    source = forms.ChoiceField(
        label=_("Format"),
        choices=[(PORTAL, _("Columns of our own, or any others")), *((name, s.label) for name, s in SOURCES.items())],
        widget=_SELECT,
    )
    kind = forms.ChoiceField(label=_("What the file holds"), choices=ImportKind.choices, widget=_SELECT)
    currency = forms.ChoiceField(
        label=_("Currency, where the file names none"), choices=[(code, code) for code in CURRENCIES], widget=_SELECT
    )
    encoding = forms.ChoiceField(
        label=_("Encoding"), choices=[(name, name.upper()) for name in ENCODINGS], widget=_SELECT
    )

    @classmethod
    def of(cls, run: ImportRun) -> ReadAsForm:
        fields = ("source", "kind", "currency", "encoding")
        return cls(initial={name: getattr(run, name) for name in fields})

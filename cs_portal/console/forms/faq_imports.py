"""An upload of FAQs, and how it is to be read."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from cs_portal.commerce.imports.reading import ENCODINGS
from cs_portal.console.presenters.knowledge import LANGUAGE_NAMES
from cs_portal.knowledge.models import FaqImport
from cs_portal.knowledge.services.importing import AUTO

_ACCEPTED = ".csv,.tsv,.txt,.xlsx,.jsonl,.ndjson,.zip,.yml,.yaml,.md"


class UploadForm(forms.Form):
    """The service judges the file."""

    file = forms.FileField(
        label=_("File"),
        widget=forms.FileInput(attrs={"class": "form-control", "accept": _ACCEPTED}),
        help_text=_(
            "XLSX or CSV with any columns, JSON Lines, an agent of Dialogflow ES (zip), or training data of Rasa "
            "(YAML, markdown, or a zip of them). Text in UTF-8, GBK or UTF-16; at most 20 MB."
        ),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
    )


_SELECT = forms.Select(attrs={"class": "form-select"})


class ReadAsForm(forms.Form):
    """As what an uploaded file is read. What the file's format leaves no choice of is not asked."""

    language = forms.ChoiceField(
        label=_("Language of texts that do not name theirs"),
        choices=[(AUTO, _("Tell by the text")), *LANGUAGE_NAMES.items()],
        widget=_SELECT,
    )
    headed = forms.ChoiceField(
        label=_("First row"),
        choices=[("yes", _("Names of the columns")), ("no", _("An FAQ already"))],
        required=False,
        widget=_SELECT,
    )
    encoding = forms.ChoiceField(
        label=_("Encoding"), choices=[(name, name.upper()) for name in ENCODINGS], required=False, widget=_SELECT
    )

    def drop_for(self, run: FaqImport) -> ReadAsForm:
        if not run.columns:
            del self.fields["headed"]
        if not run.encoding:
            del self.fields["encoding"]
        return self

    def headed_for(self, run: FaqImport) -> bool:
        """Whether the first row names the columns; what was not asked stays as it was found."""
        given = self.cleaned_data.get("headed")
        return given == "yes" if given else run.headed

    def encoding_for(self, run: FaqImport) -> str:
        return str(self.cleaned_data.get("encoding") or run.encoding)

    @classmethod
    def of(cls, run: FaqImport) -> ReadAsForm:
        headed = "yes" if run.headed else "no"
        initial = {"language": run.language, "headed": headed, "encoding": run.encoding}
        return cls(initial=initial).drop_for(run)


class ConfirmForm(forms.Form):
    """Drafts by default."""

    publish = forms.ChoiceField(choices=[("drafts", _("as drafts")), ("live", _("live"))], required=False)

    @property
    def goes_live(self) -> bool:
        return self.is_valid() and self.cleaned_data["publish"] == "live"

"""Filters of the regression set, one case of it, and a file of them."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cs_portal.console.forms.knowledge_list import UuidListField
from cs_portal.core.errors import Invalid
from cs_portal.knowledge.regression_files import MAX_BYTES, MAX_ROWS, FileCase, Refusal, cases_in
from cs_portal.knowledge.regression_selectors import FAILING, HOMELESS, NEW, NOTHING, PASSING, CaseFilter
from cs_portal.knowledge.services.regression_cases import MAX_QUESTION

STATES = [
    ("", pgettext_lazy("cases", "All")),
    (FAILING, _("Failing")),
    (PASSING, pgettext_lazy("cases", "Passing")),
    (NEW, _("Not run yet")),
    (NOTHING, _("Must find nothing")),
    (HOMELESS, _("Its FAQ is not live")),
]


class CaseFilterForm(forms.Form):
    """What the URL narrows the set to. A value that is not offered narrows nothing."""

    q = forms.CharField(required=False, max_length=200)
    state = forms.ChoiceField(required=False, choices=STATES)
    faq = forms.UUIDField(required=False)

    def wanted(self) -> CaseFilter:
        self.is_valid()
        given = self.cleaned_data
        return CaseFilter(words=given.get("q") or "", state=given.get("state") or "", faq=given.get("faq"))


class CaseForm(forms.Form):
    """A question and what it must find: the id of an FAQ, or empty for nothing."""

    question = forms.CharField(
        label=_("Question"),
        max_length=MAX_QUESTION,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
        help_text=_("As a shopper would write it, typos and all."),
    )
    find = forms.CharField(
        label=_("Look for an FAQ"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"class": "form-control", "type": "search", "autocomplete": "off"}),
    )
    expects = forms.CharField(required=False, max_length=36)

    def clean_expects(self) -> Any:
        """``None`` for nothing; a choice has to be made."""
        given = self.cleaned_data["expects"]
        if given == NOTHING:
            return None
        if not given:
            raise forms.ValidationError(_("Choose the FAQ that it must find, or that it must find nothing."))
        return forms.UUIDField().clean(given)


class AddForm(forms.Form):
    """A case added with one click from elsewhere; without ``faq`` it must find nothing."""

    question = forms.CharField(max_length=MAX_QUESTION)
    faq = forms.UUIDField(required=False)


class ChosenCasesForm(forms.Form):
    case = UuidListField(required=False)


class CaseFileForm(forms.Form):
    file = forms.FileField(
        label=_("File"), widget=forms.FileInput(attrs={"class": "form-control", "accept": ".csv,.jsonl,.json,.txt"})
    )

    def clean_file(self) -> UploadedFile[Any]:
        given: UploadedFile[Any] = self.cleaned_data["file"]
        if (given.size or 0) > MAX_BYTES:
            raise forms.ValidationError(_("At most %(limit)s KB. Split it.") % {"limit": MAX_BYTES >> 10})
        return given

    def read(self) -> tuple[list[FileCase], list[Refusal]] | None:
        """``None`` where the file cannot be read; the error is the form's."""
        with TemporaryDirectory() as folder:
            path = Path(folder) / "cases"
            with path.open("wb") as copy:
                for block in self.cleaned_data["file"].chunks():
                    copy.write(block)
            try:
                return cases_in(path)
            except Invalid as problem:
                self.add_error("file", str(problem))
                return None


class ConfirmForm(forms.Form):
    """The cases of a file that was looked at, as they were read: what is confirmed is weighed again."""

    cases = forms.CharField(widget=forms.HiddenInput, max_length=2 * MAX_BYTES)

    def clean_cases(self) -> list[FileCase]:
        try:
            rows = json.loads(self.cleaned_data["cases"])
            if not isinstance(rows, list) or len(rows) > MAX_ROWS:
                raise TypeError
            return [FileCase(int(line), str(question), str(faq)) for line, question, faq in rows]
        except (ValueError, TypeError, RecursionError):
            raise forms.ValidationError(_("Upload the file again.")) from None

    @staticmethod
    def written(cases: list[FileCase]) -> str:
        return json.dumps([[case.line, case.question, case.faq] for case in cases], ensure_ascii=False)


class ReviewCasesForm(forms.Form):
    """Questions of reviews that were ticked; each may be reworded in ``question-<draft>``."""

    draft = UuidListField(required=False)

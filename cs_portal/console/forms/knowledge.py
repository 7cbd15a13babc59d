"""The FAQ editor."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from cs_portal.commerce.models import ActionKind
from cs_portal.console.forms.faq_answers import AnswerRow, rows_of_answers, rows_of_data, stepped
from cs_portal.console.presenters.categories import category_code
from cs_portal.core.errors import Invalid
from cs_portal.knowledge.content import (
    MAX_ANSWER,
    MAX_QUESTION,
    ConditionalAnswer,
    FaqContent,
    LocaleText,
    content_of,
    distinct,
    lines_of,
    tags_of,
    tidy,
)
from cs_portal.knowledge.services.checking import problems
from cs_portal.knowledge.services.editing import MAX_NOTE
from cs_portal.merchants.models import Locale

_LANG = {"en": "en", "zh-hans": "zh-Hans"}


_DAY = {"class": "form-control", "type": "date"}


class FaqForm(forms.Form):
    """An FAQ. Fields are named ``question_en``, ``answer_zh-hans`` and so on, as the service says.

    ``rows`` are its conditional answers, ``step`` the button that changed them without saving. ``base`` is the revision
    that the writer started from, where ``seen`` is a newer one that they were shown since.
    """

    seen = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    base = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    category = forms.CharField(
        label=_("Category"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"class": "form-control", "list": "faq-categories", "autocomplete": "off"}),
    )
    tags = forms.CharField(
        label=_("Tags"),
        required=False,
        max_length=1200,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
        help_text=_("Separated by commas."),
    )
    valid_from = forms.DateField(
        label=_("Valid from"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs=_DAY)
    )
    valid_until = forms.DateField(
        label=_("Valid until"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs=_DAY)
    )
    hand_over = forms.BooleanField(label=_("Hand over to a person"), required=False)
    action = forms.ChoiceField(
        label=_("Related action"),
        required=False,
        choices=[("", _("None")), *ActionKind.choices],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    note = forms.CharField(
        label=_("What changed and why (for the history)"),
        required=False,
        max_length=MAX_NOTE,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, publishing: bool = False, read_only: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.publishing = publishing
        for code in Locale.values:
            self._add_language(code)
        self.step = self.data.get("step", "") if self.is_bound else ""
        given: Iterable[ConditionalAnswer] = self.initial.get("answers", ())
        self.rows: list[AnswerRow] = (
            stepped(rows_of_data(cast(QueryDict, self.data)), self.step) if self.is_bound else rows_of_answers(given)
        )
        for name, field in self.fields.items():
            field.disabled = read_only and name != "seen"
            if self.is_bound and name in self.errors:
                field.widget.attrs |= {"aria-invalid": "true", "aria-describedby": f"id_{name}-errors"}

    def _add_language(self, code: str) -> None:
        common = {"class": "form-control", "lang": _LANG[code], "data-count": "true"}
        self.fields[f"question_{code}"] = forms.CharField(
            label=_("Question"),
            required=False,
            widget=forms.TextInput(attrs=common | {"data-limit": MAX_QUESTION, "autocomplete": "off"}),
        )
        self.fields[f"answer_{code}"] = forms.CharField(
            label=_("Answer"),
            required=False,
            strip=False,
            widget=forms.Textarea(attrs=common | {"rows": 6, "data-limit": MAX_ANSWER}),
        )
        self.fields[f"phrasings_{code}"] = forms.CharField(
            label=_("Other phrasings"),
            required=False,
            strip=False,
            widget=forms.Textarea(attrs={"class": "form-control", "lang": _LANG[code], "rows": 5}),
        )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if self.step:  # a button that only changes the page: nothing is judged before it is to be saved
            return given
        for row in self.rows:
            row.errors += row.read_errors()
        for problem in problems(self.content(), publishing=self.publishing):
            self._add_problem(problem)
        if any(row.errors or row.text_errors for row in self.rows):
            self.add_error(None, str(_("An answer with conditions is not right yet.")))
        return given

    def _add_problem(self, problem: Invalid) -> None:
        """A conditional answer's goes to its row."""
        for row in self.rows:
            if problem.field == f"answer-{row.id}":
                row.errors.append(str(problem))
                return
            if problem.field.startswith(f"answer-{row.id}_"):
                code = problem.field.removeprefix(f"answer-{row.id}_")
                row.text_errors.setdefault(code, []).append(str(problem))
                return
        self.add_error(problem.field if problem.field in self.fields else None, str(problem))

    @property
    def setting_errors(self) -> list[forms.BoundField]:
        """The fields outside of the languages that have errors."""
        return [self[name] for name in self.errors if name in self.fields and not name.endswith(tuple(Locale.values))]

    def content(self) -> FaqContent:
        """What was written, tidied, whether or not it may be saved."""
        given = content_of(((code, self._text(code)) for code in Locale.values), category_code(self._given("category")))
        return replace(
            given,
            tags=tags_of(re.split(r"[,，、;；\n]", self._given("tags"))),
            valid_from=self.cleaned_data.get("valid_from"),
            valid_until=self.cleaned_data.get("valid_until"),
            hand_over=bool(self.cleaned_data.get("hand_over")),
            action=self._given("action"),
            answers=tuple(row.answer() for row in self.rows),
        )

    def _text(self, code: str) -> LocaleText:
        question = " ".join(tidy(self._given(f"question_{code}")).split())
        # A phrasing that is here already is no mistake that anybody has to mend.
        phrasings = distinct(lines_of(self._given(f"phrasings_{code}")), question=question)
        return LocaleText(question, tidy(self._given(f"answer_{code}")), phrasings)

    def _given(self, name: str) -> str:
        return str(self.cleaned_data.get(name) or "")


class DeclineForm(forms.Form):
    """Why something does not go live."""

    reason = forms.CharField(required=False, max_length=1000)


def initial_of(content: FaqContent, *, category: str, seen: int | None) -> dict[str, Any]:
    """The form's start from ``content``; ``category`` as it is shown."""
    initial: dict[str, Any] = {
        "category": category,
        "seen": seen,
        "tags": ", ".join(content.tags),
        "valid_from": content.valid_from,
        "valid_until": content.valid_until,
        "hand_over": content.hand_over,
        "action": content.action,
        "answers": content.answers,
    }
    for code in Locale.values:
        text = content.text(code)
        initial |= {
            f"question_{code}": text.question,
            f"answer_{code}": text.answer,
            f"phrasings_{code}": "\n".join(text.phrasings),
        }
    return initial


class SeenForm(forms.Form):
    """The revision that the reader acted on."""

    seen = forms.IntegerField(min_value=1)


class RestoreForm(SeenForm):
    number = forms.IntegerField(min_value=1)

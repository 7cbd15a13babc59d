"""Filters of the gaps, and what members do with them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cs_portal.console.forms.knowledge import SeenForm
from cs_portal.console.forms.knowledge_list import UuidListField
from cs_portal.console.presenters.knowledge import LANGUAGE_NAMES
from cs_portal.core.public_ids import as_uuid
from cs_portal.knowledge.gaps import ALL, ME, NOBODY, GapFilter
from cs_portal.knowledge.models import Dismissal, GapState, Miss

STATES = [
    ("", GapState.OPEN.label),
    (GapState.RESOLVED, GapState.RESOLVED.label),
    (GapState.DISMISSED, GapState.DISMISSED.label),
    (ALL, _("All")),
]
LANGUAGES = [("", _("Any language")), *LANGUAGE_NAMES.items()]
MISSES = [("", _("For any reason")), *Miss.choices]
SORTS = {
    "": ("-recent", "-size", "-id"),
    "rising": ("-rise", "-recent", "-id"),
    "size": ("-size", "-id"),
    "late": ("-last_asked_at", "-id"),
}
SORT_NAMES = [
    ("", _("Most asked lately")),
    ("rising", _("Rising fastest")),
    ("size", _("Most asked ever")),
    ("late", _("Asked last")),
]


class GapFilterForm(forms.Form):
    """What the URL narrows the list to. A value that is not offered narrows nothing."""

    q = forms.CharField(required=False, max_length=200)
    state = forms.ChoiceField(required=False, choices=STATES)
    language = forms.ChoiceField(required=False, choices=LANGUAGES)
    why = forms.ChoiceField(required=False, choices=MISSES)
    assignee = forms.CharField(required=False, max_length=40)
    sort = forms.ChoiceField(required=False, choices=SORT_NAMES)

    def wanted(self) -> GapFilter:
        self.is_valid()
        given = self.cleaned_data
        assignee = given.get("assignee") or ""
        return GapFilter(
            words=given.get("q") or "",
            state=given.get("state") or GapState.OPEN,
            locale=given.get("language") or "",
            miss=given.get("why") or "",
            assignee=assignee if assignee in {ME, NOBODY} or as_uuid(assignee) else "",
        )

    def order(self) -> tuple[str, ...]:
        self.is_valid()
        return SORTS[self.cleaned_data.get("sort") or ""]

    @property
    def narrows(self) -> bool:
        return self.wanted() != GapFilter()


class GapsForm(forms.Form):
    """Gaps that were ticked, and what for."""

    gap = UuidListField(required=False)
    action = forms.ChoiceField(
        required=False, choices=[(each, each) for each in ("assign", "dismiss", "reopen", "merge")]
    )
    member = forms.UUIDField(required=False)
    reason = forms.ChoiceField(required=False, choices=[("", ""), *Dismissal.choices])


class DismissForm(forms.Form):
    reason = forms.ChoiceField(label=_("Reason"), choices=Dismissal.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Note"), required=False, max_length=200, widget=forms.TextInput(attrs={"class": "form-control"})
    )


class QuestionsForm(forms.Form):
    question = UuidListField(required=False)


class ProposalForm(SeenForm):
    """How a proposal is taken up. ``answer`` is the whole answer as the operator left it."""

    answer = forms.CharField(
        label=_("Answer"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 6}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound and "answer" in self.errors:
            self.fields["answer"].widget.attrs |= {"aria-invalid": "true", "aria-describedby": "id_answer-errors"}


class SuggestionsForm(SeenForm):
    suggestion = UuidListField(required=False)

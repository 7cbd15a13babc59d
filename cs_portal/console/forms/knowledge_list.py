"""The list of FAQs: its filters from the URL, and what is done with the chosen ones."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cs_portal.console.presenters.categories import category_code
from cs_portal.knowledge.content import MAX_CATEGORY, MAX_TAG, tags_of
from cs_portal.knowledge.listing import ACTIVE, ANY, CHANGED, SOON, Condition, FaqFilter, FaqOrder, Validity
from cs_portal.knowledge.models import FaqState

#: The parameters of a filter, in the order of their chips.
PARAMETERS = ("q", "state", "category", "tag", "missing", "valid", "has", "problem", "by", "sort")

STATES = [
    ("", _("All but archived")),
    (FaqState.PUBLISHED, FaqState.PUBLISHED.label),
    (CHANGED, _("With unpublished changes")),
    (FaqState.DRAFT, FaqState.DRAFT.label),
    (FaqState.ARCHIVED, FaqState.ARCHIVED.label),
    (ANY, _("Any state")),
]
MISSING = [("", _("Any language")), ("en", _("English missing")), ("zh-hans", _("Chinese missing"))]
VALIDITY = [
    ("", _("Whenever valid")),
    (Validity.SOON, format_lazy(_("Expires within {days} days"), days=SOON.days)),
    (Validity.EXPIRED, _("Expired")),
    (Validity.LATER, _("Not valid yet")),
    (Validity.LIMITED, _("With validity dates")),
]
HAS = [
    ("", _("With and without conditions")),
    (Condition.ANSWERS, _("Answers by condition")),
    (Condition.HAND_OVER, _("Handed to a person")),
    (Condition.ACTION, _("With an action")),
]
SORTS = [
    (FaqOrder.RELEVANCE, _("Best match first")),
    (FaqOrder.CHANGED, _("Last changed first")),
    (FaqOrder.UNCHANGED, _("Longest unchanged first")),
    (FaqOrder.NEWEST, _("Newest first")),
    (FaqOrder.OLDEST, _("Oldest first")),
    (FaqOrder.HITS, _("Most used first")),
    (FaqOrder.FEWEST_HITS, _("Least used first")),
    (FaqOrder.LAST_HIT, _("Last used first")),
    (FaqOrder.NOT_HIT, _("Longest unused first")),
    (FaqOrder.EDITED, _("Most often edited first")),
    (FaqOrder.REJECTED, _("Most often rejected first")),
    (FaqOrder.CATEGORY, _("By category")),
]


class FilterForm(forms.Form):
    """What the URL narrows the list to. A value that is not offered narrows nothing."""

    q = forms.CharField(required=False, max_length=200)
    state = forms.ChoiceField(required=False, choices=STATES)
    category = forms.CharField(required=False, max_length=60)
    tag = forms.CharField(required=False, max_length=60)
    missing = forms.ChoiceField(required=False, choices=MISSING)
    valid = forms.ChoiceField(required=False, choices=VALIDITY)
    has = forms.ChoiceField(required=False, choices=HAS)
    problem = forms.CharField(required=False, max_length=20)
    by = forms.UUIDField(required=False)
    sort = forms.ChoiceField(required=False, choices=SORTS)

    def wanted(self, *, today: date) -> FaqFilter:
        self.is_valid()
        given = self.cleaned_data
        return FaqFilter(
            words=given.get("q") or "",
            state=given.get("state") or ACTIVE,
            category=given.get("category") or "",
            tag=next(iter(tags_of([given.get("tag") or ""])), ""),
            missing=given.get("missing") or "",
            validity=given.get("valid") or "",
            has=given.get("has") or "",
            problem=given.get("problem") or "",
            updated_by=given.get("by"),
            today=today,
        )

    def order(self) -> FaqOrder:
        """The order of the URL; without one, the best match first for a search and the last change for none."""
        self.is_valid()
        words, chosen = self.cleaned_data.get("q"), self.cleaned_data.get("sort")
        usual = FaqOrder.RELEVANCE if words else FaqOrder.CHANGED
        order = FaqOrder(chosen) if chosen else usual
        return usual if order is FaqOrder.RELEVANCE and not words else order

    @property
    def unfolded(self) -> bool:
        """Whether one of the filters that are folded away is on."""
        return any(self.data.get(name) for name in ("tag", "missing", "valid", "has", "problem", "by"))


def query_of(query: QueryDict) -> str:
    """The filters of a query string in their order, without cursors and empty ones: what makes two views the same."""
    kept = QueryDict(mutable=True)
    for name in PARAMETERS:
        if value := query.get(name):
            kept[name] = value
    return kept.urlencode()


class UuidListField(forms.Field):
    """Any number of ids; one that is none is an error."""

    widget = forms.SelectMultiple

    def clean(self, value: Any) -> list[UUID]:
        one = forms.UUIDField()
        return [one.clean(item) for item in value or []]


#: Deeds on the chosen rows: the button's value and its words.
DEEDS = [
    ("publish", _("Publish")),
    ("unpublish", _("Unpublish")),
    ("archive", _("Archive")),
    ("restore", _("Restore as a draft")),
    ("tag", pgettext_lazy("verb", "Tag")),
    ("untag", _("Remove the tag")),
    ("move", _("Move")),
]


class BulkForm(forms.Form):
    """What to do with the chosen rows. ``tag`` and ``category`` are for the deeds that need them."""

    action = forms.ChoiceField(choices=DEEDS)
    faq = UuidListField(required=False)
    tag = forms.CharField(required=False, max_length=MAX_TAG + 20)
    category = forms.CharField(required=False, max_length=MAX_CATEGORY + 140)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        deed = given.get("action")
        given["tag"] = next(iter(tags_of([given.get("tag") or ""])), "")
        given["category"] = category_code(given.get("category") or "")
        if not given.get("faq"):
            raise forms.ValidationError(_("Choose at least one FAQ."))
        if deed in {"tag", "untag"} and not given["tag"]:
            raise forms.ValidationError(_("Type or choose a tag."))
        return given

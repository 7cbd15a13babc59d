"""What is simulated, and which of the changed requests are looked at."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cs_portal.console.presenters.wording import ACTIONS, OUTCOMES
from cs_portal.policies.models import SimulationSource
from cs_portal.policies.services.simulating import MAX_DAYS

USUAL_DAYS = (7, 30, 90, 365)


class SimulationForm(forms.Form):
    """``revision`` is that of the working copy which the member looked at."""

    source = forms.ChoiceField(
        label=_("What is decided anew"),
        choices=SimulationSource.choices,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    days = forms.IntegerField(
        label=_("How far back, in days"),
        min_value=1,
        max_value=MAX_DAYS,
        widget=forms.NumberInput(attrs={"class": "form-control", "inputmode": "numeric", "list": "usual-days"}),
    )
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)


def usual_days() -> list[tuple[int, str]]:
    return [(days, ngettext("%(count)d day", "%(count)d days", days) % {"count": days}) for days in USUAL_DAYS]


class ChangesFilter(forms.Form):
    """Filters of the changed requests; a value that is no choice counts like none."""

    was = forms.ChoiceField(label=_("Decided so far"), required=False)
    becomes = forms.ChoiceField(label=_("Decided then"), required=False)
    action = forms.ChoiceField(label=_("Request"), required=False)
    order = forms.CharField(
        label=_("Order number"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"class": "form-control", "type": "search", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, words in (("was", OUTCOMES), ("becomes", OUTCOMES), ("action", ACTIONS)):
            chosen = self.fields[name]
            assert isinstance(chosen, forms.ChoiceField)
            chosen.choices = [("", _("Any")), *((code, said) for code, said in words.items() if code != "none")]
            chosen.widget.attrs["class"] = "form-select"

    def wanted(self) -> dict[str, str]:
        self.is_valid()
        return {name: value for name in self.fields if (value := self.cleaned_data.get(name))}

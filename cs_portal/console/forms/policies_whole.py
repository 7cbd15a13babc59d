"""What holds for all rules of a working copy: the clock, and who approves how much in each currency."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from cs_portal.console.forms.policies_terms import TierFields, currencies, written_tiers

ZONES = (
    *("Asia/Shanghai", "Asia/Hong_Kong", "Asia/Singapore", "Asia/Tokyo", "Australia/Sydney"),
    *("Europe/London", "Europe/Berlin", "America/New_York", "America/Los_Angeles", "UTC"),
)
#: A new row for a currency that has none.
NEW = "new"


class CurrencyTiers(TierFields):
    """The tiers of one currency; ``kept`` are those that the fields cannot say."""

    def __init__(self, *args: Any, kept: Any = None, offered: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept = kept
        chosen = self.fields["tier_currency"]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = [("", _("None")), *offered]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("tier_currency"):
            self.check_tiers(data)
        return data


class WholeForm(forms.Form):
    """``rows`` has one form for each currency with tiers, and an empty one."""

    time_zone = forms.CharField(
        label=_("Clock of hours, weekdays and days in force"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"class": "form-control", "list": "zones", "autocomplete": "off"}),
        help_text=_("A time zone such as Asia/Shanghai. Left empty: that of each order."),
    )

    def __init__(self, data: QueryDict | None, *, document: Mapping[str, Any], currency: str) -> None:
        super().__init__(data, initial={"time_zone": document.get("time_zone", "")})
        approvals: Mapping[str, Any] = document.get("approvals") or {}
        self.kept = {code: tiers for code, tiers in approvals.items() if written_tiers(tiers, code) is None}
        offered = currencies(currency, *approvals)
        initials = [written_tiers(tiers, code) for code, tiers in approvals.items()]
        self.rows = [
            CurrencyTiers(data, prefix=str(index), initial=initial, offered=offered)
            for index, initial in enumerate(filter(None, initials))
        ]
        self.rows.append(CurrencyTiers(data, prefix=NEW, initial={"tier_above": "admin"}, offered=offered))

    def clean_time_zone(self) -> str:
        name: str = self.cleaned_data["time_zone"].strip()
        if name:
            try:
                ZoneInfo(name)
            except (KeyError, ValueError, OSError):
                raise forms.ValidationError(_("This time zone is not known.")) from None
        return name

    def is_valid(self) -> bool:
        fine = all([super().is_valid(), *(row.is_valid() for row in self.rows)])
        if not fine:
            return False
        chosen = [row.cleaned_data["tier_currency"] for row in self.rows if row.cleaned_data["tier_currency"]]
        if len({*chosen, *self.kept}) < len(chosen) + len(self.kept):
            self.add_error(None, _("Each currency once only."))
            return False
        return True

    def approvals(self) -> dict[str, Any]:
        """Their JSON; call it on a valid form."""
        rows = [row for row in self.rows if row.cleaned_data["tier_currency"]]
        return {**self.kept, **{row.cleaned_data["tier_currency"]: row.tiers(row.cleaned_data) for row in rows}}

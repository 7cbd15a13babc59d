"""Opening hours as fields: pairs of times per weekday, always one pair to spare, so that no script is needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from cs_portal.core.errors import Invalid
from cs_portal.merchants.hours import DAY_NAMES, DAYS, MAX_SPANS_A_DAY, parse_hours

Hours = dict[str, list[list[str]]]


@dataclass(frozen=True, slots=True)
class Pair:
    """One span of a day; the labels are for those who cannot see the grid."""

    opens: BoundField
    closes: BoundField


@dataclass(frozen=True, slots=True)
class Day:
    key: str
    name: str | Promise
    pairs: list[Pair]


class HoursForm(forms.Form):
    """``hours()`` is what :func:`~cs_portal.merchants.hours.parse_hours` reads. A day without times is closed."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, stored: Hours | None = None) -> None:
        super().__init__(data)
        self._pairs: dict[str, int] = {}
        for day in DAYS:
            spans = (stored or {}).get(day, [])
            count = _posted(data, day) if data is not None else min(len(spans) + 1, MAX_SPANS_A_DAY)
            self._pairs[day] = max(1, count)
            for n in range(self._pairs[day]):
                opens, closes = spans[n] if n < len(spans) else ("", "")
                name = {"day": DAY_NAMES[day], "number": n + 1}
                self._add(f"{day}_{n}_opens", opens, _("%(day)s, span %(number)s: opens") % name)
                # A browser's time field knows no 24:00.
                self._add(
                    f"{day}_{n}_closes",
                    "00:00" if closes == "24:00" else closes,
                    _("%(day)s, span %(number)s: closes") % name,
                )

    def _add(self, name: str, initial: str, label: str) -> None:
        attrs = {"type": "time", "class": "form-control hours-time", "aria-label": label}
        self.fields[name] = forms.CharField(
            required=False, max_length=5, initial=initial, label=label, widget=forms.TextInput(attrs=attrs)
        )

    def days(self) -> list[Day]:
        return [
            Day(
                day,
                DAY_NAMES[day],
                [Pair(self[f"{day}_{n}_opens"], self[f"{day}_{n}_closes"]) for n in range(self._pairs[day])],
            )
            for day in DAYS
        ]

    def clean(self) -> dict[str, Any]:
        try:
            parse_hours(self.hours())
        except Invalid as refusal:
            raise forms.ValidationError(str(refusal), code="hours") from None
        return self.cleaned_data

    def hours(self) -> Hours:
        """As stored; an end at midnight is the end of the day."""
        found: Hours = {}
        for day in DAYS:
            for n in range(self._pairs[day]):
                opens = self.cleaned_data.get(f"{day}_{n}_opens", "")
                closes = self.cleaned_data.get(f"{day}_{n}_closes", "")
                if opens or closes:
                    found.setdefault(day, []).append([opens, "24:00" if closes == "00:00" else closes])
        return found


def _posted(data: Mapping[str, Any], day: str) -> int:
    return next(n for n in range(MAX_SPANS_A_DAY + 1) if n == MAX_SPANS_A_DAY or f"{day}_{n}_opens" not in data)

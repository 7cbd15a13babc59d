"""A request to try the rules on: on one of the merchant's orders, or a whole case as canonical JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from cs_portal.commerce.models import Order
from cs_portal.console.presenters.wording import ACTIONS
from cs_portal.policies.engine.money import MINOR_DIGITS
from cs_portal.policies.engine.phrase import in_language
from cs_portal.policies.engine.vocabulary import ACTIONS as KNOWN_ACTIONS
from cs_portal.policies.engine.vocabulary import REASONS
from cs_portal.policies.services.deciding import Case

_SELECT = {"class": "form-select"}


class TrialForm(forms.Form):
    """What is asked for on ``order``. Lines are fields of their own, named ``line-<id>``; 0 leaves a line out."""

    action = forms.ChoiceField(
        label=gettext_lazy("The shopper asks for"),
        choices=[(code, ACTIONS[code]) for code in KNOWN_ACTIONS],
        widget=forms.Select(attrs=_SELECT),
    )
    reason = forms.ChoiceField(label=gettext_lazy("Reason"), required=False, widget=forms.Select(attrs=_SELECT))
    amount = forms.DecimalField(
        label=gettext_lazy("Amount asked for"),
        required=False,
        min_value=Decimal(0),
        max_digits=14,
        widget=forms.NumberInput(attrs={"class": "form-control", "step": "any"}),
    )
    photo = forms.BooleanField(label=gettext_lazy("Photo given"), required=False)
    confirmed = forms.BooleanField(label=gettext_lazy("Confirmed by the shopper"), required=False)
    now = forms.DateTimeField(
        label=gettext_lazy("Asked at"),
        required=False,
        help_text=gettext_lazy("The order is taken as it stood then."),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"],
        widget=forms.DateTimeInput(attrs={"class": "form-control", "type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, data: QueryDict | None, *, order: Order, now: datetime, variants: list[tuple[str, str]]) -> None:
        super().__init__(data, initial={"action": "refund", "now": timezone.localtime(now)})
        self.order, self.moment = order, now
        language = get_language() or "en"
        reason = self.fields["reason"]
        assert isinstance(reason, forms.ChoiceField)
        reason.choices = [
            ("", _("Not given")),
            *((code, in_language(text, language)) for code, text in REASONS.items()),
        ]
        for line in order.lines.all():
            self.fields[f"line-{line.external_id}"] = forms.IntegerField(
                label=" · ".join([line.title, *map(str, line.options.values())]),
                required=False,
                min_value=0,
                max_value=line.quantity,
                initial=line.quantity,
                widget=forms.NumberInput(attrs={"class": "form-control", "inputmode": "numeric"}),
                help_text=_("of %(count)d") % {"count": line.quantity},
            )
        self.fields["to_variant"] = forms.ChoiceField(
            label=_("Wanted instead"),
            required=False,
            choices=[("", _("Not given")), *variants],
            widget=forms.Select(attrs=_SELECT),
        )

    @staticmethod
    def with_whole_lines(data: QueryDict, order: Order) -> QueryDict:
        """What was sent, with the lines that it does not mention in full."""
        filled = data.copy()
        for line in order.lines.all():
            filled.setdefault(f"line-{line.external_id}", str(line.quantity))
        return filled

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        names = [name for name in self.fields if name.startswith("line-")]
        if names and not self.errors and not any(data.get(name) for name in names):
            self.add_error(names[0], _("Choose at least one item."))
        return data

    @property
    def lines(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("line-")]

    def clean_amount(self) -> int | None:
        """In minor units of the order's currency."""
        amount: Decimal | None = self.cleaned_data["amount"]
        if amount is None:
            return None
        minor = amount.scaleb(MINOR_DIGITS.get(self.order.currency, 2))
        if minor != minor.to_integral_value():
            raise forms.ValidationError(_("This amount has too many decimals."), code="decimals")
        return int(minor)

    def request(self) -> dict[str, Any]:
        """The canonical request; call it on a valid form."""
        data = self.cleaned_data
        asked = {name.removeprefix("line-"): data[name] for name in self.fields if name.startswith("line-")}
        whole = {line.external_id: line.quantity for line in self.order.lines.all()}
        named = {key: count for key, count in asked.items() if count}
        request: dict[str, Any] = {"action": data["action"], "confirmed": data["confirmed"]}
        if named and (named != whole or data["to_variant"]):
            to = {"to_variant": data["to_variant"]} if data["to_variant"] else {}
            request["lines"] = [{"id": key, "quantity": count, **to} for key, count in named.items()]
        if data["reason"]:
            request["reason"] = data["reason"]
        if data["amount"] is not None:
            request["amount_minor"] = data["amount"]
        if data["photo"]:
            request["evidence"] = ["photo"]
        return request

    def at(self) -> datetime:
        return self.cleaned_data["now"] or self.moment


class CaseForm(forms.Form):
    """One evaluation case: ``{"now", "order", "shopper", "products", "request"}``."""

    case = forms.CharField(
        label=gettext_lazy("Case as JSON"),
        max_length=200_000,
        widget=forms.Textarea(attrs={"class": "form-control mono", "rows": 16, "spellcheck": "false"}),
    )

    def clean_case(self) -> Mapping[str, Any]:
        try:
            data = json.loads(self.cleaned_data["case"])
        except json.JSONDecodeError as error:
            where = {"line": error.lineno, "column": error.colno}
            raise forms.ValidationError(_("This is no JSON: line %(line)d, column %(column)d.") % where) from None
        except (ValueError, RecursionError):
            raise forms.ValidationError(_("This is no JSON that can be read.")) from None
        if not isinstance(data, dict) or not isinstance(data.get("request"), dict):
            raise forms.ValidationError(_("A case is an object with a request, and an order and a shopper."))
        return data

    def trial(self, *, now: datetime) -> Case:
        """The case; a time that cannot be read is now. Call it on a valid form."""
        data = self.cleaned_data["case"]
        products = data.get("products")
        return Case(
            order=data.get("order"),
            shopper=data.get("shopper"),
            products=products if isinstance(products, list) else [],
            request=data["request"],
            now=_moment(data.get("now")) or now,
        )


def _moment(value: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at if at is not None and at.utcoffset() is not None and 1900 <= at.year <= 2999 else None
